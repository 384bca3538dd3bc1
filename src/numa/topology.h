/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_TOPOLOGY_H
#define NUMA_TOPOLOGY_H

#include "numa/nodeset.h"

/*
 * The nodes of this machine.  @root is the directory above sys and proc, "" for this
 * machine.  Functions return 0 or -errno.
 */
struct topology {
	struct nodeset online;	/* nodes that exist */
	struct nodeset memory;	/* those of them that have memory */
	struct nodeset cpu;	/* those of them that have CPUs */
	struct nodeset allowed; /* Mems_allowed of the caller, absent nodes included */
	const char *failed;	/* on an error: the file at fault, below root */
};

/*
 * Reads /sys/devices/system/node/{online,has_memory,has_cpu} and /proc/self/status.  On an
 * error all sets are empty:
 *   -ENOSYS   there are no such node files: a kernel without NUMA, or no sysfs
 *   -EBADMSG  a file is not a list of nodes, or lists none where there must be one
 *   -ENOMEM, -ENAMETOOLONG, and what open(2) and read(2) return
 */
int topology_read(struct topology *t, const char *root);

/*
 * Parses the text of a status file (proc(5)) for the nodes that its process may use: all of
 * them on a kernel without cpusets.  Returns 0 or -EBADMSG.
 */
int topology_parse_allowed(const char *status, size_t len, struct nodeset *nodes);

/* Finds the nodes with memory that have at least one of @cpus; there may be none. */
int topology_cpu_nodes(const struct topology *t, const char *root, const struct cpuset *cpus,
		       struct nodeset *nodes);

/* Finds the CPUs of @nodes.  Nodes that have gone have none. */
int topology_node_cpus(const char *root, const struct nodeset *nodes, struct cpuset *cpus);

#endif
