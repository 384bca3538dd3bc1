/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/dry_run.h"

#include "engine/finder.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/address_space.h"
#include "util/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Judged at a time, on the stack. */
enum { CHUNK = 512 };

void dry_run_free(struct dry_run *f)
{
	free(f->row);
	f->row = NULL;
	f->n = 0;
}

void dry_run_begin(struct dry_run *f, const struct move *move)
{
	const struct finder_means *means = move->means;

	dry_run_free(f);
	if (!f->huge_shift) {
		f->free_huge = fit_free_huge;
		f->knows_room = headroom_now(move->room, &f->room) == 0;
		f->huge_shift = means->huge_shift;
		huge_headroom_read(&f->huge, means->huge_shift - means->base_shift);
	}
	f->move = move;
	f->need_before = f->need;
	f->huge_before = f->huge;
}

void dry_run_refuse(struct dry_run *f)
{
	f->need = f->need_before;
	f->huge = f->huge_before;
}

static int row_compare(const struct dry_run_row *a, const struct dry_run_row *b)
{
	if (a->outcome != b->outcome)
		return a->outcome - b->outcome;
	if (a->from != b->from)
		return a->from - b->from;
	return a->to != b->to ? a->to - b->to : a->kind - b->kind;
}

/* The row of pages such as @like, made if there is none; NULL without memory. */
static struct dry_run_row *row_find(struct dry_run *f, const struct dry_run_row *like)
{
	size_t low = 0, high = f->n;
	struct dry_run_row *grown;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_compare(&f->row[middle], like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < f->n && row_compare(&f->row[low], like) == 0)
		return &f->row[low];
	grown = array_room(f->row, f->n, sizeof(*grown));
	if (!grown)
		return NULL;
	f->row = grown;
	memmove(&grown[low + 1], &grown[low], (f->n++ - low) * sizeof(*grown));
	grown[low] = *like;
	return &grown[low];
}

/* Judge a page, since a destination has a huge page for the first ones only, and count it. */
static int judge_and_count(struct dry_run *f, struct page *p)
{
	const struct vma *m;
	bool huge = p->shift > f->move->means->base_shift;
	struct dry_run_row *row, like = { .from = DRY_RUN_NO_NODE, .to = DRY_RUN_NO_NODE };

	if (p->flags & (PAGE_TAIL | PAGE_AGAIN) ||
	    (!outcome_in_scope(p->outcome) && p->outcome != OUTCOME_EXCLUDED &&
	     p->outcome != OUTCOME_NOT_MOVABLE && p->outcome != OUTCOME_UNSEEN))
		return 0;
	m = &f->move->maps->at[p->vma];
	if (p->outcome == OUTCOME_WOULD_MOVE && p->shift == f->huge_shift &&
	    m->kind != VMA_HUGETLB) {
		if (f->huge.pages[p->to])
			f->huge.pages[p->to]--;
		else if (f->move->keep_huge)
			p->outcome = OUTCOME_NO_HUGE;
		else
			p->flags |= PAGE_SPLIT;
	}
	like.outcome = p->outcome;
	like.kind = m->kind;
	if (p->outcome == OUTCOME_WOULD_MOVE) {
		like.from = p->from;
		like.to = p->to;
	}
	row = row_find(f, &like);
	if (!row)
		return -ENOMEM;
	row->count = count_add(row->count, (struct count){ !huge, huge, page_bytes(p) });
	row->split += p->outcome == OUTCOME_WOULD_MOVE && p->flags & PAGE_SPLIT;
	return 0;
}

int dry_run_pages(void *context, const struct page *pages, size_t n)
{
	struct dry_run *f = context;
	struct page chunk[CHUNK];
	int rc = 0;

	for (size_t i = 0, k; !rc && i < n; i += k) {
		k = n - i < CHUNK ? n - i : CHUNK;
		memcpy(chunk, pages + i, k * sizeof(*chunk));
		for (size_t j = 0; !rc && j < k; j++)
			rc = judge_and_count(f, &chunk[j]);
		need_add(&f->need, chunk, k, f->move);
		if (!rc)
			rc = f->sink->pages(f->sink->context, chunk, k);
	}
	return rc;
}

/* ---- room ---- */

/* The sizes of hugetlb pages are in the order they came in, so that the earlier are the first. */
size_t dry_run_demands(const struct dry_run *f, int node, struct demand *demand)
{
	struct demand before[DEMANDS_MAX] = { { 0 } };
	size_t n = need_demands(&f->need, &f->room, node, f->free_huge, demand);

	need_demands(&f->need_before, &f->room, node, f->free_huge, before);
	for (size_t i = 0; i < n; i++) {
		int64_t left = (int64_t)demand[i].room - before[i].need;

		demand[i].need -= before[i].need;
		demand[i].room = left > 0 ? (uint64_t)left : 0;
	}
	return n;
}

size_t dry_run_comes_to(const struct dry_run *f, int node, struct demand *demand)
{
	size_t row = 0, kept = 1, n;

	while (row < f->n && f->row[row].to != node)
		row++;
	if (row == f->n || !f->knows_room)
		return 0;
	n = dry_run_demands(f, node, demand);
	for (size_t i = 1; i < n; i++)
		if (demand[i].need > 0)
			demand[kept++] = demand[i];
	return kept;
}

struct shortage dry_run_shortage(const struct dry_run *f)
{
	struct demand d[DEMANDS_MAX];

	for (int node = 0; f->knows_room && node < NODES_MAX; node++)
		for (size_t i = 0, n = dry_run_demands(f, node, d); i < n; i++)
			if (demand_is_short(&d[i]))
				return (struct shortage){ node, (uint64_t)d[i].need, d[i].room };
	return (struct shortage){ .node = -1 };
}
