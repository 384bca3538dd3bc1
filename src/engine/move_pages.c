/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/batch.h"
#include "engine/limits.h"
#include "proc/address_space.h"
#include "proc/headroom.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>

/*
 * What the kernel writes into the status slots of one call, for pages in the order given
 * (mm/migrate.c, do_pages_move()):
 *
 *	slot     1   1   1  -14  1   ?   ?   ?   1   ?   ?   ?   ?
 *	         taken       |   taken   |       |
 *	              not taken: moves   |       the page that ended the run: its answer was
 *	              the run before it  |       stored before the run was found to have failed
 *	                                 some of this run did not move: the call stops
 *
 * So slots are filled with a value that no kernel writes; the call is made again with what
 * follows the last slot that was written; and where a page is, a query says afterwards.
 *
 * From 6.3 on the kernel makes up to 512 pages of a run inaccessible before it moves the first;
 * whoever touches one of them waits for all before it, and twice as long where two workers
 * share the CPUs.  An address without a mapping ends a run.  So with several workers there is
 * one after every 128 pages, and if a page does not move, no more than its run is left.  One
 * worker does without, since each run costs the target a TLB flush.  Kernels before 6.3 move
 * page by page; they are told by PAGEMAP_SCAN (6.7).
 *
 * A block is base pages in the place of a huge page, which they may be.  Either its first
 * page is given alone, as that of a huge page, or all of them are; then the second is busy
 * if it is one.
 */

/* The end of the kernel's addresses, where no process has a mapping. */
#define SEPARATOR ((uint64_t)UINTPTR_MAX)

/* Pauses before retries: 1, 4, 16 ms, and 64 for all further ones. */
enum { RETRY_PAUSE_US = 1000, RETRY_DOUBLINGS_MAX = 6 };

/* The pages that go in one call: pending ones for this node from this pool. */
struct group {
	int to;
	enum batch_pool pool;
	size_t n;	/* in index[] */
	size_t slots;	/* in address[] and node[]: with separators */
	size_t run;	/* pages between separators, or SIZE_MAX */
	bool all_moved; /* the kernel says so: parts of huge pages, too */
};

static bool is_pending(const struct page *p)
{
	return p->outcome == OUTCOME_BUSY && !(p->flags & (PAGE_TAIL | PAGE_AGAIN));
}

/* ---- blocks ---- */

static bool is_assumed_huge(const struct batch *b, const struct page *p)
{
	return p->flags & PAGE_BLOCK && p->shift == b->visit->huge_shift;
}

/* Take the block for one huge page, or for base pages. */
static void set_block(struct batch *b, size_t head, bool huge)
{
	b->page[head].shift = (uint8_t)(huge ? b->visit->huge_shift : b->visit->base_shift);
	for (size_t k = 1; k < batch_block_pages(b); k++)
		if (huge)
			b->page[head + k].flags |= PAGE_TAIL;
		else
			b->page[head + k].flags &= (uint16_t)~PAGE_TAIL;
}

static void forget_block(struct page *head)
{
	head->flags &= (uint16_t)~PAGE_BLOCK;
}

static bool is_block_on_one_node(const struct batch *b, size_t head)
{
	for (size_t k = 1; k < batch_block_pages(b); k++)
		if (b->page[head + k].node != b->page[head].node)
			return false;
	return true;
}

/*
 * Settle what the group's blocks are.  Returns whether pages came to light that were not
 * tried: those after a first page that was taken for a huge one.
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
		whole = is_block_on_one_node(b, head);
		if (is_assumed_huge(b, p) && !(whole && p->node == p->to)) {
			set_block(b, head, false);
			atomic_store(&b->visit->expects_huge, false);
			more = true;
			continue;
		}
		forget_block(p);
		atomic_store(&b->visit->expects_huge, whole);
		if (whole)
			set_block(b, head, true);
	}
	return more;
}

/* ---- the call ---- */

/*
 * A block whose first page was taken and whose second is busy for that is a huge page; if the
 * call stopped there, it will do so at every further one.  Returns where to go on.
 */
static size_t pass_block(struct batch *b, const struct group *g, size_t at)
{
	size_t end;

	if (b->visit->sees_huge || at < 2 || at == g->n || b->status[at - 1] != -EBUSY ||
	    !(b->page[b->index[at - 2]].flags & PAGE_BLOCK))
		return at;
	end = b->index[at - 2] + batch_block_pages(b);
	for (; at < g->n && b->index[at] < end; at++)
		b->status[at] = -EBUSY;
	return at;
}

static int move(struct batch *b, const struct group *g, size_t at)
{
	const struct engine *e = b->visit->engine;
	uint64_t start = sys_time(), time, longest;
	int rc = sys_move(b->visit->target->process->thread, g->slots - at, b->address + at,
			  b->node + at, b->status + at, e->move_shared);

	if (!e->calls)
		return rc;
	time = sys_time() - start;
	atomic_fetch_add(&e->calls->calls, 1);
	longest = atomic_load(&e->calls->longest);
	while (time > longest && !atomic_compare_exchange_weak(&e->calls->longest, &longest, time))
		;
	return rc;
}

