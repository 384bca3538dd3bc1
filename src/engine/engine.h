/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

struct limits;
struct address_space;
struct page;
struct plan;
struct process;
struct headroom_guard;
struct node_map;
struct finder_means;
struct interleave;

/*
 * The move engine: workers take the next batch of pages, do it, and hand it
 * on.  Knows nothing of printing and nothing of counting.
 *
 * Each worker holds one batch, so memory does not depend on the target.
 */

/*
 * Receives finished batches, one at a time.  In the order asked for only if it
 * wants that: then a worker that is done waits for those with earlier batches.
 */
struct sink {
	/* Returns 0, or -errno to end the run. */
	int (*pages)(void *context, const struct page *pages, size_t n);
	void *context;
	bool in_order;
	bool as_asked; /* with in_order: as the operands were given, not as the plan has them */
	/* The pages to come are in this plan.  NULL: of no interest. */
	int (*plan)(void *context, const struct plan *plan);
};

enum engine_mode {
	ENGINE_LOOK,	/* where are the pages? */
	ENGINE_DRY_RUN, /* which would move? */
	ENGINE_FOR_REAL,
};

struct move {
	const struct process *process;
	const struct address_space *maps;
	const struct plan *plan;
	const struct finder_means *means; /* how its pages are found */
	/* Which nodes' pages are selected, and where they go; NULL: all, nowhere. */
	const struct node_map *route;
	/* Where selected pages go, by their place, whatever the route says; NULL: it says. */
	const struct interleave *spread;
	enum engine_mode mode;
	bool all;		     /* pages that other processes map too (CAP_SYS_NICE) */
	bool keep_huge;		     /* leave huge pages that would be split */
	unsigned int retries;	     /* further tries for pages that are busy */
	unsigned int jobs;	     /* workers; 0: engine_default_jobs() */
	struct limits *control;	     /* how fast, and when to end */
	struct headroom_guard *room; /* how much may go where */
};

/*
 * engine_run - visit all pages of the plan; look at them, or move them
 *
 * Returns 0 when every page was visited and judged, whatever the judgement;
 * -errno of what ended the run before: -ESRCH the process exited, -ESTALE it
 * runs another program, -EINTR a signal or -ETIMEDOUT the time asked it to end
 * (limits_reason(); of a move, pages that were not reached are counted as such),
 * -ENOMEM, what the sink returned, or what the kernel answered.  Every batch
 * begun is handed to the sink all the same.
 */
int engine_run(const struct move *move, const struct sink *sink);

/* The same move, but in this mode and with this route. */
int engine_run_as(const struct move *move, enum engine_mode mode, const struct node_map *route,
		  const struct sink *sink);

/*
 * How many workers are used unless asked otherwise.  Those that move: half the
 * allowed CPUs, 1 to 4.  Those that only look: 2, where there are 2 CPUs.
 */
unsigned int engine_default_jobs(enum engine_mode mode);

#endif
