/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/table.h"

#include "numa/nodeset.h"
#include "plan/request.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/array.h"
#include "util/number.h"
#include "util/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

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
	list->at[list->n++] = (struct column){ kind, node, false };
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

/* Write that an option names an unknown column, and list the available ones. */
static void explain_column(const char *option, const struct column_kind *kinds,
			   const struct nodeset *nodes, const char *text, size_t len, char *why)
{
	struct text_line line = { why, COLUMNS_WHY_MAX, 0 };
	char bad[TEXT_NAME_MAX];

	text_add(&line, "--%s: unknown column: '%s'; available:", option,
		 text_escape(text, len, bad, sizeof(bad)));
	/* List only some of the columns of nodes, as examples. */
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
		explain_column("output", kinds, nodes, text, len, why);
	if (rc) {
		free(list->at);
		*list = (struct column_list){ 0 };
	}
	return rc;
}

int columns_order(struct column_order *order, struct column_list *list,
		  const struct column_kind *kinds, const struct nodeset *nodes, const char *text,
		  char *why)
{
	const size_t n = list->n;
	int rc;

	*order = (struct column_order){ 0 };
	if (!text)
		return 0;
	order->descending = *text == '-';
	text += order->descending;
	rc = column_add_named(list, kinds, nodes, text, strlen(text));
	if (!rc && is_nodes(&kinds[list->at[n].kind]) && strcasecmp(text, COLUMN_NODES) == 0) {
		list->n = n;
		rc = -EINVAL;
	}
	if (rc == -EINVAL)
		explain_column("sort", kinds, nodes, text, strlen(text), why);
	if (rc)
		return rc;
	order->is_set = list->at[n].hidden = true;
	while (list->at[order->column].kind != list->at[n].kind ||
	       list->at[order->column].node != list->at[n].node)
		order->column++;
	list->n = order->column < n ? n : n + 1;
	return 0;
}

bool columns_show(const struct column_list *list, size_t kind)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].kind == kind && !list->at[i].hidden)
			return true;
	return false;
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
	if (column->hidden)
		flags |= SCOLS_FL_HIDDEN;
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
	     bare = r->request->output.noheadings || (raw && s && r->processes > 1);

	if (s && !s->process)
		fprintf(r->out, "total of %zu processes\n", r->processes);
	else if (s && !raw && !r->request->output.noheadings)
		(r->form->title ? r->form->title : report_title)(r, s);
	*t = (struct table){ .report = r, .subject = s, .scols = scols_new_table() };
	for (size_t i = 0; t->scols && i < r->columns.n; i++)
		if (!scols_add(t, &r->columns.at[i]))
			t->rc = -ENOMEM;
	/* Cells are plain text; libsmartcols drops encoded ones if memory runs out. */
	if (!t->scols || scols_table_enable_noencoding(t->scols, true) ||
	    scols_table_enable_colors(t->scols,
				      terminal_has_color(stdout, r->request->output.color)) ||
	    scols_table_enable_raw(t->scols, raw) || scols_table_enable_noheadings(t->scols, bare))
		t->rc = -ENOMEM;
}

/* Return the number that a cell shows; CELL_NONE: it is empty, or a text. */
static uint64_t cell_number(const struct table *t, const char *row, const struct column *column)
{
	const struct process *p = t->subject ? t->subject->process : NULL;
	const struct column_kind *kind = &t->report->form->columns[column->kind];
	const void *at = row + kind->at;

	switch (kind->type) {
	case CELL_PID: return p ? (uint64_t)p->pid : CELL_NONE;
	case CELL_NUMBER:
	case CELL_SIZE:
	case CELL_GOOD:
	case CELL_BAD:
	case CELL_BYTES: return *(const uint64_t *)at;
	case CELL_NODES:
		return (*(const uint64_t *const *)at)[t->report->nodes.column[column->node]];
	default: return CELL_NONE;
	}
}

/* Format a number, in @buf unless it is a constant. */
static const char *number_text(const struct table *t, enum cell_type type, uint64_t n, char *buf)
{
	const bool bytes = t->report->request->output.bytes;

	if (n == CELL_NONE && (type < CELL_SIZE || t->style != ROW_CHANGES))
		return "";
	if (type < CELL_SIZE) {
		snprintf(buf, TABLE_CELL_MAX, "%" PRIu64, n);
		return buf;
	}
	if (t->style == ROW_SHARES) {
		snprintf(buf, TABLE_CELL_MAX, "%.1f%%", 100.0 * (double)n / (double)t->all);
		return n ? buf : "";
	}
	if (t->style == ROW_CHANGES)
		return report_change(t->report, n, buf);
	return type >= CELL_BYTES && !n && !bytes ? "-" : report_size(t->report, n, buf);
}