/*
 * Have the kernel try all pages of the group, past the places where it stops.  Pages of
 * hugetlb in turn: it moves one of a file only if it gets the file's lock at once, and
 * calls those busy that it wanted while another worker had it.
 */
static int call_kernel(struct batch *b, struct group *g)
{
	int *status = b->status, rc = 0;

	g->all_moved = true;
	for (size_t at = 0; rc >= 0 && at < g->slots;) {
		if (g->pool == POOL_HUGETLB)
			pthread_mutex_lock(&b->visit->hugetlb_lock);
		rc = move(b, g, at);
		if (g->pool == POOL_HUGETLB)
			pthread_mutex_unlock(&b->visit->hugetlb_lock);
		if (rc == 0)
			break;
		g->all_moved = false;
		while (at < g->slots && status[at] != SYS_UNWRITTEN)
			at++;
		while (at < g->slots && status[at] == SYS_UNWRITTEN)
			at++;
		at = pass_block(b, g, at < g->slots ? at + 1 : at);
	}
	for (size_t i = g->run; i < g->n; i++)
		status[i] = status[i + i / g->run];
	return rc < 0 ? rc : 0;
}

/*
 * The kernel's answers, in our terms.  Nothing is shared for MPOL_MF_MOVE_ALL.  Returns whether
 * they tell of all pages that they moved, and that none of them is a block.
 */
static bool judge_answers(struct batch *b, const struct group *g)
{
	bool plain = true;

	for (size_t i = 0; i < g->n; i++) {
		size_t head = b->index[i];
		struct page *p = &b->page[head];
		bool second_is_busy = i + 1 < g->n && b->index[i + 1] == head + 1 &&
				      b->status[i + 1] == -EBUSY;

		if (p->flags & PAGE_BLOCK && !is_assumed_huge(b, p) && !second_is_busy) {
			forget_block(p);
			atomic_store(&b->visit->expects_huge, false);
		}
		plain &= b->status[i] == p->to && !(p->flags & PAGE_BLOCK);
		p->outcome = OUTCOME_BUSY;
		if (b->status[i] == p->to) {
			p->outcome = OUTCOME_MOVED;
			p->node = p->to;
		} else if (b->status[i] == -EACCES && !b->visit->engine->move_shared) {
			p->outcome = (uint8_t)batch_judge_shared(b, p, batch_flags(b, p));
		} else if (b->status[i] == -EFAULT) {
			p->outcome = OUTCOME_NOT_MOVABLE;
		}
	}
	return plain;
}

/* ---- where the pages are ---- */

/*
 * Which pages of a block tell whether all of it moved: where the kernel says so, the first,
 * the middle and the last tell whether it is one huge page; otherwise all do.
 */
static size_t next_sample(const struct batch *b, const struct group *g, size_t k)
{
	size_t last = batch_block_pages(b) - 1;

	if (!g->all_moved || k == last)
		return k + 1;
	return k < last / 2 ? last / 2 : last;
}

/*
 * Locate the pages whose place the answers do not tell.  Of a block that is taken for huge,
 * nothing was given but its first page: if others went with it, it is a huge page, and all
 * of it did.  Otherwise the rest is asked for.
 */
static int locate_doubtful(struct batch *b, const struct group *g)
{
	size_t n = 0, parts = batch_block_pages(b);
	int rc;

	for (size_t i = 0; i < g->n; i++) {
		const struct page *p = &b->page[b->index[i]];

		if (is_assumed_huge(b, p))
			for (size_t k = 0; k < parts; k = next_sample(b, g, k))
				b->asked[n++] = b->index[i] + k;
		else if (p->outcome != OUTCOME_MOVED)
			b->asked[n++] = b->index[i];
	}
	rc = batch_locate(b, n);
	if (rc)
		return rc;
	n = 0;
	for (size_t i = 0; i < g->n; i++) {
		size_t head = b->index[i];
		bool whole = true;

		if (!is_assumed_huge(b, &b->page[head]))
			continue;
		for (size_t k = 0; k < parts; k = next_sample(b, g, k))
			whole &= b->page[head + k].node == b->page[head].to;
		for (size_t k = 1; k < parts; k++) {
			if (whole)
				b->page[head + k].node = b->page[head].to;
			else
				b->asked[n++] = head + k;
		}
	}
	return batch_locate(b, n);
}

/*
 * Where a page is outdoes what the kernel said of it.  While others migrate a page, the
 * kernel calls it absent, or not movable.
 */
