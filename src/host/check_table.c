/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check_table.h"
#include "report/columns.h"

#include "host/check_facts.h"
#include "host/check_rules.h"
#include "plan/request.h"
#include "report/report.h"
#include "report/table.h"

#include <errno.h>
#include <jansson.h>

/* Standard output of --check: a table with a line for each finding, or a document. */

enum { CHECK_WHAT, CHECK_STATE, CHECK_VERDICT, CHECK_MEANING };

static const struct column_kind check_kind[] = {
	[CHECK_WHAT] = { "CHECK", true, false, false },
	[CHECK_STATE] = { "STATE", true, false, false },
	[CHECK_VERDICT] = { "VERDICT", true, false, false },
	[CHECK_MEANING] = { "MEANING", true, false, false },
	{ NULL },
};

static const char *check_cell(const struct report *r, const void *data, const struct column *column,
			      char *buf)
{
	const struct finding *f = data;

	(void)buf;
	switch (column->kind) {
	case CHECK_WHAT: return r->request->output.raw ? f->key : f->what;
	case CHECK_STATE: return f->state;
	case CHECK_VERDICT: return verdict_name(f->verdict);
	default: return f->meaning;
	}
}

static int finish_check(struct report *r)
{
	const struct check *check = r->state;
	struct table t;

	table_begin(&t, r, check_cell);
	for (size_t i = 0; i < check->findings->n; i++)
		table_add(&t, &check->findings->at[i]);
	return table_end(&t);
}

const struct report_form check_table = {
	.columns = check_kind,
	.finish = finish_check,
};

static json_t *json_known(uint64_t bytes)
{
	return bytes == HOST_UNKNOWN ? json_null() : json_integer((json_int_t)bytes);
}

static json_t *json_host_node(const struct host *h, int node)
{
	const struct host_node *n = &h->node[node];
	unsigned int bit = (unsigned int)node;

	return json_pack("{s:i,s:b,s:b,s:o,s:o,s:o,s:o}", "node", node, "cpus",
			 nodeset_has(&h->topology.cpu, bit), "allowed",
			 nodeset_has(&h->topology.allowed, bit), "tier",
			 n->tier < 0 ? json_null() : json_integer(n->tier), "total",
			 json_known(n->total), "free", json_known(n->free), "room",
			 json_known(n->room));
}

static json_t *json_host_nodes(const struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;
	json_t *array = json_array();

	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1))
		json_array_append_new(array, json_host_node(h, n));
	return array;
}

static json_t *json_findings(const struct findings *all)
{
	json_t *array = json_array();

	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->at[i];

		json_array_append_new(array,
				      json_pack("{s:s,s:s,s:s,s:s}", "key", f->key, "state",
						f->state, "verdict", verdict_name(f->verdict),
						"meaning", f->meaning));
	}
	return array;
}

static int finish_check_json(struct report *r)
{
	const struct check *check = r->state;
	json_t *document = json_pack("{s:i,s:s,s:s,s:o,s:o}", "schema", 1, "command", "movepages",
				     "verdict", verdict_name(findings_verdict(check->findings)),
				     "nodes", json_host_nodes(check->host), "findings",
				     json_findings(check->findings));
	int rc;

	if (!document)
		return -ENOMEM;
	rc = report_dump(document, r->out);
	fputc('\n', r->out);
	json_decref(document);
	return rc ? -EIO : 0;
}

const struct report_form check_document = {
	.finish = finish_check_json,
};
