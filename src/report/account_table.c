/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "proc/process.h"
#include "proc/vma.h"
#include "report/dry_run.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- a move: one row for each process ---- */

struct move_row {
	const char *command, *from, *to;
	uint64_t size, moved, there, not_moved, larger, gone, fresh, along, excluded, pages, huge,
		split;
};

#define AT(member) offsetof(struct move_row, member)

static const struct column_kind move_kind[] = {
	{ "PID", true, CELL_PID, 0, "process ID" },
	{ "MOVED", true, CELL_GOOD, AT(moved), "memory moved" },
	{ "ALREADY-THERE", true, CELL_GOOD, AT(there),
	  "memory that was on its destination before" },
	{ "NOT-MOVED", true, CELL_BAD, AT(not_moved), "memory that was not moved" },
	{ "COMMAND", true, CELL_NAME, AT(command), "command line of the process" },
	{ "SIZE", false, CELL_BYTES, AT(size), "sum of moved, already there and not moved" },
	{ "FROM", false, CELL_TEXT, AT(from), "nodes that pages moved from" },
	{ "TO", false, CELL_TEXT, AT(to), "nodes that pages moved to" },
	{ "PAGES", false, CELL_NUMBER, AT(pages), "base pages" },
	{ "HUGE", false, CELL_NUMBER, AT(huge), "huge pages" },
	{ "SPLIT", false, CELL_NUMBER, AT(split), "huge pages that are split" },
	{ "LARGER-UNIT", false, CELL_BYTES, AT(larger),
	  "pages that cannot be separated from others" },
	{ "SAME-FOLIO", false, CELL_BYTES, AT(along),
	  "pages moved in the same folio as selected ones" },
	{ "GONE", false, CELL_BYTES, AT(gone), "memory freed during the move" },
	{ "NEW", false, CELL_BYTES, AT(fresh), "new memory on the source nodes" },
	{ "EXCLUDED", false, CELL_BYTES, AT(excluded), "shared file pages that are not to move" },
	{ "COMM", false, CELL_COMM, 0, "name of the process" },
	{ NULL },
};

#undef AT

/* The table is printed at the end, and then the pages that were not moved. */
struct move_state {
	struct table table;
	FILE *pages;
	char *text;
	size_t len;
};

static int move_start(struct report *r)
{
	struct move_state *m = r->state = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->pages = open_memstream(&m->text, &m->len);
	table_begin(&m->table, r, NULL);
	return m->pages ? 0 : -ENOMEM;
}

static void add_move(struct table *t, const struct subject *s, const char *command)
{
	const struct account *a = s->account;
	struct nodeset from = { { 0 } }, to = { { 0 } };
	char from_text[TEXT_NAME_MAX], to_text[TEXT_NAME_MAX];

	for (size_t i = 0; i < a->flows; i++) {
		nodeset_add(&from, a->flow[i].from);
		nodeset_add(&to, a->flow[i].to);
	}
	nodeset_format(&from, from_text, sizeof(from_text));
	nodeset_format(&to, to_text, sizeof(to_text));
	t->subject = s;
	table_add(t, &(struct move_row){
			     command,
			     a->flows ? from_text : NULL,
			     a->flows ? to_text : NULL,
			     account_in_scope(a).bytes,
			     a->by[OUTCOME_MOVED].bytes,
			     a->by[OUTCOME_ALREADY_THERE].bytes,
			     account_left(a).bytes,
			     a->by[OUTCOME_LARGER_UNIT].bytes,
			     a->by[OUTCOME_GONE].bytes,
			     a->fresh.bytes,
			     a->along.bytes,
			     a->by[OUTCOME_EXCLUDED].bytes,
			     a->by[OUTCOME_MOVED].pages,
			     a->by[OUTCOME_MOVED].huge,
			     a->split,
		     });
}

static int move_end(struct report *r, const struct subject *s)
{
	struct move_state *m = r->state;
	const struct account *a = s->account;
	char name[REPORT_NAME_MAX], size[TEXT_SIZE_MAX];

	add_move(&m->table, s, s->command ? s->command : s->process->name);
	for (const struct left_page *p = a->named; p < a->named + a->nameds; p++) {
		fprintf(m->pages, "%s: not moved: %" PRIx64 ", %s, ", report_name(s->process, name),
			p->address, report_size(r, 1ULL << p->shift, size));
		if (p->node >= 0)
			fprintf(m->pages, "on node %d, ", p->node);
		fprintf(m->pages, "%s\n", outcome_row(p->outcome)->text);
	}
	if (a->nameds == ACCOUNT_NAMED_MAX)
		fprintf(m->pages,
			"%s: not moved: ... (" MOVEPAGES_NAME " --pages lists every page)\n",
			report_name(s->process, name));
	return m->table.rc;
}

