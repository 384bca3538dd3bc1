/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device words of node lists, by way of libnuma (numa_parse_nodestring(3)), but for PCI
 * devices, of which that finds only those that are behind no bridge. Does I/O:
 * reads sysfs, and for "ip:" asks the resolver and the kernel's routing table, which may
 * take as long as they take.
 *
 * Linking this file replaces libnuma's numa_warn() and numa_error() (both made to be
 * replaced, numa(3)) for the whole program: libnuma no longer prints, nor exits on a
 * warning. Out of memory, though, libnuma ends the process. (libnuma 2.0.16 also looks at
 * what is behind a link it has read, on its stack, when it looks up "netdev:", "block:",
 * "file:" and "ip:"; memory checkers report it.)
 */
#ifndef NUMA_DEVICE_H
#define NUMA_DEVICE_H

#include <stddef.h>

#include "numa/nodeset.h"

/*
 * A nodelist_device_fn (nodelist.h): the nodes of "netdev:NAME", "ip:HOST", "file:PATH",
 * "block:NAME" or "pci:[SEG:]BUS:DEV[.FUNC]" into nodes. Returns
 *   0        nodes holds at least one node, not checked against anything
 *   -EINVAL  there is no such device, or no node is known for it
 *   -ENOSYS  this kernel has no NUMA
 *   -ENAMETOOLONG  the text is longer than any path
 * and, if not 0, in why how the sentence that begins with the device ends.
 */
int device_nodes(const char *text, size_t len, struct nodeset *nodes, char *why, size_t why_size);

#endif
