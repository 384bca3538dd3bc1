/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NUMA_DEVICE_H
#define NUMA_DEVICE_H

#include "numa/nodeset.h"

#include <stddef.h>

/*
 * A nodelist_device_fn (nodelist.h) that asks libnuma (numa_parse_nodestring(3)), except
 * about PCI devices: libnuma finds none behind a bridge.  It reads sysfs; "ip:" also asks
 * the resolver and the routing table, and waits for them.  @nodes receives the nodes of
 * "netdev:NAME", "ip:HOST", "file:PATH", "block:NAME" or "pci:[SEG:]BUS:DEV[.FUNC]".
 * Returns
 *   0        there is at least one node, not checked against anything
 *   -EINVAL  there is no such device, or its node is unknown
 *   -ENOSYS  this kernel has no NUMA
 *   -ENAMETOOLONG  the text is longer than any path
 *
 * This file replaces numa_warn() and numa_error() of libnuma, which numa(3) allows: libnuma
 * does not print, nor exit on a warning.  It still ends the process when memory runs out.
 * (libnuma 2.0.16 reads past the end of a link on its stack for "netdev:", "block:", "file:"
 * and "ip:"; memory checkers report it.)
 */
int device_nodes(const char *text, size_t len, struct nodeset *nodes, char *why, size_t why_size);

#endif