static void judge_places(struct batch *b, const struct group *g)
{
	const unsigned int refuted = 1U << OUTCOME_MOVED | 1U << OUTCOME_GONE |
				     1U << OUTCOME_HIDDEN | 1U << OUTCOME_NOT_PRESENT |
				     1U << OUTCOME_NOT_MOVABLE;

	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (p->to != g->to || !(p->flags & (PAGE_TRIED | PAGE_TAIL)) || p->node < 0)
			continue;
		if (p->node == p->to)
			p->outcome = OUTCOME_MOVED;
		else if (refuted >> p->outcome & 1)
			p->outcome = OUTCOME_BUSY;
	}
}

/* ---- a group ---- */

/*
 * --huge=keep: leave those for which the destination has no huge page.  What may be one is
 * taken for one, since moving it is the only way to find out.
 */
static void keep_huge(struct batch *b, const struct group *g)
{
	const struct visit *v = b->visit;

	if (!v->engine->keep_huge || g->pool != POOL_BUDDY)
		return;
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (!is_pending(p) || p->to != g->to ||
		    !(p->flags & PAGE_BLOCK || p->shift == v->huge_shift) ||
		    headroom_claim_huge(v->engine->room, g->to, v->huge_shift - v->base_shift))
			continue;
		if (p->flags & PAGE_BLOCK)
			set_block(b, i, true);
		p->outcome = OUTCOME_NO_HUGE;
	}
}

static void give(struct batch *b, struct group *g, uint64_t address)
{
	b->address[g->slots] = (void *)(uintptr_t)address;
	b->node[g->slots++] = g->to;
}

/* Fills address[], node[] and index[]; returns the size of the pages in bytes. */
static uint64_t gather_group(struct batch *b, struct group *g)
{
	uint64_t bytes = 0;

	g->n = g->slots = 0;
	g->run = atomic_load(&b->visit->separates) ? BATCH_RUN : SIZE_MAX;
	for (size_t i = 0; i < b->n; i++) {
		struct page *p = &b->page[i];

		if (!is_pending(p) || p->to != g->to || batch_pool(b, p) != g->pool)
			continue;
		p->flags |= PAGE_TRIED;
		bytes += page_bytes(p);
		if (g->n && g->n % g->run == 0)
			give(b, g, SEPARATOR);
		give(b, g, p->address);
		b->index[g->n++] = i;
	}
	return bytes;
}

static int submit_group(struct batch *b, struct group *g)
{
	const struct engine *e = b->visit->engine;
	atomic_bool *full = &b->visit->full[g->pool][g->to];
	unsigned int retries = 0;
	bool again = false;
	uint64_t bytes;

	keep_huge(b, g);
	while ((bytes = gather_group(b, g))) {
		int failure, rc;

		/* Pages of hugetlb have a pool of their own, which the kernel keeps. */
		if (g->pool == POOL_BUDDY && !headroom_claim(e->room, g->to, bytes))
			atomic_store(full, true);
		if (atomic_load(full)) {
			for (size_t i = 0; i < g->n; i++)
				b->page[b->index[i]].outcome = OUTCOME_NO_ROOM;
			break;
		}
		if (again) {
			unsigned int doublings = 2 * retries;

			if (retries++ == e->retries || limits_ended(e->limits))
				break;
			if (doublings > RETRY_DOUBLINGS_MAX)
				doublings = RETRY_DOUBLINGS_MAX;
			batch_pause(b, RETRY_PAUSE_US << doublings);
		}
		failure = call_kernel(b, g);
		if (failure == -ENOMEM)
			atomic_store(full, true);
		if (judge_answers(b, g) && !failure)
			return 0;
		rc = locate_doubtful(b, g);
		if (rc)
			return rc;
		judge_places(b, g);
		again = !settle_blocks(b, g);
		if (failure && failure != -ENOMEM)
			return failure;
	}
	return 0;
}

static int submit_groups(struct batch *b)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < b->n; i++) {
		const struct page *p = &b->page[i];

		if (is_pending(p) && !(p->flags & PAGE_TRIED))
			rc = submit_group(b,
					  &(struct group){ .to = p->to, .pool = batch_pool(b, p) });
	}
	return rc;
}

int move_pages_submit(struct batch *b)
{
	int rc = process_check(b->visit->target->process);
	size_t split = 0;

	/* What lies on several nodes is no huge page; the rest is what the last one was. */
	for (size_t i = 0; !b->visit->sees_huge && i < b->n; i++) {
		if (!(b->page[i].flags & PAGE_BLOCK))
			continue;
		if (!is_block_on_one_node(b, i))
			forget_block(&b->page[i]);
		else if (atomic_load(&b->visit->expects_huge))
			set_block(b, i, true);
	}
	if (!rc)
		rc = submit_groups(b);
	if (!rc)
		rc = thp_open_split(b, &split);
	if (!rc && split)
		rc = submit_groups(b);
	return rc ? rc : process_check(b->visit->target->process);
}
