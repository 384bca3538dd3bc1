/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STAY_H
#define STAY_H

#include "nodes.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct account;
struct process;
struct topology;

/*
 * Whether pages stay where they were moved, and what would make them.  Moving changes no
 * policy: new pages go where the memory policy of the process has them, set_mempolicy(2),
 * or by default to the CPU that touches them first; and NUMA balancing moves pages to
 * where they are used (kernel.numa_balancing, Documentation/admin-guide/sysctl/kernel.rst).
 * Only a cpuset that allows nothing else stops all of that.
 */

enum stay_cause {
	STAY_POLICY,		/* its memory policy has nodes that pages were moved away from */
	STAY_CPUS,		/* none of its CPUs is near, and the policy is the default */
	STAY_BALANCING,		/* it may run elsewhere, and NUMA balancing is on */
	STAY_CAUSES
};

enum { STAY_NAME_MAX = 128, STAY_TEXT_MAX = 768 };

/* What decides it.  All nodes are nodes with memory. */
struct stay_facts {
	pid_t pid;
	struct node_set from, to;	/* pages went away from, and to, these */
	struct node_set allowed;	/* by its cpuset */
	struct node_set cpu_nodes;	/* near the CPUs that its threads may run on; none: unknown */
	char policy[STAY_NAME_MAX];	/* "bind:0", as numa_maps has it; "" if not known */
	unsigned int balancing;		/* kernel.numa_balancing */
	char cpus[STAY_NAME_MAX];	/* those of the nodes in to, as a list; "" if none */
	char unit[STAY_NAME_MAX];	/* its systemd unit, "" if there is none to set */
};

/* What is found, of the first process to which it applies. */
struct stay {
	pid_t pid;
	unsigned int causes;		/* 1 << STAY_..., 0: the pages stay, as far as is known */
	char text[STAY_TEXT_MAX];	/* why not, and a command that would make them */
};

/*
 * stay_policy - the memory policy in a line of numa_maps, numa(7)
 * @policy: receives it, STAY_NAME_MAX bytes; "" if there is none that is known
 *
 * Pure.
 */
void stay_policy(const char *line, char *policy);

/*
 * stay_unit - the systemd unit of a process, by the text of its cgroup file
 * @unit: receives it, STAY_NAME_MAX bytes; "" if there is none
 *
 * Only a service or scope of the system's own manager, and not the session of a user, in
 * which his shell is, too.  The name needs no quotes in a command.  Pure.
 */
void stay_unit(const char *cgroup, char *unit);

/* The causes that apply.  Pure. */
unsigned int stay_judge(const struct stay_facts *facts);

/* One line: the causes, and the command.  Pure; returns @buf, STAY_TEXT_MAX bytes. */
char *stay_format(const struct stay_facts *facts, unsigned int causes, char *buf);

const char *stay_cause_name(enum stay_cause cause);	/* for programs: "policy" */

/*
 * stay_find - whether the pages of @account that were moved will stay
 *
 * Reads little files of /proc, the affinity of at most 1,024 threads, and the first line
 * of numa_maps.  What cannot be found out is taken for fine.
 */
void stay_find(struct stay *stay, const struct process *p, const struct topology *t,
	       const struct account *account);

#endif
