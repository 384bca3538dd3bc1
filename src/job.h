/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef JOB_H
#define JOB_H

#include "account.h"
#include "along.h"
#include "control.h"
#include "mappings.h"
#include "members.h"
#include "move.h"
#include "nodes.h"
#include "plan.h"
#include "process.h"
#include "progress.h"
#include "report.h"
#include "request.h"
#include "room.h"
#include "route.h"
#include "save.h"
#include "scan.h"
#include "spread.h"
#include "stay.h"
#include "topology.h"
#include "visited.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A command at work (run.h), and one of its processes: found, looked at (visit.h), and told
 * of (tell.h).
 */

/* One command at work. */
struct run {
	const struct request *request;
	struct request own;		/* what request points to */
	struct topology topology;
	struct report report;
	struct control control;
	struct room_guard room;
	struct members members;		/* the processes it is about */
	struct forecast *forecast;	/* of a dry run, or NULL */
	struct pid_list seen;		/* processes: a thread's id stands for its process */
	struct list *list;		/* pages that come from a file, or NULL */
	struct save save;		/* the file that a placement goes to */
	size_t failed, partial, excused;	/* how many of them */
	size_t unreached;		/* and for how many it was never their turn */
	bool selected;			/* of one of them at least there was something to visit */
	bool once;			/* what they share is visited in one of them only */
	struct visited before, now;	/* what was: in others, and in the one at work */
	struct account total;		/* of all processes */
	struct share *shares;		/* those of the request, and what was found */
	size_t unmet;			/* how many of them do not hold */
	struct stay stay;		/* whether what was moved will stay */
	bool moved;			/* pages were moved, so that a lost report is not all */
};

/* One process at work. */
struct job {
	struct run *run;
	bool named;		/* and not found in a set of processes: has to be there */
	struct process process;
	struct mapping_list maps;
	struct scan_means means;
	struct plan plan;
	uint64_t before;	/* bytes that are not in it: visited in other processes */
	struct route route;
	struct route again;	/* the part of it that is followed, and looked at, afterwards */
	bool has_route;
	struct spread spread;
	struct node_set *share_nodes;	/* of each of the request's shares */
	struct account account;
	struct along along;
	struct progress progress;
	struct subject subject;
	struct move move;
};

/*
 * job_run - do what was asked with one process, and tell of it
 *
 * Everything that can be wrong with a process or its nodes is found before it is touched.
 * What went wrong is counted in run->failed, partial and excused.
 */
void job_run(struct run *run, pid_t pid);

#endif
