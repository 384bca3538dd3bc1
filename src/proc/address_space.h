/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_ADDRESS_SPACE_H
#define PROC_ADDRESS_SPACE_H

#include "proc/vma.h"

struct process;

/*
 * The mappings (VMAs) of a process: /proc/PID/maps, proc(5).
 *
 * Not smaps and not numa_maps: the kernel walks every page for those, with
 * the target's memory map locked.  What maps does not say, the page size of
 * hugetlb mappings, comes from the device number (see hugetlb.h).
 */

struct address_space {
	struct vma *at; /* in the order of addresses */
	size_t n;
};

/*
 * address_space_read - all mappings of a process
 *
 * Returns 0, -ENOMEM, -EPROTO for a line that is not understood, or what
 * reading gave; an empty list is that of a process that has gone: -ESRCH.
 * The caller frees the list, in each case.
 */
int address_space_read(const struct process *p, struct address_space *list);
void address_space_free(struct address_space *list);

/* The first mapping that ends above @address, or n. */
size_t address_space_find(const struct address_space *list, uint64_t address);

/*
 * address_space_select - leave out the mappings that were not chosen
 * @kinds: a bit for each kind that is, as of vma_kinds_parse(); 0: any
 * @path: of vma_has_path(); NULL: any
 *
 * They stay in the list, so that a single address in one is known for what it is.
 */
void address_space_select(struct address_space *list, unsigned int kinds, const char *path);

#endif
