/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "plan/operand.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_space;
struct seen;

/*
 * Which parts of a process are visited, in which order, and where their pages
 * are to go.  Pure.  Holds ranges and never pages, so that its size does not
 * depend on how much memory the process has.
 */

enum { RANGE_BY_MAP = -1 }; /* the route says where pages go, not the range */
#define RANGE_NOT_MAPPED UINT32_MAX

struct range {
	uint64_t start, end; /* whole pages of the mapping */
	uint32_t mapping;    /* index, or RANGE_NOT_MAPPED (single pages only) */
	uint32_t asked;	     /* index of the operand it comes from */
	int16_t to;	     /* a node, or RANGE_BY_MAP */
	bool twin;	     /* another range maps a part of the same file */
	bool single;	     /* one page, that gets its line present or not */
};

struct plan {
	struct range *range;
	size_t n;
	bool whole;	     /* all there is, and not a part that was asked for */
	bool reordered;	     /* the ranges are not in the order asked for */
	struct seen *before; /* pages that are passed over in the ranges; NULL: none; borrowed */
};

/*
 * plan_whole - every mapping whose pages can be moved, in order of addresses
 *
 * Mappings that are left out (mapping.h) and [vsyscall] are not in it, as in
 * plan_operands(); there only a single address in one is.  With @special those whose
 * pages cannot be moved are in it, too: who is to be told what would stay wants to know
 * of them.
 *
 * Returns 0 or -ENOMEM.
 */
int plan_whole(struct plan *plan, const struct address_space *maps, bool special);

/*
 * plan_operands - the parts asked for
 * @bad: on -ENXIO the index of the range that meets no mapping at all
 *
 * Ranges are rounded outward to pages of their mapping and cut where nothing
 * is mapped.  Parts are in the order asked for, but for single pages that follow
 * each other: these are in order of addresses, so that all that may be one huge
 * page is visited together (order.h undoes that).  Returns 0, -ENXIO or -ENOMEM.
 */
int plan_operands(struct plan *plan, const struct address_space *maps,
		  const struct operand *operands, size_t n, size_t *bad);

/*
 * plan_cut - leave out of a whole process what was visited in others before (visited.h)
 * @shift: log2 of the size of a transparent huge page
 * @bytes: receives how much that is of what it maps shared
 *
 * Ranges are cut where all of a piece of that size was visited, so that it costs nothing
 * any more; a single page that was is passed over when it is found.  In private mappings
 * that goes for all: there, pages of the file can only be told from copies when they are
 * found.  Returns 0 or -ENOMEM.
 */
int plan_cut(struct plan *plan, const struct address_space *maps, struct seen *before,
	     unsigned int shift, uint64_t *bytes);

/*
 * plan_find_twins - mark ranges of which a page may be in another range, too (range.twin)
 *
 * A page of a file that is mapped twice.  Returns 0 or -ENOMEM.
 */
int plan_find_twins(struct plan *plan, const struct address_space *space);

/* Whether the range is one page that was asked for more than once, and not the first of these. */
bool plan_repeats(const struct plan *plan, size_t range);

void plan_free(struct plan *plan);

#endif
