/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/table.h"

#include "numa/nodeset.h"
#include "plan/request.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/array.h"
#include "util/number.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NODES_NAMED_MAX = 8 };

/* Cut columns begin with this share of the width. */
static const double cut_share = 0.4;

/* ---- columns ---- */

static int column_add(struct column_list *list, size_t kind, int node)
{
	struct column *grown = array_room(list->at, list->n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->at = grown;
	list->at[list->n++] = (struct column){ kind, node };
	return 0;
}

static bool is_nodes(const struct column_kind *kind)
{
	return strcmp(kind->name, COLUMN_NODES) == 0;
}

/* Add one column, or those of all nodes. */
static int column_add_kind(struct column_list *list, const struct column_kind *kinds, size_t kind,
			   const struct nodeset *nodes)
{
	int rc = 0;

	if (!is_nodes(&kinds[kind]))
		return column_add(list, kind, COLUMN_NO_NODE);
	for (int n = nodeset_next(nodes, 0); !rc && n >= 0; n = nodeset_next(nodes, n + 1))
		rc = column_add(list, kind, n);
	return rc;
}

static int column_add_named(struct column_list *list, const struct column_kind *kinds,
			    const struct nodeset *nodes, const char *text, size_t len)
{
	uint64_t node;
	bool is_node = len > 1 && (text[0] == 'N' || text[0] == 'n') &&
		       number_parse(text + 1, len - 1, NODES_MAX - 1, &node) == 0 &&
		       nodeset_has(nodes, (int)node);

	for (size_t i = 0; kinds[i].name; i++) {
		if (strlen(kinds[i].name) == len && strncasecmp(kinds[i].name, text, len) == 0)
			return column_add_kind(list, kinds, i, nodes);
		if (is_node && is_nodes(&kinds[i]))
			return column_add(list, i, (int)node);
	}
	return -EINVAL;
}

/* Name the columns that there are; of the nodes' only the first ones, as examples. */
static void explain_unknown(const struct column_kind *kinds, const struct nodeset *nodes,
			    const char *text, size_t len, char *why)
{
	struct text_line line = { why, COLUMNS_WHY_MAX, 0 };
	char bad[TEXT_NAME_MAX];

	text_add(&line, "--output: '%s' is no column of this table; there are",
		 text_escape(text, len, bad, sizeof(bad)));
	for (; kinds->name; kinds++) {
		int n = is_nodes(kinds) ? nodeset_next(nodes, 0) : -1;

		text_add(&line, " %s", kinds->name);
		for (int i = 0; i < NODES_NAMED_MAX && n >= 0; i++, n = nodeset_next(nodes, n + 1))
			text_add(&line, " N%d", n);
		if (n >= 0)
			text_add(&line, " ...");
	}
}

int columns_choose(struct column_list *list, const struct column_kind *kinds,
		   const struct nodeset *nodes, const char *text, char *why)
{
	bool adds = text && *text == '+';
	size_t len;
	int rc = 0;

	*list = (struct column_list){ 0 };
	for (size_t i = 0; (adds || !text) && !rc && kinds[i].name; i++)
		if (kinds[i].standard)
			rc = column_add_kind(list, kinds, i, nodes);
	for (text = adds ? text + 1 : text; text && !rc; text = text[len] ? text + len + 1 : NULL) {
		len = strcspn(text, ",");
		rc = column_add_named(list, kinds, nodes, text, len);
		if (rc == -EINVAL)
			explain_unknown(kinds, nodes, text, len, why);
	}
	if (rc) {
		free(list->at);
		*list = (struct column_list){ 0 };
	}
	return rc;
}

/* ---- tables ---- */

/* libsmartcols escapes raw tables. */
const char *table_name(const struct report *r, const char *name, char *buf)
{
	return r->request->output.raw ? name : text_name(name, buf, TABLE_CELL_MAX);
}

const char *table_number(uint64_t n, char *buf)
{
	snprintf(buf, TABLE_CELL_MAX, "%" PRIu64, n);
	return buf;
}

bool table_has_total(const struct report *r)
{
	return r->processes > 1 && !r->request->output.raw && !r->request->output.noheadings;
}

void table_begin(struct table *t, const struct report *r, const struct subject *s,
		 table_cell_fn *cell)
{
	bool raw = r->request->output.raw,
	     bare = r->request->output.noheadings || (raw && r->processes > 1);

	if (s && !s->process)
		fprintf(r->out, "total of %zu processes\n", r->processes);
	else if (s && !raw && !r->request->output.noheadings)
		report_title(r, s);
	*t = (struct table){ r, s, cell, scols_new_table(), 0 };
	for (size_t i = 0; t->scols && i < r->columns.n; i++) {
		const struct column *column = &r->columns.at[i];
		const struct column_kind *kind = &r->form->columns[column->kind];
		int flags = (kind->number ? SCOLS_FL_RIGHT : 0) |
			    (kind->may_be_cut ? SCOLS_FL_TRUNC : 0);
		char name[16];

		snprintf(name, sizeof(name), "N%d", column->node);
		if (!scols_table_new_column(t->scols,
					    column->node == COLUMN_NO_NODE ? kind->name : name,
					    kind->may_be_cut ? cut_share : 0, flags))
			t->rc = -ENOMEM;
	}
	/* Cells are plain text; libsmartcols would drop one that it finds no memory to encode. */
	if (!t->scols || scols_table_enable_noencoding(t->scols, true) ||
	    scols_table_enable_raw(t->scols, raw) || scols_table_enable_noheadings(t->scols, bare))
		t->rc = -ENOMEM;
}

void table_add(struct table *t, const void *row)
{
	const struct report *r = t->report;
	const struct process *p = t->subject ? t->subject->process : NULL;
	struct libscols_line *line = t->rc ? NULL : scols_table_new_line(t->scols, NULL);

	if (!line)
		t->rc = -ENOMEM;
	for (size_t i = 0; !t->rc && i < r->columns.n; i++) {
		const struct column *column = &r->columns.at[i];
		int id = r->form->columns[column->kind].id;
		char buf[TABLE_CELL_MAX];
		const char *text = "";

		if (id >= 0)
			text = t->cell(r, row, column, buf);
		else if (p && id == COLUMN_PID)
			text = table_number((uint64_t)p->pid, buf);
		else if (p)
			text = table_name(r, p->name, buf);
		if (scols_line_set_data(line, i, *text || !r->request->output.raw ? text : "-"))
			t->rc = -ENOMEM;
	}
}

int table_end(struct table *t)
{
	if (!t->rc)
		t->rc = scols_table_set_stream(t->scols, t->report->out);
	if (!t->rc)
		t->rc = scols_print_table(t->scols);
	scols_unref_table(t->scols);
	return t->rc;
}
