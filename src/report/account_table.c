/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "proc/process.h"
#include "proc/vma.h"
#include "report/columns.h"
#include "report/dry_run.h"
#include "report/report.h"
#include "report/table.h"

#include <inttypes.h>
#include <stdio.h>

/* The tables of what became of pages: of a move, and of what a dry run foresees. */

enum cell {
	CELL_WHAT,
	CELL_KIND,
	CELL_PAGES,
	CELL_HUGE,
	CELL_SPLIT,
	CELL_SIZE,
	CELL_ROOM,
	CELL_FROM,
	CELL_TO,
	CELL_PID,
	CELL_COMM
};

static const struct column_kind account_kind[] = {
	{ "ACCOUNT", true, false, false, CELL_WHAT },
	{ "PAGES", true, true, false, CELL_PAGES },
	{ "HUGE", true, true, false, CELL_HUGE },
	{ "SIZE", true, true, false, CELL_SIZE },
	{ "PID", false, true, false, CELL_PID },
	{ "COMM", false, false, false, CELL_COMM },
	{ NULL },
};

static const struct column_kind forecast_kind[] = {
	{ "ACCOUNT", true, false, false, CELL_WHAT }, { "KIND", true, false, false, CELL_KIND },
	{ "PAGES", true, true, false, CELL_PAGES },   { "HUGE", true, true, false, CELL_HUGE },
	{ "SPLIT", true, true, false, CELL_SPLIT },   { "SIZE", true, true, false, CELL_SIZE },
	{ "ROOM", true, true, false, CELL_ROOM },     { "FROM", false, true, false, CELL_FROM },
	{ "TO", false, true, false, CELL_TO },	      { "PID", false, true, false, CELL_PID },
	{ "COMM", false, false, false, CELL_COMM },   { NULL },
};

struct account_row {
	const struct process *process;
	const char *what, *kind;
	int from, to; /* nodes; DRY_RUN_NO_NODE: none */
	struct count count;
	uint64_t split, room;
	bool is_room; /* has a size and a room, and no pages */
};

static const char *account_cell(const struct report *r, const void *data,
				const struct column *column, char *buf)
{
	const struct account_row *row = data;

	switch ((enum cell)r->form->columns[column->kind].id) {
	case CELL_WHAT: return table_phrase(r, row->what, buf);
	case CELL_KIND: return row->kind;
	case CELL_PAGES: return row->is_room ? "" : table_number(row->count.pages, buf);
	case CELL_HUGE: return row->is_room ? "" : table_number(row->count.huge, buf);
	case CELL_SPLIT: return row->is_room ? "" : table_number(row->split, buf);
	case CELL_SIZE: return report_size(r, row->count.bytes, buf);
	case CELL_ROOM: return row->is_room ? report_size(r, row->room, buf) : "";
	case CELL_FROM: return row->from < 0 ? "" : table_number((uint64_t)row->from, buf);
	case CELL_TO: return row->to < 0 ? "" : table_number((uint64_t)row->to, buf);
	case CELL_PID: return table_pid(row->process, buf);
	case CELL_COMM: return table_name(r, row->process->name, buf);
	}
	return "";
}

static void add_count(struct table *t, const struct subject *s, const char *what, struct count c)
{
	table_add(t, &(struct account_row){ .process = s->process, .what = what, .count = c });
}

/* A row if there is anything to say. */
static void add_some(struct table *t, const struct subject *s, const char *what, struct count c)
{
	if (!count_is_zero(c))
		add_count(t, s, what, c);
}

