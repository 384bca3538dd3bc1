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
 * The move engine: workers take the next batch of pages, do it, and hand it on.  It prints
 * nothing and counts nothing.  Each worker holds one batch, so that memory does not depend
 * on the target.
 *
 * What is done, how, and with what are three arguments: a target and an aim, which differ
 * from call to call; and the engine, which is the same for all of a command.
 */

/* Whose pages are visited, and which of them. */
struct target {
	const struct process *process;
	const struct address_space *space;
	const struct finder_means *means; /* how its pages are found */
	struct source *source;		  /* is rewound, and read to its end */
};

/* Which of these are selected, and where they go.  All zeros: every page, and nowhere. */
struct aim {
	const struct node_map *map;	     /* NULL: those of all nodes */
	const struct interleave *interleave; /* by their place, whatever the map says; or NULL */
	/* Where pages with several entries were before any moved: decides for them; or NULL. */
	const struct origins *origins;
	bool tells_many; /* in a dry run: flag what others have, too, PAGE_MANY */
};

enum engine_mode {
	ENGINE_LOOK,	/* where are the pages? */
	ENGINE_DRY_RUN, /* which would move? */
	ENGINE_MOVE,
};

/* What was measured of the calls of move_pages(2) that move; the workers share it. */
struct call_stats {
	atomic_uint_fast64_t calls;
	atomic_uint_fast64_t longest; /* nanoseconds */
};

/* How and with what; const while it runs, but for what the pointers lead to. */
struct engine {
	bool move_shared;     /* pages that other processes map, too (CAP_SYS_NICE) */
	bool keep_huge;	      /* leave huge pages that would be split */
	unsigned int retries; /* further tries for pages that are busy */
	unsigned int jobs;    /* workers; 0: as engine/staff.h has it */
	struct limits *limits;
	struct headroom_guard *room;
	struct call_stats *calls; /* or NULL */
};

/*
 * Receives finished batches, one at a time; embedded in the receiver.  In the order of the
 * plan only if it wants that: then a worker that is done waits for those with earlier
 * batches.
 */
struct sink {
	/* May judge pages further.  Returns 0, or -errno to end the run. */
	int (*pages)(struct sink *sink, struct page *pages, size_t n);
	/* The plan that the next pages are of.  NULL: of no interest. */
	int (*plan)(struct sink *sink, const struct plan *plan);
	bool in_order;
	bool as_asked; /* with in_order: as the operands were given, not as the plan has them */
};

/*
 * engine_run - visit all pages of the target; look at them, or move them
 *
 * Returns 0 when every page was visited and judged, whatever the judgement; -errno of what
 * ended the run before: -ESRCH the process exited, -ESTALE it runs another program, -EINTR
 * a signal or -ETIMEDOUT the time asked it to end (limits_reason(); of a move, pages that
 * were not reached are counted as such), -ENOMEM, what the source or the sink returned, or
 * what the kernel answered.  Every batch begun is handed to the sink all the same.
 */
int engine_run(const struct engine *e, const struct target *target, const struct aim *aim,
	       enum engine_mode mode, struct sink *sink);

#endif
