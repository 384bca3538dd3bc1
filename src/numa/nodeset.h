/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_NODESET_H
#define NUMA_NODESET_H

#include "util/bits.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Sets of NUMA nodes and of CPUs: plain values that can be assigned and passed; { 0 } is the
 * empty set.  Pure.
 */

/* Node IDs are 0 to NODES_MAX - 1, the kernel's maximum (CONFIG_NODES_SHIFT 10). */
#define NODES_MAX 1024
/* CPU IDs are 0 to CPUS_MAX - 1, twice the maximum of x86 (CONFIG_NR_CPUS). */
#define CPUS_MAX BITS_MAX
/* A buffer of this size holds nodeset_format() of any set of nodes. */
#define NODES_TEXT_MAX 4096

struct nodeset {
	unsigned long word[BITS_WORDS(NODES_MAX)];
};

/* For the functions of util/bits.h. */
struct cpuset {
	unsigned long word[BITS_WORDS(CPUS_MAX)];
};

/* Return whether a node is a member; @node may be any int. */
static inline bool nodeset_has(const struct nodeset *set, int node)
{
	return node >= 0 && node < NODES_MAX &&
	       set->word[(size_t)node / BITS_PER_WORD] >> (size_t)node % BITS_PER_WORD & 1;
}

static inline void nodeset_add(struct nodeset *set, int node)
{
	set->word[(size_t)node / BITS_PER_WORD] |= 1UL << (size_t)node % BITS_PER_WORD;
}

static inline struct nodeset nodeset_all(void)
{
	struct nodeset set;

	memset(&set, 0xff, sizeof(set));
	return set;
}

/* Make the set from @first to @last, both included. */
static inline struct nodeset nodeset_range(int first, int last)
{
	struct nodeset set = { { 0 } };

	for (int n = first; n <= last; n++)
		nodeset_add(&set, n);
	return set;
}

static inline struct nodeset nodeset_or(struct nodeset a, const struct nodeset *b)
{
	bits_or(BITS(&a), b->word);
	return a;
}

static inline struct nodeset nodeset_and(struct nodeset a, const struct nodeset *b)
{
	for (size_t i = 0; i < BITS_WORDS(NODES_MAX); i++)
		a.word[i] &= b->word[i];
	return a;
}

/* Return the members of @a that are not in @b. */
static inline struct nodeset nodeset_minus(struct nodeset a, const struct nodeset *b)
{
	for (size_t i = 0; i < BITS_WORDS(NODES_MAX); i++)
		a.word[i] &= ~b->word[i];
	return a;
}

/*
 * Find the first member at or above @from, or -1.  To walk a set:
 *   for (int n = nodeset_next(set, 0); n >= 0; n = nodeset_next(set, n + 1))
 */
static inline int nodeset_next(const struct nodeset *set, int from)
{
	return bits_next(BITS(set), from);
}

static inline unsigned int nodeset_count(const struct nodeset *set)
{
	return bits_count(BITS(set));
}

static inline bool nodeset_empty(const struct nodeset *set)
{
	return nodeset_next(set, 0) < 0;
}

static inline bool nodeset_intersect(const struct nodeset *a, const struct nodeset *b)
{
	return bits_intersect(BITS(a), b->word);
}

/* Return whether every member of @part is in @whole. */
static inline bool nodeset_subset(const struct nodeset *part, const struct nodeset *whole)
{
	const struct nodeset rest = nodeset_minus(*part, whole);

	return nodeset_empty(&rest);
}

/* Return the n-th member, from 0, or -1 if the set has fewer. */
static inline int nodeset_nth(const struct nodeset *set, unsigned int n)
{
	int node = nodeset_next(set, 0);

	while (node >= 0 && n--)
		node = nodeset_next(set, node + 1);
	return node;
}

/* As bits_format() and bits_parse_list(). */
static inline int nodeset_format(const struct nodeset *set, char *buf, size_t size)
{
	return bits_format(BITS(set), buf, size);
}

static inline int nodeset_parse_list(const char *text, size_t len, struct nodeset *set)
{
	return bits_parse_list(BITS(set), text, len);
}

#endif
