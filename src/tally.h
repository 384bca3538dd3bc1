/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TALLY_H
#define TALLY_H

#include "nodes.h"

#include <stdint.h>

struct move;

/* How much is on which node, whatever was or was not to be moved. */
struct tally {
	uint64_t bytes[NODES_MAX];
	uint64_t unseen;	/* present, but the kernel does not tell the node */
	uint64_t total;		/* of all these */
};

/*
 * tally_take - look at every present page of the plan, each page of a range once
 *
 * Of the move it takes the process and the plan.  Its rate and its time limit
 * mean nothing here; a signal ends it.  Returns as move_run() does.
 */
int tally_take(const struct move *move, struct tally *t);

/* The bytes on these nodes. */
uint64_t tally_on(const struct tally *t, const struct bitmask *nodes);

#endif
