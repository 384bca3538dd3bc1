/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_FIT_H
#define ENGINE_FIT_H

#include "proc/headroom.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct move;
struct page;
struct sink;

/*
 * Whether a move fits: what would go to each node, less what would leave it,
 * against the room there (room.h).  Pages of hugetlb come from the free pages
 * of their size on the node, and from its other memory where those do not
 * suffice; a page of a gibibyte cannot.
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

/* Free pages of hugetlb on a node, by the log2 of their size. */
typedef uint64_t free_huge_fn(int node, unsigned int shift);

/* free_huge_fn of this machine; 0 where that cannot be read. */
uint64_t fit_free_huge(int node, unsigned int shift);

/* Count pages that would move.  Pure. */
void need_add(struct need *need, const struct page *pages, size_t n, const struct move *move);

/*
 * need_demands - what the need comes to on one node.  Pure.
 * @demand: DEMANDS_MAX; receives the need of ordinary memory, with what the
 *          pools of hugetlb do not have, and then of each pool
 *
 * Returns how many: one more than the need has sizes of hugetlb pages.
 */
size_t need_demands(const struct need *need, const struct headroom *room, int node,
		    free_huge_fn *free_huge, struct demand *demand);

/* need_shortage - the first node that has too little room.  Pure. */
struct shortage need_shortage(const struct need *need, const struct headroom *room,
			      free_huge_fn *free_huge);

/* Pages that no plan has: how all are visited, and where they may go (list.h). */
struct fit_list {
	int (*run)(void *context, const struct move *move, const struct sink *sink);
	void *context;
	const struct nodeset *to;
};

/*
 * fit_check - would the move fit?
 * @list: instead of the plan of the move, or NULL
 *
 * Looks at every page only if the process has more in memory than the node
 * with the least room could take.  Returns 0 and *@shortage, or -errno.
 */
int fit_check(const struct move *move, const struct fit_list *list, struct shortage *shortage);

#endif
