/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/batch.h"

#include "plan/outcome.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "proc/status.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <stdlib.h>

/* 1, 2, 4 ms; and up to 32 for what is being copied, which for huge pages takes long. */
enum { ARRIVAL_US = 1000, ARRIVAL_TRIES = 3, COPY_TRIES = 6 };

struct batch *batch_new(struct visit *visit)
{
	struct batch *b = malloc(sizeof(*b));

	if (!b)
		return NULL;
	b->visit = visit;
	b->n = 0;
	b->expect_swap = false;
	b->unswapped = UNSWAPPED_UNKNOWN;
	return b;
}

enum batch_pool batch_pool(const struct batch *b, const struct page *p)
{
	const struct vma *m = batch_vma(b, p);

	return m && m->page_shift > b->visit->base_shift ? POOL_HUGETLB : POOL_BUDDY;
}

size_t batch_block_pages(const struct batch *b)
{
	return (size_t)1 << (b->visit->huge_shift - b->visit->base_shift);
}

uint8_t batch_flags(const struct batch *b, const struct page *p)
{
	return finder_flags(b->visit->target->process->pagemap, b->visit->base_shift, p->address);
}

enum outcome batch_judge_shared(const struct batch *b, const struct page *p, uint8_t flags)
{
	return batch_vma(b, p)->kind == VMA_FILE && flags & PAGE_FILE ? OUTCOME_EXCLUDED :
									OUTCOME_SHARED;
}

void batch_pause(struct batch *b, unsigned int microseconds)
{
	sys_pause(microseconds);
	b->waited += microseconds * 1000ULL;
}

/* Huge pages never are in swap, and nothing is of a process that has nothing there. */
static bool is_being_migrated(struct batch *b, const struct page *p, uint8_t flags)
{
	if (!(flags & PAGE_SWAP) || p->shift > b->visit->base_shift)
		return flags & PAGE_SWAP;
	/* Asked once for each batch, and only if it matters. */
	if (b->unswapped == UNSWAPPED_UNKNOWN)
		b->unswapped = status_read_sum(b->visit->target->process->dir, "VmSwap") == 0;
	return b->unswapped;
}

/*
 * What a page that did not get to any node is, by its flags now.  One that is present and
 * that the query does not see: before kernel 6.5 this happens to pages without access
 * (PROT_NONE, or set so by NUMA balancing).  Memory of devices looks like the zero page,
 * which only private memory without a file can have.
 */
static enum outcome judge_absent(struct batch *b, const struct page *p, uint8_t flags)
{
	const struct vma *m = batch_vma(b, p);

	if (!(flags & PAGE_PRESENT)) {
		if (!(p->flags & PAGE_PRESENT))
			return OUTCOME_NOT_PRESENT;
		return is_being_migrated(b, p, flags) ? OUTCOME_HIDDEN : OUTCOME_GONE;
	}
	if (m->kind == VMA_SPECIAL)
		return OUTCOME_NOT_MOVABLE;
	if (p->node != -EFAULT || flags & (PAGE_ONCE | PAGE_FILE) || p->flags & PAGE_SWAP)
		return OUTCOME_HIDDEN;
	return m->shared || m->kind == VMA_FILE ? OUTCOME_NOT_MOVABLE : OUTCOME_NOT_PRESENT;
}

/*
 * Is a page, with these flags now, worth asking again?  What was present is on its way.
 * What cannot be in swap is, too, or its entry is not of a page: a guard, a marker of
 * userfaultfd, poison.  Waiting for these, or for what is in swap, would take long where
 * there are many, so it depends on whether the last ones arrived.
 */
static bool may_arrive(struct batch *b, const struct page *p, uint8_t flags, unsigned int try)
{
	if (flags & PAGE_SWAP && p->flags & PAGE_PRESENT)
		return true;
	if (is_being_migrated(b, p, flags))
		return try < (b->expect_swap ? 1 : COPY_TRIES);
	if (flags & PAGE_PRESENT && p->flags & PAGE_SWAP) /* arrived after it was asked for */
		return true;
	if (flags & PAGE_SWAP && b->expect_swap)
		return false;
	return flags & (PAGE_PRESENT | PAGE_SWAP) && try < ARRIVAL_TRIES;
}

int batch_locate(struct batch *b, size_t n)
{
	for (unsigned int try = 0; n; try++) {
		size_t kept = 0;
		int rc;

		for (size_t i = 0; i < n; i++)
			b->address[i] = (void *)(uintptr_t)b->page[b->asked[i]].address;
		rc = sys_locate(b->visit->target->process->thread, n, b->address, b->status);
		if (rc)
			return rc;
		for (size_t i = 0; i < n; i++) {
			struct page *p = &b->page[b->asked[i]];
			uint8_t flags;

			p->node = (int16_t)b->status[i];
			if (p->node >= 0)
				continue;
			flags = batch_flags(b, p);
			if (try < COPY_TRIES && may_arrive(b, p, flags, try))
				b->asked[kept++] = b->asked[i];
			else
				p->outcome = (uint8_t)judge_absent(b, p, flags);
		}
		n = kept;
		if (n)
			batch_pause(b, ARRIVAL_US << try);
	}
	return 0;
}
