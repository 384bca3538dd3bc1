/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "engine/limits.h"
#include "numa/nodeset.h"
#include "plan/plan.h"
#include "report/table.h"
#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct account;
struct binding;
struct dry_run;
struct vma;
struct address_space;
struct page;
struct process;
struct request;
struct threshold;
struct topology;

/* The forms of standard output.  Functions return 0 or -errno. */

/* A process.  The counts and the dry run are complete when end() is called. */
struct subject {
	const struct process *process; /* NULL: the total of all */
	const struct address_space *space;
	const struct account *account;
	const char *command;	       /* its command line; NULL: not read */
	uint64_t before;	       /* bytes visited in earlier processes */
	struct unmapped unmapped;      /* of a list of pages, known at the end */
	const struct dry_run *dry_run; /* of a dry run, else NULL */
	const struct binding *binding; /* of a table or document without a move, else NULL */
	bool knows_huge;	       /* which pages are transparent huge ones is known */
	/* Known at the end: */
	bool complete;	       /* all pages were reached */
	enum limits_end ended; /* the limit or signal that ended it early */
	bool uncounted;	       /* not all pages that were not reached are counted */
};

enum { ADVICE_NOTES_MAX = 2, ADVICE_TEXT_MAX = 384 };

/* A reason why memory may not stay where it was moved. */
struct note {
	const char *cause; /* for programs: "policy" */
	char text[ADVICE_TEXT_MAX];
	char remedy[ADVICE_TEXT_MAX];  /* "to stop this", or "" */
	char command[ADVICE_TEXT_MAX]; /* the remedy, or "" */
};

/* The notes on the first process that has any. */
struct advice {
	pid_t pid;
	struct note note[ADVICE_NOTES_MAX];
	size_t n;
};

enum { REPORT_NAME_MAX = TEXT_NAME_MAX + 16 };

/* The nodes with memory, each of which has a column. */
struct node_columns {
	size_t n;
	int16_t node[NODES_MAX];   /* of each column */
	int16_t column[NODES_MAX]; /* of each node, -1: none */
};

/* The column of a node, or -1 of none or of an error. */
static inline int node_column(const struct node_columns *c, int node)
{
	return node < 0 ? -1 : c->column[node];
}

/* The previous report, with --watch. */
struct report_past {
	bool is_known;
	uint64_t bytes[NODES_MAX + 2]; /* by column of the form */
	uint64_t change[NODES_MAX + 2];
};

struct report {
	const struct report_form *form;
	const struct request *request;
	FILE *out;
	struct node_columns nodes;
	struct subject total;		    /* of all processes so far */
	size_t processes;		    /* so far */
	char first[REPORT_NAME_MAX];	    /* the name of the first, as report_name() */
	uint64_t time;			    /* duration of the move, in nanoseconds */
	const struct call_stats *calls;	    /* of a move; or NULL */
	struct column_list columns;	    /* of its tables */
	struct column_order order;	    /* of their rows */
	uint64_t free[NODES_MAX + 2];	    /* bytes of the machine, by column; known at the end */
	const struct threshold *thresholds; /* with results, known at the end */
	size_t n_thresholds;
	const struct advice *advice; /* whether moved pages stay, known at the end */
	struct report_past *past;    /* the previous report, or NULL */
	void *state;		     /* the form's own, freed by report_finish() */
	int rc;			     /* of the form's start() */
	int process_rc;		     /* of that, or of begin(); without them nothing is reported */
	struct json_t *errors;	     /* of a document: the processes that failed, NULL: none */
	struct json_t *vanished;     /* likewise: those that exited */
};

/* The schema number in documents, incremented if a key is removed or changes its meaning. */
enum { REPORT_SCHEMA = 2 };

/* Any member may be NULL.  Writing is checked at the end. */
struct report_form {
	const struct column_kind *columns; /* of its tables */
	/* Write the line above a table; NULL: report_title(). */
	void (*title)(const struct report *r, const struct subject *s);
	bool is_document;		/* has lists of processes that failed and vanished */
	int (*start)(struct report *r); /* before the first process */
	int (*begin)(struct report *r, const struct subject *s);
	/* Receive pages.  A form with this function receives them in the order of the plan. */
	int (*pages)(struct report *r, const struct subject *s, const struct page *p, size_t n);
	/* Begin with the pages of a plan, which is valid only during the call. */
	int (*plan)(struct report *r, const struct subject *s, const struct plan *plan);
	int (*end)(struct report *r, const struct subject *s);
	int (*finish)(struct report *r);
};

/* Choose the form of a request about processes.  @moves: pages will be moved. */
const struct report_form *report_form_of(const struct request *request, bool moves);

