/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_FIT_H
#define ENGINE_FIT_H

#include "engine/engine.h"
#include "engine/origins.h"
#include "plan/seen.h"
#include "proc/headroom.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a move fits: what would go to each node, less what would leave it, against the
 * room there (headroom.h).  Pages of hugetlb come from the free pages of their size on the
 * node, and from its other memory where those do not suffice; a page of a gibibyte cannot.
 *
 * It is what a dry run counts, for one process or for several one after the other: what one
 * takes, the next one does not find.
 */

enum { FIT_SIZES = 4, FIT_GIGANTIC_SHIFT = 30 };

/* What would go, in bytes; below 0 where more would leave. */
struct need {
	int64_t bytes[NODES_MAX];
	struct {
		unsigned int shift; /* 0: not used */
		int64_t bytes[NODES_MAX];
	} hugetlb[FIT_SIZES];
};

struct shortage {
	int node;	     /* -1: it fits */
	uint64_t need, room; /* bytes */
};

/* What would come to a node, and what there is for it, in bytes. */
struct demand {
	unsigned int shift; /* for hugetlb pages of that size; 0: for all else */
	int64_t need;	    /* below 0 where more would leave */
	uint64_t room;
};

/* Whether that is a reason to refuse: what the pool of smaller pages lacks comes from the rest. */
bool demand_is_short(const struct demand *d);

enum { DEMANDS_MAX = 1 + FIT_SIZES };

/* What a move takes: room, and pages that are met again. */
struct fit_taken {
	struct need need;
	struct huge_headroom huge; /* what is left of it */
};

struct fit_met {
	struct seen files;
	struct origins others; /* that several processes have since a fork(2) */
};

struct fit {
	struct sink sink; /* to be called with the pages of a dry run, in order */
	/* The process at hand. */
	const struct address_space *space;
	const struct node_map *map; /* of its aim */
	unsigned int base_shift;
	bool keep_huge;
	bool merged; /* a page may be in it twice (KSM): no reason to refuse */
	/* This machine. */
	uint64_t (*free_huge)(int node, unsigned int shift); /* hugetlb pages of that size */
	bool knows_room;
	unsigned int huge_shift; /* log2 of a transparent huge page; 0: nothing is read yet */
	struct headroom room;
	/* By all processes up to this, and before it. */
	struct fit_taken taken, before;
	struct need asked;	/* by all of them, those that would be refused included */
	struct nodeset refused; /* nodes for lack of whose room one would be refused */
	struct fit_met met, met_before;
	struct fit_met met_refused; /* by refused processes: counted in @asked */
};

/*
 * fit_begin - the next process
 * @f: all zeros before the first one; freed by fit_free()
 *
 * Before the first one it reads what room there is.  Where that fails there is no
 * shortage, as what cannot be read holds up no move.  Returns 0 or -ENOMEM.
 */
int fit_begin(struct fit *f, const struct engine *e, const struct target *target,
	      const struct node_map *map);

/*
 * Take back what the process takes: it would be refused, because @node is short of room.
 * Returns 0 or -ENOMEM.
 */
int fit_refuse(struct fit *f, int node);
void fit_free(struct fit *f);

/*
 * The sink.  A page that was met before is where it would have gone.  Pages that would be split are marked PAGE_SPLIT or, if they are to be kept,
 * judged OUTCOME_NO_HUGE: the last ones, as the first take what huge pages are free.
 */
int fit_pages(struct sink *sink, struct page *pages, size_t n);

/*
 * fit_demands - what would come to a node, by the process at hand alone
 * @demand: DEMANDS_MAX; receives the need of ordinary memory, with what the pools of
 *          hugetlb do not have, and then of each pool; the room is what the processes
 *          before it leave
 *
 * Returns how many: one more than there are sizes of hugetlb pages.
 */
size_t fit_demands(const struct fit *f, int node, struct demand *demand);

/* fit_total - the same for all processes together, and the room before the first of them */
size_t fit_total(const struct fit *f, int node, struct demand *demand);

/* The first node that would have too little room. */
struct shortage fit_shortage(const struct fit *f);

/*
 * fit_check - would the move of one process fit?
 * @nodes: those that the source has pages go to, beside those of the aim
 *
 * Looks at every page only if the process has more in memory than the node with the least
 * room could take.  Returns 0 and *@shortage, or -errno.
 */
int fit_check(const struct engine *e, const struct target *target, const struct aim *aim,
	      const struct nodeset *nodes, struct shortage *shortage);

#endif
