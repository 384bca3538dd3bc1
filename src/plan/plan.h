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
 * Which parts of a process are visited, in which order, and where their pages go.  Pure.
 * A plan holds ranges and no pages: its size does not depend on that of the process.
 */

enum { RANGE_BY_MAP = -1 }; /* the node map says where pages go, not the range */
#define RANGE_NOT_MAPPED UINT32_MAX

struct range {
	uint64_t start, end;	       /* whole pages of the mapping */
	uint64_t twin_start, twin_end; /* in there, what other ranges map, too; 0: nothing */
	uint32_t vma;		       /* index, or RANGE_NOT_MAPPED (single pages only) */
	uint32_t asked;		       /* index of the operand */
	int16_t to;		       /* a node, or RANGE_BY_MAP */
	bool single;		       /* one page, that gets its line present or not */
};

struct plan {
	struct range *range;
	size_t n;
	bool twins;	     /* some ranges map the same part of a file */
	bool whole;	     /* all there is, and not a part that was asked for */
	bool reordered;	     /* the ranges are not in the order asked for */
	struct seen *before; /* pages that are passed over in the ranges; NULL: none; borrowed */
};

/*
 * Plan all mappings whose pages can be moved, in order of addresses; with @special, also
 * those whose pages cannot.  Mappings that are left out (vma.h) and [vsyscall] are not
 * visited.  Returns 0 or -ENOMEM.
 */
int plan_whole(struct plan *plan, const struct address_space *space, bool special);

/*
 * Plan the parts asked for.  Ranges are rounded outward to pages of their mapping and cut
 * where nothing is mapped; of what plan_whole() leaves out, only single pages are visited.
 * Parts stay in their order, except that single pages in a row are sorted by address: the
 * parts of a huge page are visited together (order.h undoes that).
 * Returns 0, -ENOMEM, or -ENXIO: the operand with the index *@bad meets no mapping.
 */
int plan_operands(struct plan *plan, const struct address_space *space,
		  const struct operand *operands, size_t n, size_t *bad);

/*
 * Leave out of a whole process what was visited in others before (seen.h), and report how
 * many bytes of its shared mappings that is.
 *
 * Ranges are cut where all of a block of 1 << @shift bytes was visited (a transparent huge
 * page).  Other pages are passed over when they are found, and so are all of private
 * mappings: there only the page itself tells the file's from a copy.  Returns 0 or -ENOMEM.
 */
int plan_cut(struct plan *plan, const struct address_space *space, struct seen *before,
	     unsigned int shift, uint64_t *bytes);

/* Mark ranges that share pages of a file with another range.  Returns 0 or -ENOMEM. */
int plan_find_twins(struct plan *plan, const struct address_space *space);

/* Whether the range is one page that was asked for before. */
bool plan_repeats(const struct plan *plan, size_t range);

void plan_free(struct plan *plan);

/* What a list of pages names, and no mapping has. */
struct unmapped {
	uint64_t skipped; /* ranges in which nothing is mapped */
	uint64_t cut;	  /* ranges of which a part is mapped */
	uint64_t bytes;	  /* of both, what is not mapped */
};

/*
 * Where the plan of a process comes from, part by part: a list of pages of any length takes
 * little memory.  Embedded in what it is made from.
 */
struct source {
	/* Returns 1 and the next part, which the source owns until the next call; 0; -errno. */
	int (*next)(struct source *s, const struct address_space *space, struct plan **plan);
	bool more; /* after next(): whether there may be another part */
	/* Begin again.  Returns 0 or -errno; -ESPIPE: it can be read only once. */
	int (*rewind)(struct source *s);
};

/* The source that a plan is by itself. */
struct plan_source {
	struct source source;
	struct plan *plan; /* borrowed */
	bool given;
};

struct plan_source plan_source_of(struct plan *plan);

#endif
