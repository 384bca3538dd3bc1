/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_NODE_USAGE_H
#define ENGINE_NODE_USAGE_H

#include "numa/nodeset.h"

#include <stdint.h>

struct engine;
struct target;

/* How much is on which node, in bytes, whatever was or was not to be moved. */
struct node_usage {
	uint64_t bytes[NODES_MAX];
	uint64_t unseen; /* present, but the kernel does not tell the node */
	uint64_t total;	 /* of all these */
};

/*
 * node_usage_take - look at every present page of the target, each page of a range once
 *
 * Rate and time limit mean nothing here; a signal ends it.  Returns as engine_run() does.
 */
int node_usage_take(const struct engine *e, const struct target *target, struct node_usage *u);

/* The bytes on these nodes. */
uint64_t node_usage_on(const struct node_usage *u, const struct nodeset *nodes);

#endif
