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
 * The parts of a process to visit, their order, and the destinations of their pages.  Pure.
 * A plan consists of ranges, not pages, so its size does not depend on that of the process.
 */

enum { RANGE_BY_MAP = -1 }; /* the node map determines the destination */
#define RANGE_NOT_MAPPED UINT32_MAX

struct range {
	uint64_t start, end;	       /* multiples of the page size of the mapping */
	uint64_t twin_start, twin_end; /* the part that other ranges also map; 0: none */
	uint32_t vma;		       /* index, or RANGE_NOT_MAPPED (single pages only) */
	uint32_t asked;		       /* index of the operand */
	int16_t to;		       /* a node, or RANGE_BY_MAP */
	bool single;		       /* one page, listed even if not present */
};

struct plan {
	struct range *range;
	size_t n;
	bool twins;	     /* some ranges map the same part of a file */
	bool whole;	     /* the complete process, nothing left out */
	bool reordered;	     /* the ranges are not in the order of the operands */
	bool tells_files;    /* report which pages of private mappings are their file's */
	struct seen *before; /* pages to skip in the ranges; NULL: none; borrowed */
};

/*
 * Plan all mappings with movable pages, in address order; with @special, also mappings whose
 * pages cannot move.  Skip mappings that are left out (vma.h) and [vsyscall].  Return 0 or
 * -ENOMEM.
 */
int plan_whole(struct plan *plan, const struct address_space *space, bool special);

/*
 * Plan the operands.  Round ranges outward to pages of their mapping, and skip unmapped parts.
 * In mappings that plan_whole() skips, plan only single pages.  Keep the order, but sort
 * consecutive single pages by address: the parts of a huge page are visited together (order.h
 * undoes that).  Return 0, -ENOMEM, or -ENXIO: nothing is mapped in the operand with the index
 * *@bad.
 */
int plan_operands(struct plan *plan, const struct address_space *space,
		  const struct operand *operands, size_t n, size_t *bad);

/*
 * Remove pages that were already visited in other processes (seen.h).  @bytes: how much of the
 * shared mappings is removed.
 *
 * Remove a block of 1 << @shift bytes (a transparent huge page) from a range if all of it was
 * visited.  Other pages are skipped when they are found.  So are all pages of private mappings:
 * only the page itself shows whether it is the file's or a copy.  Return 0 or -ENOMEM.
 */
int plan_cut(struct plan *plan, const struct address_space *space, struct seen *before,
	     unsigned int shift, uint64_t *bytes);

/* Mark ranges that map pages of a file which another range also maps.  Return 0 or -ENOMEM. */
int plan_find_twins(struct plan *plan, const struct address_space *space);

/* Return whether the range is a single page that repeats the previous one. */
bool plan_repeats(const struct plan *plan, size_t range);

void plan_free(struct plan *plan);

/* What a list of pages names, and no mapping has. */
struct unmapped {
	uint64_t skipped; /* ranges in which nothing is mapped */
	uint64_t cut;	  /* ranges of which a part is mapped */
	uint64_t bytes;	  /* of both, what is not mapped */
};

/*
 * Produces the plan of a process part by part, so a list of pages of any length takes little
 * memory.  Embedded in the struct that implements it.
 */
struct source {
	/* Return 1 and the next part, owned by the source until the next call; 0: end; or -errno. */
	int (*next)(struct source *s, const struct address_space *space, struct plan **plan);
	bool more; /* after next(): there may be another part */
	/* Start over.  Return 0 or -errno; -ESPIPE: it can be read only once. */
	int (*rewind)(struct source *s);
};

/* A source with a single plan. */
struct plan_source {
	struct source source;
	struct plan *plan; /* borrowed */
	bool given;
};

struct plan_source plan_source_of(struct plan *plan);

#endif
