/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/batch.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "proc/syscalls.h"

enum { SPLIT_TRIES = 5 };

/* ---- lumps ---- */

void thp_mark_lumps(struct batch *b)
{
	const struct visit *v = b->visit;
	uint64_t size = 1ULL << v->huge_shift, base = 1ULL << v->base_shift;

	if (!v->aim->interleave || v->sees_huge)
		return;
	/* Find blocks of which the complete selected part is contiguous with the same flags. */
	for (size_t i = 0, n; i < b->n; i += n) {
		const struct page *first = &b->page[i];
		const struct vma *m = batch_vma(b, first);
		const struct range *r = &v->plan->range[first->range];
		uint64_t start = first->address & ~(size - 1), end = start + size, at;

		n = 1;
		if (!m || m->huge != HUGE_OPEN || m->page_shift > v->base_shift ||
		    start < m->start || end > m->end)
			continue;
		if (start < r->start)
			start = r->start;
		if (end > r->end)
			end = r->end;
		if (first->address != start)
			continue;
		for (at = start, n = 0; at < end && i + n < b->n; at += base, n++) {
			const struct page *p = &b->page[i + n];

			if (p->address != at || p->range != first->range ||
			    p->from != first->from || p->shift != v->base_shift ||
			    (p->flags ^ first->flags) & (PAGE_PRESENT | PAGE_FILE | PAGE_ONCE))
				break;
		}
		if (n == 0 || at != end)
			n = 1;
		else
			for (size_t k = 0; k < n; k++)
				b->page[i + k].flags |= PAGE_LUMP;
	}
}

/* ---- huge pages that were split ---- */

/*
 * If the kernel does not report huge pages, assume that pages all on one node are one.  While
 * another process migrates it, a huge page appears to be on two nodes.
 */
static bool is_huge_still(struct batch *b, const struct page *p)
{
	const struct process *process = b->visit->target->process;
	struct sys_region region[SYS_REGIONS_MAX];
	size_t n = batch_block_pages(b), alike = 0;
	int regions;

	if (b->visit->sees_huge) {
		regions = sys_scan(process->pagemap, p->address, p->address + page_bytes(p), region,
				   0, 0);
		return regions <= 0 || region[0].categories & SYS_PAGE_HUGE;
	}
	if (b->visit->target->means->frames && finder_is_whole(b->visit->target->means, p->address))
		return true;
	if (p->flags & PAGE_GUESS)
		return false;
	for (size_t k = 0; k < n; k++)
		b->address[k] = (char *)(uintptr_t)p->address + (k << b->visit->base_shift);
	for (unsigned int try = 0; try < SPLIT_TRIES && alike < n; try++) {
		if (sys_locate(process->thread, n, b->address, b->status))
			return true;
		for (alike = 1; alike < n && b->status[alike] == b->status[0];)
			alike++;
	}
	return alike == n;
}

/* ---- replacing huge pages by base pages ---- */

/* Replace each huge page with PAGE_OPEN, @count in all, by its base pages. */
static void open_pages(struct batch *b, size_t count)
{
	size_t parts = batch_block_pages(b), n = b->n + count * (parts - 1);
	struct page *to = b->page + n;

	/* From the last page to the first, so none is overwritten before it is read. */
	for (size_t i = b->n; count && i-- > 0;) {
		const struct page whole = b->page[i];

		if (!(whole.flags & PAGE_OPEN)) {
			*--to = whole;
			continue;
		}
		to -= parts;
		for (size_t k = 0; k < parts; k++) {
			to[k] = whole;
			to[k].address += (uint64_t)k << b->visit->base_shift;
			to[k].shift = (uint8_t)b->visit->base_shift;
			to[k].flags &= (uint16_t) ~(PAGE_TRIED | PAGE_OPEN |
						    (k ? PAGE_SPLIT | PAGE_GUESS : 0));
		}
	}
	b->n = n;
}

void thp_open_guesses(struct batch *b)
{
	size_t count = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (!(p->flags & PAGE_GUESS) || p->outcome == OUTCOME_BUSY)
			continue;
		p->flags ^= PAGE_GUESS | PAGE_OPEN;
		count++;
	}
	open_pages(b, count);
}

/*
 * Decide what a PAGE_GUESS was that did not move as one page.  If parts moved that were not passed
 * to the kernel, it was a huge page, and was split.  If only its first page moved, it was not a
 * huge page.  If that did not move either, it is unknown.
 */
static void judge_guess(struct batch *b, size_t head)
{
	size_t moved = 0, alike = 0, parts = batch_block_pages(b);
	struct page *p = &b->page[head];

	for (size_t k = 0; k < parts; k++) {
		moved += p[k].outcome == OUTCOME_MOVED;
		alike += p[k].node == p->node;
	}
	p->flags &= (uint16_t)~PAGE_GUESS;
	if (moved > 1)
		p->flags |= PAGE_SPLIT;
	else if (moved == 0 && alike == parts)
		p->flags |= PAGE_BLOCK;
}

int thp_open_split(struct batch *b, size_t *opened)
{
	size_t n = 0;
	int rc;

	*opened = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];
		bool guess = p->flags & PAGE_GUESS, whole;

		/* The outcome of a page with tails after it is known: all parts were passed. */
		if (p->shift != b->visit->huge_shift || !(p->flags & PAGE_TRIED) ||
		    batch_pool(b, p) != POOL_BUDDY ||
		    (i + 1 < b->n && b->page[i + 1].flags & PAGE_TAIL))
			continue;
		whole = is_huge_still(b, p) && (!guess || p->outcome == OUTCOME_MOVED);
		if (guess)
			atomic_store(&b->visit->expects_huge, whole);
		if (whole) {
			p->flags &= (uint16_t)~PAGE_GUESS;
			continue;
		}
		p->flags |= guess ? PAGE_OPEN : PAGE_OPEN | PAGE_SPLIT;
		p->outcome = OUTCOME_BUSY;
		++*opened;
	}
	if (*opened == 0)
		return 0;
	open_pages(b, *opened);
	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY && !(b->page[i].flags & PAGE_TRIED))
			b->asked[n++] = i;
	rc = batch_locate(b, n);
	for (size_t i = 0; !rc && i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY && b->page[i].node == b->page[i].to)
			b->page[i].outcome = OUTCOME_MOVED;
	for (size_t i = 0; !rc && i < b->n; i++)
		if (b->page[i].flags & PAGE_GUESS)
			judge_guess(b, i);
	return rc;
}
