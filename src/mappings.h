/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MAPPINGS_H
#define MAPPINGS_H

#include "mapping.h"

struct process;

/*
 * The mappings (VMAs) of a process: /proc/PID/maps, proc(5).
 *
 * Not smaps and not numa_maps: the kernel walks every page for those, with
 * the target's memory map locked.  What maps does not say, the page size of
 * hugetlb mappings, comes from the device number (see hugetlb.h).
 */

struct mapping_list {
	struct mapping *at;	/* in the order of addresses */
	size_t n;
};

/*
 * mappings_read - all mappings of a process
 *
 * Returns 0, -ENOMEM, -EPROTO for a line that is not understood, or what
 * reading gave; an empty list is that of a process that has gone: -ESRCH.
 * The caller frees the list, in each case.
 */
int mappings_read(const struct process *p, struct mapping_list *list);
void mappings_free(struct mapping_list *list);

/* The first mapping that ends above @address, or n. */
size_t mappings_find(const struct mapping_list *list, uint64_t address);

/*
 * mappings_select - leave out the mappings that were not chosen
 * @kinds: a bit for each kind that is, as of mapping_kinds_parse(); 0: any
 * @path: of mapping_has_path(); NULL: any
 *
 * They stay in the list, so that a single address in one is known for what it is.
 */
void mappings_select(struct mapping_list *list, unsigned int kinds, const char *path);

#endif
