/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_COMPANIONS_H
#define ENGINE_COMPANIONS_H

#include "numa/nodeset.h"

#include <stddef.h>
#include <stdint.h>

struct account;
struct aim;
struct page;
struct plan;
struct target;

/*
 * Pages that were not selected, but moved with one that was.
 *
 * The kernel moves a folio as a whole, and does not tell how large the folio of a base page
 * is. So the pages beside the selected ones, up to where a folio of the size of a huge page
 * begins and ends, are located before and after the move. Only for small selections: for
 * at most COMPANIONS_RANGES_MAX operands, or lines of a list that are read together. A move of
 * whole mappings, and migrate_pages(2), select all pages of a folio. Pages of the folio that the
 * process does not have in its page table are not seen.
 */

enum { COMPANIONS_RANGES_MAX = 128 };

struct companions {
	struct nodeset to; /* nodes that ranges of the plan go to by themselves */
	void **address;	   /* of the pages beside, ascending; freed by companions_free() */
	int *node;	   /* before the move, or -errno; -1: it was visited itself */
	size_t n;
};

/* Locate the pages beside the ranges of the plan, if it is small.  Returns 0 or -errno. */
int companions_begin(struct companions *a, const struct target *t, const struct plan *plan);

/* These pages were visited themselves, whether or not each was asked for. */
void companions_leave_out(struct companions *a, const struct page *pages, size_t n);

/* Locate them again, count in @account what moved, and free them.  Returns 0 or -errno. */
int companions_end(struct companions *a, const struct target *t, const struct aim *aim,
		   struct account *account);

void companions_free(struct companions *a);

#endif
