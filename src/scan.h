/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SCAN_H
#define SCAN_H

#include "kernel.h"
#include "page.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control;
struct mapping_list;
struct plan;

/*
 * Which pages of the planned ranges are present, and how large they are.
 *
 * Asks PAGEMAP_SCAN where the kernel has it (6.7), else reads pagemap; both in
 * slices, so that no call holds the target's memory map for long.  Nothing is
 * faulted in.  Guard pages are left out where the kernel tells them (6.15); before that they
 * look like pages in swap, as other entries that are not pages do.  pagemap does not tell huge pages: there a block of base pages
 * that may be one is marked PAGE_BLOCK, and moving it shows which it is.
 */

/*
 * What one page costs of the room in a batch: 1 for a base page, more for a
 * huge one, so that SCAN_ROOM is 4,096 base pages or 64 MiB.
 */
enum { SCAN_ROOM = 4096, SCAN_PAGES_MAX = SCAN_ROOM + 512 };

/* How the pages of a process can be found. */
struct scan_means {
	int pagemap;			/* /proc/PID/pagemap; borrowed */
	unsigned int base_shift;
	unsigned int huge_shift;	/* of a transparent huge page */
	bool has_ioctl;			/* PAGEMAP_SCAN */
	bool has_guards;		/* which tells guard pages */
};

struct scan {
	const struct plan *plan;
	const struct mapping_list *maps;
	struct scan_means means;
	const struct control *control;
	uint64_t until;			/* if not 0, the time to end in place of the control's */
	size_t range;			/* where the next batch begins */
	uint64_t at;
	struct kernel_region region[KERNEL_REGIONS_MAX];
};

/* Ask the kernel; once for each process is enough.  Never fails. */
void scan_probe(struct scan_means *m, int pagemap);

/* Begin at the first range.  @control: asked between slices whether to end. */
void scan_start(struct scan *s, const struct scan_means *means, const struct plan *plan,
		const struct mapping_list *maps, const struct control *control);

/*
 * scan_next - the pages of the next batch
 * @pages: space for SCAN_PAGES_MAX
 * @room: how much may go into the batch, 1 to SCAN_ROOM; a huge page, or a block
 *        that may be one, may exceed it alone
 *
 * Single pages are given present or not, of ranges the present pages only.
 * Fills in address, range, shift and flags; from, to and node are -ENOENT or
 * ROUTE_NONE.  Returns how many, 0 at the end, or -errno; that of control_reason()
 * when it was told to end before it found a page.
 */
ssize_t scan_next(struct scan *s, struct page *pages, size_t room);

/*
 * How long it takes to look for pages in all of the plan, in nanoseconds, from
 * a sample; 0 where that is no time, or the kernel skips what is not present
 * (PAGEMAP_SCAN).
 */
uint64_t scan_estimate(const struct scan_means *m, const struct plan *plan);

/* The flags of one page as they are now; what cannot be read is not present. */
uint8_t scan_flags(int pagemap, unsigned int base_shift, uint64_t address);

#endif
