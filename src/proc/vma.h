/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_VMA_H
#define PROC_VMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMA_NO_SPACE UINT64_MAX /* it could not be found out */

/* A mapping (VMA) of a process, and its line of /proc/PID/maps.  Pure. */

enum vma_kind {
	VMA_ANON,
	VMA_HEAP,
	VMA_STACK,
	VMA_FILE,
	VMA_SHM, /* shared anonymous, SysV, memfd, /dev/shm */
	VMA_HUGETLB,
	VMA_SPECIAL, /* [vdso], secret memory, memory of devices and of the kernel: not movable */
	VMA_KINDS
};

/* Whether those places of it that look like transparent huge pages are (census.h). */
enum vma_huge {
	HUGE_OPEN,
	HUGE_NONE,
	HUGE_ALL,
};

struct vma {
	uint64_t start, end; /* addresses, end exclusive */
	uint64_t offset;     /* in the file, bytes; 0 where there is none */
	uint64_t inode;
	uint32_t major, minor; /* of the device the file is on */
	uint64_t space;	       /* that numbers inodes: the IPC namespace of SysV memory; or 0 */
	uint8_t page_shift;    /* of its pages: the base page's, or a hugetlb page's */
	uint8_t kind;	       /* enum vma_kind */
	uint8_t huge;	       /* enum vma_huge */
	bool in_memory;	       /* file system: its inode numbers tell files apart */
	bool shared;	       /* MAP_SHARED */
	char perms[5];	       /* as in maps, "rw-p" */
	bool left_out;	       /* not selected: see address_space_select() */
	char *name;	       /* as in maps, "" where there is none; owned by the list */
};

/* The kind of a mapping with this name in maps. */
enum vma_kind vma_kind_of(const char *name, size_t len);

/*
 * Return whether the name is like that of a file which the kernel made for memory: "/memfd:x
 * (deleted)".  Files elsewhere can have such names; the device tells them apart (address_space.h).
 */
bool vma_is_of_kernel(const struct vma *m);

/* The place in its file of an address in the mapping. */
static inline uint64_t vma_offset(const struct vma *m, uint64_t address)
{
	return m->offset + (address - m->start);
}

/* "anon", "heap", ... */
const char *vma_kind_name(enum vma_kind kind);

/*
 * Parse "KIND[,KIND...]", without "special"; @kinds receives 1 << enum vma_kind for each.
 * Return 0, or -EINVAL and the part of the text that is wrong.
 */
int vma_kinds_parse(const char *text, size_t len, unsigned int *kinds, size_t *bad,
		    size_t *bad_len);

/*
 * Return whether the path of its file matches a pattern of fnmatch(3), where "*" matches "/"
 * too, with or without " (deleted)".  Names that are not paths, "[heap]", match nothing.
 */
bool vma_has_path(const struct vma *m, const char *pattern);

/*
 * Parse one line of maps, with or without its newline.  The name points into @line and is not
 * terminated; page_shift is 0, and hugetlb mappings are files until hugetlb_apply().
 * Return 0 or -EINVAL.
 */
int vma_parse(const char *line, size_t len, struct vma *m, size_t *name_len);

/*
 * The place of a page of size 1 << @shift, as the kernel counts it for MPOL_INTERLEAVE: in
 * such pages from the beginning of the file, or of the address space.  It stays the same when
 * mappings are split and joined.  (For a huge page the kernel counts from the huge page that
 * the mapping begins in: if that is the middle, one less throughout.)
 */
uint64_t vma_page_index(const struct vma *m, uint64_t address, unsigned int shift);

#endif
