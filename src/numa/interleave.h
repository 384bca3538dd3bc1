/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_INTERLEAVE_H
#define NUMA_INTERLEAVE_H

#include "numa/nodeset.h"
#include "util/text.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Interleaving: the offset of a page in its mapping alone determines its node, so a second run
 * changes nothing.  Pure.
 *
 * Follows offset_il_node() and weighted_interleave_nid() in mm/mempolicy.c.  The first
 * weight[0] pages go to node[0], the next weight[1] to node[1], and so on, in rounds.
 */
struct interleave {
	size_t n;		    /* at least 1 */
	int16_t node[NODES_MAX];    /* in ascending order */
	uint32_t weight[NODES_MAX]; /* at least 1 each */
	uint64_t total;		    /* of the weights */
};

/*
 * Set up interleaving over @nodes.  @text: the weights, "W[,W...]", one positive integer for each
 * node; NULL: all 1.  If @nodes is NULL, only check the syntax of @text.
 *
 * Return 0, or -EINVAL and a line in @why.  On an error, or if @nodes is NULL, *@s is unusable.
 */
int interleave_make(struct interleave *s, const char *text, const struct nodeset *nodes,
		    struct text_line *why);

/* Return the node of the page with this index. */
int interleave_node(const struct interleave *s, uint64_t index);

#endif
