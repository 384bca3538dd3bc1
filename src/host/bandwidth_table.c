/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/bandwidth_table.h"

#include "host/bandwidth.h"
#include "plan/request.h"
#include "report/columns.h"
#include "report/report.h"
#include "report/table.h"
#include "util/text.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* ---- tables ---- */

enum { MATRIX_FROM, MATRIX_NODES };

static const struct column_kind matrix_kind[] = {
	[MATRIX_FROM] = { "FROM", true, false, false },
	[MATRIX_NODES] = { COLUMN_NODES, true, true, false },
	{ NULL },
};

/* All pairs with one source. */
struct matrix_row {
	const struct matrix *matrix;
	const struct pair *pair;
};

static const char *matrix_cell(const struct report *r, const void *data,
			       const struct column *column, char *buf)
{
	const struct matrix_row *row = data;
	const struct pair *p = row->pair;

	(void)r;
	if (column->kind == MATRIX_FROM) {
		snprintf(buf, TABLE_CELL_MAX, "N%d", p->from);
		return buf;
	}
	while (p->to != column->node)
		p++;
	return pair_format(p, row->matrix->bytes, buf);
}

static void print_title(struct report *r, const struct matrix *m)
{
	char page[TEXT_SIZE_MAX], size[TEXT_SIZE_MAX];

	fprintf(r->out,
		"%s pages from node to node, MB/s: median (lowest-highest) of %d moves of %s\n",
		text_size(m->page_bytes, page), MATRIX_ROUNDS, text_size(m->bytes, size));
}

static int put_table(struct report *r, const struct matrix *m)
{
	struct table t;
	int rc;

	table_begin(&t, r, matrix_cell);
	for (size_t i = 0; i < m->nodes; i++)
		table_add(&t, &(struct matrix_row){ m, m->pair + i * m->nodes });
	print_title(r, m);
	rc = table_end(&t);
	fputs("-: nothing to move\n", r->out);
	/* The next one may take its time. */
	return fflush(r->out) ? -errno : rc;
}

static const struct report_form form_table = {
	.columns = matrix_kind,
};

/* ---- one JSON document ---- */

static json_t *json_times(const struct pair *p)
{
	json_t *array = json_array();

	for (size_t i = 0; i < p->times; i++)
		json_array_append_new(array, json_integer((json_int_t)p->time[i]));
	return array;
}

static json_t *json_speed(bool known, uint64_t speed)
{
	return known ? json_integer((json_int_t)speed) : json_null();
}

static json_t *json_pair(const struct pair *p, uint64_t bytes)
{
	struct speed s = { 0 };
	bool known = pair_speed(p, bytes, &s);

	return json_pack("{s:i,s:i,s:s,s:o,s:o,s:o,s:o}", "from", p->from, "to", p->to, "result",
			 pair_key(p), "nanoseconds", json_times(p), "median",
			 json_speed(known, s.median), "lowest", json_speed(known, s.lowest),
			 "highest", json_speed(known, s.highest));
}

static json_t *json_pairs(const struct matrix *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->nodes * m->nodes; i++)
		if (json_array_append_new(array, json_pair(&m->pair[i], m->bytes)))
			break;
	return array;
}

/* Add to one of the lists of the document. */
static int add(struct report *r, const char *list, json_t *value)
{
	return json_array_append_new(json_object_get(r->state, list), value) ? -ENOMEM : 0;
}

static int finish_document(struct report *r)
{
	int rc = json_dumpf(r->state, r->out, JSON_COMPACT | JSON_ENSURE_ASCII);

	fputc('\n', r->out);
	json_decref(r->state);
	r->state = NULL;
	return rc ? -EIO : 0;
}

static const struct report_form form_document = {
	.finish = finish_document,
};

/* ---- either ---- */

int report_matrix_start(struct report *r, const struct request *request,
			const struct nodeset *nodes, FILE *out)
{
	char why[COLUMNS_WHY_MAX];

	*r = (struct report){ .form = &form_table, .request = request, .out = out };
	if (!request->output.json)
		return columns_choose(&r->columns, matrix_kind, nodes, NULL, why);
	r->form = &form_document;
	r->state = json_pack("{s:i,s:s,s:i,s:[],s:[],s:[]}", "schema", 1, "command", "movepages",
			     "rounds", MATRIX_ROUNDS, "matrices", "left_out", "errors");
	return r->state ? 0 : -ENOMEM;
}

int report_matrix(struct report *r, const struct matrix *m)
{
	if (!r->request->output.json)
		return put_table(r, m);
	return add(r, "matrices",
		   json_pack("{s:I,s:I,s:o}", "page_size", (json_int_t)m->page_bytes, "bytes",
			     (json_int_t)m->bytes, "pairs", json_pairs(m)));
}

int report_matrix_left_out(struct report *r, uint64_t page_bytes, const char *why)
{
	if (!r->request->output.json)
		return 0;
	return add(r, "left_out",
		   json_pack("{s:I,s:s}", "page_size", (json_int_t)page_bytes, "reason", why));
}

static json_t *json_node(const struct pair *p, int node)
{
	return p ? json_integer(node) : json_null();
}

int report_matrix_failed(struct report *r, uint64_t page_bytes, const struct pair *p,
			 const char *why)
{
	if (!r->request->output.json)
		return 0;
	return add(r, "errors",
		   json_pack("{s:I,s:o,s:o,s:s}", "page_size", (json_int_t)page_bytes, "from",
			     json_node(p, p ? p->from : 0), "to", json_node(p, p ? p->to : 0),
			     "error", why));
}
