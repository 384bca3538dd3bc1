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
#include <stddef.h>
#include <stdio.h>

/* The tables of what became of pages: of a move, and of what a dry run foresees. */

struct account_row {
	const char *what, *kind;
	uint64_t pages, huge, split, size, room, from, to; /* CELL_NONE: nothing */
};

#define AT(member) offsetof(struct account_row, member)

static const struct column_kind account_kind[] = {
	{ "ACCOUNT", true, CELL_PHRASE, AT(what) },
	{ "PAGES", true, CELL_NUMBER, AT(pages) },
	{ "HUGE", true, CELL_NUMBER, AT(huge) },
	{ "SIZE", true, CELL_SIZE, AT(size) },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

static const struct column_kind forecast_kind[] = {
	{ "ACCOUNT", true, CELL_PHRASE, AT(what) },
	{ "KIND", true, CELL_TEXT, AT(kind) },
	{ "PAGES", true, CELL_NUMBER, AT(pages) },
	{ "HUGE", true, CELL_NUMBER, AT(huge) },
	{ "SPLIT", true, CELL_NUMBER, AT(split) },
	{ "SIZE", true, CELL_SIZE, AT(size) },
	{ "ROOM", true, CELL_SIZE, AT(room) },
	{ "FROM", false, CELL_NUMBER, AT(from) },
	{ "TO", false, CELL_NUMBER, AT(to) },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

/* Add a row of pages.  @kind, @from, @to: of a forecast, else NULL and DRY_RUN_NO_NODE */
static void add_pages(struct table *t, const char *what, struct count c, uint64_t split,
		      const char *kind, int from, int to)
{
	table_add(t, &(struct account_row){ what, kind, c.pages, c.huge, split, c.bytes, CELL_NONE,
					    (uint64_t)from, (uint64_t)to });
}

static void add_count(struct table *t, const char *what, struct count c)
{
	add_pages(t, what, c, 0, NULL, DRY_RUN_NO_NODE, DRY_RUN_NO_NODE);
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

	table_begin(&t, r, s);
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
	return table_has_total(r) ? print_account(r, &r->total) : 0;
}

const struct report_form report_account = {
	.columns = account_kind,
	.end = account_end,
	.finish = account_finish,
};

/* Print what would move, by nodes and kind of mapping; what would not; the room for it. */
static int forecast_end(struct report *r, const struct subject *s)
{
	const struct dry_run *f = s->dry_run;
	struct demand demands[DEMANDS_MAX];
	struct table t;
	char what[64];

	table_begin(&t, r, s);
	add_pages(&t, outcome_row(OUTCOME_WOULD_MOVE)->text, s->account->by[OUTCOME_WOULD_MOVE],
		  s->account->split, NULL, DRY_RUN_NO_NODE, DRY_RUN_NO_NODE);
	for (const struct dry_run_row *row = f->row; row < f->row + f->n; row++) {
		snprintf(what, sizeof(what), "  from node %d to %d", row->from, row->to);
		if (row->outcome != OUTCOME_WOULD_MOVE)
			snprintf(what, sizeof(what), "%s", outcome_row(row->outcome)->text);
		add_pages(&t, what, row->count, row->split, vma_kind_name(row->kind), row->from,
			  row->to);
	}
	for (int node = 0; node < NODES_MAX; node++) {
		size_t n = dry_run_comes_to(f, node, demands);

		snprintf(what, sizeof(what), "comes to node %d", node);
		for (const struct demand *d = demands; d < demands + n; d++)
			table_add(&t, &(struct account_row){
					      what, d->shift ? vma_kind_name(VMA_HUGETLB) : NULL,
					      CELL_NONE, CELL_NONE, CELL_NONE,
					      d->need > 0 ? (uint64_t)d->need : 0, d->room,
					      CELL_NONE, (uint64_t)node });
	}
	return table_end(&t);
}

const struct report_form report_dry_run = {
	.columns = forecast_kind,
	.end = forecast_end,
};
