/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_BANDWIDTH_H
#define HOST_BANDWIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nodeset;
struct report;

/*
 * Results and speeds of moving memory from every node to every other, several
 * times each, and how --selftest reports them on standard output.
 */

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

/* False for any other result than PAIR_MOVED. */
bool pair_speed(const struct pair *p, struct speed *speed);

/* The result, for programs: "no_room". */
const char *pair_key(const struct pair *p);

enum { MATRIX_CELL_MAX = 80 };

/*
 * A cell of the table: "240 (106-334)", in 10^6 bytes per second; "-" from a node to
 * itself; or the result: "no room".  @buf holds MATRIX_CELL_MAX bytes; returned.
 */
char *pair_format(const struct pair *p, char *buf);

/* A table with a column for each of the topology's nodes with memory. */
extern const struct report_form matrix_table;

/* Print the table of one size of pages at once.  0, -ENOMEM, or what writing gave. */
int matrix_print(const struct matrix *m, struct report *r);

/* The same as JSON; NULL without memory. */
struct json_t *matrix_json(const struct matrix *m);

#endif
