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
 * One process: found, checked, visited.
 *
 * Steps return results, and tell and count nothing; command.c calls them in their order.
 */

enum result_how {
	RESULT_DONE,
	RESULT_FAILED,	    /* why: one line */
	RESULT_LIST_FAILED, /* the list of pages is wrong: its own why */
	RESULT_VANISHED,    /* nobody named it, and it is gone, or of the kernel; why */
	RESULT_REFUSED,	    /* one of all processes, which the caller may not look at */
	RESULT_NOT_REACHED, /* the command ended before its turn */
	RESULT_STOPPED,	    /* it ended in the middle; why */
	RESULT_UNSETTLED,   /* new pages kept coming to the sources; why */
	RESULT_REPEATED,    /* it was looked at before, as another thread's */
};

struct result {
	enum result_how how;
	bool partial; /* not all that was asked for */
	char why[RESOLVE_WHY_MAX];
};

struct work {
	struct process process;
	bool named; /* and not found in a set of processes: has to be there */
	struct address_space space;
	struct finder_means means;
	struct plan plan;
	struct plan_source whole;      /* the source that the plan is */
	struct nodeset *at_thresholds; /* the nodes of each threshold */
	struct node_map *map;	       /* where the pages of each node go, or NULL */
	struct interleave interleave;
	size_t passes; /* of the map */
	struct origins origins;
	struct account account;
	struct companions companions;
	uint64_t visited;	/* bytes, in all passes */
	size_t turn;		/* the how-manieth process of the command it is, from 1 */
	struct binding binding; /* of a look */
	struct subject subject; /* of the report */
	char command[PROCESS_COMMAND_MAX];
	int rc; /* what ended the passes so far, as work_pass() */
};

/* Returns NULL without memory. */
struct work *work_new(const struct session *s, pid_t pid);
void work_free(struct work *w);

/*
 * work_start - find the process, and check all that can be wrong with it or its nodes
 *
 * After that nothing has been moved, written or reported.
 */
void work_start(struct session *s, struct work *w, pid_t pid, struct result *r);

/*
 * Whether a move has to wait until all processes are there: pages come to nodes that others
 * leave, and a page with several entries must not be taken for one that was there before.
 */
bool work_overlaps(const struct session *s, const struct work *w);

/*
 * Before anything moves, note where pages with several entries are, if the pass needs it.
 * Returns 0 or -errno.
 */
int work_record(const struct session *s, struct work *w, size_t pass);

/*
 * Before anything moves, write down where its selected pages are (--save beside a
 * destination).  Of what several processes share, and of lists, which may be read only once,
 * everything: each of them can be restored by itself.  @unseen: pages whose node the kernel
 * does not tell.  Returns 0 or -errno; then it must not move.
 */
int work_save(struct session *s, struct work *w, struct count *unseen);

/* work_begin - the last checks, and the beginning of what is written; before the first pass */
void work_begin(struct session *s, struct work *w, struct result *r);

/*
 * work_pass - visit its pages: one pass of its map, in which no page moves twice
 *
 * Every pass has to be called; the last one also does what comes after (--settle, what is
 * new, thresholds).  Returns what ended it, as engine_run() does, or 0.
 */
int work_pass(struct session *s, struct work *w, size_t pass);

/* Whether it was a move of the whole process, and most of its memory is where it should be. */
bool work_is_whole(const struct session *s, const struct work *w);

/* What became of it.  @rc: what ended its visit, or what came after it. */
void work_judge(const struct session *s, const struct work *w, int rc, struct result *r);

/* Of a dry run: whether the real move would be refused for lack of room.  Not of lists. */
bool work_is_refused(struct session *s, struct result *r);

#endif
