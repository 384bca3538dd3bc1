/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_TOPOLOGY_H
#define NUMA_TOPOLOGY_H

#include "numa/nodeset.h"

/*
 * The nodes of this machine.  @root is the directory that contains sys and proc, "" for this
 * machine.  Functions return 0 or -errno.
 */
struct topology {
	struct nodeset online;	/* nodes that exist */
	struct nodeset memory;	/* online nodes with memory */
	struct nodeset cpu;	/* online nodes with CPUs */
	struct nodeset allowed; /* Mems_allowed of the caller, may include absent nodes */
	const char *failed;	/* on an error: the file that caused it, below @root */
};

/*
 * Read /sys/devices/system/node/{online,has_memory,has_cpu} and /proc/self/status.  On an
 * error all sets are empty:
 *   -ENOSYS   the node files do not exist: a kernel without NUMA, or no sysfs
 *   -EBADMSG  a file is not a list of nodes, or is empty but must have one
 *   -ENOMEM, -ENAMETOOLONG, or an error of open(2) or read(2)
 */
int topology_read(struct topology *t, const char *root);

/*
 * Parse the text of a status file (proc(5)) for the nodes that the process may use: all of them
 * on a kernel without cpusets.  Return 0 or -EBADMSG.
 */
int topology_parse_allowed(const char *status, size_t len, struct nodeset *nodes);

/* Find the nodes with memory that have at least one of @cpus; @nodes may be empty. */
int topology_cpu_nodes(const struct topology *t, const char *root, const struct cpuset *cpus,
		       struct nodeset *nodes);

/* Find the CPUs of @nodes.  A node that went offline has none. */
int topology_node_cpus(const char *root, const struct nodeset *nodes, struct cpuset *cpus);

#endif
