/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/batch.h"
#include "engine/limits.h"
#include "engine/origins.h"
#include "numa/interleave.h"
#include "numa/node_map.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"

#include <errno.h>
#include <stdlib.h>

/*
 *	found --locate--> from          a node, or a final outcome
 *	from  --aim-----> to, outcome   BUSY: must move; all others are final
 *	BUSY  --submit--> MOVED         or the reason, from the kernel and a last query
 *	      --no time-> UNREACHED     the move must end
 */

/*
 * Locate the pages whose node is not known from their frames.  A page that was being migrated when
 * it was found becomes present.
 */
static int locate_all(struct batch *b)
{
	size_t n = 0, arrived = 0, absent = 0;
	int rc;

	b->unswapped = UNSWAPPED_UNKNOWN;
	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].flags & (PAGE_PRESENT | PAGE_SWAP) && b->page[i].node < 0)
			b->asked[n++] = i;
	if (n == 0)
		return 0;
	rc = batch_locate(b, n);
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		p->from = p->node;
		if ((p->flags & (PAGE_PRESENT | PAGE_SWAP)) != PAGE_SWAP)
			continue;
		if (p->node >= 0) {
			p->flags |= PAGE_PRESENT;
			arrived++;
		} else if (p->shift == b->visit->base_shift) {
			absent++;
		}
	}
	if (arrived || absent)
		b->expect_swap = !arrived;
	return rc;
}

/* ---- selection and destinations ---- */

/*
 * Set the destination of a page and return its outcome.  A page that must move is BUSY until it
 * has moved.  In a dry run, pagemap shows whether the page is shared.
 */
static enum outcome aim_page(const struct batch *b, struct page *p, const struct vma *m)
{
	const struct visit *v = b->visit;
	const struct node_map *map = v->aim->map;
	const struct origins *origins = v->aim->origins;
	int origin = p->from, to = v->plan->range[p->range].to;
	uint8_t flags = PAGE_ONCE;

	/* Its current node decides, unless it has already moved by another entry. */
	if (origins && !origins_has(origins, p->address, p->from))
		for (int n = 0; n < NODES_MAX && origin == p->from; n++)
			if (map->to[n] != NODE_NONE && origins_has(origins, p->address, n))
				origin = n;
	if (map && map->to[origin] == NODE_NONE)
		return OUTCOME_NOT_SELECTED;
	if (v->aim->interleave) {
		unsigned int shift = p->flags & PAGE_LUMP ? v->huge_shift : p->shift;

		to = interleave_node(v->aim->interleave, vma_page_index(m, p->address, shift));
	} else if (to == RANGE_BY_MAP) {
		to = map ? map->to[origin] : NODE_NONE;
	}
	if (v->mode == ENGINE_LOCATE || to == NODE_NONE)
		return OUTCOME_PRESENT;
	p->to = (int16_t)to;
	if (m->kind == VMA_SPECIAL)
		return OUTCOME_NOT_MOVABLE;
	/* A page that moved by another entry was counted there. */
	if (to == p->from)
		return origin == p->from ? OUTCOME_ALREADY_THERE : OUTCOME_NOT_SELECTED;
	if (v->mode == ENGINE_MOVE)
		return OUTCOME_BUSY;
	if (v->aim->flags_many || !v->engine->move_shared)
		flags = batch_flags(b, p);
	if (flags & PAGE_ONCE || !(flags & PAGE_PRESENT))
		return OUTCOME_WOULD_MOVE;
	if (!v->engine->move_shared)
		return batch_judge_shared(b, p, flags);
	if (!(flags & PAGE_FILE || m->shared))
		p->flags |= PAGE_MANY;
	return OUTCOME_WOULD_MOVE;
}

/* ---- pages requested twice ---- */

static int compare_addresses(const void *x, const void *y, void *pages)
{
	size_t i = *(const size_t *)x, k = *(const size_t *)y;
	const struct page *a = (const struct page *)pages + i;
	const struct page *b = (const struct page *)pages + k;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return i < k ? -1 : i > k;
}

/* Give repeated requests for a page the outcome of the first.  Return whether there are any. */
static bool match_twins(struct batch *b)
{
	bool any = false;
	size_t ascending = 1;

	while (ascending < b->n && b->page[ascending].address > b->page[ascending - 1].address)
		ascending++;
	if (ascending >= b->n)
		return false;
	for (size_t i = 0; i < b->n; i++)
		b->index[i] = i;
	qsort_r(b->index, b->n, sizeof(b->index[0]), compare_addresses, b->page);
	for (size_t i = 1; i < b->n; i++) {
		const struct page *first = &b->page[b->index[i - 1]];
		struct page *p = &b->page[b->index[i]];

		if (p->address != first->address)
			continue;
		p->flags |= PAGE_AGAIN;
		p->to = first->to;
		p->node = first->node;
		p->outcome = first->outcome;
		any = true;
	}
	return any;
}

/* ---- moving ---- */

