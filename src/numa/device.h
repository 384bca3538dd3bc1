/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_DEVICE_H
#define NUMA_DEVICE_H

#include "numa/nodeset.h"

#include <stddef.h>

/*
 * Find the nodes of a device: "netdev:NAME", "ip:HOST", "file:PATH", "block:NAME" or
 * "pci:[SEG:]BUS:DEV[.FUNC]".  A nodelist_device_fn (nodelist.h).  Reads sysfs, through
 * numa_parse_nodestring(3) except for PCI devices, as libnuma finds none behind a bridge.
 * "ip:" also waits for the resolver and the routing table.
 *
 * Return
 *   0        @nodes has at least one node, not yet checked
 *   -EINVAL  no such device, or its node is unknown
 *   -ENOSYS  no NUMA support in this kernel
 *   -ENAMETOOLONG  the text is longer than any path
 *
 * device.c replaces numa_warn() and numa_error() of libnuma, see numa(3), so libnuma neither
 * prints nor exits on a warning.  It still exits if memory runs out.  (libnuma 2.0.16 reads
 * past the end of a link on its stack for "netdev:", "block:", "file:" and "ip:"; memory
 * checkers report it.)
 */
int device_nodes(const char *text, size_t len, struct nodeset *nodes, char *why, size_t why_size);

#endif
