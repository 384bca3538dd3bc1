/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_NODE_MAP_H
#define NUMA_NODE_MAP_H

#include "numa/nodelist.h"
#include "numa/nodeset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which node's pages go to which node, and in which order.  Pure. */

#define NODE_NONE (-1)

/*
 * to[s] is the node that pages on node s go to; s itself: they are selected, and already
 * there; NODE_NONE: they are not selected.
 */
struct node_map {
	int16_t to[NODES_MAX];
};

/* Selects nothing. */
void node_map_clear(struct node_map *map);

/*
 * Makes the mapping of migrate_pages(2), mm/mempolicy.c:do_migrate_pages(): pages of the
 * n-th node of @from go to the n-th node of @to, counting round when @to has fewer.  A node
 * of @from stays where that is the node itself, and, when the sets differ in size, where it
 * is in @to.  The kernel first takes from @to what the caller may not use, so @to must be
 * checked (nodelist_parse()).  Returns 0, or -EINVAL when a set is empty.
 */
int node_map_from_sets(struct node_map *map, const struct nodeset *from, const struct nodeset *to);

/*
 * Reads ordered pairs, "A:B[,C:D...]": pages of A go to B.  Unlike sets they can swap nodes.
 * Nodes are plain numbers, usable in @from and @to.  No node appears twice as a source, or its own
 * destination.  Returns 0, or -EINVAL, selects nothing, and adds a line to @why.
 */
int node_map_from_pairs(struct node_map *map, const char *text, size_t len,
			const struct nodelist_world *from, const struct nodelist_world *to,
			struct text_line *why);

/*
 * Splits a map into passes, one after the other, so that no page moves twice: no
 * destination of a pass is a node that this or a later pass empties.  Nodes that stay are in
 * the first pass.  {0,1,2} to {1,2,3} needs three: 2 to 3, 1 to 2, 0 to 1.  No order serves
 * pairs that form a ring (a swap): the ring, and what leads into it, are the last pass,
 * which is cyclic, and in which each page must be looked up only once.
 *
 * Writes at most @max passes and returns how many there are: 0 when nothing is selected, at
 * most NODES_MAX.  With @max 0, @passes may be NULL.
 */
size_t node_map_passes(const struct node_map *map, struct node_map *passes, size_t max);

/* Whether some node receives pages of its own ring. */
bool node_map_is_cyclic(const struct node_map *map);

/*
 * Selects only those moving nodes that are no destination: once the map was followed, all
 * pages there came from elsewhere.
 */
void node_map_keep_pure_sources(struct node_map *map);

/* Replaces *@nodes by the nodes whose pages move; by those that they move to. */
void node_map_sources(const struct node_map *map, struct nodeset *nodes);
void node_map_destinations(const struct node_map *map, struct nodeset *nodes);

#endif
