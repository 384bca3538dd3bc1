/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "batch.h"

#include "kernel.h"
#include "mappings.h"
#include "outcome.h"
#include "plan.h"
#include "process.h"
#include "route.h"
#include "submit.h"

#include <errno.h>
#include <stdlib.h>

enum { ARRIVAL_US = 1000, ARRIVAL_TRIES = 3 };

const struct mapping *batch_mapping(const struct batch *b, const struct page *p)
{
	uint32_t i = b->job->plan->range[p->range].mapping;

	return i == RANGE_NOT_MAPPED ? NULL : &b->job->maps->at[i];
}

enum batch_pool batch_pool(const struct batch *b, const struct page *p)
{
	const struct mapping *m = batch_mapping(b, p);

	return m && m->page_shift > b->job->base_shift ? POOL_HUGETLB : POOL_BUDDY;
}

size_t batch_block_pages(const struct batch *b)
{
	return (size_t)1 << (b->job->huge_shift - b->job->base_shift);
}

static int locate_once(struct batch *b, size_t n)
{
	int rc;

	for (size_t i = 0; i < n; i++)
		b->address[i] = (void *)(uintptr_t)b->page[b->asked[i]].address;
	rc = kernel_locate(b->job->process->pid, n, b->address, b->status);
	for (size_t i = 0; !rc && i < n; i++)
		b->page[b->asked[i]].node = (int16_t)b->status[i];
	return rc;
}

/*
 * What a present page is that the query does not see.  Before kernel 6.5 this
 * happens to pages without access (PROT_NONE, or set so by NUMA balancing).
 */
static enum outcome judge_unseen(const struct batch *b, const struct page *p)
{
	if (batch_mapping(b, p)->kind == MAPPING_SPECIAL)
		return OUTCOME_NOT_MOVABLE;
	if (p->node == -ENOENT || p->flags & (PAGE_ONCE | PAGE_FILE))
		return OUTCOME_HIDDEN;
	return OUTCOME_NOT_PRESENT;	/* the zero page */
}

/* Judge those of asked[] that are on no node; keep those worth asking again. */
static size_t judge_absent(struct batch *b, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct page *p = &b->page[b->asked[i]];
		uint8_t flags;

		if (p->node >= 0)
			continue;
		flags = scan_flags(b->job->process->pagemap, b->job->base_shift, p->address);
		p->outcome = OUTCOME_GONE;
		if (flags & PAGE_PRESENT)
			p->outcome = (uint8_t)judge_unseen(b, p);
		if (flags & (PAGE_PRESENT | PAGE_SWAP))
			b->asked[kept++] = b->asked[i];
	}
	return kept;
}

int batch_locate(struct batch *b, size_t n)
{
	for (unsigned int try = 0; n; try++) {
		int rc = locate_once(b, n);

		if (rc)
			return rc;
		n = judge_absent(b, n);
		if (try == ARRIVAL_TRIES)
			break;
		if (n)
			kernel_pause(ARRIVAL_US << try);
	}
	return 0;
}

static int find(struct batch *b)
{
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].flags & PAGE_PRESENT)
			b->asked[n++] = i;
	rc = batch_locate(b, n);
	for (size_t i = 0; i < b->n; i++)
		b->page[i].from = b->page[i].node;
	return rc;
}

static int destination(const struct batch *b, const struct page *p)
{
	const struct range *r = &b->job->plan->range[p->range];

	if (r->to != RANGE_BY_ROUTE)
		return r->to;
	return b->job->route ? b->job->route->to[p->from] : ROUTE_NONE;
}

/* BUSY until moved: what is not tried, or tried and not moved, is that. */
static enum outcome aim_page(const struct batch *b, struct page *p)
{
	const struct route *route = b->job->route;
	int to = destination(b, p);

	if (route && route->to[p->from] == ROUTE_NONE)
		return OUTCOME_NOT_SELECTED;
	if (b->job->mode == MOVE_LOOK || to == ROUTE_NONE)
		return OUTCOME_PRESENT;
	p->to = (int16_t)to;
	if (to == p->from)
		return OUTCOME_ALREADY_THERE;
	if (batch_mapping(b, p)->kind == MAPPING_SPECIAL)
		return OUTCOME_NOT_MOVABLE;
	return b->job->mode == MOVE_DRY_RUN ? OUTCOME_WOULD_MOVE : OUTCOME_BUSY;
}

static void aim(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (p->from >= 0)
			p->outcome = (uint8_t)aim_page(b, p);
		else if (!batch_mapping(b, p))
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

/* Whoever took the process away took the pages that were not judged yet. */
static void judge_rest(struct batch *b, int rc)
{
	if (rc != -ESRCH && rc != -ESTALE)
		return;
	for (size_t i = 0; i < b->n; i++)
		if (b->page[i].flags & PAGE_PRESENT && b->page[i].outcome != OUTCOME_MOVED)
			b->page[i].outcome = OUTCOME_GONE;
}

int batch_work(struct batch *b)
{
	int rc = find(b);

	if (!rc) {
		aim(b);
		match_twins(b);
		if (b->job->mode == MOVE_FOR_REAL)
			rc = submit_batch(b);
		match_twins(b);
	}
	judge_rest(b, rc);
	return rc;
}
