/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FORECAST_H
#define FORECAST_H

#include "account.h"
#include "move.h"
#include "preflight.h"
#include "room.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;

/*
 * What a dry run foresees: how much of each kind of mapping would go from which
 * node to which, or would stay; which huge pages would be split; and what that
 * takes of the room on the destinations.
 *
 * It lives as long as the run, since what one process takes, the next one does
 * not find; and it has a row for each pair of nodes and kind that occurs, so
 * that its size does not depend on that of a process.
 */

enum { FORECAST_NO_NODE = -1 };

/* Pages that would share a fate. */
struct forecast_row {
	uint8_t outcome;	/* enum outcome */
	uint8_t kind;		/* of mapping: enum mapping_kind */
	int16_t from, to;	/* of OUTCOME_WOULD_MOVE, else FORECAST_NO_NODE */
	struct count count;
	uint64_t split;		/* huge pages among them that would be split */
};

struct forecast {
	const struct move *move;	/* of the process at hand; borrowed */
	const struct sink *sink;	/* gets the pages, judged; borrowed */
	free_huge_fn *free_huge;
	struct room room;
	bool knows_room;
	unsigned int huge_shift;	/* log2 of a transparent huge page; 0: nothing is read yet */
	struct huge_room huge, huge_before;	/* what is free after this process, and before it */
	struct need need, need_before;		/* of all processes up to this, and before it */
	struct forecast_row *row;	/* in the order of their members */
	size_t n;
};

/*
 * forecast_begin - the next process
 * @f: all zeros before the first one
 * @move: how it would be moved; used until the next one begins
 *
 * Before the first one it reads what room there is.  Where that fails, there is
 * no shortage, as what cannot be read holds up no move.
 */
void forecast_begin(struct forecast *f, const struct move *move);
void forecast_free(struct forecast *f);

/*
 * forecast_pages - a sink's function, to be called in the order of the plan
 * @context: the forecast
 *
 * Hands the pages on to f->sink, with those that would be split marked
 * PAGE_SPLIT or, if they are to be kept, judged OUTCOME_NO_HUGE: which are the
 * last ones, as the first ones take what huge pages are free.  Returns what
 * that returned, or -ENOMEM.
 */
int forecast_pages(void *context, const struct page *pages, size_t n);

/* Whether pages of the process would go there. */
bool forecast_is_destination(const struct forecast *f, int node);

/*
 * forecast_demands - what would come to a node, by this process alone
 *
 * As need_demands(); the room is what the processes before it leave.
 */
size_t forecast_demands(const struct forecast *f, int node, struct demand *demand);

/* The first node that would have too little room, as need_shortage() has it. */
struct shortage forecast_shortage(const struct forecast *f);

/* The process would be refused: it takes nothing from those that come after it. */
void forecast_refuse(struct forecast *f);

#endif
