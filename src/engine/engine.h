/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct address_space;
struct finder_means;
struct headroom_guard;
struct interleave;
struct limits;
struct node_map;
struct origins;
struct page;
struct plan;
struct process;
struct source;

/*
 * The move engine: workers take batches of pages, process them, and pass them to a sink.  It
 * prints nothing and counts nothing.  Each worker has one batch, so memory use does not depend on
 * the size of the target.
 *
 * Every call gets a target and an aim; the engine is the same for all calls of a command.
 */

/* The process, and which of its pages are visited. */
struct target {
	const struct process *process;
	const struct address_space *space;
	const struct finder_means *means; /* how its pages are found */
	struct source *source;		  /* rewound, then read to its end */
};

/* The selected nodes and the destinations.  All zeros: select every page, move none. */
struct aim {
	const struct node_map *map;	     /* NULL: select all nodes */
	const struct interleave *interleave; /* destinations by page offset, not by map; or NULL */
	/* The nodes of pages with several entries before the move, used instead of the current. */
	const struct origins *origins; /* or NULL */
	bool flags_many;	       /* in a dry run, set PAGE_MANY for shared anonymous pages */
};

enum engine_mode {
	ENGINE_LOCATE,	/* locate pages */
	ENGINE_DRY_RUN, /* predict which pages move */
	ENGINE_MOVE,
};

/* Statistics of the calls of move_pages(2) that move pages; shared by the workers. */
struct call_stats {
	atomic_uint_fast64_t calls;
	atomic_uint_fast64_t longest; /* nanoseconds */
};

/* Options and shared state; const during a run, except for the targets of the pointers. */
struct engine {
	bool move_shared;     /* also move pages that other processes map (CAP_SYS_NICE) */
	bool keep_huge;	      /* do not move huge pages that would be split */
	unsigned int retries; /* further tries for busy pages */
	unsigned int jobs;    /* workers; 0: as many as useful (engine/staff.h) */
	struct limits *limits;
	struct headroom_guard *room;
	struct call_stats *calls; /* or NULL */
};

/* Receives finished batches, one at a time; embedded in the receiver. */
struct sink {
	/* May change the outcome of pages.  Return 0, or -errno to end the run. */
	int (*pages)(struct sink *sink, struct page *pages, size_t n);
	/* Begin with the pages of a plan.  May be NULL. */
	int (*plan)(struct sink *sink, const struct plan *plan);
	bool in_order; /* in the order of the plan: workers wait for earlier batches */
	bool as_asked; /* with in_order: in the order of the operands instead */
};

/*
 * Visit all pages of the target: locate them, or move them.  Pass every batch begun to the sink,
 * also if the run ends early.
 *
 * Return 0 if every page was visited, whatever its outcome, or why the run ended early: -ESRCH, the
 * process exited; -ESTALE, it called execve(2); -EINTR, a signal, or -ETIME, the time limit
 * (limits_reason(); a move counts the pages that it did not reach); -ENOMEM; or -errno of the
 * source, the sink, or the kernel.
 */
int engine_run(const struct engine *e, const struct target *target, const struct aim *aim,
	       enum engine_mode mode, struct sink *sink);

#endif
