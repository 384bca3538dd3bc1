/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_REQUEST_H
#define PLAN_REQUEST_H

#include "plan/operand.h"
#include "plan/threshold.h"
#include "proc/process.h"
#include "util/terminal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the user asked for: made by the front ends (cli.h), read by run.h.
 * Texts are borrowed from the command line.
 */

enum command {
	COMMAND_MIGRATEPAGES = 1 << 0,
	COMMAND_MOVEPAGES = 1 << 1,
};

enum request_action {
	ACTION_WORK,	 /* on the pages of processes */
	ACTION_CHECK,	 /* --check */
	ACTION_SELFTEST, /* --selftest */
};

enum method {
	METHOD_PAGES,	/* move_pages(2) in batches */
	METHOD_PROCESS, /* migrate_pages(2) */
};

enum sharing {
	SHARED_AUTO, /* as migrate_pages(2): move shared pages if privileged */
	SHARED_YES,
	SHARED_NO,
};

enum progress_when {
	PROGRESS_AUTO,	 /* on a terminal, and in the foreground */
	PROGRESS_ALWAYS, /* a line a second where there is no terminal */
	PROGRESS_NEVER,
};

enum exit_status {
	EXIT_DONE = 0, /* all pages in scope are where they should be */
	EXIT_FAILED = 1,
	EXIT_UNMET = 3,	      /* --at-least or --at-most does not hold */
	EXIT_REPORT_LOST = 4, /* the work was done, the output could not be written */
	EXIT_PARTIAL = 64,    /* some pages, or some processes, stayed */
	EXIT_CANNOT = 77,     /* --check, --selftest: this host has nowhere to move pages to */
};

struct request {
	enum command command;
	enum request_action action;
	struct pid_list pids;	       /* those that are named */
	bool pids_from_input;	       /* instead, PIDs on standard input */
	const char *cgroup;	       /* instead, those in this cgroup; NULL if not given */
	bool tree;		       /* and all that descend from them */
	const char *from, *to, *route; /* node lists and pairs; NULL if not given */
	const char *weights;	       /* of --spread; NULL: all alike */
	const char **operand_text;     /* PAGES as given */
	struct operand *operands;      /* and as understood */
	size_t n_operands;
	const char *pages_from;		     /* file with PAGES, "-": standard input; or NULL */
	const char *save, *restore;	     /* files of placements; NULL if not given */
	bool list_sends;		     /* the file has nodes to move to; found out by run.h */
	const char *only_looks, *only_moves; /* options that exclude, and need, that */
	unsigned int kinds;		     /* of mappings: 1 << enum vma_kind; 0: any */
	const char *path;		     /* pattern for the paths of mapped files, or NULL */
	struct threshold *shares;	     /* --at-least and --at-most, in the order given */
	size_t n_shares;
	enum method method;
	enum sharing shared;
	enum progress_when progress;
	unsigned int jobs; /* 0: the default */
	unsigned int retries;
	uint64_t rate;	     /* bytes per second, 0: any */
	uint64_t timeout;    /* nanoseconds, 0: none */
	uint64_t size;	     /* of --selftest, bytes */
	uint64_t settle;     /* nanoseconds to go on passing, 0: one pass */
	const char *columns; /* --output; NULL if not given */
	enum color_when color;
	bool dry_run, quiet, verbose, json, pages, partial_ok, force;
	bool noheadings, raw, bytes, map, spread;
	bool keep_huge; /* leave huge pages that would be split */
};

/* Whether anything is to be moved, or would be but for a dry run. */
bool request_moves(const struct request *r);

/*
 * Whether what several processes share is visited in one of them only.  Where every page of
 * every process is to be shown, or addresses are given, each is visited; and
 * migrate_pages(2) takes processes as they are.
 */
bool request_visits_once(const struct request *r);

/* Whether it can be about several processes: by their number, or as a set of unknown size. */
bool request_may_have_several(const struct request *r);

/* Whether nothing is asked for but whether --at-least and --at-most hold. */
bool request_only_checks(const struct request *r);

#endif
