/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_MAP_LAYOUT_H
#define REPORT_MAP_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

struct address_space;
struct plan;

/*
 * How the ranges of a plan are laid out as rows of cells, for a picture that
 * fits a screen or two whatever the size of the process.  Pure; memory is
 * constant, for groups are made one after the other and not kept.
 *
 * A group is a run of ranges that are drawn behind one another, without the
 * gaps between them, at a scale of their own: the parts of one file, with the
 * anonymous memory that continues it; else each mapping alone.  Small ones
 * have a cell for each page; the number of rows grows with the logarithm of
 * the size.  Where that makes too many rows, small neighbours are drawn as one,
 * and large groups get fewer rows.
 */

struct map_layout {
	const struct plan *plan;
	const struct address_space *maps;
	unsigned int base_shift; /* log2 of the base page size */
	size_t cells;		 /* of a row */
	uint64_t rows_max;	 /* of one group */
	uint64_t merged;	 /* neighbours up to so many bytes are one group */
};

struct group {
	size_t first, end; /* ranges; end is behind the last */
	uint64_t bytes;
	unsigned int cell_shift; /* log2 of the bytes of a cell */
};

enum { MAP_LAYOUT_ROWS = 40 }; /* about as many are made at most */

void map_layout_choose(struct map_layout *l, const struct plan *plan,
		       const struct address_space *maps, unsigned int base_shift, size_t cells);

/* The group that begins at range @first, which is one of the plan. */
struct group map_layout_group(const struct map_layout *l, size_t first);

/* What a range has of the cells: nothing if it is a page that was asked for again. */
uint64_t map_layout_bytes(const struct map_layout *l, size_t range);

uint64_t map_layout_cells(const struct group *g);
uint64_t map_layout_rows(const struct map_layout *l, const struct group *g);

/* The address of the byte at @offset in the group. */
uint64_t map_layout_address(const struct map_layout *l, const struct group *g, uint64_t offset);

#endif
