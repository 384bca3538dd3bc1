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

/* A batch of pages, and the steps of its processing. */

/* hugetlb pages have a separate pool. */
enum batch_pool { POOL_BUDDY, POOL_HUGETLB, POOLS };

/* Huge pages that are split during the move become base pages: up to 64 MiB. */
enum { BATCH_NODES_MAX = 1024, BATCH_PAGES_MAX = FINDER_PAGES_MAX + 16384 };

/* Pages and the separators between them (move_pages.c). */
enum { BATCH_RUN = 128, BATCH_SLOTS_MAX = BATCH_PAGES_MAX + BATCH_PAGES_MAX / BATCH_RUN };

/* One run of the engine over one plan: the state that all batches share. */
struct visit {
	const struct engine *engine;
	const struct target *target;
	const struct aim *aim;
	enum engine_mode mode;
	const struct plan *plan;
	unsigned int base_shift, huge_shift;
	bool sees_huge;		      /* the kernel reports huge pages (PAGEMAP_SCAN) */
	atomic_bool expects_huge;     /* the last PAGE_BLOCK or PAGE_GUESS was a huge page */
	atomic_bool separates;	      /* separate long runs of pages (move_pages.c) */
	atomic_bool unreached;	      /* the run ended with pages to move that were only counted */
	pthread_mutex_t hugetlb_lock; /* held while hugetlb pages move */
	atomic_bool full[POOLS][BATCH_NODES_MAX]; /* the kernel found no free memory */
};

enum { UNSWAPPED_UNKNOWN = -1 };

/* The batch of a worker; allocated once. */
struct batch {
	struct visit *visit;
	struct page page[BATCH_PAGES_MAX];
	size_t n;
	uint64_t waited;  /* nanoseconds spent waiting: for --rate, and before retries */
	bool expect_swap; /* the last absent pages did not become present */
	int unswapped;	  /* the process has nothing in swap, or UNSWAPPED_UNKNOWN */
	/* Scratch: the pages of a call, and its arrays. */
	size_t index[BATCH_PAGES_MAX], asked[BATCH_PAGES_MAX];
	void *address[BATCH_SLOTS_MAX];
	int node[BATCH_SLOTS_MAX], status[BATCH_SLOTS_MAX];
};

/* Return an empty batch, freed by free(), or NULL.  Most of its pages are never touched. */
struct batch *batch_new(struct visit *visit);

/*
 * Locate the pages of a batch from finder_next(), choose the destination of each, move them, and
 * set the node and the outcome of each.  Return 0, or -errno if the move cannot continue: -ESRCH,
 * -ESTALE (see process_check()), or the error of a complete call.
 */
int mover_place(struct batch *b);

/*
 * Move every page with OUTCOME_BUSY to its page.to by move_pages(2), and set its outcome and node.
 * It stays OUTCOME_BUSY if it did not move and the reason is unknown.  Pages are passed by
 * destination in address order, with one address for each huge page.  Return 0, or -errno if
 * further calls would fail too: -ESRCH or -ESTALE (process_check()), -EPERM, -ENODEV, ...
 */
int move_pages_submit(struct batch *b);

/*
 * On kernels that do not report huge pages, set PAGE_LUMP for base pages that may be one, or
 * its selected part; page.from must be known.
 *
 * For interleaving: a huge page cannot be on several nodes.  So these pages get the node of a huge
 * page.  If they are not one, they are interleaved in larger pieces, still evenly.  Pages on
 * several nodes are not a huge page, so the next run finds the pieces in place.
 */
void thp_mark_lumps(struct batch *b);

/*
 * Replace huge pages that the kernel has split by their base pages, and count them in *@opened.
 *
 * The kernel splits a huge page if the destination has no free one, and may move only some of the
 * parts.  Parts that did not arrive are OUTCOME_BUSY, to be retried one by one.  If the kernel does
 * not report huge pages, a huge page with all parts on one node is assumed intact, and a PAGE_GUESS
 * only if it also moved as one page.  Return 0 or -errno.
 */
int thp_open_split(struct batch *b, size_t *opened);

/* Replace each PAGE_GUESS that is not about to move by its base pages. */
void thp_open_guesses(struct batch *b);

/*
 * Find the nodes of the first @n pages in asked[]: set page.node, and the outcome of pages without
 * a node.  Wait some milliseconds for pages that are being migrated.  Uses address[] and status[],
 * and changes asked[].  Return 0 or -errno.
 */
int batch_locate(struct batch *b, size_t n);

/* Sleep, and add the time to batch.waited. */
void batch_pause(struct batch *b, unsigned int microseconds);

/* Return the mapping of a page, or NULL. */
static inline const struct vma *batch_vma(const struct batch *b, const struct page *p)
{
	return p->vma == RANGE_NOT_MAPPED ? NULL : &b->visit->target->space->at[p->vma];
}

/* Return the current flags of a page (finder_flags()). */
uint8_t batch_flags(const struct batch *b, const struct page *p);

/* Return the outcome of a page that does not move because other processes map it. */
enum outcome batch_judge_shared(const struct batch *b, const struct page *p, uint8_t flags);

enum batch_pool batch_pool(const struct batch *b, const struct page *p);

/* Return the number of base pages in a transparent huge page. */
size_t batch_block_pages(const struct batch *b);

#endif
