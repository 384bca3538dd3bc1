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

int columns_choose(struct column_list *list, const struct column_kind *kinds,
		   const struct nodeset *nodes, const char *text, char *why)
{
	struct text_line line = { why, COLUMNS_WHY_MAX, 0 };
	bool adds = text && *text == '+';
	char bad[TEXT_NAME_MAX];
	size_t len = 0;
	int rc = 0;

	*list = (struct column_list){ 0 };
	for (size_t i = 0; (adds || !text) && !rc && kinds[i].name; i++)
		if (kinds[i].standard)
			rc = column_add_kind(list, kinds, i, nodes);
	text = adds ? text + 1 : text;
	while (text && !rc) {
		len = strcspn(text, ",");
		rc = column_add_named(list, kinds, nodes, text, len);
		if (!rc)
			text = text[len] ? text + len + 1 : NULL;
	}
	if (rc == -EINVAL)
		text_add(&line, "--output: '%s' is no column of this table; there are",
			 text_escape(text, len, bad, sizeof(bad)));
	/* Of the columns of nodes, only the first ones are named, as examples. */
	for (; rc == -EINVAL && kinds->name; kinds++) {
		int n = is_nodes(kinds) ? nodeset_next(nodes, 0) : -1;

		text_add(&line, " %s", kinds->name);
		for (int i = 0; i < NODES_NAMED_MAX && n >= 0; i++, n = nodeset_next(nodes, n + 1))
			text_add(&line, " N%d", n);
		if (n >= 0)
			text_add(&line, " ...");
	}
	if (rc) {
		free(list->at);
		*list = (struct column_list){ 0 };
	}
	return rc;
}

/* ---- tables ---- */

int node_color(int place)
{
	static const int colors[] = { 39, 208, 41, 213, 220, 51, 160, 141 };

	return colors[(size_t)place % (sizeof(colors) / sizeof(colors[0]))];
}

/* Add a column; that of a node has its color. */
static bool scols_add(const struct table *t, const struct column *column)
{
	const struct report *r = t->report;
	const struct column_kind *kind = &r->form->columns[column->kind];
	int flags = kind->type == CELL_NAME ? SCOLS_FL_TRUNC : 0;
	char name[16], color[24];
	struct libscols_column *added;

	if (kind->type >= CELL_PID || is_nodes(kind))
		flags = SCOLS_FL_RIGHT;
	snprintf(name, sizeof(name), "N%d", column->node);
	added = scols_table_new_column(t->scols, column->node == COLUMN_NO_NODE ? kind->name : name,
				       flags & SCOLS_FL_TRUNC ? cut_share : 0, flags);
	if (!added || column->node == COLUMN_NO_NODE)
		return added;
	snprintf(color, sizeof(color), "\033[38;5;%dm", node_color(r->nodes.column[column->node]));
	return !scols_column_set_color(added, color);
}

bool table_has_total(const struct report *r)
{
	return r->processes > 1 && !r->request->output.raw && !r->request->output.noheadings;
}

void table_begin(struct table *t, const struct report *r, const struct subject *s)
{
	bool raw = r->request->output.raw,
	     bare = r->request->output.noheadings || (raw && r->processes > 1);

	if (s && !s->process)
		fprintf(r->out, "total of %zu processes\n", r->processes);
	else if (s && !raw && !r->request->output.noheadings)
		report_title(r, s);
	*t = (struct table){ .report = r, .subject = s, .scols = scols_new_table() };
	for (size_t i = 0; t->scols && i < r->columns.n; i++)
		if (!scols_add(t, &r->columns.at[i]))
			t->rc = -ENOMEM;
	/* Cells are plain text; libsmartcols would drop one that it finds no memory to encode. */
	if (!t->scols || scols_table_enable_noencoding(t->scols, true) ||
	    scols_table_enable_colors(
		    t->scols, !raw && terminal_has_color(r->out, r->request->output.color)) ||
	    scols_table_enable_raw(t->scols, raw) || scols_table_enable_noheadings(t->scols, bare))
		t->rc = -ENOMEM;
}

/* Format a cell, in @buf unless the text is in the row. */
static const char *cell_text(const struct table *t, const char *row, const struct column *column,
			     char *buf)
{
	const struct report *r = t->report;
	const struct process *p = t->subject ? t->subject->process : NULL;
	const struct column_kind *kind = &r->form->columns[column->kind];
	const void *at = row + kind->at;
	const bool raw = r->request->output.raw, bytes = r->request->output.bytes;
	const char *text = NULL;
	uint64_t n = CELL_NONE;

	switch (kind->type) {
	case CELL_TEXT:
	case CELL_AMOUNT:
	case CELL_PHRASE:
	case CELL_NAME: text = *(const char *const *)at; break;
	case CELL_COMM: text = p ? p->name : NULL; break;
	case CELL_OWN: text = t->own(row, column->node, buf); break;
	case CELL_PID: n = p ? (uint64_t)p->pid : CELL_NONE; break;
	case CELL_NUMBER:
	case CELL_SIZE:
	case CELL_BYTES: n = *(const uint64_t *)at; break;
	case CELL_NODES: n = (*(const uint64_t *const *)at)[r->nodes.column[column->node]]; break;
	}
	if (!text && n == CELL_NONE)
		return "";
	if (!text && kind->type >= CELL_BYTES && !n && !bytes)
		return "-";
	if (!text && kind->type >= CELL_SIZE)
		return report_size(r, n, buf);
	if (!text)
		snprintf(buf, TABLE_CELL_MAX, "%" PRIu64, n);
	else if (raw && kind->type == CELL_PHRASE)
		snprintf(buf, TABLE_CELL_MAX, "%s", text + strspn(text, " "));
	else if (!raw && (kind->type == CELL_NAME || kind->type == CELL_COMM))
		text_name(text, buf, TABLE_CELL_MAX);
	else
		return text; /* libsmartcols escapes raw tables */
	for (char *c = buf; kind->type == CELL_PHRASE && *c; c++)
		if (*c == ' ')
			*c = '_';
	return buf;
}

void table_add(struct table *t, const void *row)
{
	const struct report *r = t->report;
	struct libscols_line *line = t->rc ? NULL : scols_table_new_line(t->scols, NULL);

	if (!line)
		t->rc = -ENOMEM;
	for (size_t i = 0; !t->rc && i < r->columns.n; i++) {
		enum cell_type type = r->form->columns[r->columns.at[i].kind].type;
		char buf[TABLE_CELL_MAX];
		const char *text = cell_text(t, row, &r->columns.at[i], buf);

		if (scols_line_set_data(line, i, *text || !r->request->output.raw ? text : "-") ||
		    (t->tone && type == CELL_PHRASE &&
		     scols_cell_set_color(scols_line_get_cell(line, i), tone_color(t->tone))))
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
