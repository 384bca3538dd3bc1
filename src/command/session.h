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

/* One command at work.  Types only; command.c makes and frees it. */

/* What became of all processes.  Only command.c writes it. */
struct totals {
	struct account account;
	struct pid_list processes; /* looked at: a thread's id stands for its process */
	size_t failed, partial;
	size_t vanished;  /* that nobody named, and that were gone */
	size_t refused;	  /* that nobody named, and that the caller may not look at */
	size_t unreached; /* the command ended before their turn */
	size_t unmet;	  /* thresholds */
	bool broken;	  /* one failed after its report began */
	bool selected;	  /* of one of them at least there was something to visit */
	bool moved;	  /* pages were moved, so that a lost report is not all */
};

struct session {
	const struct request *request;
	bool moves; /* or would, but for a dry run */
	struct topology topology;
	struct engine engine;
	struct limits limits;
	struct call_stats calls;
	struct headroom_guard room;
	struct members members; /* the processes that it is about */
	struct process *held;	/* the first of them, opened with all rights of the caller */
	size_t n_held;
	struct frames frames;	      /* where the frames are that their pagemaps show */
	struct listfile *list;	      /* pages that come from a file, or NULL */
	struct placement_writer save; /* the file that placements go to */
	bool saved;		      /* it is complete: --restore can undo the move */
	struct report report;
	struct dry_run *dry_run; /* of a dry run, or NULL */
	/* What several processes share: visited in those before, and in the one at work. */
	struct seen before, now;
	struct threshold *thresholds; /* those of the request, and what was found */
	struct advice advice;	      /* whether what was moved will stay */
	struct progress progress;
	size_t turns; /* processes that were begun */
	struct totals totals;
};

#endif
