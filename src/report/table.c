/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/table.h"

#include "plan/request.h"
#include "proc/process.h"
#include "report/columns.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

/* Cut ones begin with this share of the width. */
static const double cut_share = 0.4;

/* Raw tables are escaped as a whole. */
const char *table_name(const struct report *r, const char *name, char *buf)
{
	return r->request->output.raw ? name : text_name(name, buf, TABLE_CELL_MAX);
}

const char *table_number(uint64_t n, char *buf)
{
	snprintf(buf, TABLE_CELL_MAX, "%" PRIu64, n);
	return buf;
}

const char *table_phrase(const struct report *r, const char *phrase, char *buf)
{
	if (!r->request->output.raw)
		return phrase;
	snprintf(buf, TABLE_CELL_MAX, "%s", phrase + strspn(phrase, " "));
	for (char *c = buf; *c; c++)
		if (*c == ' ')
			*c = '_';
	return buf;
}

const char *table_pid(const struct process *p, char *buf)
{
	return p->pid ? table_number((uint64_t)p->pid, buf) : "";
}

void table_title(struct report *r, const struct subject *s)
{
	if (!r->request->output.noheadings && !r->request->output.raw)
		report_title(r, s);
}

bool table_total_title(struct report *r)
{
	if (r->processes < 2 || r->request->output.raw || r->request->output.noheadings)
		return false;
	fprintf(r->out, "total of %zu processes\n", r->processes);
	return true;
}

void table_begin(struct table *t, const struct report *r, table_cell_fn *cell)
{
	bool raw = r->request->output.raw,
	     bare = r->request->output.noheadings || (raw && r->processes > 1);

	*t = (struct table){ r, cell, scols_new_table(), 0 };
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
	struct libscols_line *line = t->rc ? NULL : scols_table_new_line(t->scols, NULL);

	if (!line)
		t->rc = -ENOMEM;
	for (size_t i = 0; !t->rc && i < r->columns.n; i++) {
		char buf[TABLE_CELL_MAX];
		const char *text = t->cell(r, row, &r->columns.at[i], buf);

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
