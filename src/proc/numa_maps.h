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
 * Reading the file makes the kernel walk every page while it holds mmap_lock.  Use it only with
 * calls that do the same, such as migrate_pages(2).
 */
struct numa_maps {
	uint64_t bytes[NODES_MAX];
};

/*
 * Parse a line and add its pages, whose size is its kernelpagesize_kB; ignore memory that cannot
 * move: VMA_SPECIAL, and mappings with neither file= nor anon=, such as vvar.  Pure.  Return 0, or
 * -EINVAL and add nothing.
 */
int numa_maps_parse(struct numa_maps *p, const char *line, size_t len);

/* Read numa_maps.  Return 0 or -errno; -EPROTO: a malformed line. */
int numa_maps_read(struct numa_maps *p, const struct process *process);

/* Return the sum of the bytes on the nodes of the set. */
uint64_t numa_maps_on(const struct numa_maps *p, const struct nodeset *nodes);

#endif
