/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_HEADROOM_H
#define PROC_HEADROOM_H

#include "numa/nodeset.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How much a node can take before the kernel makes room by pushing out the memory of others:
 * /proc/zoneinfo, proc(5); mm/vmscan.c.  That is what is free above the high watermarks of
 * its zones, plus half of its clean inactive file cache, in bytes.
 */
struct headroom {
	uint64_t bytes[NODES_MAX];
	/* Nodes with memory that the kernel uses itself, too: not in ZONE_MOVABLE or ZONE_DEVICE. */
	struct nodeset kernel;
};

/* Parse the text of zoneinfo.  Pure.  Return 0 or -EINVAL. */
int headroom_parse(struct headroom *room, const char *text, size_t len, uint64_t page_bytes);

/* Read and parse a zoneinfo file, relative to @dir as in openat(2).  Return 0 or -errno. */
int headroom_read(struct headroom *room, int dir, const char *path);

/*
 * How many free huge pages the buddy allocator of each node has, as they are; it may make more
 * by compaction: /proc/buddyinfo, proc(5).
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

/* Read it; if that fails, no node has any.  Return 0 or -errno. */
int huge_headroom_read(struct huge_headroom *room, unsigned int order);

/*
 * What the workers of a move share to stay within the room.  It is read again when it is used
 * up, and ten times per second, since other processes use it too.
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

/* Take room for @bytes on the node; false if there is not as much. */
bool headroom_claim(struct headroom_guard *g, int node, uint64_t bytes);

/* The bytes of a node that are free, MemFree in its meminfo; 0 where it cannot be read. */
uint64_t headroom_free(int node);

/* Take a free huge page of that order; false if the node has none, or it cannot be told. */
bool headroom_claim_huge(struct headroom_guard *g, int node, unsigned int order);

#endif
