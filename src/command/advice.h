/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_ADVICE_H
#define COMMAND_ADVICE_H

#include "numa/nodeset.h"
#include "proc/binding.h"
#include "report/report.h"

#include <stdbool.h>
#include <sys/types.h>

struct account;
struct headroom_guard;
struct process;
struct topology;

/*
 * Notes on whether memory stays where it was moved, with a command that keeps it there.  New
 * pages go where the memory policy has them, set_mempolicy(2), or to the CPU that touches them
 * first; and NUMA balancing moves pages to where they are used (kernel.numa_balancing).  Only a
 * cpuset that allows nothing else stops all of that.
 */

enum advice_cause {
	ADVICE_POLICY = 1 << 0,	   /* its memory policy has nodes that pages were moved away from */
	ADVICE_CPUS = 1 << 1,	   /* none of its CPUs is near, and the policy is the default */
	ADVICE_BALANCING = 1 << 2, /* it may run elsewhere, and NUMA balancing is on */
};

enum { ADVICE_NAME_MAX = 128 };

/* What decides it.  All nodes are nodes with memory; texts are "" where nothing is known. */
struct advice_facts {
	pid_t pid;
	char name[REPORT_NAME_MAX]; /* "redis (812)" */
	bool whole;		    /* it was moved as a whole: new pages matter, and its place */
	bool bindable;		    /* the kernel can allocate on its new nodes, too */
	struct nodeset from, to;    /* pages went away from, and to, these */
	struct nodeset allowed;	    /* by its cpuset */
	struct nodeset cpu_nodes;   /* near the CPUs that its threads may run on; none: unknown */
	char policy[BINDING_POLICY_MAX]; /* "bind:0", as numa_maps has it */
	unsigned int balancing;		 /* kernel.numa_balancing */
	char cpus[ADVICE_NAME_MAX];	 /* those of the nodes in to, as a list */
	char unit[ADVICE_NAME_MAX];	 /* its systemd unit, if there is one to set */
};

/*
 * Find the systemd unit, ADVICE_NAME_MAX bytes, in the text of a process's cgroup file: a
 * service or scope of the system's own manager.  The name needs no quotes.  Pure.
 */
void advice_unit(const char *cgroup, char *unit);

/* The causes that apply.  Pure. */
unsigned int advice_judge(const struct advice_facts *facts);

/* Write the notes for these causes.  Pure. */
void advice_format(const struct advice_facts *facts, unsigned int causes, struct advice *advice);

/*
 * Find the notes on a process with the moved pages of @account, from small files of /proc and
 * the affinity of at most 1,024 threads.  What cannot be found out is taken for fine.
 *
 * @whole: as in struct advice_facts
 */
void advice_find(struct advice *advice, const struct process *p, const struct topology *t,
		 struct headroom_guard *room, const struct account *account, bool whole);

#endif
