/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which node's pages go to which node, and in which order that is done. Pure.
 */
#ifndef NUMA_NODE_MAP_H
#define NUMA_NODE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numa/nodelist.h"
#include "numa/nodeset.h"

#define NODE_NONE (-1)

/*
 * to[s] is the node that pages on node s go to; s itself: they are selected, and already
 * where they should be; NODE_NONE: they are not selected. A plain value, free to copy.
 */
struct node_map {
	int16_t to[NODES_MAX];
};

/* Selects nothing. */
void node_map_clear(struct node_map *route);

/*
 * The mapping of migrate_pages(2), mm/mempolicy.c:do_migrate_pages(): pages of the n-th
 * node of from go to the n-th node of to, counting round when to has fewer. A node of
 * from stays where that is the node itself, and, when the sets differ in size, where it
 * is in to. As the kernel first takes from to what the caller may not use, give it a to
 * that is checked (nodelist_parse()). Returns 0, or -EINVAL when a set is empty.
 */
int node_map_from_sets(struct node_map *route, const struct nodeset *from,
		       const struct nodeset *to);

/*
 * Reads ordered pairs, "A:B[,C:D...]": pages of A go to B, those of C to D. Unlike sets
 * they can swap nodes. Nodes are plain numbers, checked against a FROM and a TO world
 * (nodelist.h). No node may be a source twice or its own destination. Returns 0, or
 * -EINVAL, then a line on what is wrong is added to why, and nothing selected.
 */
int node_map_from_pairs(struct node_map *route, const char *text, size_t len,
			const struct nodelist_world *from, const struct nodelist_world *to,
			struct text_line *why);

/*
 * Splits a route into passes to be made one after the other, so that no page moves twice:
 * within one pass, and by the time it is made, no destination is a node that is still to
 * be emptied. Nodes that stay are in the first pass. Sets without a common node need one
 * pass, {0,1,2} to {1,2,3} needs three: 2 to 3, 1 to 2, 0 to 1. Where pairs form a ring
 * (a swap) no order will do: the ring, and what leads into it, are the last pass, for
 * which node_map_is_cyclic() holds, and of which each page must be looked up only once.
 *
 * Writes at most max passes and returns how many there are (0 when nothing is selected,
 * at most NODES_MAX); with max 0, passes may be NULL.
 */
size_t node_map_passes(const struct node_map *route, struct node_map *passes, size_t max);

/* Whether pages go round: some node would receive pages of its own ring. */
bool node_map_is_cyclic(const struct node_map *route);

/*
 * Selects no more than those moving nodes that are no destination: only there are pages,
 * once the route was followed, that came from elsewhere than from this route.
 */
void node_map_keep_pure_sources(struct node_map *route);

/*
 * The nodes whose pages are to move, and where these go to. The former contents of nodes
 * are replaced.
 */
void node_map_sources(const struct node_map *route, struct nodeset *nodes);
void node_map_destinations(const struct node_map *route, struct nodeset *nodes);

#endif