static int print_account(struct report *r, const struct subject *s)
{
	const struct account *a = s->account;
	struct table t;
	char what[64];

	table_begin(&t, r, account_cell);
	add_count(&t, s, "in scope", account_in_scope(a));
	add_count(&t, s, "moved", a->by[OUTCOME_MOVED]);
	for (size_t i = 0; i < a->flows; i++) {
		snprintf(what, sizeof(what), "  from node %d to %d", a->flow[i].from,
			 a->flow[i].to);
		add_count(&t, s, what, a->flow[i].count);
	}
	add_some(&t, s, "  between other nodes", a->other_flows);
	add_some(&t, s, "in the same folio", a->along);
	add_count(&t, s, "already there", a->by[OUTCOME_ALREADY_THERE]);
	add_count(&t, s, "gone", a->by[OUTCOME_GONE]);
	add_count(&t, s, "left", account_left(a));
	for (enum outcome o = 0; o < OUTCOMES; o++) {
		snprintf(what, sizeof(what), "  %s", outcome_row(o)->text);
		if (outcome_is_left(o))
			add_some(&t, s, what, a->by[o]);
	}
	add_count(&t, s, "new", a->fresh);
	if (a->split)
		add_count(&t, s, "huge pages split", (struct count){ .huge = a->split });
	add_some(&t, s, outcome_row(OUTCOME_UNSEEN)->text, a->by[OUTCOME_UNSEEN]);
	add_some(&t, s, outcome_row(OUTCOME_EXCLUDED)->text, a->by[OUTCOME_EXCLUDED]);
	add_some(&t, s, outcome_row(OUTCOME_NOT_MOVABLE)->text, a->by[OUTCOME_NOT_MOVABLE]);
	return table_end(&t);
}

static int account_end(struct report *r, const struct subject *s)
{
	const struct account *a = s->account;
	int rc;

	table_title(r, s);
	rc = print_account(r, s);
	for (size_t i = 0; !rc && !r->request->output.raw && i < a->nameds; i++) {
		const struct left_page *p = &a->named[i];
		char size[TEXT_SIZE_MAX];

		fprintf(r->out, "left: %" PRIx64 ", %s, ", p->address,
			report_size(r, 1ULL << p->shift, size));
		if (p->node >= 0)
			fprintf(r->out, "on node %d, ", p->node);
		fprintf(r->out, "%s\n", outcome_row(p->outcome)->text);
		if (i + 1 == ACCOUNT_NAMED_MAX)
			fputs("left: ... (" MOVEPAGES_NAME " --pages lists every page)\n", r->out);
	}
	return rc;
}

static int account_finish(struct report *r)
{
	const struct process all = { .name = "" };
	const struct subject total = { .process = &all, .account = r->total };

	return table_total_title(r) ? print_account(r, &total) : 0;
}

const struct report_form report_account = {
	.columns = account_kind,
	.end = account_end,
	.finish = account_finish,
};

/* What would move, by nodes and kind of mapping; what would not; what there is room for. */
static int forecast_end(struct report *r, const struct subject *s)
{
	const struct dry_run *f = s->forecast;
	struct account_row row = {
		.process = s->process,
		.what = outcome_row(OUTCOME_WOULD_MOVE)->text,
		.kind = "",
		.from = DRY_RUN_NO_NODE,
		.to = DRY_RUN_NO_NODE,
		.count = s->account->by[OUTCOME_WOULD_MOVE],
		.split = s->account->split,
	};
	struct table t;
	char what[64];

	table_title(r, s);
	table_begin(&t, r, account_cell);
	table_add(&t, &row);
	for (size_t i = 0; i < f->n; i++) {
		const struct dry_run_row *part = &f->row[i];

		snprintf(what, sizeof(what), "  from node %d to %d", part->from, part->to);
		row.what = part->outcome == OUTCOME_WOULD_MOVE ? what :
								 outcome_row(part->outcome)->text;
		row.kind = vma_kind_name(part->kind);
		row.from = part->from;
		row.to = part->to;
		row.count = part->count;
		row.split = part->split;
		table_add(&t, &row);
	}
	row = (struct account_row){ .process = s->process, .what = what, .from = DRY_RUN_NO_NODE };
	row.is_room = true;
	for (row.to = 0; row.to < NODES_MAX; row.to++) {
		struct demand d[DEMANDS_MAX];
		size_t n = dry_run_comes_to(f, row.to, d);

		snprintf(what, sizeof(what), "comes to node %d", row.to);
		for (size_t i = 0; i < n; i++) {
			row.kind = d[i].shift ? vma_kind_name(VMA_HUGETLB) : "";
			row.count.bytes = d[i].need > 0 ? (uint64_t)d[i].need : 0;
			row.room = d[i].room;
			table_add(&t, &row);
		}
	}
	return table_end(&t);
}

const struct report_form report_forecast = {
	.columns = forecast_kind,
	.end = forecast_end,
};
