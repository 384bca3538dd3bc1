/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_BATCH_H
#define ENGINE_BATCH_H

#include "engine/engine.h"
#include "engine/finder.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A batch of pages, and the steps that it goes through. */

/* Huge pages of hugetlb come from a pool of their own. */
enum batch_pool { POOL_BUDDY, POOL_HUGETLB, POOLS };

/* Huge pages that are split while they move become as many base pages: 64 MiB of them. */
enum { BATCH_NODES_MAX = 1024, BATCH_PAGES_MAX = FINDER_PAGES_MAX + 16384 };

/* With separators between them (move_pages.c). */
enum { BATCH_RUN = 128, BATCH_SLOTS_MAX = BATCH_PAGES_MAX + BATCH_PAGES_MAX / BATCH_RUN };

/* One run of the engine over one plan: what all batches have in common. */
struct visit {
	const struct engine *engine;
	const struct target *target;
	const struct aim *aim;
	enum engine_mode mode;
	const struct plan *plan;
	unsigned int base_shift, huge_shift;
	bool sees_huge;		      /* the kernel tells huge pages (PAGEMAP_SCAN) */
	atomic_bool expects_huge;     /* what the last PAGE_BLOCK or PAGE_GUESS turned out to be */
	atomic_bool separates;	      /* long runs of pages are to be cut (move_pages.c) */
	atomic_bool unreached;	      /* pages that would have moved were only counted */
	pthread_mutex_t hugetlb_lock; /* such pages are on their way */
	atomic_bool full[POOLS][BATCH_NODES_MAX]; /* the kernel found no room there */
};

enum { UNSWAPPED_UNKNOWN = -1 };

/* A worker's batch; allocated once, used again. */
struct batch {
	struct visit *visit;
	struct page page[BATCH_PAGES_MAX];
	size_t n;
	uint64_t waited;  /* nanoseconds of its time, for --rate and before further tries */
	bool expect_swap; /* what was last not present did not arrive */
	int unswapped;	  /* whether nothing is in swap, or UNSWAPPED_UNKNOWN */
	/* Scratch: which pages a call is about, and its arrays. */
	size_t index[BATCH_PAGES_MAX], asked[BATCH_PAGES_MAX];
	void *address[BATCH_SLOTS_MAX];
	int node[BATCH_SLOTS_MAX], status[BATCH_SLOTS_MAX];
};

/* An empty batch, freed by free(), or NULL.  Much of it is never touched, nor in memory. */
struct batch *batch_new(struct visit *visit);

/*
 * mover_place - find where the pages are, say where each is to go, have those moved, and
 * judge every one by where it is afterwards
 *
 * The batch is as finder_next() filled it.  Afterwards every page has its node and its
 * outcome.  Returns 0, or -errno if the move cannot go on: -ESRCH, -ESTALE (see
 * process_check()), or what the kernel answered to a call as a whole.
 */
int mover_place(struct batch *b);

/*
 * move_pages_submit - move every page with OUTCOME_BUSY to its page.to, move_pages(2)
 *
 * Sets outcome and node of each; it stays OUTCOME_BUSY if it could not be moved for no known
 * reason.  Pages are given by destination and in order of addresses, with one address for
 * each huge page.  Returns 0, or -errno of what makes further calls pointless: -ESRCH or
 * -ESTALE (process_check()), -EPERM, -ENODEV, ...
 */
int move_pages_submit(struct batch *b);

/*
 * thp_mark_lumps - flag what may be a huge page PAGE_LUMP, where the kernel does not tell
 *
 * For interleaving: a huge page cannot be on several nodes.  So base pages that may be one,
 * or the selected part of one, go to where a huge page would go: if they are not, they are
 * interleaved in larger pieces, and still evenly.  What is on several nodes already is no
 * huge page, so the next run finds the pieces in place.  page.from is known.
 */
void thp_mark_lumps(struct batch *b);

/*
 * thp_open_split - put the base pages in the place of huge pages that the kernel has split
 *
 * It does so where the destination has no huge page, and may move only some of the parts.
 * Those that did not arrive are OUTCOME_BUSY, to be tried on their own.  Where the kernel
 * does not tell huge pages, one that is all on one node is taken for whole.  So is what was
 * taken for a huge page and moved as one; what did not is opened, too.  Returns 0 or -errno,
 * and in *@opened the number of huge pages.
 */
int thp_open_split(struct batch *b, size_t *opened);

/* Put base pages, of which nothing more is known, in the place of each PAGE_GUESS that is left. */
void thp_open_guesses(struct batch *b);

/*
 * batch_locate - find the nodes of the first @n pages in asked[]
 *
 * Sets page.node, and the outcome of those that are on none.  Pages that are between two
 * nodes are given some milliseconds to arrive.  Uses address[] and status[], and changes
 * asked[].  Returns 0 or -errno.
 */
int batch_locate(struct batch *b, size_t n);

/* Sleep; that is not part of the time that the batch took. */
void batch_pause(struct batch *b, unsigned int microseconds);

/* The mapping a page was found in; NULL if it is in none. */
static inline const struct vma *batch_vma(const struct batch *b, const struct page *p)
{
	return p->vma == RANGE_NOT_MAPPED ? NULL : &b->visit->target->space->at[p->vma];
}

/* What pagemap says of a page now (finder_flags()). */
uint8_t batch_flags(const struct batch *b, const struct page *p);

/* What a page that others map is, if it is not to move for that: excluded, or shared. */
enum outcome batch_judge_shared(const struct batch *b, const struct page *p, uint8_t flags);

enum batch_pool batch_pool(const struct batch *b, const struct page *p);

/* The number of base pages in a transparent huge page. */
size_t batch_block_pages(const struct batch *b);

#endif
