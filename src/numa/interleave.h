/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_INTERLEAVE_H
#define NUMA_INTERLEAVE_H

#include "numa/nodeset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Interleaving: which node a page goes to by its place in its mapping, and by
 * nothing else, so that doing it again changes nothing.  Pure.
 *
 * Follows mm/mempolicy.c: offset_il_node() and weighted_interleave_nid().  The
 * first weight[0] pages go to node[0], the next weight[1] to node[1], and so on;
 * behind the last node it begins again.
 */
struct interleave {
	size_t n;		    /* at least 1 */
	int16_t node[NODES_MAX];    /* in ascending order */
	uint32_t weight[NODES_MAX]; /* at least 1 each */
	uint64_t total;		    /* of the weights */
};

struct interleave_error {
	size_t offset, length; /* the part of the text that is no weight */
	size_t given;	       /* with all weights understood: how many, too few or too many */
	bool count;	       /* that is what is wrong */
};

/*
 * interleave_make - over @nodes, with the weights of @text, "W[,W...]"
 * @text: one whole number above 0 for each node in ascending order; NULL: all 1
 * @nodes: NULL: only check that the text has weights
 *
 * Returns 0, or -EINVAL with @err filled in; @s is not to be used then, nor
 * without nodes.
 */
int interleave_make(struct interleave *s, const char *text, const struct nodeset *nodes,
		    struct interleave_error *err);

/* The node that the page of this index goes to. */
int interleave_node(const struct interleave *s, uint64_t index);

#endif
