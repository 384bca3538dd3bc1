/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_NODELIST_H
#define NUMA_NODELIST_H

#include "numa/nodeset.h"
#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Node lists as users write them, and what is wrong with a list.  Pure: no I/O, no
 * allocation.  Texts may hold any byte; the time is linear in their length.
 *
 *   list := [ ( "!" | "^" ) { " " } ] [ "+" ] item { "," item }
 *   item := node [ "-" node ] | word | device
 *   word := "all" | "has-cpu" | "memory-only" | "local"
 *   device := ( "netdev:" | "ip:" | "file:" | "block:" | "pci:" ) rest of the list
 *
 * A list denotes a set.  "!" and "^" invert it within the usable nodes.  "+" makes numbers
 * count the caller's allowed nodes that have memory, from 0.  A number must name a usable
 * node; a range skips unusable nodes between its ends.  A word selects among the usable
 * nodes: all of them, those with CPUs, those without (CXL, HBM), or those of the CPUs that
 * the process may use.  An empty list is an error, and so is one that selects nothing.
 * numactl(8) has this grammar; numa_parse_nodestring(3) differs on sparse node ids and in
 * cpusets.
 */

#define NODELIST_WHY_MAX 160
/* A buffer of this size holds any line on what is wrong with a list. */
#define NODELIST_TEXT_MAX 512

/*
 * Finds the nodes of a device word such as "netdev:eth0", which is @text.  Returns 0, or a
 * negative value and in @why the end of a sentence about the device: "is no network
 * device".  device.h has one that asks libnuma.
 */
typedef int nodelist_device_fn(const char *text, size_t len, struct nodeset *nodes, char *why,
			       size_t why_size);

/*
 * What a list is read against; the sets are borrowed.  Usable nodes have memory and, for a
 * destination, the caller and the process may both use them.
 */
struct nodelist_world {
	const struct nodeset *online; /* nodes that exist */
	const struct nodeset *memory; /* nodes with memory */
	const struct nodeset *cpu;    /* nodes with CPUs */
	const struct nodeset *caller; /* Mems_allowed of the caller */
	const struct nodeset *target; /* Mems_allowed of the process; NULL: none yet */
	const struct nodeset *local;  /* nodes of its CPUs; NULL: none yet */
	bool destination;	      /* a TO list, else a FROM list */
	nodelist_device_fn *device;   /* NULL: device words are refused */
};

/*
 * Reads a list into @nodes, which is empty on an error: -EINVAL, or -EAGAIN for "local"
 * without a process.  Then adds a line to @why that says what is wrong, where (counted from
 * 1), and what is usable: "'7' (at 3) is not a node of this machine; usable nodes: 0-3".
 * The line is printable ASCII; long pieces are cut.
 */
int nodelist_parse(const char *text, size_t len, const struct nodelist_world *world,
		   struct nodeset *nodes, struct text_line *why);

/* A text with node numbers in it, for the parser of that text. */
struct nodelist_context {
	struct text_part text; /* all of it: places are counted from its start */
	const struct nodelist_world *world;
	const struct nodeset *counted; /* numbers count these nodes; NULL: they name nodes */
	struct text_line *why;
};

/* Reads a piece as one usable node.  Returns 0 and *@node, or -EINVAL as nodelist_parse(). */
int nodelist_parse_node(const struct nodelist_context *c, struct text_part piece, int *node);

/*
 * Adds such a line about a piece, and returns -EINVAL.  @node: the node that the piece leads
 * to, or -1; @says: what is wrong, NULL: a node is missing; @advice: NULL: the usable nodes.
 */
int nodelist_refuse(const struct nodelist_context *c, struct text_part piece, int node,
		    const char *says, const char *advice);

/* The first reason why a node is not usable; NULL: it is. */
const char *nodelist_refusal(const struct nodelist_world *world, int node);

struct nodeset nodelist_usable(const struct nodelist_world *world);

#endif
