/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check.h"

#include "command/resolve.h"
#include "proc/syscalls.h"
#include "report/report.h"
#include "report/table.h"

#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row is an array of texts. */
static const struct report_form form_table = {
	.columns =
		(const struct column_kind[]){
			{ "CHECK", true, CELL_TEXT, 0 },
			{ "STATE", true, CELL_TEXT, sizeof(char *) },
			{ "VERDICT", true, CELL_TEXT, 2 * sizeof(char *) },
			{ "MEANING", true, CELL_TEXT, 3 * sizeof(char *) },
			{ NULL },
		},
};

static json_t *json_known(uint64_t bytes)
{
	return bytes == HOST_UNKNOWN ? json_null() : json_integer((json_int_t)bytes);
}

/* NULL without memory. */
static json_t *check_document(const struct host *h, const struct findings *all)
{
	const struct topology *t = &h->topology;
	json_t *nodes = json_array(), *findings = json_array();
	int rc = 0;

	for (int i = nodeset_next(&t->memory, 0); i >= 0; i = nodeset_next(&t->memory, i + 1)) {
		const struct host_node *n = &h->node[i];

		rc |= json_array_append_new(
			nodes,
			json_pack("{s:i,s:b,s:b,s:o,s:o,s:o,s:o}", "node", i, "cpus",
				  nodeset_has(&t->cpu, i), "allowed", nodeset_has(&t->allowed, i),
				  "tier", n->tier < 0 ? json_null() : json_integer(n->tier),
				  "total", json_known(n->total), "free", json_known(n->free),
				  "room", json_known(n->room)));
	}
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->at[i];

		rc |= json_array_append_new(findings,
					    json_pack("{s:s,s:s,s:s,s:s}", "key", f->key, "state",
						      f->state, "verdict", verdict_name(f->verdict),
						      "meaning", f->meaning));
	}
	if (!rc)
		return json_pack("{s:i,s:s,s:s,s:o,s:o}", "schema", 1, "command", "movepages",
				 "verdict", verdict_name(all->verdict), "nodes", nodes, "findings",
				 findings);
	json_decref(nodes);
	json_decref(findings);
	return NULL;
}

/* Print the report, and a line for each finding that keeps pages from being moved. */
static enum exit_status print_findings(const struct request *request, const struct host *h,
				       const struct findings *all)
{
	static const enum exit_status statuses[] = {
		[VERDICT_OK] = EXIT_DONE,
		[VERDICT_NOTE] = EXIT_DONE,
		[VERDICT_PROBLEM] = EXIT_FAILED,
		[VERDICT_CANNOT] = EXIT_CANNOT,
	};
	const bool json = request->output.json;
	char why[COLUMNS_WHY_MAX];
	struct report report;
	struct table table;
	int lost, rc = report_start(&report, json ? &report_document : &form_table, request,
				    &h->topology, stdout, why);

	if (rc) {
		warnx("%s", why);
		return EXIT_FAILED;
	}
	if (json) {
		report.state = check_document(h, all);
		rc = report.state ? 0 : -ENOMEM;
	} else {
		table_begin(&table, &report, NULL);
		for (const struct finding *f = all->at; f < all->at + all->n; f++)
			table_add(&table, (const char *const[]){
						  request->output.raw ? f->key : f->what, f->state,
						  verdict_name(f->verdict), f->meaning });
		rc = table_end(&table);
	}
	lost = report_finish(&report);
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].verdict >= VERDICT_PROBLEM)
			warnx("--check: %s: %s: %s", all->at[i].what, all->at[i].state,
			      all->at[i].meaning);
	if (!rc)
		rc = lost;
	if (rc)
		warnx("standard output: %s; the report is lost", strerror(lost ? -lost : -rc));
	return rc ? EXIT_FAILED : statuses[all->verdict];
}

enum exit_status check_request(const struct request *request)
{
	enum exit_status status = EXIT_FAILED;
	struct findings findings;
	char why[RESOLVE_WHY_MAX];
	struct host host;
	int rc = sys_restrict(false, 0);

	if (rc) {
		warnx("cannot give up privileges: %s", strerror(-rc));
		return EXIT_FAILED;
	}
	rc = host_read(&host, "");
	if (rc) {
		warnx("%s", resolve_explain_topology(&host.topology, rc, why));
		return EXIT_FAILED;
	}
	host_try(&host);
	if (findings_of(&findings, &host))
		warnx("%s", strerror(ENOMEM));
	else
		status = print_findings(request, &host, &findings);
	free(findings.at);
	return status;
}
