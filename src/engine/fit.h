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
 * Predicts whether a move fits: compares the bytes that each node would gain with its headroom
 * (headroom.h).  hugetlb pages come from the free pages of their size on the node, and from its
 * other memory if these do not suffice (never 1 GiB pages).
 *
 * Counts the pages of dry runs of one process after the other: room that one takes is not available
 * to the next.
 */

enum { FIT_SIZES = 4, FIT_GIGANTIC_SHIFT = 30 };

/* Net bytes that would arrive at each node; negative if more would leave. */
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

/* Needed and available memory of one kind on a node, in bytes. */
struct demand {
	unsigned int shift; /* of hugetlb pages; 0: all other memory */
	int64_t need;	    /* negative if more would leave */
	uint64_t room;
};

/* Return whether to refuse the move; not for pools of smaller hugetlb pages, which can grow. */
bool demand_is_short(const struct demand *d);

enum { DEMANDS_MAX = 1 + FIT_SIZES };

/* Memory that the processes so far take. */
struct fit_taken {
	struct need need;
	struct huge_headroom huge; /* remaining */
};

/* Pages already counted, which may be met again in another mapping or process. */
struct fit_met {
	struct seen files;
	struct origins others; /* anonymous pages shared since a fork(2) */
};

struct fit {
	struct sink sink; /* receives the pages of a dry run, in order */
	/* The current process. */
	const struct address_space *space;
	const struct node_map *map; /* of its aim */
	unsigned int base_shift;
	bool keep_huge;
	bool merged; /* has pages merged by KSM: not counted, because one may occur twice */
	/* This machine. */
	uint64_t (*free_huge)(int node, unsigned int shift); /* number of free hugetlb pages */
	bool knows_room;
	unsigned int huge_shift; /* log2 of a transparent huge page; 0: nothing read yet */
	struct headroom room;
	/* By all processes including the current one, and excluding it. */
	struct fit_taken taken, before;
	struct need asked;	/* by all processes, including those that would be refused */
	struct nodeset refused; /* nodes whose lack of room would make a move fail */
	struct fit_met met, met_before;
	struct fit_met met_refused; /* by refused processes: counted in @asked */
};

/*
 * Begin with the next process; for the first, also read the headroom.
 * @f: all zeros before the first process; freed by fit_free()
 *
 * If the headroom cannot be read, assume that everything fits: that must not prevent a move.
 * Return 0 or -ENOMEM.
 */
int fit_begin(struct fit *f, const struct engine *e, const struct target *target,
	      const struct node_map *map);

/*
 * Release the room that the current process took: it would be refused, because @node lacks room.
 * Return 0 or -ENOMEM.
 */
int fit_refuse(struct fit *f, int node);
void fit_free(struct fit *f);

/*
 * Count pages (a sink).  A page that was counted before is regarded as moved.  When the
 * destination has no free huge page left, mark huge pages PAGE_SPLIT or, with --huge=keep,
 * OUTCOME_NO_HUGE.
 */
int fit_pages(struct sink *sink, struct page *pages, size_t n);

/*
 * Find the demands of the current process alone on a node.
 * @demand: DEMANDS_MAX; first that of ordinary memory, including what the hugetlb pools lack, then
 *          that of each pool; earlier processes reduce the room
 *
 * Return the number of demands: 1 + the number of sizes of hugetlb pages.
 */
size_t fit_demands(const struct fit *f, int node, struct demand *demand);

/* Find the demands of all processes together, with the room before the first. */
size_t fit_total(const struct fit *f, int node, struct demand *demand);

/* Return the first node with too little room. */
struct shortage fit_shortage(const struct fit *f);

/*
 * Check whether the move of one process fits.
 * @nodes: destinations in the source (=NODE), besides those of the aim
 *
 * Visit every page only if the process has more in memory than the node with the least room can
 * take.  Return 0 and *@shortage, or -errno.
 */
int fit_check(const struct engine *e, const struct target *target, const struct aim *aim,
	      const struct nodeset *nodes, struct shortage *shortage);

#endif