/* Wait for the rate limit, then move the pages, unless the move must end. */
static int move_in_time(struct batch *b)
{
	struct limits *limits = b->visit->engine->limits;
	uint64_t bytes = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY && !(b->page[i].flags & PAGE_AGAIN))
			bytes += page_bytes(&b->page[i]);
	b->waited += limits_wait(limits, bytes);
	if (!limits_ended(limits))
		return move_pages_submit(b);
	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY) {
			b->page[i].outcome = OUTCOME_UNREACHED;
			atomic_store(&b->visit->unreached, true);
		}
	return 0;
}

/* Return whether a page in the block of page @i was sent to the node where page @i is. */
static bool moved_with_folio(const struct batch *b, size_t i)
{
	const struct page *p = &b->page[i];
	const struct vma *m = batch_vma(b, p);
	const unsigned int shift = b->visit->huge_shift;
	const uint64_t block = vma_page_index(m, p->address, shift);

	for (int step = -1; step <= 1; step += 2)
		for (size_t k = i + (size_t)step; k < b->n; k += (size_t)step) {
			const struct page *other = &b->page[k];

			if (other->vma != p->vma ||
			    vma_page_index(m, other->address, shift) != block)
				break;
			if (other->to == p->node && other->node == p->node)
				return true;
		}
	return false;
}

/*
 * Locate interleaved pages again.  Pages of a folio move together, and the kernel does not report
 * folios.  If they have several destinations, all are where the last one went, although each
 * moved to its own node in between.  Base pages that cannot be separated are not a failure.  A page
 * that another one took along, and that is back on its node, has not moved.
 */
static int locate_again(struct batch *b)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < b->n; i++)
		if (outcome_row(b->page[i].outcome)->class == CLASS_DONE &&
		    b->page[i].outcome != OUTCOME_GONE)
			b->asked[n++] = i;
	rc = batch_locate(b, n);
	for (size_t i = 0; !rc && i < b->n; i++) {
		struct page *p = &b->page[i];

		if (p->outcome != OUTCOME_MOVED && p->outcome != OUTCOME_ALREADY_THERE)
			continue;
		if (p->node >= 0 && p->node != p->to)
			p->outcome = moved_with_folio(b, i) ? OUTCOME_LARGER_UNIT : OUTCOME_BUSY;
		else if (p->from == p->to)
			p->outcome = OUTCOME_ALREADY_THERE;
	}
	return rc ? rc : process_check(b->visit->target->process);
}

/* Prepare anonymous pages in larger units to be moved again.  Return whether there are any. */
static bool reopen_units(struct batch *b)
{
	bool any = false;

	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (p->outcome != OUTCOME_LARGER_UNIT || p->flags & PAGE_AGAIN ||
		    batch_vma(b, p)->inode)
			continue;
		p->outcome = OUTCOME_BUSY;
		p->flags &= (uint16_t)~PAGE_TRIED;
		any = true;
	}
	return any;
}

/*
 * Separate the pages of larger units.  The second move of an anonymous folio splits it (Linux 6.12),
 * and takes all its parts along.  After that, each part moves alone.
 */
static int separate_units(struct batch *b)
{
	int rc = locate_again(b);

	for (int moves = 0; !rc && moves < 2 && b->visit->sees_huge && reopen_units(b); moves++) {
		rc = move_in_time(b);
		if (!rc)
			rc = locate_again(b);
	}
	return rc;
}

int mover_place(struct batch *b)
{
	bool moves = b->visit->mode == ENGINE_MOVE, twins, gone;
	int rc;

	b->waited = 0;
	rc = locate_all(b);
	if (!rc) {
		thp_mark_lumps(b);
		for (size_t i = 0; i < b->n; i++) {
			struct page *p = &b->page[i];
			const struct vma *m = batch_vma(b, p);

			if (m && m->left_out)
				p->outcome = OUTCOME_NOT_SELECTED;
			else if (p->from >= 0)
				p->outcome = (uint8_t)aim_page(b, p, m);
			else if (!m)
				p->outcome = OUTCOME_NOT_MAPPED;
			/* pagemap does not show the memory of devices. */
			else if (p->outcome == OUTCOME_NOT_PRESENT && m->kind == VMA_SPECIAL &&
				 m->name[0] != '[')
				p->outcome = OUTCOME_NOT_MOVABLE;
			else if (p->outcome == OUTCOME_HIDDEN && !moves)
				p->outcome = OUTCOME_UNSEEN;
		}
		if (moves)
			thp_open_guesses(b);
		twins = match_twins(b);
		if (moves)
			rc = move_in_time(b);
		if (!rc && moves && b->visit->aim->interleave)
			rc = separate_units(b);
		if (twins)
			match_twins(b);
	}
	/* After an exit, pages that did not move are gone; after other errors, none was tried. */
	gone = rc == -ESRCH || rc == -ESTALE;
	for (size_t i = 0; rc && i < b->n; i++) {
		struct page *p = &b->page[i];

		if (gone && (outcome_is_left(p->outcome) || p->outcome == OUTCOME_ALREADY_THERE))
			p->outcome = OUTCOME_GONE;
		else if (!gone && p->outcome == OUTCOME_BUSY)
			p->outcome = OUTCOME_UNREACHED;
	}
	return rc;
}
