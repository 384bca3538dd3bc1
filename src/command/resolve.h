/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_RESOLVE_H
#define COMMAND_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

struct address_space;
struct nodeset;
struct plan;
struct process;
struct request;
struct node_map;
struct interleave;
struct topology;

/*
 * Resolves the texts of a request to the node map and the plan of one process: the usable nodes
 * depend on its cpuset, and the pages on its mappings.
 *
 * Functions return 0, or -errno and a message of one line in @why, RESOLVE_WHY_MAX bytes: the
 * option or operand, the position in it, the cause, and the usable nodes.
 */

enum { RESOLVE_WHY_MAX = 1024 };

/* Check everything that does not depend on a process. */
int resolve_check_texts(const struct request *r, const struct topology *t, char *why);

/*
 * Resolve the nodes.
 * @map: the destination of the pages of each node; if the request has none, only the selection
 * @interleave: set if the request interleaves; then the map only selects pages, and the nodes that
 *              should be empty afterwards
 * @at_thresholds: the nodes of each threshold
 */
int resolve_nodes(const struct request *r, const struct topology *t, const struct process *p,
		  struct node_map *map, struct interleave *interleave,
		  struct nodeset *at_thresholds, char *why);

/* Check whether the process may use the =NODE of @text.  Positions count from its beginning. */
int resolve_check_node(const struct topology *t, const struct process *p, const char *text,
		       size_t len, char *why);

int resolve_plan(const struct request *r, const struct process *p,
		 const struct address_space *space, struct plan *plan, char *why);

/* Explain @rc of topology_read().  Return @why. */
char *resolve_explain_topology(const struct topology *t, int rc, char *why);

#endif
