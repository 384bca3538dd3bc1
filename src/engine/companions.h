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
 * Counts pages that were not selected, but moved with a selected page of the same folio.
 *
 * The kernel moves complete folios, and does not report the size of the folio of a base page. So
 * the pages beside the selected ones, within the largest folio (the size of a huge page), are
 * located before and after the move. This is done for at most COMPANIONS_RANGES_MAX operands, or
 * lines of a list read in one chunk. Moves of complete mappings, and migrate_pages(2), select all
 * pages of a folio. Pages of the folio that are not in the page table of the process are not found.
 */

enum { COMPANIONS_RANGES_MAX = 128 };

struct companions {
	struct nodeset to; /* destinations of ranges of the plan (=NODE) */
	void **address;	   /* of the pages beside, ascending; freed by companions_free() */
	int *node;	   /* before the move, or -errno; -1: the page was visited */
	size_t n;
};

/* Locate the pages beside the ranges of the plan, if it is small.  Return 0 or -errno. */
int companions_begin(struct companions *a, const struct target *t, const struct plan *plan);

/* Exclude these pages, because they were visited. */
void companions_leave_out(struct companions *a, const struct page *pages, size_t n);

/* Locate the pages again, count those that moved in @account, free all.  Return 0 or -errno. */
int companions_end(struct companions *a, const struct target *t, const struct aim *aim,
		   struct account *account);

void companions_free(struct companions *a);

#endif
