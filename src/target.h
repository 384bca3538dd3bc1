/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>

struct mapping_list;
struct node_set;
struct plan;
struct process;
struct request;
struct route;
struct spread;
struct topology;

/*
 * From the texts of the request to the route and the plan of one process:
 * which nodes would do depends on its cpuset, and which pages on its mappings.
 * All is checked before anything of the process is moved.
 *
 * Where they fail they return -errno and write one line for the user, which
 * names the option or operand, the place in it, the cause and what would do.
 */

enum { TARGET_WHY_MAX = 1024 };

/* Check what can be checked without a process. */
int target_check_texts(const struct request *r, const struct topology *t, char *why);

/*
 * @route, @has_route: where the pages of each node go; without one the pages of
 * all nodes are only looked at, or go where their operand says.
 * @spread: made if the request asks for it; then the route only says which pages
 * are selected, and which nodes are to be empty afterwards
 */
int target_route(const struct request *r, const struct topology *t, const struct process *p,
		 struct route *route, bool *has_route, struct spread *spread, char *why);

/* @nodes: those of each of the request's shares, n_shares of them. */
int target_shares(const struct request *r, const struct topology *t, const struct process *p,
		  struct node_set *nodes, char *why);

/*
 * target_check_node - may pages be sent to the =NODE of @text?
 *
 * The place in it is counted from the beginning of @text.  @why holds @size bytes.
 */
int target_check_node(const struct topology *t, const struct process *p, const char *text,
		      size_t len, char *why, size_t size);

int target_plan(const struct request *r, const struct process *p,
		const struct mapping_list *maps, struct plan *plan, char *why);

/* Why topology_read() failed; @why returned. */
char *target_explain_topology(const struct topology *t, int rc, char *why);

#endif
