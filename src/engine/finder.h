/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_FINDER_H
#define ENGINE_FINDER_H

#include "plan/page.h"
#include "plan/seen.h"
#include "proc/frames.h"
#include "proc/syscalls.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_space;
struct limits;
struct plan;

/*
 * Finds the present pages in the planned ranges and their sizes.
 *
 * Uses PAGEMAP_SCAN (6.7), or else reads pagemap; both in slices, so no call holds the mmap_lock of
 * the target for long.  Faults nothing in.  Skips guard pages if the kernel reports them (6.15);
 * on older kernels they look like pages in swap, as do other entries that are not pages.  pagemap
 * does not report huge pages: a block of base pages that may be one is marked PAGE_BLOCK, and
 * moving it shows whether it is.  If pagemap shows frames and huge pages are expected, a block with
 * contiguous frames is returned as a single page, PAGE_GUESS.
 */

/* Capacity of a batch: a base page takes 1, a huge page more; 4,096 base pages or 64 MiB. */
enum { FINDER_ROOM = 4096, FINDER_PAGES_MAX = FINDER_ROOM + 512, FINDER_FREE_SHIFT = 14 };

/* Return the capacity that a page of this size takes. */
static inline size_t finder_cost(unsigned int shift, unsigned int base_shift)
{
	return shift == base_shift || shift <= FINDER_FREE_SHIFT ?
		       1 :
		       (size_t)1 << (shift - FINDER_FREE_SHIFT);
}

/* The means to find the pages of a process. */
struct finder_means {
	int pagemap; /* /proc/PID/pagemap; borrowed */
	unsigned int base_shift;
	unsigned int huge_shift; /* of a transparent huge page */
	bool has_ioctl;		 /* PAGEMAP_SCAN */
	bool has_guards;	 /* PAGEMAP_SCAN reports guard pages */
	/* The nodes of page frames; NULL: pagemap shows no frames. */
	const struct frames *frames;
};

/* The end of a range, and of the pages found for it: a huge page may reach past the range. */
struct finder_edge {
	uint64_t end, at;
};

struct finder {
	const struct plan *plan;
	const struct address_space *space;
	struct finder_means means;
	const struct limits *limits;
	const atomic_bool *expects_huge; /* if true, return blocks as PAGE_GUESS; or NULL */
	uint64_t until;			 /* if not 0, the time to end, instead of the limits */
	size_t range;			 /* start of the next batch */
	uint64_t at;
	struct finder_edge edge; /* of the last range so far */
	struct page common;	 /* the members that the pages of a range have in common */
	bool shares;		 /* its pages may have been visited, in this or another process */
	struct frame_span near;	 /* contains the last frame looked up */
	struct seen here;	 /* pages of ranges that map a file twice */
	struct sys_region region[SYS_REGIONS_MAX];
};

/* Find out what the kernel supports; once for each process.  Never fails. */
void finder_probe(struct finder_means *m, int pagemap);

/* Begin at the first range.  @limits: checked between slices. */
void finder_start(struct finder *s, const struct finder_means *means, const struct plan *plan,
		  const struct address_space *space, const struct limits *limits);

/* If the first range continues the last range of another plan, skip the pages found there. */
void finder_resume(struct finder *s, struct finder_edge edge);

void finder_end(struct finder *s);

/*
 * Find the pages of the next batch.
 * @pages: space for FINDER_PAGES_MAX
 * @room: capacity of the batch, 1 to FINDER_ROOM; a single huge page, or a block that may be one,
 *        may exceed it
 *
 * Return single pages even if not present, and the present pages of ranges.  Set address, range,
 * shift and flags; to is NODE_NONE; from and node are the node of the frame, or -ENOENT.  Return
 * the number of pages; 0 at the end; or -errno, that of limits_reason() if a limit was reached
 * before a page was found.
 */
ssize_t finder_next(struct finder *s, struct page *pages, size_t room);

/*
 * Estimate from a sample how long a search of the complete plan takes, in nanoseconds.  Return 0
 * if it is short, or the kernel skips absent pages (PAGEMAP_SCAN).
 */
uint64_t finder_estimate(const struct finder_means *m, const struct plan *plan);

/*
 * Return whether the frames in the place of a transparent huge page are contiguous, as those of
 * one are; false if pagemap does not show frames.
 */
bool finder_is_whole(const struct finder_means *m, uint64_t address);

/* Return the current flags of a page; 0 if they cannot be read. */
uint8_t finder_flags(int pagemap, unsigned int base_shift, uint64_t address);

#endif
