/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_ADDRESS_SPACE_H
#define PROC_ADDRESS_SPACE_H

#include "proc/vma.h"

#include <stddef.h>
#include <stdint.h>

struct process;

/*
 * The mappings (VMAs) of a process, from /proc/PID/maps, proc(5).  Not from smaps or numa_maps:
 * for these the kernel walks every page and holds the target's mmap_lock.
 */
struct address_space {
	struct vma *at; /* in address order */
	size_t n;
};

/*
 * Read all mappings of a process; the caller always frees the list.  Return 0 or -errno:
 * -ENOMEM, -EPROTO for a malformed line, -ESRCH for a process that exited (its list is empty).
 */
int address_space_read(const struct process *p, struct address_space *list);
void address_space_free(struct address_space *list);

/* Return the index of the first mapping that ends above @address, or n. */
size_t address_space_find(const struct address_space *list, uint64_t address);

/*
 * Mark the mappings that @kinds (vma_kinds_parse(); 0: any) or @path (vma_has_path(); NULL: any)
 * does not select.  They stay in the list, for single addresses.
 */
void address_space_select(struct address_space *list, unsigned int kinds, const char *path);

/*
 * The memory file systems, and their page sizes.
 *
 * A hugetlb file system has pages of one size, and maps shows the device of a mapped file.  The
 * target's mountinfo lists the mounted file systems.  The kernel's internal ones (MAP_HUGETLB,
 * SHM_HUGETLB, memfd; and shmem) are found by mapping a page of that size, without reserving or
 * touching it, to see its device.
 */

enum { HUGETLB_MAX = 1024 }; /* further mounts are ignored */

struct hugetlb {
	unsigned int base_shift; /* log2 of the base page size */
	size_t n;
	struct hugetlb_device {
		uint32_t major, minor;
		uint8_t page_shift; /* log2; 0: a mount of tmpfs or ramfs, with base pages */
	} device[HUGETLB_MAX];
};

/*
 * Return whether a mapping may be hugetlb: a file, on a device that is not a disk.  The inode
 * may be 0: that of System V memory is its shmid.
 */
static inline bool hugetlb_is_possible(const struct vma *m)
{
	return m->major == 0 && m->minor != 0;
}

/* Find the devices visible to process @p; the caller sets base_shift.  Return 0 or -errno. */
int hugetlb_read(const struct process *p, struct hugetlb *h);

/* Set page_shift, kind and in_memory of a mapping from its device.  Pure. */
void hugetlb_apply(const struct hugetlb *h, struct vma *m);

/*
 * Parse a line of mountinfo; pure.  For a mount of hugetlb, tmpfs or ramfs, add its device if
 * there is room, and return 1.  Otherwise return 0.
 */
int hugetlb_parse_mount(const char *line, struct hugetlb *h);

#endif
