/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_NODE_USAGE_H
#define ENGINE_NODE_USAGE_H

#include "numa/nodeset.h"

#include <stdint.h>

struct engine;
struct target;

/* The memory of a process on each node, in bytes. */
struct node_usage {
	uint64_t bytes[NODES_MAX];
	uint64_t unseen; /* present, but the kernel does not report the node */
	uint64_t total;	 /* of all these */
};

/*
 * Locate every present page of the target, and count each once.  Rate and time limit do not apply;
 * a signal ends it.  Return as engine_run() does.
 */
int node_usage_take(const struct engine *e, const struct target *target, struct node_usage *u);

/* Return the bytes on these nodes. */
uint64_t node_usage_on(const struct node_usage *u, const struct nodeset *nodes);

#endif
