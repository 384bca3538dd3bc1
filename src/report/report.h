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
 * What is told on standard output.  Each form is one struct report_form; the
 * pipeline hands it processes and pages and never asks which one it is.
 */

/* The process at hand.  The account is complete when end() is called. */
struct subject {
	const struct process *process;
	const struct address_space *maps;
	const struct plan *plan;
	const struct topology *topology;
	const struct account *account;
	uint64_t before; /* bytes of what it shares that were visited in others before */
	const struct dry_run *forecast; /* of a dry run, else NULL; complete likewise */
	unsigned int base_shift;
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

/* Any may be NULL.  They return 0 or -errno; writing is checked at the end. */
struct report_form {
	const struct column_kind *columns; /* those that its tables can have */
	int (*start)(struct report *r);	   /* before the first process */
	int (*begin)(struct report *r, const struct subject *s);
	int (*pages)(struct report *r, const struct subject *s, const struct page *p, size_t n);
	int (*plan_end)(struct report *r, const struct subject *s); /* before it is freed */
	int (*end)(struct report *r, const struct subject *s);
	int (*failed)(struct report *r, pid_t pid, const char *why);
	int (*vanished)(struct report *r, pid_t pid, const char *why);
	int (*finish)(struct report *r); /* frees the state, also after an error */
};

extern const struct report_form report_account;	  /* tables of what happened */
extern const struct report_form report_forecast;  /* tables of what a dry run foresees */
extern const struct report_form report_placement; /* where the pages are, by mapping */
extern const struct report_form report_pages;	  /* a line for each page, or a JSON line */
extern const struct report_form report_account_json;
extern const struct report_form report_placement_json;
extern const struct report_form report_map;	 /* a picture of the address space */
extern const struct report_form report_document; /* one JSON value: the state */
extern const struct report_form report_nothing;

/* The form that a request about processes asks for. @moves: pages are to be moved. */
const struct report_form *report_form_of(const struct request *request, bool moves);

/*
 * report_start - choose the columns; writes nothing
 * @why: receives, on an error, a line for the user; COLUMNS_WHY_MAX bytes
 *
 * Returns 0, -EINVAL for --output, or -ENOMEM.
 */
int report_start(struct report *r, const struct report_form *form, const struct request *request,
		 const struct topology *topology, FILE *out, char *why);
/* Whether pages must come in the order of the plan. */
bool report_wants_order(const struct report *r);
/* "process 812 (redis)" on a line of its own: over a table, or a picture. */
void report_title(struct report *r, const struct subject *s);

int report_begin(struct report *r, const struct subject *s);
int report_add(struct report *r, const struct subject *s, const struct page *p, size_t n);
/* A list of pages has a plan for each chunk of it.  The last call with this one. */
int report_plan_end(struct report *r, const struct subject *s);
int report_end(struct report *r, const struct subject *s);

/* A process that failed as a whole, before or after its begin(). */
int report_failed(struct report *r, pid_t pid, const char *why);

/* One that exited, and was not named: that is no failure. */
int report_vanished(struct report *r, pid_t pid, const char *why);

/* Ends the report and closes its stream; -errno if any of it could not be written. */
int report_finish(struct report *r);

/*
 * Close a stream, and find out whether all of it was written: a network file system may say
 * only now that it was not. A descriptor that cannot be written does not matter if nothing
 * was. Returns 0 or -errno.
 */
int report_close(FILE *out);

/*
 * Write a JSON value on one line, without a byte that a terminal takes for more than text.
 * Returns 0, or -1 if it is NULL or memory ran out.
 */
int report_dump(const struct json_t *value, FILE *f);

/* A size as this report writes it; @buf holds TEXT_SIZE_MAX bytes and is returned. */
char *report_size(const struct report *r, uint64_t bytes, char *buf);

/*
 * report_summary - one line on what happened, on @f: for terminals and logs
 *
 * "process 812 (redis): moved 16384 pages (64M) from 0 to 2; 1 page (4K) left:
 * busy 7f0059eba000 on node 0".
 */
void report_summary(FILE *f, const struct request *request, const struct subject *s);

/* "3 processes: moved ...": the same on the total. */
void report_summary_total(FILE *f, const struct report *r);

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

/* The bytes of each mapping on each node; both placement forms fill and read it. */
struct placement_grid {
	struct node_columns nodes;
	unsigned long long *bytes; /* a row of columns for each mapping, in order of mappings */
	size_t mappings;
	unsigned long long sum[NODES_MAX];   /* by column: of this process */
	unsigned long long total[NODES_MAX]; /* of all that have ended */
};

/* That of a report, made if there was no process yet; NULL without memory. */
struct placement_grid *placement_grid(struct report *r);
int placement_grid_begin(struct report *r, const struct subject *s);
int placement_grid_pages(struct report *r, const struct subject *s, const struct page *p, size_t n);
/* Adds up; when all pages of the process have come. */
void placement_grid_end(struct placement_grid *g);
void placement_grid_free(struct report *r);
unsigned long long placement_grid_total(const struct placement_grid *g, size_t mapping);

#endif
