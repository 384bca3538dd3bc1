/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_MAP_H
#define REPORT_MAP_H

#include <stddef.h>
#include <stdint.h>

struct address_space;
struct plan;

/*
 * The layout of --map: ranges become rows of cells, in a map of a screen or two whatever
 * the size of the process.  Pure.
 *
 * A group is a run of ranges without the gaps between them, at a scale of its own: the
 * parts of one file, with the anonymous memory that continues it; else one mapping.  A
 * small group has a cell for each page; the number of rows grows with the logarithm of the
 * size.  Where that makes too many rows, small neighbours become one group, and large
 * groups get fewer rows.
 */

/* Rows of all groups, about, and of one group, at most. */
enum { MAP_LAYOUT_ROWS = 40, MAP_GROUP_ROWS = 16 };

struct map_layout {
	struct range *range; /* copies of the plan's; a page that is requested again is empty */
	size_t n;
	const struct address_space *space; /* borrowed */
	unsigned int base_shift;	   /* log2 of the base page size */
	size_t cells;			   /* of a row */
	uint64_t finest;		   /* bytes of a row at the finest scale */
	uint64_t rows_max;		   /* of one group */
	uint64_t merged;		   /* neighbours up to so many bytes are one group */
};

struct map_group {
	size_t first, end; /* ranges; end is after the last */
	uint64_t bytes, cells, rows;
	unsigned int cell_shift; /* log2 of the bytes of a cell */
};

/* Lay out a plan.  Return 0 or -ENOMEM; the caller frees l->range in either case. */
int map_layout_choose(struct map_layout *l, const struct plan *plan,
		      const struct address_space *space, unsigned int base_shift, size_t cells);

/* The group that begins at range @first. */
struct map_group map_layout_group(const struct map_layout *l, size_t first);

/* The address of the byte at @offset in the group. */
uint64_t map_layout_address(const struct map_layout *l, const struct map_group *g, uint64_t offset);

#endif
