/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_NODE_MAP_H
#define NUMA_NODE_MAP_H

#include "numa/nodelist.h"
#include "numa/nodeset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The destination node for the pages of each node, and the order of the moves.  Pure. */

#define NODE_NONE (-1)

/*
 * to[s] is the destination of the pages on node s; s itself: they are selected and already
 * there; NODE_NONE: they are not selected.
 */
struct node_map {
	int16_t to[NODES_MAX];
};

/* Make a map that selects nothing. */
void node_map_clear(struct node_map *map);

/*
 * Make the map of migrate_pages(2), mm/mempolicy.c:do_migrate_pages(): pages of the n-th node
 * of @from go to the n-th node of @to, which starts over if it has fewer nodes.  Pages of a
 * node stay if that is the node itself or, if the sets differ in size, if the node is in @to.
 * The kernel first removes from @to the nodes that the caller may not use, so @to must be
 * checked (nodelist_parse()).  Return 0, or -EINVAL if a set is empty.
 */
int node_map_from_sets(struct node_map *map, const struct nodeset *from, const struct nodeset *to);

/*
 * Parse ordered pairs, "A:B[,C:D...]": pages of A go to B.  Unlike sets, pairs can swap nodes.
 * Nodes are plain numbers, usable in @from and @to.  A node appears once as a source, and is
 * not its own destination.  Return 0, or -EINVAL, an empty map, and a line in @why.
 */
int node_map_from_pairs(struct node_map *map, const char *text, size_t len,
			const struct nodelist_world *from, const struct nodelist_world *to,
			struct text_line *why);

/*
 * Split a map into consecutive passes in which no page moves twice: a pass never moves pages
 * to a node that this or a later pass empties.  Nodes whose pages stay are in the first pass.
 * {0,1,2} to {1,2,3} takes three passes: 2 to 3, 1 to 2, 0 to 1.  Pairs that form a ring (a
 * swap) have no such order: the ring, and the pairs that lead into it, are the last pass.  It
 * is cyclic, and each of its pages must be located only once.
 *
 * Write at most @max passes.  Return their number: 0 if nothing is selected, at most
 * NODES_MAX.  If @max is 0, @passes may be NULL.
 */
size_t node_map_passes(const struct node_map *map, struct node_map *passes, size_t max);

/* Return whether the map has a ring, such as a swap. */
bool node_map_is_cyclic(const struct node_map *map);

/*
 * Keep only sources that are not also destinations: pages found on them after the move were
 * not moved there by it.
 */
void node_map_keep_pure_sources(struct node_map *map);

/* Set *@nodes to the nodes whose pages move, or to their destinations. */
void node_map_sources(const struct node_map *map, struct nodeset *nodes);
void node_map_destinations(const struct node_map *map, struct nodeset *nodes);

#endif
