/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes that this machine has, and those that a process may use: the only readers of
 * /sys/devices/system/node and of the allowed lists in /proc/PID/status. Functions return
 * 0 or -errno; none prints or exits.
 */
#ifndef NUMA_TOPOLOGY_H
#define NUMA_TOPOLOGY_H

#include "numa/nodeset.h"

/*
 * Reads the nodes and the CPUs that a process or thread may use from the file "status"
 * of dirfd, its open directory in /proc. Either set may be NULL. A kernel without cpusets
 * prints no Mems_allowed_list: then every node is allowed. Errors: those of openat(2) and
 * read(2) (-ESRCH, -ENOENT: it is gone), -EBADMSG for a file of another form, -ENOMEM.
 */
int status_read(int dirfd, struct bitmask *mems, struct bitmask *cpus);

/* The nodes of this machine. Sets are owned by the struct; see topology_free(). */
struct topology {
	struct bitmask *online;	 /* nodes that exist */
	struct bitmask *memory;	 /* those of them that have memory */
	struct bitmask *cpu;	 /* those of them that have CPUs */
	struct bitmask *allowed; /* Mems_allowed of the caller, absent nodes included */
	const char *failed;	 /* on error: the file at fault, below root, or NULL */
};

/*
 * Fills *t from ROOT/sys/devices/system/node/{online,has_memory,has_cpu} and
 * ROOT/proc/self/status; root "" is this machine. To be undone with topology_free(), on
 * success only. Errors:
 *   -ENOSYS   there are no such node files: a kernel without NUMA, or no sysfs
 *   -EBADMSG  a file is not a list of nodes, or lists none where there must be one
 *   -ENOMEM, -ENAMETOOLONG, and what open(2) and read(2) return
 */
int topology_read(struct topology *t, const char *root);

/*
 * topology_none - *t of a machine without nodes: what a caller that goes on after -ENOSYS
 * needs. Returns 0 or -ENOMEM; to be undone with topology_free().
 */
int topology_none(struct topology *t);

/* Frees the sets and makes *t all NULL. */
void topology_free(struct topology *t);

/*
 * nodes = the nodes with memory of which cpus holds at least one CPU, by
 * ROOT/sys/devices/system/node/nodeN/cpulist. CPUs of nodes without memory add nothing,
 * so the result may be empty. Errors as topology_read().
 */
int topology_cpu_nodes(const struct topology *t, const char *root, const struct bitmask *cpus,
		       struct bitmask *nodes);

/*
 * cpus = the CPUs of these nodes, by the same files; cpus must be as wide as the numbers
 * in them. Nodes that have gone have none. Errors as topology_read().
 */
int topology_node_cpus(const char *root, const struct bitmask *nodes, struct bitmask *cpus);

#endif
