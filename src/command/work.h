/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_WORK_H
#define COMMAND_WORK_H

#include "command/resolve.h"
#include "command/session.h"
#include "engine/companions.h"
#include "engine/finder.h"
#include "engine/origins.h"
#include "numa/interleave.h"
#include "plan/account.h"
#include "proc/address_space.h"
#include "proc/binding.h"
#include "proc/process.h"

/*
 * Processes one process, in steps: find it, check it, visit its pages.
 *
 * Steps return results, and neither print nor add up; command.c calls them in order.
 */

enum result_how {
	RESULT_DONE,
	RESULT_FAILED,	    /* see why: one line */
	RESULT_LIST_FAILED, /* the list of pages is invalid: see the list's why */
	RESULT_VANISHED,    /* not named, and exited, or a kernel thread; see why */
	RESULT_REFUSED,	    /* not named (--all), and not accessible */
	RESULT_NOT_REACHED, /* the command ended before */
	RESULT_STOPPED,	    /* a signal or the time limit ended the visit; see why */
	RESULT_UNSETTLED,   /* new pages kept appearing on the sources; see why */
	RESULT_REPEATED,    /* already visited, through another thread ID */
};

struct result {
	enum result_how how;
	bool partial; /* some pages were not moved or not reached */
	char why[RESOLVE_WHY_MAX];
};

struct work {
	struct process process;
	bool named; /* on the command line, not found in a set of processes: must exist */
	struct address_space space;
	struct finder_means means;
	struct plan plan;
	struct plan_source whole;      /* a source with the plan */
	struct nodeset *at_thresholds; /* the nodes of each threshold */
	struct node_map *map;	       /* the destination of the pages of each node, or NULL */
	struct interleave interleave;
	size_t passes; /* of the map */
	struct origins origins;
	struct account account;
	struct companions companions;
	uint64_t visited;	/* bytes, in all passes */
	size_t turn;		/* its index among the processes of the command, from 1 */
	struct binding binding; /* of a table or document without a move */
	struct subject subject; /* of the report */
	char command[PROCESS_COMMAND_MAX];
	int rc; /* of the passes so far, as work_pass() */
};

/* Return NULL without memory. */
struct work *work_new(const struct session *s, pid_t pid);
void work_free(struct work *w);

/*
 * Find the process, and check it and its nodes completely.  Move, write and report nothing.
 */
void work_start(struct session *s, struct work *w, pid_t pid, struct result *r);

/*
 * Return whether all processes must be found before the move: some nodes are both source and
 * destination, so a page with several entries could move twice.
 */
bool work_overlaps(const struct session *s, const struct work *w);

/*
 * Before anything moves, record the nodes of pages with several entries, if the pass needs them.
 * Return 0 or -errno.
 */
int work_record(const struct session *s, struct work *w, size_t pass);

/*
 * Before anything moves, save the placement of its selected pages (--save with a destination),
 * including shared memory: each process can be restored separately.  Save all pages if they are
 * from a list, which may be readable only once.  @unseen: pages whose node the kernel does not
 * report.  Return 0 or -errno; then it must not move.
 */
int work_save(struct session *s, struct work *w, struct count *unseen);

/* Make the last checks before the first pass, and begin to write. */
void work_begin(struct session *s, struct work *w, struct result *r);

/*
 * Visit its pages: one pass of its map, in which no page moves twice.  Call this for every pass;
 * the last one also handles new pages (--settle) and thresholds.  Return as engine_run() does.
 */
int work_pass(struct session *s, struct work *w, size_t pass);

/* Return whether the complete process was moved, and most of its memory is where it should be. */
bool work_is_whole(const struct session *s, const struct work *w);

/* Determine the result of a process.  @rc: of its visit, or of a later step. */
void work_judge(const struct session *s, const struct work *w, int rc, struct result *r);

/* Return whether a dry run found too little room for the move; never for lists. */
bool work_is_refused(struct session *s, struct result *r);

#endif