/* Format a cell, in @buf unless the text is in the row. */
static const char *cell_text(const struct table *t, const char *row, const struct column *column,
			     char *buf)
{
	const struct process *p = t->subject ? t->subject->process : NULL;
	const struct column_kind *kind = &t->report->form->columns[column->kind];
	const bool raw = t->report->request->output.raw;
	const char *text;

	switch (kind->type) {
	case CELL_TEXT:
	case CELL_AMOUNT:
	case CELL_PHRASE:
	case CELL_ESCAPED:
	case CELL_NAME: text = *(const char *const *)(row + kind->at); break;
	case CELL_COMM: text = p ? p->name : NULL; break;
	case CELL_OWN: text = t->own(row, column->node, buf); break;
	default: return number_text(t, kind->type, cell_number(t, row, column), buf);
	}
	if (!text)
		return "";
	if (raw && kind->type == CELL_PHRASE)
		snprintf(buf, TABLE_CELL_MAX, "%s", text + strspn(text, " "));
	else if (!raw && kind->type >= CELL_ESCAPED && kind->type <= CELL_COMM)
		text_name(text, buf, TABLE_CELL_MAX);
	else
		return text; /* libsmartcols escapes raw tables */
	for (char *c = buf; kind->type == CELL_PHRASE && *c; c++)
		if (*c == ' ')
			*c = '_';
	return buf;
}

static enum tone cell_tone(const struct table *t, enum cell_type type, const char *text)
{
	if (type == CELL_PHRASE)
		return t->tone;
	if (!text[strspn(text, "-0")])
		return TONE_PLAIN;
	return type == CELL_GOOD ? TONE_GOOD : type == CELL_BAD ? TONE_BAD : TONE_PLAIN;
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
		enum tone tone = cell_tone(t, type, text);

		if (scols_line_set_data(line, i, *text || !r->request->output.raw ? text : "-") ||
		    (tone && scols_cell_set_color(scols_line_get_cell(line, i), tone_color(tone))))
			t->rc = -ENOMEM;
		else if (r->order.is_set && i == r->order.column)
			scols_cell_set_userdata(
				scols_line_get_cell(line, i),
				(void *)(uintptr_t)cell_number(t, row, &r->columns.at[i]));
	}
}

/* Compare numbers by value, which is CELL_NONE for every text. */
static int compare_cells(struct libscols_cell *a, struct libscols_cell *b, void *order)
{
	uintptr_t x = (uintptr_t)scols_cell_get_userdata(a) + 1,
		  y = (uintptr_t)scols_cell_get_userdata(b) + 1;
	int rc = x != y ? (x > y ? 1 : -1) : x ? 0 : scols_cmpstr_cells(a, b, NULL);

	return ((const struct column_order *)order)->descending ? -rc : rc;
}

void table_sort(struct table *t)
{
	const struct column_order *order = &t->report->order;
	struct libscols_column *column;

	if (t->rc || t->is_sorted || !order->is_set)
		return;
	t->is_sorted = true;
	column = scols_table_get_column(t->scols, order->column);
	scols_column_set_cmpfunc(column, compare_cells, (void *)order);
	t->rc = scols_sort_table(t->scols, column);
}

/* Return the width of the widest cell, or of the heading. */
static size_t column_width(const struct table *t, size_t column)
{
	struct libscols_iter *lines = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_column *c = scols_table_get_column(t->scols, column);
	const char *text = scols_cell_get_data(scols_column_get_header(c));
	size_t width = text ? strlen(text) : 0;
	struct libscols_line *line;

	while (lines && scols_table_next_line(t->scols, lines, &line) == 0) {
		text = scols_cell_get_data(scols_line_get_cell(line, column));
		if (text && strlen(text) > width)
			width = strlen(text);
	}
	scols_free_iter(lines);
	return width;
}

/* Shorten the paths of a column to @width, at the beginning. */
static int shorten_paths(const struct table *t, size_t column, size_t width)
{
	struct libscols_iter *lines = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;
	int rc = lines ? 0 : -ENOMEM;

	while (!rc && scols_table_next_line(t->scols, lines, &line) == 0) {
		struct libscols_cell *cell = scols_line_get_cell(line, column);
		const char *text = scols_cell_get_data(cell), *end;
		char shorter[TABLE_CELL_MAX];

		if (!text || strlen(text) <= width || *text != '/')
			continue;
		/* Begin at a directory, if the name of the file fits. */
		end = text + strlen(text) - width + 3;
		if (strchr(end, '/'))
			end = strchr(end, '/');
		snprintf(shorter, sizeof(shorter), "...%s", end);
		rc = scols_cell_set_data(cell, shorter);
	}
	scols_free_iter(lines);
	return rc;
}

static int fit_names(const struct table *t)
{
	const struct report *r = t->report;
	size_t used = 0, name = r->columns.n, width = terminal_width(stdout), share;

	if (r->request->output.raw || !isatty(STDOUT_FILENO))
		return 0;
	for (size_t i = 0; i < r->columns.n; i++) {
		if (r->form->columns[r->columns.at[i].kind].type == CELL_NAME && name > i)
			name = i;
		else if (!r->columns.at[i].hidden)
			used += column_width(t, i) + 1;
	}
	if (name == r->columns.n)
		return 0;
	share = (size_t)((double)width * cut_share);
	return shorten_paths(t, name, used + share < width ? width - used : share);
}

int table_end(struct table *t)
{
	table_sort(t);
	if (!t->rc)
		t->rc = fit_names(t);
	if (!t->rc)
		t->rc = scols_table_set_stream(t->scols, t->report->out);
	if (!t->rc)
		t->rc = scols_print_table(t->scols);
	scols_unref_table(t->scols);
	return t->rc;
}
