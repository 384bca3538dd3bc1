/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/split.h"

#include "engine/batch.h"
#include "plan/outcome.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>

enum { SPLIT_TRIES = 5 };

/* A page that is followed by its tails was given part by part, and judged so. */
static bool was_huge(const struct batch *b, size_t i)
{
	const struct page *p = &b->page[i];

	return p->shift == b->job->huge_shift && p->flags & PAGE_TRIED &&
	       batch_pool(b, p) == POOL_BUDDY &&
	       !(i + 1 < b->n && b->page[i + 1].flags & PAGE_TAIL);
}

static bool is_seen_on_one_node(struct batch *b, const struct page *p)
{
	size_t n = batch_block_pages(b);

	for (size_t k = 0; k < n; k++)
		b->address[k] = (void *)(uintptr_t)(p->address +
						    ((uint64_t)k << b->job->base_shift));
	if (sys_locate(b->job->move->process->thread, n, b->address, b->status))
		return true;
	for (size_t k = 1; k < n; k++)
		if (b->status[k] != b->status[0])
			return false;
	return true;
}

/*
 * What is all on one node may be taken for a huge page; one that others move
 * while it is asked for seems to be on two.
 */
static bool is_on_one_node(struct batch *b, const struct page *p)
{
	for (unsigned int try = 0; try < SPLIT_TRIES; try++)
		if (is_seen_on_one_node(b, p))
			return true;
	return false;
}

static bool is_huge_still(struct batch *b, const struct page *p)
{
	struct sys_region region[SYS_REGIONS_MAX];
	int n;

	if (!b->job->sees_huge)
		return is_on_one_node(b, p);
	n = sys_scan(b->job->move->process->pagemap, p->address, p->address + page_bytes(p), region,
		     0, 0);
	return n <= 0 || region[0].categories & SYS_PAGE_HUGE;
}

/* Mark what was split; returns how many that are. */
static size_t find_split(struct batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (!was_huge(b, i) || is_huge_still(b, p))
			continue;
		p->flags |= PAGE_SPLIT;
		n++;
	}
	return n;
}

/* Write the parts of @whole, the last of them at @end; returns the first. */
static struct page *write_parts(struct batch *b, struct page whole, struct page *end)
{
	struct page *first = end - batch_block_pages(b);

	for (size_t k = 0; k < batch_block_pages(b); k++) {
		first[k] = whole;
		first[k].address += (uint64_t)k << b->job->base_shift;
		first[k].shift = (uint8_t)b->job->base_shift;
		first[k].flags &= (uint16_t) ~(PAGE_TRIED | (k ? PAGE_SPLIT : 0));
		first[k].outcome = OUTCOME_BUSY;
	}
	return first;
}

/* From the last page to the first, so that none is overwritten before it is read. */
static void widen(struct batch *b, size_t opened)
{
	size_t n = b->n + opened * (batch_block_pages(b) - 1);
	struct page *to = b->page + n;

	for (size_t i = b->n; i-- > 0;) {
		if (b->page[i].flags & PAGE_SPLIT && b->page[i].shift == b->job->huge_shift)
			to = write_parts(b, b->page[i], to);
		else
			*--to = b->page[i];
	}
	b->n = n;
}

static int locate_parts(struct batch *b)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY && !(b->page[i].flags & PAGE_TRIED))
			b->asked[n++] = i;
	rc = batch_locate(b, n);
	for (size_t i = 0; !rc && i < b->n; i++)
		if (b->page[i].outcome == OUTCOME_BUSY && b->page[i].node == b->page[i].to)
			b->page[i].outcome = OUTCOME_MOVED;
	return rc;
}

int split_open(struct batch *b, size_t *opened)
{
	*opened = find_split(b);
	if (*opened == 0)
		return 0;
	widen(b, *opened);
	return locate_parts(b);
}
