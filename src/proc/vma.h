/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_VMA_H
#define PROC_VMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMA_NO_SPACE UINT64_MAX /* unknown */

/* A mapping (VMA) of a process: a line of /proc/PID/maps.  Pure. */

enum vma_kind {
	VMA_ANON,
	VMA_HEAP,
	VMA_STACK,
	VMA_FILE,
	VMA_SHM, /* shared anonymous, SysV, memfd, /dev/shm */
	VMA_HUGETLB,
	VMA_SPECIAL, /* [vdso], secret, device and kernel memory: not movable */
	VMA_KINDS
};

/* Whether blocks of it that may be transparent huge pages are THPs (census.h). */
enum vma_huge {
	HUGE_OPEN,
	HUGE_NONE,
	HUGE_ALL,
};

struct vma {
	uint64_t start, end; /* addresses, end exclusive */
	uint64_t offset;     /* in the file, bytes; 0: no file */
	uint64_t inode;
	uint32_t major, minor; /* of the device of the file */
	uint64_t space; /* in which the inode is unique: the IPC namespace of SysV memory; or 0 */
	uint8_t page_shift; /* log2 of its page size: base or hugetlb */
	uint8_t kind;	    /* enum vma_kind */
	uint8_t huge;	    /* enum vma_huge */
	bool in_memory;	    /* on a memory file system, whose inodes identify files */
	bool shared;	    /* MAP_SHARED */
	char perms[5];	    /* as in maps, "rw-p" */
	bool left_out;	    /* not selected: see address_space_select() */
	char *name;	    /* as in maps, may be ""; owned by the list */
};

/* Return the kind of a mapping with this name in maps. */
enum vma_kind vma_kind_of(const char *name, size_t len);

/*
 * Return whether the name looks like a memory file of the kernel: "/memfd:x (deleted)".  Other
 * files can have such names; the device is different (address_space.h).
 */
bool vma_is_of_kernel(const struct vma *m);

/* Return the file offset of an address in the mapping. */
static inline uint64_t vma_offset(const struct vma *m, uint64_t address)
{
	return m->offset + (address - m->start);
}

/* Return "anon", "heap", ... */
const char *vma_kind_name(enum vma_kind kind);

/*
 * Parse "KIND[,KIND...]", without "special"; @kinds receives 1 << enum vma_kind for each.
 * Return 0, or -EINVAL and the invalid part of the text.
 */
int vma_kinds_parse(const char *text, size_t len, unsigned int *kinds, size_t *bad,
		    size_t *bad_len);

/*
 * Return whether the path of the file matches a pattern of fnmatch(3), in which "*" also matches
 * "/", with or without " (deleted)".  Names that are not paths, "[heap]", never match.
 */
bool vma_has_path(const struct vma *m, const char *pattern);

/*
 * Parse a line of maps, with or without a newline.  The name points into @line and is not
 * terminated; page_shift is 0, and hugetlb mappings are files until hugetlb_apply().
 * Return 0 or -EINVAL.
 */
int vma_parse(const char *line, size_t len, struct vma *m, size_t *name_len);

/*
 * Return the index of a page of size 1 << @shift for interleaving, as MPOL_INTERLEAVE does:
 * counted in such pages from the start of the file, or of the address space.  Splitting or
 * merging mappings does not change it.  (For huge pages the kernel counts from the huge page in
 * which the mapping begins: if that is its middle, all indices are one less.)
 */
uint64_t vma_page_index(const struct vma *m, uint64_t address, unsigned int shift);

#endif
