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

/* 1, 2, 4 ms; and up to 32 for pages being copied, since copying huge pages takes long. */
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

/* Huge pages are never in swap, nor is any page of a process whose VmSwap is 0. */
static bool is_being_migrated(struct batch *b, const struct page *p, uint8_t flags)
{
	if (!(flags & PAGE_SWAP) || p->shift > b->visit->base_shift)
		return flags & PAGE_SWAP;
	/* Read once for each batch, and only if needed. */
	if (b->unswapped == UNSWAPPED_UNKNOWN)
		b->unswapped = status_read_sum(b->visit->target->process->dir, "VmSwap") == 0;
	return b->unswapped;
}

/*
 * Return the outcome of a page without a node, by its flags now.  A page can be present although
 * the query does not find it: before kernel 6.5 that happens to pages without access (PROT_NONE,
 * also set by NUMA balancing).  Device memory looks like the zero page, but only private
 * anonymous memory has the zero page.
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
 * Return whether to query a page with these flags again.  A page that was present is being
 * migrated.  So is a page that cannot be in swap, unless its entry is not a page: a guard, a
 * userfaultfd marker, poison.  Waiting for many of these, or for pages in swap, takes long, so
 * wait only if the last ones arrived.
 */
static bool may_arrive(struct batch *b, const struct page *p, uint8_t flags, unsigned int try)
{
	if (flags & PAGE_SWAP && p->flags & PAGE_PRESENT)
		return true;
	if (is_being_migrated(b, p, flags))
		return try < (b->expect_swap ? 1 : COPY_TRIES);
	if (flags & PAGE_PRESENT && p->flags & PAGE_SWAP) /* arrived after the query */
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
