/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_BINDING_H
#define PROC_BINDING_H

#include "numa/nodeset.h"

#include <stdbool.h>
#include <stdint.h>

struct process;

enum { BINDING_POLICY_MAX = 128 };

/* What decides where the memory of a process goes. */
struct binding {
	char policy[BINDING_POLICY_MAX]; /* "bind:0", as in numa_maps; "": unknown */
	struct cpuset cpus;		 /* those that any of its threads may use */
	struct nodeset nodes;		 /* those that its cpuset allows; none: unknown */
	bool balances;			 /* NUMA balancing is on, on this machine */
	uint64_t swap;			 /* bytes; UINT64_MAX: unknown */
};

/*
 * Read all of it, as far as the kernel shows it.  @first: the bytes of the first mapping, which
 * the kernel walks to show the policy; of a large one the policy stays unknown.
 */
void binding_read(struct binding *b, const struct process *p, uint64_t first);

/* Find the memory policy, numa(7), in a line of numa_maps.  @policy: BINDING_POLICY_MAX.  Pure. */
void binding_parse_policy(const char *line, char *policy);

#endif
