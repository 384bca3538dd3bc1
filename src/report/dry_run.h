/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_DRY_RUN_H
#define REPORT_DRY_RUN_H

#include "engine/engine.h"
#include "engine/fit.h"
#include "plan/account.h"
#include "proc/headroom.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;

/*
 * What a dry run foresees: how much of each kind of mapping would go from which node to
 * which, or would stay; which huge pages would be split; and what that takes of the room on
 * the destinations.
 *
 * It lives as long as the command, since what one process takes, the next one does not find.
 */

enum { DRY_RUN_NO_NODE = -1 };

/* Pages that would share a fate. */
struct dry_run_row {
	uint8_t outcome;  /* enum outcome */
	uint8_t kind;	  /* of mapping: enum vma_kind */
	int16_t from, to; /* of OUTCOME_WOULD_MOVE, else DRY_RUN_NO_NODE */
	struct count count;
	uint64_t split; /* huge pages among them that would be split */
};

struct dry_run {
	const struct move *move; /* of the process at hand; borrowed */
	const struct sink *sink; /* gets the pages, judged; borrowed */
	free_huge_fn *free_huge;
	struct headroom room;
	bool knows_room;
	unsigned int huge_shift; /* log2 of a transparent huge page; 0: nothing is read yet */
	struct huge_headroom huge, huge_before; /* what is free after this process, and before it */
	struct need need, need_before;		/* of all processes up to this, and before it */
	struct dry_run_row *row;		/* in the order of their members */
	size_t n;
};

/*
 * dry_run_begin - the next process
 * @f: all zeros before the first one
 * @move: how it would be moved; used until the next one begins
 *
 * Before the first one it reads what room there is.  Where that fails, there is no shortage.
 */
void dry_run_begin(struct dry_run *f, const struct move *move);
void dry_run_free(struct dry_run *f);

/*
 * dry_run_pages - a sink's function, to be called in the order of the plan
 * @context: the dry run
 *
 * Hands the pages on to f->sink, with those that would be split marked PAGE_SPLIT or, if
 * they are to be kept, judged OUTCOME_NO_HUGE: which are the last ones, as the first ones
 * take what huge pages are free.  Returns what that returned, or -ENOMEM.
 */
int dry_run_pages(void *context, const struct page *pages, size_t n);

/*
 * dry_run_demands - what would come to a node, by this process alone
 *
 * As need_demands(); the room is what the processes before it leave.
 */
size_t dry_run_demands(const struct dry_run *f, int node, struct demand *demand);

/*
 * dry_run_comes_to - the same for the report: 0 if no pages go there, or the room is not
 * known; and of a pool of hugetlb only if something comes from it
 */
size_t dry_run_comes_to(const struct dry_run *f, int node, struct demand *demand);

/* The first node that would have too little room, as need_shortage() has it. */
struct shortage dry_run_shortage(const struct dry_run *f);

/* The process would be refused: it takes nothing from those that come after it. */
void dry_run_refuse(struct dry_run *f);

#endif
