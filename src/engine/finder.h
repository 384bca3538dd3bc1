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
 * Which pages of the planned ranges are present, and how large they are.
 *
 * Asks PAGEMAP_SCAN where the kernel has it (6.7), else reads pagemap; both in slices, so
 * that no call holds the target's memory map for long.  Nothing is faulted in.  Guard pages
 * are left out where the kernel tells them (6.15); before that they look like pages in swap,
 * as other entries that are not pages do.  pagemap does not tell huge pages: there a block of
 * base pages that may be one is marked PAGE_BLOCK, and moving it shows which it is.  Where
 * pagemap shows frames and huge pages are expected, a block whose frames lie side by side comes
 * as one page, PAGE_GUESS.
 */

/* Room in a batch: a base page takes 1, a huge one more, so that it is 4,096 or 64 MiB. */
enum { FINDER_ROOM = 4096, FINDER_PAGES_MAX = FINDER_ROOM + 512, FINDER_FREE_SHIFT = 14 };

/* The room that a page of this size takes. */
static inline size_t finder_cost(unsigned int shift, unsigned int base_shift)
{
	return shift == base_shift || shift <= FINDER_FREE_SHIFT ?
		       1 :
		       (size_t)1 << (shift - FINDER_FREE_SHIFT);
}

/* How the pages of a process can be found. */
struct finder_means {
	int pagemap; /* /proc/PID/pagemap; borrowed */
	unsigned int base_shift;
	unsigned int huge_shift; /* of a transparent huge page */
	bool has_ioctl;		 /* PAGEMAP_SCAN */
	bool has_guards;	 /* which tells guard pages */
	/* On which node the frames are that pagemap shows; NULL: it shows none. */
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
	const atomic_bool *expects_huge; /* blocks are PAGE_GUESS then; or NULL */
	uint64_t until;			 /* if not 0, the time to end in place of the limits' */
	size_t range;			 /* where the next batch begins */
	uint64_t at;
	struct finder_edge edge; /* of the last range so far */
	struct page blank;	 /* what the pages of a range have in common */
	bool shares;		 /* whether other processes, or other entries, may have them */
	struct frame_span near;	 /* of the last frame that was looked for */
	struct seen here;	 /* pages of ranges that map a file twice */
	struct sys_region region[SYS_REGIONS_MAX];
};

/* Ask the kernel; once for each process is enough.  Never fails. */
void finder_probe(struct finder_means *m, int pagemap);

/* Begin at the first range.  @limits: asked between slices whether to end. */
void finder_start(struct finder *s, const struct finder_means *means, const struct plan *plan,
		  const struct address_space *space, const struct limits *limits);

/* If the first range begins at the end of a range of another plan, skip the pages found for that. */
void finder_resume(struct finder *s, struct finder_edge edge);

void finder_end(struct finder *s);

/*
 * finder_next - the pages of the next batch
 * @pages: space for FINDER_PAGES_MAX
 * @room: how much may go into the batch, 1 to FINDER_ROOM; a huge page, or a block
 *        that may be one, may exceed it alone
 *
 * Single pages are given present or not, of ranges the present pages only.
 * Fills in address, range, shift and flags; to is NODE_NONE; from and node are -ENOENT,
 * or the node where the frame tells it.  Returns how many, 0 at the end, or -errno; that of limits_reason()
 * when it was told to end before it found a page.
 */
ssize_t finder_next(struct finder *s, struct page *pages, size_t room);

/*
 * How long it takes to look for pages in all of the plan, in nanoseconds, from
 * a sample; 0 where that is no time, or the kernel skips what is not present
 * (PAGEMAP_SCAN).
 */
uint64_t finder_estimate(const struct finder_means *m, const struct plan *plan);

/*
 * Whether the frames of all base pages of a transparent huge page's place lie side by side, as
 * those of a huge page do; false where frames are not shown.
 */
bool finder_is_whole(const struct finder_means *m, uint64_t address);

/* The flags of one page as they are now; what cannot be read is not present. */
uint8_t finder_flags(int pagemap, unsigned int base_shift, uint64_t address);

#endif
