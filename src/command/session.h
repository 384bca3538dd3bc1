/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_SESSION_H
#define COMMAND_SESSION_H

#include "command/listfile.h"
#include "command/placement_file.h"
#include "numa/topology.h"
#include "plan/request.h"
#include "plan/seen.h"
#include "proc/frames.h"
#include "report/dry_run.h"
#include "report/progress.h"
#include "report/report.h"

/* The state of one command.  Types only; command.c makes and frees it. */

/* The outcome of all processes.  Only command.c writes it. */
struct totals {
	struct account account;
	struct pid_list processes; /* visited; the process of a given thread ID */
	pid_t last_refused;
	size_t failed, partial;
	size_t vanished;  /* not named on the command line, and exited */
	size_t refused;	  /* not named on the command line, and not accessible */
	size_t unreached; /* the command ended before */
	size_t unmet;	  /* thresholds */
	bool broken;	  /* one failed after its report began */
	bool selected;	  /* at least one had something to visit */
	bool moved;	  /* pages were moved, which matters if the report is lost */
};

struct session {
	const struct request *request;
	bool moves; /* also if it is a dry run */
	struct topology topology;
	struct engine engine;
	struct limits limits;
	struct call_stats calls;
	struct headroom_guard room;
	struct members members; /* the processes of the command */
	struct process *held;	/* the first of them, opened with all rights of the caller */
	size_t n_held;
	struct frames frames;	      /* the nodes of page frames */
	struct listfile *list;	      /* a file of pages, or NULL */
	struct placement_writer save; /* the file of --save */
	bool saved;		      /* it is complete: --restore can undo the move */
	struct report report;
	struct dry_run *dry_run; /* of a dry run, or NULL */
	/* Shared memory visited in earlier processes, and in the current one. */
	struct seen before, now;
	struct threshold *thresholds; /* of the request, with results */
	struct advice advice;	      /* whether moved pages will stay */
	struct progress progress;
	size_t turns; /* number of processes begun */
	struct totals totals;
};

#endif
