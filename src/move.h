/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MOVE_H
#define MOVE_H

#include <stdbool.h>
#include <stddef.h>

struct control;
struct mapping_list;
struct page;
struct plan;
struct process;
struct room_guard;
struct route;
struct scan_means;
struct spread;

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
	bool as_asked;	/* with in_order: as the operands were given, not as the plan has them */
	/* The plan is to be freed: no page of it comes any more.  NULL: of no interest. */
	int (*plan_end)(void *context);
};

enum move_mode {
	MOVE_LOOK,	/* where are the pages? */
	MOVE_DRY_RUN,	/* which would move? */
	MOVE_FOR_REAL,
};

struct move {
	const struct process *process;
	const struct mapping_list *maps;
	const struct plan *plan;
	const struct scan_means *means;	/* how its pages are found */
	/* Which nodes' pages are selected, and where they go; NULL: all, nowhere. */
	const struct route *route;
	/* Where selected pages go, by their place, whatever the route says; NULL: it says. */
	const struct spread *spread;
	enum move_mode mode;
	bool all;			/* pages that other processes map too (CAP_SYS_NICE) */
	bool keep_huge;			/* leave huge pages that would be split */
	unsigned int retries;		/* further tries for pages that are busy */
	unsigned int jobs;		/* workers; 0: move_default_jobs() */
	struct control *control;	/* how fast, and when to end */
	struct room_guard *room;	/* how much may go where */
};

/*
 * move_run - visit all pages of the plan; look at them, or move them
 *
 * Returns 0 when every page was visited and judged, whatever the judgement;
 * -errno of what ended the run before: -ESRCH the process exited, -ESTALE it
 * runs another program, -EINTR a signal or -ETIMEDOUT the time asked it to end
 * (control_reason(); of a move, pages that were not reached are counted as such),
 * -ENOMEM, what the sink returned, or what the kernel answered.  Every batch
 * begun is handed to the sink all the same.
 */
int move_run(const struct move *move, const struct sink *sink);

/* The same move, but in this mode and with this route. */
int move_run_as(const struct move *move, enum move_mode mode, const struct route *route,
		const struct sink *sink);

/*
 * How many workers are used unless asked otherwise.  Those that move: half the
 * allowed CPUs, 1 to 4.  Those that only look: 2, where there are 2 CPUs.
 */
unsigned int move_default_jobs(enum move_mode mode);

#endif
