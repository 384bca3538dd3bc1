/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_SELFTEST_H
#define HOST_SELFTEST_H

#include "plan/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nodeset;
struct report;

/*
 * --selftest: does moving work on this host, and how fast is it?
 *
 * A child holds memory, and the engine moves it from each node that the
 * caller may use to each other one, several times, in base pages and in transparent huge
 * pages.  After each move the child compares every byte with the one it wrote, and the self
 * test locates every page and counts the huge ones (smaps), whatever the move reported.
 *
 * The matrix below has the times of moves without any error.  A pair that failed is
 * not tried again; the others are.
 *
 * Writes to standard output and standard error.  Returns EXIT_DONE, EXIT_FAILED,
 * EXIT_CANNOT where there are no two nodes, or -N: signal N ends it.
 */
int selftest_run(const struct request *request);

/* bandwidth.c: results and speeds of moving memory from every node to every other. */

enum pair_result {
	PAIR_OPEN,    /* fewer moves than there are rounds */
	PAIR_NOTHING, /* from a node to itself: nothing to move */
	PAIR_MOVED,   /* in every round, and checked */
	/* ended by: */
	PAIR_NO_ROOM,
	PAIR_NO_HUGE,	/* no huge pages on either of the nodes */
	PAIR_STAYED,	/* the move reported so, for another reason */
	PAIR_MISPLACED, /* pages are not where the move reported them */
	PAIR_SPLIT,	/* huge pages arrived in parts */
	PAIR_CORRUPT,	/* bytes have changed */
	PAIR_FAILED,	/* the move as a whole */
	PAIR_RESULTS
};

enum { MATRIX_ROUNDS = 5 };

struct pair {
	int from, to;
	uint64_t bytes; /* in each move */
	enum pair_result result;
	uint64_t time[MATRIX_ROUNDS]; /* of each move, in nanoseconds */
	size_t times;
};

struct matrix {
	uint64_t page_bytes;
	uint64_t bytes; /* in each move */
	size_t nodes;
	struct pair pair[]; /* nodes * nodes: a line for each source, ascending */
};

/* Every ordered pair of @nodes, open.  NULL without memory; freed by free(3). */
struct matrix *matrix_new(const struct nodeset *nodes, uint64_t page_bytes, uint64_t bytes);

/* Add the time of a move; with that of the last round the result is PAIR_MOVED. */
void pair_add(struct pair *p, uint64_t nanoseconds);

/* Bytes per second. */
struct speed {
	uint64_t median, lowest, highest;
};

/* False for any other result than PAIR_MOVED: all are 0. */
bool pair_speed(const struct pair *p, struct speed *speed);

/* The result, for programs: "no_room". */
const char *pair_key(const struct pair *p);

enum { MATRIX_CELL_MAX = 80 };

/*
 * Write a cell of the table to @buf, of MATRIX_CELL_MAX bytes, and return it: "240", in 10^6
 * bytes per second, with @ranges "240 (106-334)"; or the result: "no room", "-".
 */
char *pair_format(const struct pair *p, bool ranges, char *buf);

/* The form of the report: it has a column for each of the topology's nodes with memory. */
extern const struct report_form matrix_table;

/* Print the table of one size of pages, and flush it.  0 or -errno. */
int matrix_print(const struct matrix *m, struct report *r);

/*
 * Print the verdict on @n matrices of the same nodes; NULL: left out.  "all 12 pairs passed,
 * contents verified": a pair passes if it did with each size of pages.
 */
void matrix_put_verdict(struct matrix *const *m, size_t n, const struct report *r);

/* A matrix as JSON; NULL without memory. */
struct json_t *matrix_json(const struct matrix *m);

#endif
