/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_ADDRESS_SPACE_H
#define PROC_ADDRESS_SPACE_H

#include "proc/vma.h"

#include <stddef.h>
#include <stdint.h>

struct process;

/*
 * The mappings (VMAs) of a process: /proc/PID/maps, proc(5).  For smaps and numa_maps the
 * kernel would walk every page with the target's memory map locked.
 */
struct address_space {
	struct vma *at; /* in the order of addresses */
	size_t n;
};

/*
 * Read all mappings of a process; the caller frees the list, in each case.  Return 0, -ENOMEM,
 * -EPROTO for a line that is not understood, -ESRCH for a process that is gone (its list is
 * empty), or why reading failed.
 */
int address_space_read(const struct process *p, struct address_space *list);
void address_space_free(struct address_space *list);

/* The first mapping that ends above @address, or n. */
size_t address_space_find(const struct address_space *list, uint64_t address);

/*
 * Mark the mappings that are not selected, by @kinds as of vma_kinds_parse() (0: any) and by
 * @path as of vma_has_path() (NULL: any).  They stay in the list for single addresses.
 */
void address_space_select(struct address_space *list, unsigned int kinds, const char *path);

/*
 * The file systems in memory, and their page sizes.
 *
 * Every hugetlb file system holds pages of one size, and a mapping tells the device its file
 * is on.  The target's mountinfo lists the mounted ones.  The kernel's own (MAP_HUGETLB,
 * SHM_HUGETLB, memfd; and that of memory in small pages) show their device when one maps a
 * page of that size without reserving or touching it.
 */

enum { HUGETLB_MAX = 1024 }; /* further mounts are not told apart */

struct hugetlb {
	unsigned int base_shift; /* log2 of the base page size */
	size_t n;
	struct hugetlb_device {
		uint32_t major, minor;
		uint8_t page_shift; /* log2; 0: a mount of tmpfs or ramfs, with base pages */
	} device[HUGETLB_MAX];
};

/*
 * Return whether a mapping can be hugetlb: of a file, on a device that is not a disk.  The
 * number of the file may be 0: that of System V memory is its id.
 */
static inline bool hugetlb_is_possible(const struct vma *m)
{
	return m->major == 0 && m->minor != 0;
}

/* Learn the devices as process @p sees them; @h has base_shift only.  Return 0 or -errno. */
int hugetlb_read(const struct process *p, struct hugetlb *h);

/* Set page_shift, kind and in_memory of a mapping by its device.  Pure. */
void hugetlb_apply(const struct hugetlb *h, struct vma *m);

/*
 * Parse a line of mountinfo; pure.  Return 1 if it is a mount of hugetlb, tmpfs or ramfs, whose
 * device it adds if there is room, else 0.
 */
int hugetlb_parse_mount(const char *line, struct hugetlb *h);

#endif
