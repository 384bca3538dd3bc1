/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/mover.h"

#include "engine/batch.h"
#include "engine/limits.h"
#include "engine/lumps.h"
#include "engine/move_pages.h"
#include "numa/interleave.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "proc/process.h"
#include "proc/vma.h"

#include <errno.h>
#include <stdlib.h>

/* What was between two nodes when it was found is present; the rest was in swap. */
static void settle_swap(struct batch *b)
{
	size_t arrived = 0, absent = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if ((p->flags & (PAGE_PRESENT | PAGE_SWAP)) != PAGE_SWAP)
			continue;
		if (p->node >= 0) {
			p->flags |= PAGE_PRESENT;
			arrived++;
		} else if (p->shift == b->job->base_shift) {
			absent++;
		}
	}
	if (arrived || absent)
		b->expect_swap = !arrived;
}

static int find(struct batch *b)
{
	size_t n = 0;
	int rc;

	b->unswapped = UNSWAPPED_UNKNOWN;
	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].flags & (PAGE_PRESENT | PAGE_SWAP))
			b->asked[n++] = i;
	rc = batch_locate(b, n);
	settle_swap(b);
	for (size_t i = 0; i < b->n; i++)
		b->page[i].from = b->page[i].node;
	return rc;
}

static int spread_to(const struct batch *b, const struct page *p)
{
	unsigned int shift = p->flags & PAGE_LUMP ? b->job->huge_shift : p->shift;

	return interleave_node(b->job->move->spread,
			       vma_page_index(batch_mapping(b, p), p->address, shift));
}

static bool is_done(const struct page *p)
{
	return p->outcome == OUTCOME_MOVED || p->outcome == OUTCOME_ALREADY_THERE;
}

/*
 * Pages that the kernel keeps in larger units than it tells move together: they are all
 * where the last of them went, though each was moved to its own node.
 */
static int look_again(struct batch *b)
{
	size_t n = 0;
	int rc;

	if (!b->job->move->spread)
		return 0;
	for (size_t i = 0; i < b->n; i++)
		if (is_done(&b->page[i]))
			b->asked[n++] = i;
	rc = batch_locate(b, n);
	for (size_t i = 0; !rc && i < b->n; i++) {
		struct page *p = &b->page[i];

		if (is_done(p) && p->node >= 0 && p->node != p->to)
			p->outcome = OUTCOME_BUSY;
	}
	return rc ? rc : process_check(b->job->move->process);
}

static int destination(const struct batch *b, const struct page *p)
{
	const struct range *r = &b->job->move->plan->range[p->range];

	if (b->job->move->spread)
		return spread_to(b, p);
	if (r->to != RANGE_BY_MAP)
		return r->to;
	return b->job->move->route ? b->job->move->route->to[p->from] : NODE_NONE;
}

/* What a dry run says of a page that would be tried: others have it if pagemap says so. */
static enum outcome foresee(const struct batch *b, const struct page *p)
{
	uint8_t flags = b->job->move->all ? PAGE_ONCE : batch_flags(b, p);

	if (flags & PAGE_ONCE || !(flags & PAGE_PRESENT))
		return OUTCOME_WOULD_MOVE;
	return batch_judge_shared(b, p, flags);
}

/* BUSY until moved: what is not tried, or tried and not moved, is that. */
static enum outcome aim_page(const struct batch *b, struct page *p)
{
	const struct node_map *route = b->job->move->route;
	int to = destination(b, p);

	if (route && route->to[p->from] == NODE_NONE)
		return OUTCOME_NOT_SELECTED;
	if (b->job->move->mode == ENGINE_LOOK || to == NODE_NONE)
		return OUTCOME_PRESENT;
	p->to = (int16_t)to;
	if (batch_mapping(b, p)->kind == VMA_SPECIAL)
		return OUTCOME_NOT_MOVABLE;
	if (to == p->from)
		return OUTCOME_ALREADY_THERE;
	return b->job->move->mode == ENGINE_DRY_RUN ? foresee(b, p) : OUTCOME_BUSY;
}

