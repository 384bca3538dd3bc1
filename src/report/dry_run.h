/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_DRY_RUN_H
#define REPORT_DRY_RUN_H

#include "engine/fit.h"
#include "plan/account.h"

#include <stddef.h>
#include <stdint.h>

struct page;

/*
 * The prediction of a dry run: how much of each kind of mapping would move, from which node to
 * which, or not move; and the memory needed on the destinations (fit.h).
 *
 * Each outcome, pair of nodes and kind has a row, so the number of rows does not depend on the size
 * of the process.
 */

enum { DRY_RUN_NO_NODE = -1 };

struct dry_run_row {
	uint8_t outcome;  /* enum outcome */
	uint8_t kind;	  /* of mapping: enum vma_kind */
	int16_t from, to; /* of OUTCOME_WOULD_MOVE, else DRY_RUN_NO_NODE */
	struct count count;
	uint64_t split; /* number of huge pages that would be split */
};

struct dry_run_rows {
	struct dry_run_row *row; /* sorted by their members */
	size_t n;
};

struct dry_run {
	struct fit fit;		       /* of all processes, one after the other */
	struct dry_run_rows rows, all; /* of the current process; of all that have ended */
};

/* Begin with the next process, as fit_begin() does. */
int dry_run_begin(struct dry_run *f, const struct engine *e, const struct target *target,
		  const struct node_map *map);
void dry_run_free(struct dry_run *f);

/* Add the rows of the current process to those of all.  Return 0 or -ENOMEM. */
int dry_run_end(struct dry_run *f);

/* Check (fit_pages()) and count pages, in the order of the plan.  Return 0 or -ENOMEM. */
int dry_run_pages(struct dry_run *f, struct page *pages, size_t n);

/*
 * Find the demands on a node, as fit_demands() does.  Return 0 if no pages go to @node, or its
 * headroom is unknown.  A hugetlb pool is included only if it needs pages.
 */
size_t dry_run_comes_to(const struct dry_run *f, int node, struct demand *demand);

#endif
