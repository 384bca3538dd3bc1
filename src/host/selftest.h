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
 * --selftest: test moves between all nodes, and measure their speed.
 *
 * The engine moves the memory of a child process between every pair of nodes that the caller may
 * use, several times, in base pages and in transparent huge pages.  After each move the child
 * compares every byte with the one it wrote, and the self test locates every page and counts the
 * huge pages (smaps), independently of the move's report.
 *
 * The matrix below has the times of moves without errors.  A pair that failed is not tried
 * again; the other pairs are.
 *
 * Writes to standard output and standard error.  Returns EXIT_DONE, EXIT_FAILED, EXIT_CANNOT if
 * there are fewer than two nodes, or -N if signal N ended it.
 */
int selftest_run(const struct request *request);

/* bandwidth.c: results and speeds of moves between all nodes. */

enum pair_result {
	PAIR_OPEN,    /* rounds are missing */
	PAIR_NOTHING, /* from a node to itself: nothing to move */
	PAIR_MOVED,   /* passed in every round */
	/* failed: */
	PAIR_NO_ROOM,
	PAIR_NO_HUGE,	/* one of the nodes has no huge pages */
	PAIR_STAYED,	/* the move reported pages not moved, for another reason */
	PAIR_MISPLACED, /* pages are not where the move reported them */
	PAIR_SPLIT,	/* huge pages were split */
	PAIR_CORRUPT,	/* contents changed */
	PAIR_FAILED,	/* the move itself failed */
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
	struct pair pair[]; /* nodes * nodes: by source, then by destination, ascending */
};

/* Make a matrix of all ordered pairs of @nodes.  Returns NULL on ENOMEM; free it with free(3). */
struct matrix *matrix_new(const struct nodeset *nodes, uint64_t page_bytes, uint64_t bytes);

/* Add the time of a move.  The last round makes the result PAIR_MOVED. */
void pair_add(struct pair *p, uint64_t nanoseconds);

/* Bytes per second. */
struct speed {
	uint64_t median, lowest, highest;
};

/* Compute the speed.  Returns false, and zeros, unless the result is PAIR_MOVED. */
bool pair_speed(const struct pair *p, struct speed *speed);

/* The result in JSON: "no_room". */
const char *pair_key(const struct pair *p);

enum { MATRIX_CELL_MAX = 80 };

/*
 * Format a cell of the table: the speed in 10^6 bytes per second, "240", or with @ranges
 * "240 (106-334)"; or the result, "no room".  @buf holds MATRIX_CELL_MAX bytes; returned.
 */
char *pair_format(const struct pair *p, bool ranges, char *buf);

/* The form of the report: a column for each node with memory. */
extern const struct report_form matrix_table;

/* Print the table of one page size, and flush it.  Returns 0 or -errno. */
int matrix_print(const struct matrix *m, struct report *r);

/*
 * Print the verdict on @n matrices of the same nodes: "all 12 pairs passed, contents verified".
 * A pair passes if it passed with every page size.  Matrices that are NULL are skipped.
 */
void matrix_put_verdict(struct matrix *const *m, size_t n, const struct report *r);

/* Make a JSON object of a matrix.  Returns NULL if memory runs out. */
struct json_t *matrix_json(const struct matrix *m);

#endif