extern const struct report_form report_account;	  /* tables of a move */
extern const struct report_form report_dry_run;	  /* tables of a dry run */
extern const struct report_form report_placement; /* placement by mapping */
extern const struct report_form report_list;	  /* a row for each process */
extern const struct report_form report_kinds;	  /* placement by kind of mapping */
extern const struct report_form report_pages;	  /* a line for each page, or a JSON line */
extern const struct report_form report_account_json;
extern const struct report_form report_placement_json;
extern const struct report_form report_map;	 /* a map of the address space */
extern const struct report_form report_document; /* one JSON value: the state */
extern const struct report_form report_nothing;

/* Choose the columns; write nothing.  Errors and @why: see columns_choose(). */
int report_start(struct report *r, const struct report_form *form, const struct request *request,
		 const struct topology *topology, FILE *out, char *why);
int report_begin(struct report *r, const struct subject *s);
int report_add(struct report *r, const struct subject *s, const struct page *p, size_t n);
/* Begin with the next plan; a list of pages has several. */
int report_plan(struct report *r, const struct subject *s, const struct plan *plan);
int report_end(struct report *r, const struct subject *s);

/* Record a process that failed, before or after its begin(). */
int report_failed(struct report *r, pid_t pid, const char *why);
/* Record a process that exited and was not named, which is not a failure. */
int report_vanished(struct report *r, pid_t pid, const char *why);
/* End the report and close its stream, as report_close() does. */
int report_finish(struct report *r);

/*
 * Close a stream.  Return -errno if not all of it was written: a network file system may
 * report that only now.  If nothing was written, EBADF is not an error.
 */
int report_close(FILE *out);

/*
 * Write the summary of all processes, after @before: "redis (812): moved 64M to node 2 in 0.9 s,
 * 75 MB/s", or "3 processes: moved ...".  Of a dry run: "redis (812): 64M to move to node 2".  On
 * a terminal that is too narrow for the line, the rate is left out, and then the line is broken.
 */
void report_summary(FILE *f, const char *before, const struct report *r);

/* Write which pages of a process were not moved, and why: "redis (812): 4K not moved: busy ..." */
void report_not_moved(FILE *f, const struct subject *s);

/* ---- for the forms ---- */

/* Format "redis (812)".  @buf holds REPORT_NAME_MAX bytes; returned. */
char *report_name(const struct process *p, char *buf);
/* Write "process 812 (redis)", the line above a table or a map. */
void report_title(const struct report *r, const struct subject *s);
/* Write a word or a line in the color of its tone, if this report has colors. */
void report_verdict(const struct report *r, enum tone tone, const char *text);
/* Format a size, with or without a unit.  @buf holds TEXT_SIZE_MAX bytes; returned. */
char *report_size(const struct report *r, uint64_t bytes, char *buf);
/* Return a JSON number, or null if it is not known. */
struct json_t *json_known(bool known, uint64_t n);

/* Write a JSON value on one line, in printable ASCII.  Not 0 if it is NULL or memory ran out. */
int report_dump(const struct json_t *value, FILE *f);

/* The bytes of each mapping, in rows: by column, then their total, then those in huge pages. */
struct placement_grid {
	size_t last;		       /* the column of the total */
	uint64_t *bytes;	       /* a row for each mapping of the process */
	uint64_t sum[NODES_MAX + 2];   /* of this process */
	uint64_t total[NODES_MAX + 2]; /* of all that have ended */
};

static inline uint64_t *placement_row(const struct placement_grid *g, size_t mapping)
{
	return g->bytes + mapping * (g->last + 2);
}

/* The grid of a report, allocated when it is first needed; NULL without memory. */
struct placement_grid *placement_grid(struct report *r);
int placement_grid_begin(struct report *r, const struct subject *s);
int placement_grid_pages(struct report *r, const struct subject *s, const struct page *p, size_t n);
/* Add the process to the total. */
void placement_grid_end(struct placement_grid *g);

/* Write "redis (151): 191M in memory, policy bind:0, ...". */
void placement_title(const struct report *r, const struct subject *s);

/*
 * Return the change of each of @n columns of @now since the previous report, as int64_t; NULL
 * without --watch, or if the report has several tables.
 */
const uint64_t *report_changes(const struct report *r, const uint64_t *now, size_t n);

/* Format a change as "+2M", "-4K" or "-" in @buf, of TEXT_SIZE_MAX + 1 bytes.  Return @buf. */
char *report_change(const struct report *r, uint64_t change, char *buf);

/* The bytes of one kind of mapping. */
struct kind_row {
	const char *kind;
	const uint64_t *nodes; /* by column, and their total */
	uint64_t total, huge, mappings;
};

/* Sum up the grid: a row for each kind in memory, largest first.  Return NULL without memory. */
struct kind_row *kinds_sum(const struct placement_grid *g, const struct subject *s, size_t *n);

#endif
