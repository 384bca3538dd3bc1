/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes that this machine has: the only reader of /sys/devices/system/node. Functions
 * return 0 or -errno.
 */
#ifndef NUMA_TOPOLOGY_H
#define NUMA_TOPOLOGY_H

#include "numa/nodeset.h"

/* The nodes of this machine. */
struct topology {
	struct nodeset online;	/* nodes that exist */
	struct nodeset memory;	/* those of them that have memory */
	struct nodeset cpu;	/* those of them that have CPUs */
	struct nodeset allowed; /* Mems_allowed of the caller, absent nodes included */
	const char *failed;	/* on error: the file at fault, below root */
};

/*
 * Fills *t from ROOT/sys/devices/system/node/{online,has_memory,has_cpu} and
 * ROOT/proc/self/status; root "" is this machine. On an error all sets are empty:
 *   -ENOSYS   there are no such node files: a kernel without NUMA, or no sysfs
 *   -EBADMSG  a file is not a list of nodes, or lists none where there must be one
 *   -ENOMEM, -ENAMETOOLONG, and what open(2) and read(2) return
 */
int topology_read(struct topology *t, const char *root);

/*
 * The nodes that a process may use, by the text of its status file (proc(5)): all where a
 * kernel without cpusets does not say. Returns 0 or -EBADMSG.
 */
int topology_parse_allowed(const char *status, size_t len, struct nodeset *nodes);

/*
 * nodes = the nodes with memory of which cpus holds at least one CPU, by
 * ROOT/sys/devices/system/node/nodeN/cpulist. CPUs of nodes without memory add nothing,
 * so the result may be empty. Errors as topology_read().
 */
int topology_cpu_nodes(const struct topology *t, const char *root, const struct cpuset *cpus,
		       struct nodeset *nodes);

/*
 * cpus = the CPUs of these nodes, by the same files. Nodes that have gone have none.
 * Errors as topology_read().
 */
int topology_node_cpus(const char *root, const struct nodeset *nodes, struct cpuset *cpus);

#endif
