/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_HUGETLB_H
#define PROC_HUGETLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vma;
struct process;

/*
 * Which mappings are hugetlb, and of which page size.
 *
 * Every hugetlb file system holds pages of one size, and a mapping tells the
 * device its file is on.  Mounted ones stand in the target's mountinfo; the
 * kernel's own (MAP_HUGETLB, SHM_HUGETLB, memfd) show their device when one
 * maps a page of that size without reserving or touching it.
 */

enum { HUGETLB_MAX = 64 };

struct hugetlb {
	unsigned int base_shift; /* log2 of the base page size */
	size_t n;
	struct {
		uint32_t major, minor;
		uint8_t page_shift;
	} device[HUGETLB_MAX]; /* the kernel's for small pages, too; more mounts than
					   this are not told apart */
	/* Minor numbers of tmpfs and ramfs, which have small pages, too. */
	uint32_t memory[HUGETLB_MAX];
	size_t memories;
};

/*
 * Whether a mapping can be hugetlb at all: of a file, on a device that is not a disk.  The
 * number of the file may be 0: that of System V memory is its id.
 */
bool hugetlb_is_possible(const struct vma *m);

/* Learn the devices as process @p sees them; @h has base_shift only.  0 or -errno. */
int hugetlb_read(const struct process *p, struct hugetlb *h);

/*
 * Whether the mapping's device is one of the kernel's own, or a hugetlb mount; true if none
 * is known.
 */
bool hugetlb_knows(const struct hugetlb *h, const struct vma *m);

/* Whether the mapping is of a file on a mounted file system in memory. */
bool hugetlb_is_memory(const struct hugetlb *h, const struct vma *m);

/* The page shift of the mapping: that of its device, or the base page's. */
uint8_t hugetlb_page_shift(const struct hugetlb *h, const struct vma *m);

/*
 * hugetlb_parse_mount - one line of mountinfo; Pure.
 *
 * Returns 1 and adds its device if it is a hugetlb mount, else 0.
 */
int hugetlb_parse_mount(const char *line, struct hugetlb *h);

#endif
