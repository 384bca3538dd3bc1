/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_MAP_LAYOUT_H
#define REPORT_MAP_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

struct address_space;
struct plan;

/*
 * How ranges are laid out as rows of cells, for a picture that fits a screen or two whatever
 * the size of the process.  Pure.
 *
 * A group is a run of ranges that are drawn one after the other, without the gaps between
 * them, at a scale of their own: the parts of one file, with the anonymous memory that
 * continues it; else each mapping alone.  Small ones have a cell for each page; the number
 * of rows grows with the logarithm of the size.  Where that makes too many rows, small
 * neighbours are drawn as one, and large groups get fewer rows.
 */

/* Rows of all groups, about, and of one group, at most. */
enum { MAP_LAYOUT_ROWS = 40, MAP_GROUP_ROWS = 16 };

struct map_layout {
	struct range *range; /* those of the plan; a page that is requested again is empty */
	size_t n;
	const struct address_space *maps; /* borrowed */
	unsigned int base_shift;	  /* log2 of the base page size */
	size_t cells;			  /* of a row */
	uint64_t rows_max;		  /* of one group */
	uint64_t merged;		  /* neighbours up to so many bytes are one group */
};

struct map_group {
	size_t first, end; /* ranges; end is after the last */
	uint64_t bytes, cells, rows;
	unsigned int cell_shift; /* log2 of the bytes of a cell */
};

/* The plan need not outlive the call.  Returns 0 or -ENOMEM; freed in either case. */
int map_layout_choose(struct map_layout *l, const struct plan *plan,
		      const struct address_space *maps, unsigned int base_shift, size_t cells);
void map_layout_free(struct map_layout *l);

/* The group that begins at range @first. */
struct map_group map_layout_group(const struct map_layout *l, size_t first);

/* The address of the byte at @offset in the group. */
uint64_t map_layout_address(const struct map_layout *l, const struct map_group *g, uint64_t offset);

/* What a range has of the cells. */
uint64_t map_layout_bytes(const struct map_layout *l, size_t range);

#endif
