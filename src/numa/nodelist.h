/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_NODELIST_H
#define NUMA_NODELIST_H

#include "numa/nodeset.h"
#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Parse the node lists of users.  Pure: no I/O, no allocation.  Texts may contain any byte; the
 * time is linear in their length.
 *
 *   list := [ ( "!" | "^" ) { " " } ] [ "+" ] item { "," item }
 *   item := node [ "-" node ] | word | device
 *   word := "all" | "has-cpu" | "memory-only" | "local"
 *   device := ( "netdev:" | "ip:" | "file:" | "block:" | "pci:" ) rest of the list
 *
 * A list denotes a set.  "!" and "^" invert it within the usable nodes.  "+" makes numbers
 * relative to the caller's allowed nodes that have memory, from 0.  A number must be that of a
 * usable node; a range skips unusable nodes between its ends.  A word selects usable nodes: all
 * of them, those with CPUs, those without (CXL, HBM), or those of the CPUs that the process may
 * use.  A list that is empty or selects nothing is an error.  The grammar is that of
 * numactl(8); numa_parse_nodestring(3) differs with sparse node IDs and in cpusets.
 */

#define NODELIST_WHY_MAX 160
/* A buffer of this size holds any error line of these functions. */
#define NODELIST_TEXT_MAX 512

/*
 * Find the nodes of a device, @text, such as "netdev:eth0".  Return 0, or a negative value and
 * in @why the end of a sentence about the device: "is not on a block device".  device.h has the
 * implementation.
 */
typedef int nodelist_device_fn(const char *text, size_t len, struct nodeset *nodes, char *why,
			       size_t why_size);

/*
 * The nodes that a list can select; the sets are borrowed.  Usable nodes have memory; for a
 * destination, the caller and the process must both be allowed to use them.
 */
struct nodelist_world {
	const struct nodeset *online; /* nodes that exist */
	const struct nodeset *memory; /* nodes with memory */
	const struct nodeset *cpu;    /* nodes with CPUs */
	const struct nodeset *caller; /* Mems_allowed of the caller */
	const struct nodeset *target; /* Mems_allowed of the process; NULL: no process yet */
	const struct nodeset *local;  /* nodes of its CPUs; NULL: no process yet */
	bool destination;	      /* a TO list, not a FROM list */
	nodelist_device_fn *device;   /* NULL: devices are not allowed */
};

/*
 * Parse a list into @nodes.  Return 0, -EINVAL, or -EAGAIN for "local" without a process.  On an
 * error @nodes is empty, and @why receives what is wrong, the position (from 1) and the usable
 * nodes: "'7' (at 3) is not a node of this machine; usable nodes: 0-3".  The line is printable
 * ASCII; long pieces are cut.
 */
int nodelist_parse(const char *text, size_t len, const struct nodelist_world *world,
		   struct nodeset *nodes, struct text_line *why);

/* A text that contains node numbers, for parsers of other formats. */
struct nodelist_context {
	struct text_part text; /* the full text: positions count from its start */
	const struct nodelist_world *world;
	const struct nodeset *counted; /* numbers are relative to these; NULL: absolute */
	struct text_line *why;
};

/* Parse a piece as one usable node.  Return 0 and set *@node, or -EINVAL and add to @why. */
int nodelist_parse_node(const struct nodelist_context *c, struct text_part piece, int *node);

/*
 * Add an error line about a piece.  Return -EINVAL.
 * @node: the node that the piece denotes, or -1
 * @says: what is wrong, "is a descending range"; NULL: a node is missing
 * @advice: a hint; NULL: list the usable nodes
 */
int nodelist_refuse(const struct nodelist_context *c, struct text_part piece, int node,
		    const char *says, const char *advice);

/* Return why a node is not usable, the first reason; NULL: it is usable. */
const char *nodelist_refusal(const struct nodelist_world *world, int node);

struct nodeset nodelist_usable(const struct nodelist_world *world);

#endif
