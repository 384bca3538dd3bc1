/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of NUMA nodes (and of CPUs), and the kernel's text form of them. Pure.
 *
 * A set is libnuma's struct bitmask (numa(3)), so that it can be handed to libnuma as it
 * is. Sets of nodes are NODES_MAX bits wide, sets of CPUs CPUS_MAX. Make them with
 * nodeset_alloc(), cpus_alloc() or nodeset_init(): libnuma's own allocator ends the
 * process when memory is short. numa_bitmask_isbitset(), _setbit(), _clearbit(),
 * _clearall(), _equal() and _free() work on all of them; numa_bitmask_free(NULL) is fine.
 */
#ifndef NUMA_NODESET_H
#define NUMA_NODESET_H

#include <limits.h>
#include <numa.h>
#include <stdbool.h>
#include <stddef.h>

/* Node ids are 0 to NODES_MAX - 1, the most a kernel can have (CONFIG_NODES_SHIFT 10). */
#define NODES_MAX   1024
#define NODES_WORDS (NODES_MAX / (CHAR_BIT * sizeof(unsigned long)))
/* A buffer of this size holds nodeset_format() of any set of nodes. */
#define NODES_TEXT_MAX 4096
/* CPU ids are 0 to CPUS_MAX - 1, twice the most that x86 can have (CONFIG_NR_CPUS). */
#define CPUS_MAX 16384

/* A set without allocation. The mask points into the struct: do not copy it. */
struct nodeset {
	struct bitmask mask;
	unsigned long words[NODES_WORDS];
};

/* Makes *set the empty set and returns its mask. */
struct bitmask *nodeset_init(struct nodeset *set);

/* An empty set, to be freed with numa_bitmask_free(); NULL when out of memory. */
struct bitmask *nodeset_alloc(void);
struct bitmask *cpus_alloc(void);

/* dst = src; dst |= src; dst &= src; dst &= ~src. What dst is too narrow for is lost. */
void nodeset_copy(struct bitmask *dst, const struct bitmask *src);
void nodeset_or(struct bitmask *dst, const struct bitmask *src);
void nodeset_and(struct bitmask *dst, const struct bitmask *src);
void nodeset_remove(struct bitmask *dst, const struct bitmask *src);

/* Makes set the set of all ids it has room for. */
void nodeset_fill(struct bitmask *set);

/* Adds to dst the members of src from first to last, both included. */
void nodeset_or_range(struct bitmask *dst, const struct bitmask *src, int first, int last);

bool nodeset_empty(const struct bitmask *set);
bool nodeset_intersect(const struct bitmask *a, const struct bitmask *b);
/* Whether every member of part is one of whole. */
bool nodeset_subset(const struct bitmask *part, const struct bitmask *whole);

/*
 * The first member that is not below from, or -1. To walk a set:
 *   for (int n = nodeset_next(set, 0); n >= 0; n = nodeset_next(set, n + 1))
 */
int nodeset_next(const struct bitmask *set, int from);

/* The n-th member, counted from 0, or -1 when there are not as many. */
int nodeset_nth(const struct bitmask *set, unsigned int n);

/* How many members there are. */
unsigned int nodeset_count(const struct bitmask *set);

/*
 * Writes the set as the kernel lists it, "0-3,8", or "none" for the empty set. Always
 * terminated when size is not 0. A text that does not fit is cut behind a whole item and
 * ends in "..." (or is empty where not even that fits). Returns the length of the full
 * text: it was cut when that is size or more.
 */
int nodeset_format(const struct bitmask *set, char *buf, size_t size);

/*
 * Reads the kernel's list format (cpuset(7), "List format") as its files hold it: plain
 * ascending decimal numbers and ranges, "" for none, at most one newline, at the end.
 * Replaces set on success, leaves it alone otherwise.
 * -EINVAL: something else; -ERANGE: a number beyond the width of set.
 */
int nodeset_parse_list(const char *text, size_t len, struct bitmask *set);

/*
 * Finds the line "NAME:\tLIST" in the text of a /proc/PID/status (proc(5)), for example
 * "Mems_allowed_list" or "Cpus_allowed_list", and reads its list into set, which must be
 * as wide as what is listed. -ENOENT: there is no such line; else as nodeset_parse_list().
 */
int status_parse_list(const char *text, size_t len, const char *name, struct bitmask *set);

#endif
