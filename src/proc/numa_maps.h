/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_NUMA_MAPS_H
#define PROC_NUMA_MAPS_H

#include "numa/nodeset.h"

#include <stddef.h>
#include <stdint.h>

struct process;

/*
 * How many bytes of a process are on each node: /proc/PID/numa_maps, numa(7).
 *
 * Reading it makes the kernel walk every page with the memory map locked: it is read only
 * beside calls that do the same, such as migrate_pages(2).
 */
struct numa_maps {
	uint64_t bytes[NODES_MAX];
};

/*
 * Add one line, in units of its kernelpagesize_kB; nothing of memory that does not move
 * (VMA_SPECIAL).  Pure.  Return 0, or -EINVAL, and then nothing was added.
 */
int numa_maps_parse(struct numa_maps *p, const char *line, size_t len);

/* Read all of numa_maps.  Return 0, -EPROTO, or why reading failed. */
int numa_maps_read(struct numa_maps *p, const struct process *process);

/* Add up the bytes on the nodes of the set. */
uint64_t numa_maps_on(const struct numa_maps *p, const struct nodeset *nodes);

#endif
