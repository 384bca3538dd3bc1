/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_INTERLEAVE_H
#define NUMA_INTERLEAVE_H

#include "numa/nodeset.h"
#include "util/text.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Interleaving: the place of a page in its mapping alone determines its node, so a second
 * run changes nothing.  Pure.
 *
 * Follows mm/mempolicy.c: offset_il_node() and weighted_interleave_nid().  The first
 * weight[0] pages go to node[0], the next weight[1] to node[1], and so on, in rounds.
 */
struct interleave {
	size_t n;		    /* at least 1 */
	int16_t node[NODES_MAX];    /* in ascending order */
	uint32_t weight[NODES_MAX]; /* at least 1 each */
	uint64_t total;		    /* of the weights */
};

/*
 * Interleaves over @nodes with the weights of @text, "W[,W...]": one whole number above 0 for
 * each node; NULL: all 1.  With @nodes NULL it only checks that the text has weights.
 *
 * Returns 0, or -EINVAL and a line in @why; then, and without nodes, *@s is unusable.
 */
int interleave_make(struct interleave *s, const char *text, const struct nodeset *nodes,
		    struct text_line *why);

/* The node that the page of this index goes to. */
int interleave_node(const struct interleave *s, uint64_t index);

#endif
