/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "proc/vma.h"
#include "report/dry_run.h"
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	CELL_TO
};

static const struct column_kind account_kind[] = {
	{ "ACCOUNT", true, false, false, CELL_WHAT },
	{ "PAGES", true, true, false, CELL_PAGES },
	{ "HUGE", true, true, false, CELL_HUGE },
	{ "SIZE", true, true, false, CELL_SIZE },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

static const struct column_kind forecast_kind[] = {
	{ "ACCOUNT", true, false, false, CELL_WHAT },
	{ "KIND", true, false, false, CELL_KIND },
	{ "PAGES", true, true, false, CELL_PAGES },
	{ "HUGE", true, true, false, CELL_HUGE },
	{ "SPLIT", true, true, false, CELL_SPLIT },
	{ "SIZE", true, true, false, CELL_SIZE },
	{ "ROOM", true, true, false, CELL_ROOM },
	{ "FROM", false, true, false, CELL_FROM },
	{ "TO", false, true, false, CELL_TO },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

struct account_row {
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
	const enum cell cell = (enum cell)r->form->columns[column->kind].id;
	const char *what = row->what;

	if (row->is_room && (cell == CELL_PAGES || cell == CELL_HUGE || cell == CELL_SPLIT))
		return "";
	switch (cell) {
	case CELL_WHAT: break;
	case CELL_KIND: return row->kind;
	case CELL_PAGES: return table_number(row->count.pages, buf);
	case CELL_HUGE: return table_number(row->count.huge, buf);
	case CELL_SPLIT: return table_number(row->split, buf);
	case CELL_SIZE: return report_size(r, row->count.bytes, buf);
	case CELL_ROOM: return row->is_room ? report_size(r, row->room, buf) : "";
	case CELL_FROM: return row->from < 0 ? "" : table_number((uint64_t)row->from, buf);
	case CELL_TO: return row->to < 0 ? "" : table_number((uint64_t)row->to, buf);
	}
	if (!r->request->output.raw)
		return what;
	/* Raw: "from_node_0_to_1" */
	snprintf(buf, TABLE_CELL_MAX, "%s", what + strspn(what, " "));
	for (char *c = buf; *c; c++)
		if (*c == ' ')
			*c = '_';
	return buf;
}

static void add_count(struct table *t, const char *what, struct count c)
{
	table_add(t, &(struct account_row){ .what = what, .count = c });
}

/* Add a row unless the count is 0. */
static void add_some(struct table *t, const char *what, struct count c)
{
	if (!count_is_zero(c))
		add_count(t, what, c);
}

static int print_account(struct report *r, const struct subject *s)
{
	static const enum outcome last[] = { OUTCOME_UNSEEN, OUTCOME_EXCLUDED,
					     OUTCOME_NOT_MOVABLE };
	const struct account *a = s->account;
	struct table t;
	char what[64];

	table_begin(&t, r, s, account_cell);
	add_count(&t, "in scope", account_in_scope(a));
	add_count(&t, "moved", a->by[OUTCOME_MOVED]);
	for (size_t i = 0; i < a->flows; i++) {
		snprintf(what, sizeof(what), "  from node %d to %d", a->flow[i].from,
			 a->flow[i].to);
		add_count(&t, what, a->flow[i].count);
	}
	add_some(&t, "  between other nodes", a->other_flows);
	add_some(&t, "in the same folio", a->along);
	add_count(&t, "already there", a->by[OUTCOME_ALREADY_THERE]);
	add_count(&t, "gone", a->by[OUTCOME_GONE]);
	add_count(&t, "left", account_left(a));
	for (enum outcome o = 0; o < OUTCOMES; o++) {
		snprintf(what, sizeof(what), "  %s", outcome_row(o)->text);
		if (outcome_is_left(o))
			add_some(&t, what, a->by[o]);
	}
	add_count(&t, "new", a->fresh);
	add_some(&t, "huge pages split", (struct count){ .huge = a->split });
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++)
		add_some(&t, outcome_row(last[i])->text, a->by[last[i]]);
	return table_end(&t);
}

static int account_end(struct report *r, const struct subject *s)
{
	const struct account *a = s->account;
	int rc = print_account(r, s);

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
	const struct subject total = { .account = r->total };

	return table_has_total(r) ? print_account(r, &total) : 0;
}

const struct report_form report_account = {
	.columns = account_kind,
	.end = account_end,
	.finish = account_finish,
};

/* Print what would move, by nodes and kind of mapping; what would not; the room for it. */
static int forecast_end(struct report *r, const struct subject *s)
{
	const struct dry_run *f = s->forecast;
	struct demand demands[DEMANDS_MAX];
	struct table t;
	char what[64];

	table_begin(&t, r, s, account_cell);
	table_add(&t,
		  &(struct account_row){ outcome_row(OUTCOME_WOULD_MOVE)->text, "", DRY_RUN_NO_NODE,
					 DRY_RUN_NO_NODE, s->account->by[OUTCOME_WOULD_MOVE],
					 s->account->split, 0, false });
	for (const struct dry_run_row *part = f->row; part < f->row + f->n; part++) {
		snprintf(what, sizeof(what), "  from node %d to %d", part->from, part->to);
		if (part->outcome != OUTCOME_WOULD_MOVE)
			snprintf(what, sizeof(what), "%s", outcome_row(part->outcome)->text);
		table_add(&t,
			  &(struct account_row){ what, vma_kind_name(part->kind), part->from,
						 part->to, part->count, part->split, 0, false });
	}
	for (int node = 0; node < NODES_MAX; node++) {
		size_t n = dry_run_comes_to(f, node, demands);

		snprintf(what, sizeof(what), "comes to node %d", node);
		for (const struct demand *d = demands; d < demands + n; d++) {
			struct count need = { .bytes = d->need > 0 ? (uint64_t)d->need : 0 };

			table_add(&t, &(struct account_row){
					      what, d->shift ? vma_kind_name(VMA_HUGETLB) : "",
					      DRY_RUN_NO_NODE, node, need, 0, d->room, true });
		}
	}
	return table_end(&t);
}

const struct report_form report_forecast = {
	.columns = forecast_kind,
	.end = forecast_end,
};
