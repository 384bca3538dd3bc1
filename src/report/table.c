/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/table.h"

#include "plan/request.h"
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

void table_title(struct report *r, const struct subject *s)
{
	if (!r->request->output.noheadings && !r->request->output.raw)
		report_title(r, s);
}

static int add_column(struct libscols_table *t, const struct column_kind *kind, int node)
{
	int flags = (kind->number ? SCOLS_FL_RIGHT : 0) | (kind->may_be_cut ? SCOLS_FL_TRUNC : 0);
	double width = kind->may_be_cut ? cut_share : 0;
	char name[16];

	snprintf(name, sizeof(name), "N%d", node);
	if (node == COLUMN_NO_NODE)
		return scols_table_new_column(t, kind->name, width, flags) ? 0 : -ENOMEM;
	return scols_table_new_column(t, name, width, flags) ? 0 : -ENOMEM;
}

struct libscols_table *table_new(const struct report *r)
{
	struct libscols_table *t = scols_new_table();
	bool raw = r->request->output.raw;
	int rc = t ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < r->columns.n; i++)
		rc = add_column(t, &r->form->columns->kind[r->columns.at[i].kind],
				r->columns.at[i].node);
	/* Cells are plain text; libsmartcols would drop one that it finds no memory to encode. */
	if (!rc)
		rc = scols_table_enable_noencoding(t, true) || scols_table_enable_raw(t, raw) ||
		     scols_table_enable_noheadings(t, r->request->output.noheadings ||
							      (raw && r->processes > 1));
	if (rc) {
		table_drop(t);
		return NULL;
	}
	return t;
}

int table_add(struct libscols_table *t, const struct report *r, table_cell_fn *cell,
	      const void *row)
{
	struct libscols_line *line = scols_table_new_line(t, NULL);
	int rc = line ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < r->columns.n; i++) {
		char buf[TABLE_CELL_MAX];
		const char *text = cell(r, row, &r->columns.at[i], buf);

		if (scols_line_set_data(line, i, *text || !r->request->output.raw ? text : "-"))
			rc = -ENOMEM;
	}
	return rc;
}

int table_print(struct libscols_table *t, const struct report *r)
{
	int rc = scols_table_set_stream(t, r->out);

	if (!rc)
		rc = scols_print_table(t);
	table_drop(t);
	return rc;
}

void table_drop(struct libscols_table *t)
{
	scols_unref_table(t);
}
