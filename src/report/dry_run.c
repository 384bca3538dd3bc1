/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/dry_run.h"

#include "engine/finder.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
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

static void read_room(struct dry_run *f, const struct move *move)
{
	const struct finder_means *means = move->means;

	f->free_huge = fit_free_huge;
	f->knows_room = headroom_now(move->room, &f->room) == 0;
	f->huge_shift = means->huge_shift;
	huge_headroom_read(&f->huge, means->huge_shift - means->base_shift);
}

void dry_run_begin(struct dry_run *f, const struct move *move)
{
	dry_run_free(f);
	if (!f->huge_shift)
		read_room(f, move);
	f->move = move;
	f->need_before = f->need;
	f->huge_before = f->huge;
}

void dry_run_refuse(struct dry_run *f)
{
	f->need = f->need_before;
	f->huge = f->huge_before;
}

/* ---- what would become of a page ---- */

static enum vma_kind kind_of(const struct dry_run *f, const struct page *p)
{
	return f->move->maps->at[p->vma].kind;
}

static bool is_counted(const struct page *p)
{
	return !(p->flags & (PAGE_TAIL | PAGE_AGAIN));
}

/* The destination has a huge page for the first ones only. */
static void judge(struct dry_run *f, struct page *p)
{
	if (p->outcome != OUTCOME_WOULD_MOVE || !is_counted(p) || p->shift != f->huge_shift ||
	    kind_of(f, p) == VMA_HUGETLB)
		return;
	if (f->huge.pages[p->to])
		f->huge.pages[p->to]--;
	else if (f->move->keep_huge)
		p->outcome = OUTCOME_NO_HUGE;
	else
		p->flags |= PAGE_SPLIT;
}

/* ---- rows ---- */

static bool is_told(enum outcome o)
{
	return outcome_in_scope(o) || o == OUTCOME_EXCLUDED || o == OUTCOME_NOT_MOVABLE ||
	       o == OUTCOME_UNSEEN;
}

static int compare(const struct dry_run_row *a, const struct dry_run_row *b)
{
	if (a->outcome != b->outcome)
		return a->outcome - b->outcome;
	if (a->from != b->from)
		return a->from - b->from;
	return a->to != b->to ? a->to - b->to : a->kind - b->kind;
}

static int add_row(struct dry_run *f, size_t at, const struct dry_run_row *like)
{
	struct dry_run_row *grown = array_room(f->row, f->n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	f->row = grown;
	memmove(&f->row[at + 1], &f->row[at], (f->n++ - at) * sizeof(*grown));
	f->row[at] = *like;
	return 0;
}

/* The row that is as @like says, made if there is none. */
static int find_row(struct dry_run *f, const struct dry_run_row *like, size_t *at)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&f->row[middle], like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < f->n && compare(&f->row[low], like) == 0 ? 0 : add_row(f, low, like);
}

static int count(struct dry_run *f, const struct page *p)
{
	bool moves = p->outcome == OUTCOME_WOULD_MOVE;
	bool huge = p->shift > f->move->means->base_shift;
	struct dry_run_row like = { .outcome = p->outcome,
				    .from = DRY_RUN_NO_NODE,
				    .to = DRY_RUN_NO_NODE };
	size_t at;
	int rc;

	if (!is_counted(p) || !is_told(p->outcome))
		return 0;
	like.kind = (uint8_t)kind_of(f, p);
	if (moves) {
		like.from = p->from;
		like.to = p->to;
	}
	rc = find_row(f, &like, &at);
	if (rc)
		return rc;
	f->row[at].count = count_add(f->row[at].count,
				     (struct count){ !huge, huge, page_bytes(p) });
	f->row[at].split += moves && p->flags & PAGE_SPLIT;
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
		for (size_t j = 0; !rc && j < k; j++) {
			judge(f, &chunk[j]);
			rc = count(f, &chunk[j]);
		}
		need_add(&f->need, chunk, k, f->move);
		if (!rc)
			rc = f->sink->pages(f->sink->context, chunk, k);
	}
	return rc;
}

/* ---- room ---- */

bool dry_run_is_destination(const struct dry_run *f, int node)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->row[i].to == node)
			return true;
	return false;
}

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

struct shortage dry_run_shortage(const struct dry_run *f)
{
	struct demand d[DEMANDS_MAX];

	for (int node = 0; f->knows_room && node < NODES_MAX; node++)
		for (size_t i = 0, n = dry_run_demands(f, node, d); i < n; i++)
			if (demand_is_short(&d[i]))
				return (struct shortage){ node, (uint64_t)d[i].need, d[i].room };
	return (struct shortage){ .node = -1 };
}
