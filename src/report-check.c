/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "columns.h"
#include "finding.h"
#include "report.h"
#include "request.h"
#include "table.h"

#include <errno.h>

/* The table of --check: a line for each finding. */

enum { CHECK_WHAT, CHECK_STATE, CHECK_VERDICT, CHECK_MEANING };

static const struct column_kind check_kind[] = {
	[CHECK_WHAT] = { "CHECK", true, false, false },
	[CHECK_STATE] = { "STATE", true, false, false },
	[CHECK_VERDICT] = { "VERDICT", true, false, false },
	[CHECK_MEANING] = { "MEANING", true, false, false },
};

static const struct column_kinds check_kinds = {
	check_kind, sizeof(check_kind) / sizeof(check_kind[0]),
};

static const char *check_cell(const struct report *r, const void *data,
			      const struct column *column, char *buf)
{
	const struct finding *f = data;

	(void)buf;
	switch (column->kind) {
	case CHECK_WHAT: return r->request->raw ? f->key : f->what;
	case CHECK_STATE: return f->state;
	case CHECK_VERDICT: return verdict_name(f->verdict);
	default: return f->meaning;
	}
}

static int finish_check(struct report *r)
{
	struct libscols_table *t = table_new(r);
	int rc = t ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < r->findings->n; i++)
		rc = table_add(t, r, check_cell, &r->findings->at[i]);
	if (!rc)
		return table_print(t, r);
	table_drop(t);
	return rc;
}

const struct report_form report_check = {
	.columns = &check_kinds,
	.finish = finish_check,
};
