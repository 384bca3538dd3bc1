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

#define NODELIST_WHY_MAX 160
/* A buffer of this size holds any line of nodelist_error_format(). */
#define NODELIST_TEXT_MAX 512

/*
 * Resolves a device word, "netdev:eth0" for instance (the whole text is passed), into the
 * nodes the device is attached to. Returns 0, or a negative value and then one line in
 * why, which begins as the end of a sentence about the device: "is no network device".
 * See devices.h for the one that asks libnuma.
 */
typedef int nodelist_device_fn(void *arg, const char *text, size_t len, struct nodeset *nodes,
			       char *why, size_t why_size);

/*
 * What a list is read against. The nodes that would do are those with memory, and for a
 * destination those of them that the caller and the process may both use. Sets are
 * borrowed, NODES_MAX wide and only read.
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
	void *device_arg;
};

enum nodelist_kind {
	NODELIST_FINE,
	NODELIST_NO_TEXT,     /* the list is empty */
	NODELIST_MISSING,     /* a place where a node should be is empty */
	NODELIST_NOT_NUMBER,  /* not a decimal number */
	NODELIST_PADDED,      /* a number with leading zeros */
	NODELIST_NOT_WORD,    /* begins with a letter but is no word */
	NODELIST_SIGN,	      /* "!", "^" or "+" where it may not be */
	NODELIST_REVERSED,    /* a range from high to low */
	NODELIST_PAST_LAST,   /* "+": there are not that many allowed nodes */
	NODELIST_NO_NODE,     /* no such node on this machine */
	NODELIST_NO_MEMORY,   /* the node has none */
	NODELIST_NOT_CALLERS, /* the caller's cpuset forbids the node */
	NODELIST_NOT_TARGETS, /* the cpuset of the process does */
	NODELIST_NOTHING,     /* the list is fine but selects no node */
	NODELIST_LOCAL_ALL,   /* "local" would be every node with memory */
	NODELIST_LOCAL_NONE,  /* "local" without a process */
	NODELIST_DEVICE,      /* the device has no known node; why says more */
	NODELIST_NOT_PAIR,    /* not of the form A:B (this and the next: route.h) */
	NODELIST_SAME,	      /* a pair leads from a node to itself */
	NODELIST_TWICE,	      /* a node is the source of two pairs */
	NODELIST_KINDS
};

/* What is wrong, and with which bytes of the text. */
struct nodelist_error {
	enum nodelist_kind kind;
	size_t offset;		    /* of the piece at fault, in bytes from the start of the text */
	size_t length;		    /* of that piece, may be 0 */
	int node;		    /* the node meant, or -1 where none is known */
	bool destination;	    /* the piece names a destination */
	char why[NODELIST_WHY_MAX]; /* for NODELIST_DEVICE only */
};

/*
 * Reads a list into nodes, which is left empty on error. Returns 0, or -EINVAL and then
 * what is wrong in *error. On success error->kind is NODELIST_FINE.
 */
int nodelist_parse(const char *text, size_t len, const struct nodelist_world *world,
		   struct nodeset *nodes, struct nodelist_error *error);

/*
 * Reads the piece of text from offset on, length bytes, as one node: a plain number that
 * names a node that would do. Returns 0 and the node, or -EINVAL as nodelist_parse().
 */
int nodelist_parse_node(const char *text, size_t offset, size_t length,
			const struct nodelist_world *world, int *node,
			struct nodelist_error *error);

/*
 * Why a node would not do in this world: NODELIST_FINE, _NO_NODE, _NO_MEMORY,
 * _NOT_CALLERS or _NOT_TARGETS, the first that applies. Any int may be asked about.
 */
enum nodelist_kind nodelist_refusal(const struct nodelist_world *world, int node);

/* The nodes that would do. */
void nodelist_usable(const struct nodelist_world *world, struct nodeset *nodes);

/*
 * Writes one line without newline: what is wrong, where (counted from 1), and what would
 * do: "'7' (at 3) is no node of this machine; nodes 0-3 would do". text, len and world
 * are those that were parsed. Bytes of the text that are not printable ASCII are escaped,
 * long pieces cut. Always terminated, size must not be 0. Returns what snprintf(3) would.
 */
int nodelist_error_format(const struct nodelist_error *error, const char *text, size_t len,
			  const struct nodelist_world *world, char *buf, size_t size);

#endif