static int move_finish(struct report *r)
{
	struct move_state *m = r->state;
	int rc;

	if (!m)
		return 0;
	table_sort(&m->table);
	if (table_has_total(r))
		add_move(&m->table, &r->total, "total");
	rc = table_end(&m->table);
	if (!m->pages || fclose(m->pages) || !m->text)
		rc = -ENOMEM;
	if (!rc && !r->request->output.raw)
		fputs(m->text, r->out);
	free(m->text);
	return rc;
}

const struct report_form report_account = {
	.columns = move_kind,
	.start = move_start,
	.end = move_end,
	.finish = move_finish,
};

/* ---- a dry run: rows for all processes together; and whether the move fits ---- */

struct forecast_row {
	const char *result, *kind;
	uint64_t from, to, pages, huge, split, size; /* CELL_NONE: nothing */
};

#define AT(member) offsetof(struct forecast_row, member)

static const struct column_kind forecast_kind[] = {
	{ "RESULT", true, CELL_PHRASE, AT(result), "what a move does with the pages" },
	{ "KIND", true, CELL_TEXT, AT(kind), "kind of mapping" },
	{ "FROM", true, CELL_NUMBER, AT(from), "node that the pages are on" },
	{ "TO", true, CELL_NUMBER, AT(to), "node that the pages are to go to" },
	{ "PAGES", false, CELL_NUMBER, AT(pages), "base pages" },
	{ "HUGE", false, CELL_NUMBER, AT(huge), "huge pages" },
	{ "SPLIT", false, CELL_NUMBER, AT(split), "huge pages that are to be split" },
	{ "SIZE", true, CELL_SIZE, AT(size), "size of these pages" },
	{ NULL },
};

static const char *verdict(const struct fit *f, int node, const struct demand *d, enum tone *tone)
{
	*tone = TONE_NOTE;
	if (d->shift && d->shift < FIT_GIGANTIC_SHIFT && d->need > (int64_t)d->room)
		return "the rest comes from other memory";
	*tone = TONE_BAD;
	if (demand_is_short(d))
		return "does not fit";
	if (!d->shift && nodeset_has(&f->refused, node))
		return "does not fit: the processes move one after the other";
	*tone = TONE_GOOD;
	return "fits";
}

/* Print "node 1: 189M needed, 876M available: fits". */
static void put_verdict(const struct report *r, int node, const struct demand *d)
{
	const struct fit *f = &r->total.dry_run->fit;
	char need[TEXT_SIZE_MAX], room[TEXT_SIZE_MAX], pool[TEXT_SIZE_MAX];
	const char *text;
	enum tone tone;

	fprintf(r->out, "node %d: %s ", node,
		report_size(r, d->need > 0 ? (uint64_t)d->need : 0, need));
	if (d->shift)
		fprintf(r->out, "in hugetlb pages of %s ", text_size(1ULL << d->shift, pool));
	if (!f->knows_room) {
		fputs("needed; the available memory is unknown\n", r->out);
		return;
	}
	fprintf(r->out, "needed, %s available: ", report_size(r, d->room, room));
	text = verdict(f, node, d, &tone);
	report_verdict(r, tone, text);
	fputc('\n', r->out);
}

static int forecast_finish(struct report *r)
{
	const struct dry_run *f = r->total.dry_run;
	struct demand demand[DEMANDS_MAX];
	struct nodeset to = { { 0 } };
	uint64_t split = 0;
	struct table t;
	int rc;

	if (!r->processes)
		return 0;
	if (!r->request->output.raw && !r->request->output.noheadings)
		report_summary(r->out, "", r);
	table_begin(&t, r, NULL);
	for (const struct dry_run_row *row = f->all.row; row < f->all.row + f->all.n; row++) {
		t.tone = !outcome_in_scope(row->outcome) ? TONE_PLAIN :
			 outcome_is_left(row->outcome)	 ? TONE_BAD :
							   TONE_GOOD;
		table_add(&t, &(struct forecast_row){
				      outcome_row(row->outcome)->text, vma_kind_name(row->kind),
				      (uint64_t)row->from, (uint64_t)row->to, row->count.pages,
				      row->count.huge, row->split, row->count.bytes });
		split += row->split;
		if (row->to != DRY_RUN_NO_NODE)
			nodeset_add(&to, row->to);
	}
	rc = table_end(&t);
	if (split && !r->request->output.raw)
		fprintf(r->out,
			"%" PRIu64
			" huge page%s to be split: too few free huge pages on the destination\n",
			split, split == 1 ? "" : "s");
	for (int n = nodeset_next(&to, 0); n >= 0 && !r->request->output.raw;
	     n = nodeset_next(&to, n + 1)) {
		size_t demands = fit_total(&f->fit, n, demand);

		for (size_t i = 0; i < demands; i++)
			if (i == 0 || demand[i].need > 0)
				put_verdict(r, n, &demand[i]);
	}
	return rc;
}

const struct report_form report_dry_run = {
	.columns = forecast_kind,
	.finish = forecast_finish,
};
