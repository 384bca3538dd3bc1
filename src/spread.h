/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SPREAD_H
#define SPREAD_H

#include "nodes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping;

/*
 * Interleaving: which node a page goes to by its place in its mapping, and by
 * nothing else, so that doing it again changes nothing.  Pure.
 *
 * Follows mm/mempolicy.c: offset_il_node() and weighted_interleave_nid().  The
 * first weight[0] pages go to node[0], the next weight[1] to node[1], and so on;
 * behind the last node it begins again.
 */
struct spread {
	size_t n;			/* at least 1 */
	int16_t node[NODES_MAX];	/* in ascending order */
	uint32_t weight[NODES_MAX];	/* at least 1 each */
	uint64_t total;			/* of the weights */
};

struct spread_error {
	size_t offset, length;	/* the part of the text that is no weight */
	size_t given;		/* with all weights understood: how many, too few or too many */
	bool count;		/* that is what is wrong */
};

/*
 * spread_make - over @nodes, with the weights of @text, "W[,W...]"
 * @text: one whole number above 0 for each node in ascending order; NULL: all 1
 * @nodes: NULL: only check that the text has weights
 *
 * Returns 0, or -EINVAL with @err filled in; @s is not to be used then, nor
 * without nodes.
 */
int spread_make(struct spread *s, const char *text, const struct bitmask *nodes,
		struct spread_error *err);

/* The node that the page of this index goes to. */
int spread_node(const struct spread *s, uint64_t index);

/*
 * spread_index - the place of a page, as the kernel counts it for MPOL_INTERLEAVE
 * @shift: log2 of the page's size; any address in the page gives the same
 *
 * In pages of that size: from the beginning of the file, and of the address
 * space where there is none.  So it stays as it is when mappings are split and
 * joined.  (For a huge page the kernel counts from the place of a huge page
 * that the mapping begins in: where that is the middle, one less throughout.)
 */
uint64_t spread_index(const struct mapping *m, uint64_t address, unsigned int shift);

#endif
