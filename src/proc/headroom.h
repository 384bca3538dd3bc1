/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_HEADROOM_H
#define PROC_HEADROOM_H

#include "numa/nodeset.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How much memory a node can accept before the kernel reclaims memory of other processes, in
 * bytes: what is free above the high watermarks of its zones, plus half of its clean inactive
 * file cache.  From /proc/zoneinfo, proc(5); mm/vmscan.c.
 */
struct headroom {
	uint64_t bytes[NODES_MAX];
	/* Nodes with memory that the kernel itself can use: outside ZONE_MOVABLE and ZONE_DEVICE. */
	struct nodeset kernel;
};

/* Parse the text of zoneinfo.  Pure.  Return 0 or -EINVAL. */
int headroom_parse(struct headroom *room, const char *text, size_t len, uint64_t page_bytes);

/* Read and parse a zoneinfo file, relative to @dir as in openat(2).  Return 0 or -errno. */
int headroom_read(struct headroom *room, int dir, const char *path);

/*
 * The free huge pages in the buddy allocator of each node, without those that compaction could
 * make: /proc/buddyinfo, proc(5).
 */
struct huge_headroom {
	uint64_t pages[NODES_MAX];
};

/*
 * Parse the text of buddyinfo for huge pages of 1 << @order base pages.  Pure.  Return 0 or
 * -EINVAL.
 */
int huge_headroom_parse(struct huge_headroom *room, const char *text, size_t len,
			unsigned int order);

/* Read /proc/buddyinfo; on an error all counts are 0.  Return 0 or -errno. */
int huge_headroom_read(struct huge_headroom *room, unsigned int order);

/*
 * Keeps the workers of a move within the room, which they share.  The room is read again when
 * it is used up, and ten times per second, because other processes use it too.
 */
struct headroom_guard {
	pthread_mutex_t lock;
	struct headroom room;
	uint64_t read_at; /* CLOCK_MONOTONIC, nanoseconds; 0: never */
	struct huge_headroom huge;
	uint64_t huge_read_at; /* likewise */
	bool off;	       /* --force */
};

void headroom_guard_start(struct headroom_guard *g, bool off);

/* Copy the current room of all nodes.  Return 0 or -errno. */
int headroom_now(struct headroom_guard *g, struct headroom *room);

/* Take room for @bytes on the node; return false if there is not enough. */
bool headroom_claim(struct headroom_guard *g, int node, uint64_t bytes);

/* The bytes of a node that are free, MemFree in its meminfo; 0 where it cannot be read. */
uint64_t headroom_free(int node);

/* Take a free huge page of that order; false if the node has none, or it cannot be told. */
bool headroom_claim_huge(struct headroom_guard *g, int node, unsigned int order);

#endif
