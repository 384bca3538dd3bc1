/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/move_pages.h"

#include "engine/batch.h"
#include "engine/limits.h"
#include "engine/split.h"
#include "plan/outcome.h"
#include "proc/address_space.h"
#include "proc/headroom.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>

/* Pauses before retries: 1, 4, 16 ms, and 64 for all further ones. */
enum { RETRY_PAUSE_US = 1000, RETRY_DOUBLINGS_MAX = 6 };

/* The pages that go in one call: pending ones for this node from this pool. */
struct group {
	int to;
	enum batch_pool pool;
	size_t n;	/* in index[] */
	bool all_moved; /* the kernel says so: parts of huge pages, too */
};

static bool is_pending(const struct page *p)
{
	return p->outcome == OUTCOME_BUSY && !(p->flags & (PAGE_TAIL | PAGE_AGAIN));
}

static bool is_assumed_huge(const struct batch *b, const struct page *p)
{
	return p->flags & PAGE_BLOCK && p->shift == b->job->huge_shift;
}

static void join_block(struct batch *b, size_t head)
{
	b->page[head].shift = (uint8_t)b->job->huge_shift;
	for (size_t k = 1; k < batch_block_pages(b); k++)
		b->page[head + k].flags |= PAGE_TAIL;
}

static void part_block(struct batch *b, size_t head)
{
	b->page[head].shift = (uint8_t)b->job->base_shift;
	for (size_t k = 1; k < batch_block_pages(b); k++)
		b->page[head + k].flags &= (uint16_t)~PAGE_TAIL;
}

static void forget_block(struct page *head)
{
	head->flags &= (uint16_t)~PAGE_BLOCK;
}

static bool is_on_one_node(const struct batch *b, size_t head)
{
	for (size_t k = 1; k < batch_block_pages(b); k++)
		if (b->page[head + k].node != b->page[head].node)
			return false;
	return true;
}

/* What lies on several nodes is no huge page; the rest is what the last one was. */
static void guess_blocks(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (!(b->page[i].flags & PAGE_BLOCK))
			continue;
		if (!is_on_one_node(b, i))
			forget_block(&b->page[i]);
		else if (b->expect_huge)
			join_block(b, i);
	}
}

static void gather(struct batch *b, struct group *g)
{
	g->n = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (!is_pending(p) || p->to != g->to || batch_pool(b, p) != g->pool)
			continue;
		p->flags |= PAGE_TRIED;
		b->address[g->n] = (void *)(uintptr_t)p->address;
		b->node[g->n] = g->to;
		b->index[g->n++] = i;
	}
}

/*
 * Where to go on after a call that stopped.  The run that failed begins at the
 * first unwritten slot and ends before the next written one: that page's
 * answer was stored before the run was found to have failed.
 */
static size_t tried_until(const int *status, size_t at, size_t n)
{
	while (at < n && status[at] != SYS_UNWRITTEN)
		at++;
	while (at < n && status[at] == SYS_UNWRITTEN)
		at++;
	return at < n ? at + 1 : n;
}

/*
 * A block whose first page was taken and whose second is busy for that is a
 * huge page; if the call stopped there, it will do so at every further one.
 */
static size_t skip_stuck_block(struct batch *b, const struct group *g, size_t at)
{
	size_t head;

	if (at < 2 || at == g->n || b->status[at - 1] != -EBUSY)
		return at;
	head = b->index[at - 2];
	if (!(b->page[head].flags & PAGE_BLOCK))
		return at;
	for (; at < g->n && b->index[at] < head + batch_block_pages(b); at++)
		b->status[at] = -EBUSY;
	return at;
}

/*
 * Of hugetlb pages in turn: the kernel moves one of a file only if it gets the file's lock
 * at once, and calls those busy that it wanted while another worker had it.
 */
static int call_for_some(struct batch *b, const struct group *g, size_t at)
{
	bool in_turn = g->pool == POOL_HUGETLB;
	int rc;

	if (in_turn)
		pthread_mutex_lock(&b->job->hugetlb_lock);
	rc = sys_move(b->job->move->process->thread, g->n - at, b->address + at, b->node + at,
		      b->status + at, b->job->move->all);
	if (in_turn)
		pthread_mutex_unlock(&b->job->hugetlb_lock);
	return rc;
}

