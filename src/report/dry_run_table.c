/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "proc/process.h"
#include "proc/vma.h"
#include "report/columns.h"
#include "report/dry_run.h"
#include "report/report.h"
#include "report/table.h"
#include "util/text.h"

#include <errno.h>
#include <stdio.h>

/*
 * What a dry run foresees, as a table: what would move, by nodes and kind of
 * mapping; what would not; and what the destinations have room for.
 */

enum {
	FORECAST_WHAT,
	FORECAST_KIND,
	FORECAST_PAGES,
	FORECAST_HUGE,
	FORECAST_SPLIT,
	FORECAST_SIZE,
	FORECAST_ROOM,
	FORECAST_FROM,
	FORECAST_TO,
	FORECAST_PID,
	FORECAST_COMM
};

static const struct column_kind forecast_kind[] = {
	[FORECAST_WHAT] = { "ACCOUNT", true, false, false },
	[FORECAST_KIND] = { "KIND", true, false, false },
	[FORECAST_PAGES] = { "PAGES", true, true, false },
	[FORECAST_HUGE] = { "HUGE", true, true, false },
	[FORECAST_SPLIT] = { "SPLIT", true, true, false },
	[FORECAST_SIZE] = { "SIZE", true, true, false },
	[FORECAST_ROOM] = { "ROOM", true, true, false },
	[FORECAST_FROM] = { "FROM", false, true, false },
	[FORECAST_TO] = { "TO", false, true, false },
	[FORECAST_PID] = { "PID", false, true, false },
	[FORECAST_COMM] = { "COMM", false, false, false },
};

static const struct column_kinds forecast_kinds = {
	forecast_kind,
	sizeof(forecast_kind) / sizeof(forecast_kind[0]),
};

/* A table as it is filled. */
struct forecast_table {
	struct report *report;
	const struct subject *subject;
	struct libscols_table *table;
};

struct table_row {
	const struct process *process;
	const char *what, *kind;
	int from, to; /* DRY_RUN_NO_NODE: none */
	struct count count;
	uint64_t split, room;
	bool is_room; /* has a size and a room, and no pages */
};

static const char *forecast_cell(const struct report *r, const void *data,
				 const struct column *column, char *buf)
{
	const struct table_row *row = data;

	switch (column->kind) {
	case FORECAST_WHAT: return table_phrase(r, row->what, buf);
	case FORECAST_KIND: return row->kind;
	case FORECAST_PAGES: return row->is_room ? "" : table_number(row->count.pages, buf);
	case FORECAST_HUGE: return row->is_room ? "" : table_number(row->count.huge, buf);
	case FORECAST_SPLIT: return row->is_room ? "" : table_number(row->split, buf);
	case FORECAST_SIZE: return report_size(r, row->count.bytes, buf);
	case FORECAST_ROOM: return row->is_room ? report_size(r, row->room, buf) : "";
	case FORECAST_FROM: return row->from < 0 ? "" : table_number((uint64_t)row->from, buf);
	case FORECAST_TO: return row->to < 0 ? "" : table_number((uint64_t)row->to, buf);
	case FORECAST_PID: return table_number((uint64_t)row->process->pid, buf);
	default: return table_name(r, row->process->name, buf);
	}
}

static int add(struct forecast_table *t, struct table_row row)
{
	row.process = t->subject->process;
	return table_add(t->table, t->report, forecast_cell, &row);
}

static int add_total(struct forecast_table *t)
{
	const struct account *a = t->subject->account;

	return add(t, (struct table_row){
			      .what = outcome_row(OUTCOME_WOULD_MOVE)->text,
			      .kind = "",
			      .from = DRY_RUN_NO_NODE,
			      .to = DRY_RUN_NO_NODE,
			      .count = a->by[OUTCOME_WOULD_MOVE],
			      .split = a->split,
		      });
}

static int add_part(struct forecast_table *t, const struct dry_run_row *part)
{
	char flow[64];

	snprintf(flow, sizeof(flow), "  from node %d to %d", part->from, part->to);
	return add(t, (struct table_row){
			      .what = part->outcome == OUTCOME_WOULD_MOVE ?
					      flow :
					      outcome_row(part->outcome)->text,
			      .kind = vma_kind_name(part->kind),
			      .from = part->from,
			      .to = part->to,
			      .count = part->count,
			      .split = part->split,
		      });
}

static int add_demand(struct forecast_table *t, int node, const struct demand *d)
{
	char what[64];

	snprintf(what, sizeof(what), "comes to node %d", node);
	return add(t, (struct table_row){
			      .what = what,
			      .kind = d->shift ? vma_kind_name(VMA_HUGETLB) : "",
			      .from = DRY_RUN_NO_NODE,
			      .to = node,
			      .is_room = true,
			      .count.bytes = d->need > 0 ? (uint64_t)d->need : 0,
			      .room = d->room,
		      });
}

/* Of a pool only if something comes from it. */
static int add_node(struct forecast_table *t, int node)
{
	struct demand d[DEMANDS_MAX];
	size_t n = dry_run_demands(t->subject->forecast, node, d);
	int rc = add_demand(t, node, &d[0]);

	for (size_t i = 1; !rc && i < n; i++)
		if (d[i].need > 0)
			rc = add_demand(t, node, &d[i]);
	return rc;
}

static int fill(struct forecast_table *t)
{
	const struct dry_run *f = t->subject->forecast;
	int rc = add_total(t);

	for (size_t i = 0; !rc && i < f->n; i++)
		rc = add_part(t, &f->row[i]);
	for (int node = 0; !rc && f->knows_room && node < NODES_MAX; node++)
		if (dry_run_is_destination(f, node))
			rc = add_node(t, node);
	return rc;
}

static int end_forecast(struct report *r, const struct subject *s)
{
	struct forecast_table t = { r, s, table_new(r) };
	int rc = t.table ? fill(&t) : -ENOMEM;

	if (rc) {
		table_drop(t.table);
		return rc;
	}
	table_title(r, s);
	return table_print(t.table, r);
}

const struct report_form report_forecast = {
	.columns = &forecast_kinds,
	.end = end_forecast,
};
