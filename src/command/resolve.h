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
 * From the texts of the request to where the pages of one process go, and its plan: which
 * nodes would do depends on its cpuset, and which pages on its mappings.
 *
 * Functions return 0, or -errno and in @why, of RESOLVE_WHY_MAX bytes, one line for the user:
 * the option or operand, the place in it, the cause, and what would do.
 */

enum { RESOLVE_WHY_MAX = 1024 };

/* Check what can be checked without a process. */
int resolve_check_texts(const struct request *r, const struct topology *t, char *why);

/*
 * @map: where the pages of each node go, if the request says; else the nodes of all pages
 * @interleave: made if the request asks for it; then the map only says which pages are
 * selected, and which nodes are to be empty afterwards
 * @at_thresholds: the nodes of each threshold
 */
int resolve_nodes(const struct request *r, const struct topology *t, const struct process *p,
		  struct node_map *map, struct interleave *interleave,
		  struct nodeset *at_thresholds, char *why);

/* May pages be sent to the =NODE of @text?  Places are counted from its beginning. */
int resolve_check_node(const struct topology *t, const struct process *p, const char *text,
		       size_t len, char *why);

int resolve_plan(const struct request *r, const struct process *p,
		 const struct address_space *space, struct plan *plan, char *why);

/* Why topology_read() failed; @why returned. */
char *resolve_explain_topology(const struct topology *t, int rc, char *why);

#endif