/* Have the kernel try all pages of the group, past the places where it stops. */
static int call_for_all(struct batch *b, struct group *g)
{
	g->all_moved = true;
	for (size_t at = 0; at < g->n;) {
		int rc = call_for_some(b, g, at);

		g->all_moved &= rc == 0;
		if (rc < 0)
			return rc;
		at = skip_stuck_block(b, g, tried_until(b->status, at, g->n));
	}
	return 0;
}

/* The kernel's answer about a page, in our terms. Nothing is shared for MPOL_MF_MOVE_ALL. */
static enum outcome judge_status(const struct batch *b, const struct page *p, int status)
{
	if (status == p->to)
		return OUTCOME_MOVED;
	if (status == -EACCES && !b->job->move->all)
		return batch_judge_shared(b, p, batch_flags(b, p));
	if (status == -EFAULT)
		return OUTCOME_NOT_MOVABLE;
	return OUTCOME_BUSY;
}

/* A block given page by page is a huge page only if its second page was busy. */
static void judge_block(struct batch *b, const struct group *g, size_t i)
{
	size_t head = b->index[i];
	bool next = i + 1 < g->n && b->index[i + 1] == head + 1;

	if (!(b->page[head].flags & PAGE_BLOCK) || is_assumed_huge(b, &b->page[head]))
		return;
	if (next && b->status[i + 1] == -EBUSY)
		return;
	forget_block(&b->page[head]);
	b->expect_huge = false;
}

static void judge_answers(struct batch *b, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct page *p = &b->page[b->index[i]];

		judge_block(b, g, i);
		p->outcome = (uint8_t)judge_status(b, p, b->status[i]);
		if (p->outcome == OUTCOME_MOVED)
			p->node = p->to;
	}
}

/*
 * Which pages of a block tell whether all of it moved: where the kernel says so, the
 * first, the middle and the last tell whether it is one huge page; otherwise all do.
 */
static size_t next_sample(const struct batch *b, const struct group *g, size_t k)
{
	size_t last = batch_block_pages(b) - 1;

	if (!g->all_moved || k == last)
		return k + 1;
	return k < last / 2 ? last / 2 : last;
}

/* The pages whose place the answers do not tell: asked[]. */
static size_t list_doubtful(struct batch *b, const struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct page *p = &b->page[b->index[i]];
		size_t pages = is_assumed_huge(b, p) ? batch_block_pages(b) : 0;

		if (p->outcome != OUTCOME_MOVED && pages == 0)
			b->asked[n++] = b->index[i];
		for (size_t k = 0; k < pages; k = next_sample(b, g, k))
			b->asked[n++] = b->index[i] + k;
	}
	return n;
}

static bool arrived_whole(const struct batch *b, const struct group *g, size_t head)
{
	for (size_t k = 0; k < batch_block_pages(b); k = next_sample(b, g, k))
		if (b->page[head + k].node != b->page[head].to)
			return false;
	return true;
}

/*
 * Nothing of such a block was given but its first page: if others went with
 * it, it is a huge page, and all of it did.  Otherwise the rest is asked for.
 */
static size_t list_rest(struct batch *b, const struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		size_t head = b->index[i];
		bool whole;

		if (!is_assumed_huge(b, &b->page[head]))
			continue;
		whole = arrived_whole(b, g, head);
		for (size_t k = 1; k < batch_block_pages(b); k++) {
			if (whole)
				b->page[head + k].node = b->page[head].to;
			else
				b->asked[n++] = head + k;
		}
	}
	return n;
}

/*
 * What cannot be true of a page that is seen elsewhere than where it should be.
 * While others migrate a page, the kernel calls it absent, or not movable.
 */
static bool is_refuted(enum outcome o)
{
	return o == OUTCOME_MOVED || o == OUTCOME_GONE || o == OUTCOME_HIDDEN ||
	       o == OUTCOME_NOT_PRESENT || o == OUTCOME_NOT_MOVABLE;
}

/* Where a page is outdoes what the kernel said of it. */
static void judge_places(struct batch *b, const struct group *g)
{
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (p->to != g->to || !(p->flags & (PAGE_TRIED | PAGE_TAIL)) || p->node < 0)
			continue;
		if (p->node == p->to)
			p->outcome = OUTCOME_MOVED;
		else if (is_refuted(p->outcome))
			p->outcome = OUTCOME_BUSY;
	}
}

