/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_REQUEST_H
#define PLAN_REQUEST_H

#include "plan/operand.h"
#include "plan/threshold.h"
#include "proc/pid_select.h"
#include "util/terminal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The request of the user, made by cli/options.c and const afterwards.  Texts are borrowed from
 * the command line.
 */

enum command {
	COMMAND_MIGRATEPAGES = 1 << 0,
	COMMAND_MOVEPAGES = 1 << 1,
};

/* If several options set the action, the largest value wins. */
enum request_action {
	ACTION_LOOK = 1 << 0, /* display where pages are */
	ACTION_TEST = 1 << 1, /* only check --at-least and --at-most */
	ACTION_MOVE = 1 << 2, /* or a dry run */
	ACTION_RESTORE = 1 << 3,
	ACTION_MAP = 1 << 4,
	ACTION_SAVE = 1 << 5, /* only --save; beside a destination it is ACTION_MOVE */
	ACTION_SELFTEST = 1 << 6,
	ACTION_CHECK = 1 << 7, /* --check */
	ACTIONS_MOVING = ACTION_MOVE | ACTION_RESTORE,
};

enum method {
	METHOD_PAGES,	/* move_pages(2) in batches */
	METHOD_PROCESS, /* migrate_pages(2) */
};

enum sharing {
	SHARED_AUTO, /* move shared pages if privileged, like migrate_pages(2) */
	SHARED_YES,
	SHARED_NO,
};

enum huge_policy {
	HUGE_SPLIT,
	HUGE_KEEP, /* leave huge pages that would be split */
};

enum progress_when {
	PROGRESS_AUTO,	 /* on a terminal, in the foreground */
	PROGRESS_ALWAYS, /* one line per second if not on a terminal */
	PROGRESS_NEVER,
};

/* Ranges of a list in which nothing is mapped. */
enum unmapped_ranges {
	UNMAPPED_ERROR,
	UNMAPPED_SKIP,
};

enum exit_status {
	EXIT_DONE = 0, /* all pages in scope are in place */
	EXIT_FAILED = 1,
	EXIT_UNMET = 3,	      /* --at-least or --at-most does not hold */
	EXIT_REPORT_LOST = 4, /* done, but the output could not be written */
	EXIT_PARTIAL = 64,    /* some pages were not moved, or some processes failed */
	EXIT_CANNOT = 77,     /* --check, --selftest: no other node to move pages to */
};

/* Sources and destinations: node lists as given, or NULL. */
struct request_where {
	const char *from, *to, *route; /* route: pairs */
	const char *interleave;	       /* nodes; replaces @to */
	const char *weights;	       /* of these nodes; NULL: all 1 */
};

/* The pages to select in each process. */
struct request_which {
	const char **operand_text; /* PAGES as given */
	struct operand *operands;  /* PAGES, parsed */
	size_t n_operands;
	bool names_nodes;	   /* at least one operand has =NODE */
	const char *pages_from;	   /* file with PAGES, "-" for standard input, or NULL */
	unsigned int unmapped;	   /* enum unmapped_ranges in that file */
	const char *restore;	   /* a saved placement, or NULL */
	const char *forbids_nodes; /* an option that forbids =NODE in @pages_from, or NULL */
	const char *needs_nodes;   /* an option that requires =NODE there, or NULL */
	unsigned int kinds;	   /* of mappings: 1 << enum vma_kind; 0: any */
	const char *path;	   /* pattern for the paths of mapped files, or NULL */
};

/* How to move pages. */
struct request_how {
	enum method method;
	enum sharing shared;
	unsigned int jobs; /* 0: the default */
	unsigned int retries;
	uint64_t rate;	  /* bytes per second, 0: no limit */
	uint64_t timeout; /* nanoseconds, 0: none */
	uint64_t settle;  /* nanoseconds to repeat passes, 0: one pass */
	enum huge_policy huge;
	bool force;
	bool dry_run;
};

/* Output, and exit status. */
struct request_output {
	const char *columns; /* --output; NULL if not given */
	const char *save;    /* the file of placements, before a move or without one; or NULL */
	enum progress_when progress;
	enum color_when color;
	const char *sort; /* --sort; NULL if not given */
	uint64_t watch;	  /* nanoseconds between reports; 0: one report */
	bool mappings;	  /* a row for each mapping */
	bool json, pages, raw, noheadings, bytes, verbose, quiet;
	bool partial_ok;
};

struct request {
	enum command command;
	enum request_action action;
	struct pid_source who;
	struct request_where where;
	struct request_which which;
	struct threshold_list thresholds; /* in the order given */
	struct request_how how;
	struct request_output output;
	uint64_t selftest_size; /* bytes */
};

/*
 * Return whether memory that several processes share is visited in one of them only.  Not if
 * pages are listed or given by address, or with migrate_pages(2), which takes full processes.
 */
static inline bool request_visits_once(const struct request *r)
{
	return r->action & (ACTION_LOOK | ACTION_TEST | ACTION_MOVE) && !r->output.pages &&
	       r->which.n_operands == 0 && !r->which.pages_from && r->how.method == METHOD_PAGES;
}

/* Return whether an option names a destination; operands and lists of pages can, too. */
static inline bool request_has_destination(const struct request *r)
{
	return r->where.to || r->where.interleave || r->where.route;
}

/* Return whether it may select several processes: several PIDs, or a set of unknown size. */
static inline bool request_may_have_several(const struct request *r)
{
	return r->who.pids.n > 1 || r->who.input || r->who.tree || r->who.name ||
	       r->who.cgroup.name || r->who.all || (r->which.restore && r->who.pids.n == 0);
}

/* Whether it is about processes as a whole: a table of it has a row for each. */
static inline bool request_is_list(const struct request *r)
{
	return r->action == ACTION_LOOK && request_may_have_several(r) && !r->output.mappings &&
	       !r->output.pages;
}

#endif
