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
int status_read(int dirfd, struct nodeset *mems, struct cpuset *cpus);

/*
 * Finds the line "NAME:\tLIST" in the text of a /proc/PID/status (proc(5)), for example
 * "Mems_allowed_list", and reads its list. -ENOENT: there is no such line; else as
 * bits_parse_list().
 */
int status_parse_list(const char *text, size_t len, const char *name, unsigned long *word,
		      size_t words);

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
