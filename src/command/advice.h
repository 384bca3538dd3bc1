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
 * Predicts whether memory stays where it was moved, and suggests a command that keeps it there.
 * New pages are allocated by the memory policy, set_mempolicy(2), or near the CPU that touches
 * them first; and NUMA balancing moves pages to where they are used (kernel.numa_balancing).  Only
 * a cpuset prevents all of these.
 */

enum advice_cause {
	ADVICE_POLICY = 1 << 0,	   /* its memory policy has nodes that pages were moved from */
	ADVICE_CPUS = 1 << 1,	   /* none of its CPUs is near, and its policy is the default */
	ADVICE_BALANCING = 1 << 2, /* it may run on other nodes, and NUMA balancing is on */
};

enum { ADVICE_NAME_MAX = 128 };

/* The facts.  All nodes are nodes with memory; unknown texts are "". */
struct advice_facts {
	pid_t pid;
	char name[REPORT_NAME_MAX]; /* "redis (812)" */
	bool whole;		    /* the complete process was moved, so new pages matter */
	bool bindable;		    /* the kernel can allocate on its new nodes */
	struct nodeset from, to;    /* source and destination nodes of moved pages */
	struct nodeset allowed;	    /* by its cpuset */
	struct nodeset cpu_nodes;   /* near the CPUs that its threads may run on; none: unknown */
	char policy[BINDING_POLICY_MAX]; /* as in numa_maps: "bind:0" */
	unsigned int balancing;		 /* kernel.numa_balancing */
	char cpus[ADVICE_NAME_MAX];	 /* CPU list of the nodes in to */
	char unit[ADVICE_NAME_MAX];	 /* its systemd unit, if that can be set */
};

/*
 * Find the systemd unit, ADVICE_NAME_MAX bytes, in the text of the cgroup file of a process: a
 * service or scope of the system manager.  The name needs no quotes.  Pure.
 */
void advice_unit(const char *cgroup, char *unit);

/* Return the causes that apply.  Pure. */
unsigned int advice_judge(const struct advice_facts *facts);

/* Write the notes for these causes.  Pure. */
void advice_format(const struct advice_facts *facts, unsigned int causes, struct advice *advice);

/*
 * Find the notes on a process with the moved pages of @account, from small files of /proc and
 * the affinity of at most 1,024 threads.  Unknown facts cause no note.
 *
 * @whole: see struct advice_facts
 */
void advice_find(struct advice *advice, const struct process *p, const struct topology *t,
		 struct headroom_guard *room, const struct account *account, bool whole);

#endif
