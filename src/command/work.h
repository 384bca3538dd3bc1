/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_WORK_H
#define COMMAND_WORK_H

#include "command/advice.h"
#include "command/placement_file.h"
#include "engine/companions.h"
#include "engine/engine.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "numa/interleave.h"
#include "numa/node_map.h"
#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/account.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "plan/seen.h"
#include "proc/address_space.h"
#include "proc/headroom.h"
#include "proc/pid_select.h"
#include "proc/process.h"
#include "report/progress.h"
#include "report/report.h"

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
	bool moves; /* pages are to be moved, or would be but for a dry run */
	struct topology topology;
	struct report report;
	struct limits control;
	struct headroom_guard room;
	struct members members;		 /* the processes it is about */
	struct dry_run *forecast;	 /* of a dry run, or NULL */
	struct pid_list seen;		 /* processes: a thread's id stands for its process */
	struct listfile *list;		 /* pages that come from a file, or NULL */
	struct placement_writer save;	 /* the file that a placement goes to */
	size_t failed, partial, excused; /* how many of them */
	size_t unreached;		 /* and for how many it was never their turn */
	bool selected;			 /* of one of them at least there was something to visit */
	bool once;			 /* what they share is visited in one of them only */
	struct seen before, now;	 /* what was: in others, and in the one at work */
	struct account total;		 /* of all processes */
	struct threshold *shares;	 /* those of the request, and what was found */
	size_t unmet;			 /* how many of them do not hold */
	struct advice stay;		 /* whether what was moved will stay */
	bool moved;			 /* pages were moved, so that a lost report is not all */
};

/* One process at work. */
struct job {
	struct run *run;
	bool named; /* and not found in a set of processes: has to be there */
	struct process process;
	struct address_space maps;
	struct finder_means means;
	struct plan plan;
	uint64_t before; /* bytes that are not in it: visited in other processes */
	struct node_map route;
	struct node_map again; /* the part of it that is followed, and looked at, afterwards */
	bool has_route;
	struct interleave spread;
	struct nodeset *share_nodes; /* of each of the request's shares */
	struct account account;
	struct companions along;
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
