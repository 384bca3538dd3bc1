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
 * The status slots that the kernel writes in one call, for pages in the order given
 * (mm/migrate.c, do_pages_move()):
 *
 *	slot     1   1   1  -14  1   ?   ?   ?   1   ?   ?   ?   ?
 *	         isolated    |   isolated|       |
 *	              not isolated: ends |       the page that ended the run: its status was
 *	              and moves the run  |       stored before the run was known to have failed
 *	                                 some of this run did not move: the call stops
 *
 * So slots are preset to a value that no kernel writes, the call is repeated with the pages after
 * the last slot that was written, and a query afterwards locates the pages.
 *
 * From 6.3 on, the kernel makes up to 512 pages of a run inaccessible before it moves the first.  A
 * thread that touches one waits for all before it, and twice as long if two workers share the CPUs.
 * An address without a mapping ends a run.  So with several workers there is one after every 128
 * pages; and if a page does not move, only the rest of its run does not either.  A single worker
 * uses none, because each run costs the target a TLB flush.  Kernels before 6.3 move page by page;
 * PAGEMAP_SCAN (6.7) distinguishes them.
 *
 * A block is base pages that may be a huge page.  Either only its first page is passed, as for a
 * huge page, or all of them are: then the second is busy if they are a huge page.
 */

/* The end of the kernel's addresses, where no process has a mapping. */
#define SEPARATOR ((uint64_t)UINTPTR_MAX)

/* Pauses before retries: 1, 4, 16 ms, and 64 for all further ones. */
enum { RETRY_PAUSE_US = 1000, RETRY_DOUBLINGS_MAX = 6 };

/* The pages of one call: pending pages of this pool with this destination. */
struct group {
	int to;
	enum batch_pool pool;
	size_t n;	/* in index[] */
	size_t slots;	/* in address[] and node[]: with separators */
	size_t run;	/* pages between separators, or SIZE_MAX */
	bool all_moved; /* according to the kernel, including parts of huge pages */
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

/* Regard the block as one huge page, or as base pages. */
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
 * Decide whether the blocks of the group are huge pages.  Return whether some pages were not tried:
 * those after the first page of a block that was wrongly assumed to be a huge page.
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
 * Skip the rest of a huge page: a block whose second page is busy because the first was isolated.
 * The call would stop at every further page.  Return where to continue.
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
 * Call the kernel until it has tried all pages of the group.  hugetlb pages are moved by one worker
 * at a time: the kernel only tries to take the lock of their file, and reports them as busy if
 * another worker holds it.
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
 * Translate status slots to outcomes.  (With MPOL_MF_MOVE_ALL, no page is refused as shared.)
 * Return whether all pages moved, and none is a block.
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

/* ---- locating the pages ---- */

/*
 * Return the next page of a block to locate.  If the kernel reports that all moved, the first, the
 * middle and the last page show whether the block is a huge page; otherwise locate all.
 */
static size_t next_sample(const struct batch *b, const struct group *g, size_t k)
{
	size_t last = batch_block_pages(b) - 1;

	if (!g->all_moved || k == last)
		return k + 1;
	return k < last / 2 ? last / 2 : last;
}

/*
 * Locate the pages whose node the status does not show.  Of a block that is assumed huge, only the
 * first page was passed: if the samples moved too, it is a huge page, and all of it moved.
 * Otherwise locate the rest.
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
 * Correct outcomes by the nodes found.  While another process migrates a page, the kernel reports
 * it as absent, or not movable.
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

/* ---- groups ---- */

/*
 * --huge=keep: do not move huge pages for which the destination has no free huge page.  This
 * includes blocks that may be huge pages, because only moving them would show.
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

static void add_slot(struct batch *b, struct group *g, uint64_t address)
{
	b->address[g->slots] = (void *)(uintptr_t)address;
	b->node[g->slots++] = g->to;
}

/* Fill address[], node[] and index[].  Return the size of the pages in bytes. */
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
			add_slot(b, g, SEPARATOR);
		add_slot(b, g, p->address);
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

		/* The kernel limits hugetlb pages to their pool. */
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

	/* Blocks on several nodes are not huge pages; assume the others are like the last one. */
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
