/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_NUMA_MAPS_H
#define PROC_NUMA_MAPS_H

#include "numa/nodeset.h"

#include <stddef.h>
#include <stdint.h>

struct nodeset;
struct process;

/*
 * How many bytes of a process lie on each node: /proc/PID/numa_maps, numa(7).
 *
 * Reading it makes the kernel walk every page with the memory map locked, so
 * it is read only beside calls that do the same: migrate_pages(2).
 */

struct numa_maps {
	uint64_t bytes[NODES_MAX];
};

/*
 * numa_maps_parse - add one line of numa_maps
 *
 * Pages are counted in units of kernelpagesize_kB, which stands at the end of
 * the line; those of memory that does not move (VMA_SPECIAL) are not.  Pure; returns 0 or -EINVAL, and then nothing was added.
 */
int numa_maps_parse(struct numa_maps *p, const char *line, size_t len);

/* Read all of numa_maps.  Returns 0, -EPROTO, or what reading gave. */
int numa_maps_read(struct numa_maps *p, const struct process *process);

/* The bytes on all nodes of the set. */
uint64_t numa_maps_on(const struct numa_maps *p, const struct nodeset *nodes);

#endif
