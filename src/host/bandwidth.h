/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_BANDWIDTH_H
#define HOST_BANDWIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nodeset;

/*
 * What came of moving memory from every node to every other, several times
 * each: results, and speeds out of the times that were measured.  Pure.
 */

enum pair_result {
	PAIR_OPEN,    /* fewer moves than there are rounds */
	PAIR_NOTHING, /* from a node to itself: there is nothing to move */
	PAIR_MOVED,   /* in every round, and found to be so */
	/* ended by: */
	PAIR_NO_ROOM,
	PAIR_NO_HUGE,	/* no huge pages on either of the nodes */
	PAIR_STAYED,	/* the move said so itself, for another reason */
	PAIR_MISPLACED, /* pages are not where the move said they are */
	PAIR_SPLIT,	/* huge pages arrived in parts */
	PAIR_CORRUPT,	/* bytes have changed */
	PAIR_FAILED,	/* the move as a whole */
	PAIR_RESULTS
};

enum { MATRIX_ROUNDS = 5 };

struct pair {
	int from, to;
	enum pair_result result;
	uint64_t time[MATRIX_ROUNDS]; /* of each move, in nanoseconds */
	size_t times;
};

struct matrix {
	uint64_t page_bytes;
	uint64_t bytes; /* in each move */
	size_t nodes;
	struct pair *pair; /* nodes * nodes: a line for each source, ascending */
};

/*
 * matrix_init - every ordered pair of @nodes, open
 *
 * Returns 0 or -ENOMEM.  Freed by matrix_free(), in each case.
 */
int matrix_init(struct matrix *m, const struct nodeset *nodes, uint64_t page_bytes, uint64_t bytes);
void matrix_free(struct matrix *m);

/* Add the time of a move; with that of the last round the result is PAIR_MOVED. */
void pair_add(struct pair *p, uint64_t nanoseconds);

/* Bytes per second. */
struct speed {
	uint64_t median, lowest, highest;
};

/* False for any other result than PAIR_MOVED. */
bool pair_speed(const struct pair *p, uint64_t bytes, struct speed *speed);

/* What became of it, for programs: "no_room". */
const char *pair_key(const struct pair *p);

enum { MATRIX_CELL_MAX = 80 };

/*
 * What the table has of a pair: "240 (106-334)", in 10^6 bytes per second, "-"
 * from a node to itself, else what became of it: "no room".  @buf holds MATRIX_CELL_MAX; returned.
 */
char *pair_format(const struct pair *p, uint64_t bytes, char *buf);

#endif
