/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node lists as the user writes them, and what is wrong with those that cannot be used.
 * Pure: no I/O, no allocation, (pointer, length) texts that may hold any byte. Time is
 * linear in the length of the text, whatever numbers it holds.
 *
 *   list := [ ( "!" | "^" ) { " " } ] [ "+" ] item { "," item }
 *   item := node [ "-" node ] | word | device
 *   word := "all" | "has-cpu" | "memory-only" | "local"
 *   device := ( "netdev:" | "ip:" | "file:" | "block:" | "pci:" ) rest of the list
 *
 * A node is a plain decimal number (number_parse()). The list stands for a set, so order
 * and repetition mean nothing. "!" and "^" invert it within the nodes that would do. "+"
 * makes numbers count the caller's allowed nodes that have memory, from 0. Each number,
 * and so both ends of a range, must name a node that would do; within a range those that
 * would not are skipped. The words select among the nodes that would do:
 *   all          every one of them
 *   has-cpu      those with CPUs
 *   memory-only  those without (CXL, HBM)
 *   local        those of the CPUs that the process may use
 * A list is never empty, and never selects nothing. numactl(8) has the grammar this
 * follows; numa_parse_nodestring(3) differs on sparse node ids and in cpusets.
 */
#ifndef NUMA_NODELIST_H
#define NUMA_NODELIST_H

#include <stdbool.h>
#include <stddef.h>

#include "numa/nodeset.h"
#include "util/text.h"

#define NODELIST_WHY_MAX 160
/* A buffer of this size holds any line on what is wrong with a list. */
#define NODELIST_TEXT_MAX 512

/*
 * Resolves a device word, "netdev:eth0" for instance (the whole text is passed), into the
 * nodes the device is attached to. Returns 0, or a negative value and then one line in
 * why, which begins as the end of a sentence about the device: "is no network device".
 * See device.h for the one that asks libnuma.
 */
typedef int nodelist_device_fn(const char *text, size_t len, struct nodeset *nodes, char *why,
			       size_t why_size);

/*
 * What a list is read against. The nodes that would do are those with memory, and for a
 * destination those of them that the caller and the process may both use. Sets are
 * borrowed and only read.
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
 * Reads a list into nodes, which is left empty on error. Returns 0; -EINVAL; or -EAGAIN for
 * "local" without a process. Then a line is added to why: what is wrong, where (counted
 * from 1), and what would do: "'7' (at 3) is no node of this machine; nodes 0-3 would do".
 * Bytes that are not printable ASCII are escaped, long pieces cut.
 */
int nodelist_parse(const char *text, size_t len, const struct nodelist_world *world,
		   struct nodeset *nodes, struct text_line *why);

/*
 * Reads a piece of text as one node: a plain number that names a node that would do.
 * Returns 0 and the node, or -EINVAL as nodelist_parse().
 */
int nodelist_parse_node(struct text_part text, struct text_part piece,
			const struct nodelist_world *world, int *node, struct text_line *why);

/*
 * Adds such a line about a piece of text, and returns -EINVAL. node: the node that the piece
 * leads to, or -1; says: what is wrong, NULL: a node is missing there; advice: NULL: which
 * nodes would do.
 */
int nodelist_refuse(struct text_part text, struct text_part piece,
		    const struct nodelist_world *world, int node, const char *says,
		    const char *advice, struct text_line *why);

/* Why a node would not do in this world, the first that applies; NULL: it would do. */
const char *nodelist_refusal(const struct nodelist_world *world, int node);

/* The nodes that would do. */
struct nodeset nodelist_usable(const struct nodelist_world *world);

#endif