/*
 * Settle what the group's blocks are.  Returns whether pages came to light
 * that were not tried: those behind a first page that was taken for a huge one.
 */
static bool settle_blocks(struct batch *b, const struct group *g)
{
	bool more = false;

	for (size_t i = 0; i < g->n; i++) {
		size_t head = b->index[i];
		struct page *p = &b->page[head];
		bool whole;

		if (!(p->flags & PAGE_BLOCK))
			continue;
		whole = is_on_one_node(b, head);
		if (is_assumed_huge(b, p) && !(whole && p->node == p->to)) {
			part_block(b, head);
			b->expect_huge = false;
			more = true;
			continue;
		}
		forget_block(p);
		b->expect_huge = whole;
		if (whole)
			join_block(b, head);
	}
	return more;
}

static atomic_bool *full(struct batch *b, const struct group *g)
{
	return &b->job->full[g->pool][g->to];
}

/* One try for all pages of the group. */
static int attempt(struct batch *b, struct group *g, bool *more)
{
	int failure = call_for_all(b, g), rc;

	if (failure == -ENOMEM)
		atomic_store(full(b, g), true);
	judge_answers(b, g);
	rc = batch_locate(b, list_doubtful(b, g));
	if (!rc)
		rc = batch_locate(b, list_rest(b, g));
	if (rc)
		return rc;
	judge_places(b, g);
	*more = settle_blocks(b, g);
	return failure == -ENOMEM ? 0 : failure;
}

static void refuse(struct batch *b, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		b->page[b->index[i]].outcome = OUTCOME_NO_ROOM;
}

/* Pages of hugetlb have a pool of their own, which the kernel keeps. */
static bool has_room(struct batch *b, const struct group *g)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < g->n; i++)
		bytes += page_bytes(&b->page[b->index[i]]);
	if (g->pool == POOL_BUDDY && !headroom_claim(b->job->move->room, g->to, bytes))
		atomic_store(full(b, g), true);
	return !atomic_load(full(b, g));
}

static bool is_huge_or_block(const struct batch *b, const struct page *p)
{
	return p->flags & PAGE_BLOCK || p->shift == b->job->huge_shift;
}

/*
 * --huge=keep: leave those for which the destination has no huge page.  What may
 * be one is taken for one, since moving it is the only way to find out.
 */
static void keep_huge(struct batch *b, const struct group *g)
{
	unsigned int order = b->job->huge_shift - b->job->base_shift;

	if (!b->job->move->keep_huge || g->pool != POOL_BUDDY)
		return;
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (!is_pending(p) || p->to != g->to || !is_huge_or_block(b, p) ||
		    headroom_claim_huge(b->job->move->room, g->to, order))
			continue;
		if (p->flags & PAGE_BLOCK)
			join_block(b, i);
		p->outcome = OUTCOME_NO_HUGE;
	}
}

static void pause_before(unsigned int retry)
{
	unsigned int doublings = 2 * retry;

	sys_pause(RETRY_PAUSE_US << (doublings < RETRY_DOUBLINGS_MAX ? doublings :
								       RETRY_DOUBLINGS_MAX));
}

static int submit_group(struct batch *b, struct group *g)
{
	unsigned int retries = 0;
	bool again = false;

	keep_huge(b, g);
	for (gather(b, g); g->n; gather(b, g)) {
		bool more = false;
		int rc;

		if (!has_room(b, g)) {
			refuse(b, g);
			break;
		}
		if (again &&
		    (retries == b->job->move->retries || limits_ended(b->job->move->control)))
			break;
		if (again)
			pause_before(retries++);
		rc = attempt(b, g, &more);
		if (rc)
			return rc;
		again = !more;
	}
	return 0;
}

static int submit_groups(struct batch *b)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < b->n; i++) {
		struct page *p = &b->page[i];
		struct group g = { .to = p->to, .pool = batch_pool(b, p) };

		if (is_pending(p) && !(p->flags & PAGE_TRIED))
			rc = submit_group(b, &g);
	}
	return rc;
}

int move_pages_submit(struct batch *b)
{
	int rc = process_check(b->job->move->process);
	size_t split = 0;

	guess_blocks(b);
	if (!rc)
		rc = submit_groups(b);
	if (!rc)
		rc = split_open(b, &split);
	if (!rc && split)
		rc = submit_groups(b);
	return rc ? rc : process_check(b->job->move->process);
}
