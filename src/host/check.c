/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check.h"

#include "command/resolve.h"
#include "host/selftest.h"
#include "proc/syscalls.h"
#include "report/report.h"
#include "report/table.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct verdict_row verdicts[] = {
	[VERDICT_OK] = { "ok", EXIT_DONE, TONE_GOOD, "pages can be moved between nodes " },
	[VERDICT_UNKNOWN] = { "unknown", EXIT_DONE, TONE_NOTE,
			      "as far as this caller can read, pages can be moved between nodes " },
	[VERDICT_NOTE] = { "note", EXIT_DONE, TONE_NOTE,
			   "with restrictions, pages can be moved between nodes " },
	[VERDICT_PROBLEM] = { "problem", EXIT_FAILED, TONE_BAD, "this caller cannot move pages" },
	[VERDICT_CANNOT] = { "cannot", EXIT_CANNOT, TONE_BAD, "this machine cannot move pages" },
};

enum { VERDICT_WIDTH = 8 };

/* ---- all findings: a table or a JSON document ---- */

/* A row is an array of texts. */
const struct report_form check_table = {
	.columns =
		(const struct column_kind[]){
			{ "CHECK", true, CELL_TEXT, 0, "name of the check" },
			{ "STATE", true, CELL_TEXT, sizeof(char *), "result of the check" },
			{ "VERDICT", true, CELL_PHRASE, 2 * sizeof(char *),
			  "ok, unknown, note, problem or cannot" },
			{ "MEANING", true, CELL_TEXT, 3 * sizeof(char *),
			  "consequence, and a remedy" },
			{ NULL },
		},
};

static int print_table(struct report *r, const struct findings *all)
{
	struct table table;

	table_begin(&table, r, NULL);
	for (const struct finding *f = all->at; f < all->at + all->n; f++) {
		table.tone = verdicts[f->verdict].tone;
		table_add(&table,
			  (const char *const[]){ r->request->output.raw ? f->key : f->what,
						 f->state, verdicts[f->verdict].name, f->meaning });
	}
	return table_end(&table);
}

/* Returns NULL if memory runs out. */
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
				  "tier", json_known(n->tier >= 0, (uint64_t)n->tier), "total",
				  json_known(n->total != HOST_UNKNOWN, n->total), "free",
				  json_known(n->free != HOST_UNKNOWN, n->free), "available",
				  json_known(n->available != HOST_UNKNOWN, n->available)));
	}
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->at[i];

		rc |= json_array_append_new(findings, json_pack("{s:s,s:s,s:s,s:s}", "key", f->key,
								"state", f->state, "verdict",
								verdicts[f->verdict].name,
								"meaning", f->meaning));
	}
	if (!rc)
		return json_pack("{s:i,s:s,s:s,s:o,s:o}", "schema", REPORT_SCHEMA, "command",
				 "movepages", "verdict", verdicts[all->verdict].name, "nodes",
				 nodes, "findings", findings);
	json_decref(nodes);
	json_decref(findings);
	return NULL;
}

/* ---- the default output: the worst findings first, and the nodes ---- */

static const struct report_form nodes_table = {
	.columns =
		(const struct column_kind[]){
			{ "NODE", true, CELL_AMOUNT, 0, NULL },
			{ "CPUS", true, CELL_TEXT, sizeof(char *), NULL },
			{ "TOTAL", true, CELL_AMOUNT, 2 * sizeof(char *), NULL },
			{ "FREE", true, CELL_AMOUNT, 3 * sizeof(char *), NULL },
			{ "AVAILABLE", true, CELL_AMOUNT, 4 * sizeof(char *), NULL },
			{ NULL },
		},
};

static const char *known_size(uint64_t bytes, char *buf)
{
	return bytes == HOST_UNKNOWN ? "unknown" : text_size(bytes, buf);
}

static int print_nodes(struct report *r, const struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;
	char number[12], total[TEXT_SIZE_MAX], free[TEXT_SIZE_MAX], available[TEXT_SIZE_MAX];
	struct table table;

	table_begin(&table, r, NULL);
	for (int i = nodeset_next(memory, 0); i >= 0; i = nodeset_next(memory, i + 1)) {
		const struct host_node *n = &h->node[i];

		snprintf(number, sizeof(number), "%d", i);
		table_add(&table, (const char *const[]){ number, *n->cpus ? n->cpus : "unknown",
							 known_size(n->total, total),
							 known_size(n->free, free),
							 known_size(n->available, available) });
	}
	return table_end(&table);
}

