/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMAMAPS_H
#define NUMAMAPS_H

#include "nodes.h"

#include <stddef.h>
#include <stdint.h>

struct bitmask;
struct process;

/*
 * How many bytes of a process lie on each node: /proc/PID/numa_maps, numa(7).
 *
 * Reading it makes the kernel walk every page with the memory map locked, so
 * it is read only beside calls that do the same: migrate_pages(2).
 */

struct placement {
	uint64_t bytes[NODES_MAX];
};

/*
 * placement_parse - add one line of numa_maps
 *
 * Pages are counted in units of kernelpagesize_kB, which stands at the end of
 * the line; those of memory that does not move (MAPPING_SPECIAL) are not.  Pure; returns 0 or -EINVAL, and then nothing was added.
 */
int placement_parse(struct placement *p, const char *line, size_t len);

/* Read all of numa_maps.  Returns 0, -EPROTO, or what reading gave. */
int placement_read(struct placement *p, const struct process *process);

/* The bytes on all nodes of the set. */
uint64_t placement_on(const struct placement *p, const struct bitmask *nodes);

#endif