/* pagemap does not show the memory of devices. */
static bool is_of_device(const struct vma *m)
{
	return m->kind == VMA_SPECIAL && m->name[0] != '[';
}

static void aim(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];
		const struct vma *m = batch_mapping(b, p);

		if (m && m->left_out)
			p->outcome = OUTCOME_NOT_SELECTED;
		else if (p->from >= 0)
			p->outcome = (uint8_t)aim_page(b, p);
		else if (p->outcome == OUTCOME_NOT_PRESENT && m && is_of_device(m))
			p->outcome = OUTCOME_NOT_MOVABLE;
		else if (p->outcome == OUTCOME_HIDDEN && b->job->move->mode != ENGINE_FOR_REAL)
			p->outcome = OUTCOME_UNSEEN;
		else if (!m)
			p->outcome = OUTCOME_NOT_MAPPED;
	}
}

static int by_address(const void *x, const void *y, void *pages)
{
	size_t i = *(const size_t *)x, k = *(const size_t *)y;
	const struct page *a = (const struct page *)pages + i;
	const struct page *b = (const struct page *)pages + k;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return i < k ? -1 : i > k;
}

static bool is_ascending(const struct batch *b)
{
	for (size_t i = 1; i < b->n; i++)
		if (b->page[i].address <= b->page[i - 1].address)
			return false;
	return true;
}

/* A page that was asked for more than once shares the fate of its first. */
static void match_twins(struct batch *b)
{
	if (is_ascending(b))
		return;
	for (size_t i = 0; i < b->n; i++)
		b->index[i] = i;
	qsort_r(b->index, b->n, sizeof(b->index[0]), by_address, b->page);
	for (size_t i = 1; i < b->n; i++) {
		const struct page *first = &b->page[b->index[i - 1]];
		struct page *p = &b->page[b->index[i]];

		if (p->address != first->address)
			continue;
		p->flags |= PAGE_AGAIN;
		p->to = first->to;
		p->node = first->node;
		p->outcome = first->outcome;
	}
}

/*
 * Pages in scope that did not move go with the process; a call that was refused tried none.
 */
static void judge_rest(struct batch *b, int rc)
{
	bool gone = rc == -ESRCH || rc == -ESTALE;

	for (size_t i = 0; rc && i < b->n; i++) {
		struct page *p = &b->page[i];

		if (gone && (outcome_is_left(p->outcome) || p->outcome == OUTCOME_ALREADY_THERE))
			p->outcome = OUTCOME_GONE;
		else if (!gone && p->outcome == OUTCOME_BUSY)
			p->outcome = OUTCOME_UNREACHED;
	}
}

static uint64_t pending_bytes(const struct batch *b)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY && !(b->page[i].flags & PAGE_AGAIN))
			bytes += page_bytes(&b->page[i]);
	return bytes;
}

/* Move what is aimed elsewhere, when the pace allows it. */
static int submit_in_time(struct batch *b)
{
	struct limits *control = b->job->move->control;

	b->waited = limits_wait(control, pending_bytes(b));
	if (!limits_ended(control))
		return move_pages_submit(b);
	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY) {
			b->page[i].outcome = OUTCOME_UNREACHED;
			atomic_store(&b->job->unreached, true);
		}
	return 0;
}

int mover_place(struct batch *b)
{
	int rc = find(b);

	b->waited = 0;
	if (!rc) {
		lumps_mark(b);
		aim(b);
		match_twins(b);
		if (b->job->move->mode == ENGINE_FOR_REAL)
			rc = submit_in_time(b);
		if (!rc && b->job->move->mode == ENGINE_FOR_REAL)
			rc = look_again(b);
		match_twins(b);
	}
	judge_rest(b, rc);
	return rc;
}
