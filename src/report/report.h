/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "engine/limits.h"
#include "numa/nodeset.h"
#include "report/columns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct account;
struct dry_run;
struct vma;
struct address_space;
struct page;
struct plan;
struct process;
struct request;
struct threshold;
struct topology;

/*
 * Standard output.  Each form is one struct report_form, which is handed processes and
 * pages.  Functions return 0 or -errno.
 */

/* The process at hand.  The account is complete when end() is called. */
struct subject {
	const struct process *process;
	const struct address_space *maps;
	const struct account *account;
	uint64_t before;		/* bytes that were visited in other processes before */
	const struct dry_run *forecast; /* of a dry run, else NULL; complete likewise */
	/* Complete at the end: */
	bool complete;	       /* all of its pages were reached */
	enum limits_end ended; /* and if not, what ended it, if it was asked for */
	bool uncounted;	       /* pages that were not reached are counted in part only */
};

enum { ADVICE_CAUSES_MAX = 3, ADVICE_TEXT_MAX = 768 };

/* Why pages will not stay where they were moved: of the first process of which that is so. */
struct advice {
	pid_t pid;
	const char *cause[ADVICE_CAUSES_MAX]; /* for programs: "policy" */
	size_t causes;			      /* 0: the pages stay, as far as is known */
	char text[ADVICE_TEXT_MAX];	      /* why not, and a command that would make them */
};

struct report {
	const struct report_form *form;
	const struct request *request;
	FILE *out;
	const struct topology *topology;
	enum limits_end ended;		/* what ended it before all was reached, if anything did */
	bool uncounted;			/* of any process (struct subject) */
	const struct account *total;	/* of all processes so far */
	size_t processes;		/* told of so far */
	struct column_list columns;	/* of its tables */
	const struct threshold *shares; /* what was checked, complete at the end */
	size_t n_shares;
	const struct advice *stay; /* whether what was moved stays, complete at the end */
	void *state;		   /* the form's own */
	struct json_t *errors;	   /* of a document: the processes that failed, NULL: none */
	struct json_t *vanished;   /* and those that need not be there */
};

/* Any may be NULL.  Writing is checked at the end. */
struct report_form {
	const struct column_kind *columns; /* those that its tables can have */
	bool is_document;		   /* has lists of processes that failed and vanished */
	int (*start)(struct report *r);	   /* before the first process */
	int (*begin)(struct report *r, const struct subject *s);
	int (*pages)(struct report *r, const struct subject *s, const struct page *p, size_t n);
	/* The pages that come next are in its ranges; it does not outlive the call. */
	int (*plan)(struct report *r, const struct subject *s, const struct plan *plan);
	int (*end)(struct report *r, const struct subject *s);
	int (*finish)(struct report *r); /* frees the state, also after an error */
};

/* The form that a request about processes asks for. @moves: pages are to be moved. */
const struct report_form *report_form_of(const struct request *request, bool moves);

extern const struct report_form report_account;	  /* tables of what happened */
extern const struct report_form report_forecast;  /* tables of what a dry run foresees */
extern const struct report_form report_placement; /* where the pages are, by mapping */
extern const struct report_form report_pages;	  /* a line for each page, or a JSON line */
extern const struct report_form report_account_json;
extern const struct report_form report_placement_json;
extern const struct report_form report_map;	 /* a picture of the address space */
extern const struct report_form report_document; /* one JSON value: the state */
extern const struct report_form report_nothing;

/*
 * Choose the columns; write nothing.  On -EINVAL (--output) and -ENOMEM, @why of
 * COLUMNS_WHY_MAX bytes receives a line for the user.
 */
int report_start(struct report *r, const struct report_form *form, const struct request *request,
		 const struct topology *topology, FILE *out, char *why);
/* Whether pages must come in the order of the plan. */
bool report_wants_order(const struct report *r);
int report_begin(struct report *r, const struct subject *s);
int report_add(struct report *r, const struct subject *s, const struct page *p, size_t n);
/* A list of pages has a plan for each part of it. */
int report_plan(struct report *r, const struct subject *s, const struct plan *plan);
int report_end(struct report *r, const struct subject *s);

/* A process that failed as a whole, before or after its begin(). */
int report_failed(struct report *r, pid_t pid, const char *why);
/* One that exited, and was not named: that is no failure. */
int report_vanished(struct report *r, pid_t pid, const char *why);
/* End the report and close its stream; -errno if any of it could not be written. */
int report_finish(struct report *r);

/*
 * Close a stream, and find out whether all of it was written: a network file system may say
 * only now that it was not. A descriptor that cannot be written does not matter if nothing
 * was.
 */
int report_close(FILE *out);

/* "process 812 (redis): moved 16384 pages (64M) from node 0 to 2; ...": one line on @f. */
void report_summary(FILE *f, const struct request *request, const struct subject *s);
/* "3 processes: moved ...": the same on the total. */
void report_summary_total(FILE *f, const struct report *r);

/* ---- for the forms ---- */

/* "process 812 (redis)" on a line of its own: over a table, or a picture. */
void report_title(struct report *r, const struct subject *s);
/* A size as this report writes it; @buf holds TEXT_SIZE_MAX bytes and is returned. */
char *report_size(const struct report *r, uint64_t bytes, char *buf);
/*
 * Write a JSON value on one line, without a byte that a terminal takes for more than text.
 * Not 0 if it is NULL or memory ran out.
 */
int report_dump(const struct json_t *value, FILE *f);

/* The nodes with memory, each of which has a column. */
struct node_columns {
	size_t n;
	int16_t node[NODES_MAX];   /* of each column */
	int16_t column[NODES_MAX]; /* of each node, -1: none */
};

void node_columns_set(struct node_columns *c, const struct nodeset *memory);

/* The column of a node, or -1; that of a page may be an error. */
static inline int node_column(const struct node_columns *c, int node)
{
	return node < 0 ? -1 : c->column[node];
}

/* The bytes of each mapping on each node, in rows: by column, and then their total. */
struct placement_grid {
	struct node_columns nodes;
	size_t mappings;
	unsigned long long *bytes;		 /* a row for each, in their order */
	unsigned long long sum[NODES_MAX + 1];	 /* of this process */
	unsigned long long total[NODES_MAX + 1]; /* of all that have ended */
};

static inline unsigned long long *placement_row(const struct placement_grid *g, size_t mapping)
{
	return g->bytes + mapping * (g->nodes.n + 1);
}

/* That of a report, made if there was no process yet; NULL without memory. */
struct placement_grid *placement_grid(struct report *r);
int placement_grid_begin(struct report *r, const struct subject *s);
int placement_grid_pages(struct report *r, const struct subject *s, const struct page *p, size_t n);
/* Adds up; when all pages of the process have come. */
void placement_grid_end(struct placement_grid *g);
void placement_grid_free(struct report *r);

#endif