/* Write the name of a verdict, and then a text. */
static void put_verdict(const struct report *r, enum verdict v, const char *after, size_t indent,
			const char *text)
{
	const char *name = verdicts[v].name;

	report_verdict(r, verdicts[v].tone, name);
	fprintf(r->out, "%s%*s", after, (int)(indent - strlen(name) - strlen(after)), "");
	terminal_wrap(r->out, stdout, text, indent, indent);
}

/* Write the verdict on the host, the findings that are not ok, and the number that are. */
static void put_findings(const struct report *r, const struct host *h, const struct findings *all)
{
	const struct nodeset nodes = nodeset_and(h->topology.memory, &h->topology.allowed);
	const char *name = verdicts[all->verdict].name;
	char list[NODES_TEXT_MAX], text[sizeof(struct finding) + sizeof(list)];
	size_t fine = all->n;

	nodeset_format(&nodes, list, sizeof(list));
	snprintf(text, sizeof(text), "%s%s", verdicts[all->verdict].host,
		 all->verdict < VERDICT_PROBLEM ? list : "");
	put_verdict(r, all->verdict, ":", strlen(name) + 2, text);
	fputc('\n', r->out);
	for (enum verdict v = VERDICT_CANNOT; v > VERDICT_OK; v--)
		for (const struct finding *f = all->at; f < all->at + all->n; f++) {
			if (f->verdict != v)
				continue;
			fine--;
			snprintf(text, sizeof(text), "%s (%s): %s", f->what, f->state, f->meaning);
			put_verdict(r, v, "", VERDICT_WIDTH, text);
		}
	snprintf(text, sizeof(text), "%zu %schecks (-v lists them)", fine,
		 fine < all->n ? "other " : "");
	put_verdict(r, VERDICT_OK, "", VERDICT_WIDTH, text);
}

static int print_for_people(struct report *r, const struct host *h, const struct findings *all)
{
	put_findings(r, h, all);
	if (nodeset_empty(&h->topology.memory))
		return 0;
	fputc('\n', r->out);
	return print_nodes(r, h);
}

/* ---- the command ---- */

static const struct report_form *choose_form(const struct request_output *o)
{
	if (o->json)
		return &report_document;
	return o->verbose || o->raw || o->noheadings || o->columns || o->sort ? &check_table :
										&nodes_table;
}

static int print_host(struct report *r, const struct host *h, const struct findings *all)
{
	if (r->form == &check_table)
		return print_table(r, all);
	if (r->form == &nodes_table)
		return print_for_people(r, h, all);
	r->state = check_document(h, all);
	return r->state ? 0 : -ENOMEM;
}

/* Print the findings.  Returns the exit status. */
static enum exit_status report_host(const struct request *request, const struct host *h,
				    const struct findings *all)
{
	/* Do not repeat on standard error what a terminal already shows. */
	const bool seen = choose_form(&request->output) == &nodes_table && isatty(STDOUT_FILENO);
	char refused[COLUMNS_WHY_MAX];
	struct report report;
	int rc, lost;

	if (report_start(&report, choose_form(&request->output), request, &h->topology, stdout,
			 refused)) {
		warnx("%s", refused);
		return EXIT_FAILED;
	}
	rc = print_host(&report, h, all);
	lost = report_finish(&report);
	for (const struct finding *f = all->at; !seen && f < all->at + all->n; f++)
		if (f->verdict >= VERDICT_PROBLEM)
			warnx("--check: %s: %s: %s", f->what, f->state, f->meaning);
	rc = lost ? lost : rc;
	if (rc)
		warnx("standard output: %s; the report is lost", strerror(-rc));
	return rc ? EXIT_FAILED : verdicts[all->verdict].status;
}

enum exit_status check_request(const struct request *request)
{
	char why[RESOLVE_WHY_MAX];
	enum exit_status status;
	struct findings all;
	struct host host;
	int rc = sys_restrict(false, 0);

	if (rc) {
		warnx("cannot drop privileges: %s", strerror(-rc));
		return EXIT_FAILED;
	}
	rc = host_read(&host, "");
	if (rc) {
		warnx("%s", resolve_explain_topology(&host.topology, rc, why));
		return EXIT_FAILED;
	}
	if (findings_of(&all, &host)) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	status = report_host(request, &host, &all);
	free(all.at);
	return status;
}
