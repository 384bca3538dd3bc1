/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MAPPING_H
#define MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAPPING_NO_SPACE UINT64_MAX	/* it could not be found out */

/* A mapping (VMA) of a process, and the line of /proc/PID/maps it stands in.  Pure. */

enum mapping_kind {
	MAPPING_ANON,
	MAPPING_HEAP,
	MAPPING_STACK,
	MAPPING_FILE,
	MAPPING_SHM,		/* shared anonymous, SysV, memfd, /dev/shm */
	MAPPING_HUGETLB,
	MAPPING_SPECIAL,	/* [vdso], secret memory, memory of devices and of the kernel: not movable */
	MAPPING_KINDS
};

/* Whether those places of it that look like transparent huge pages are (census.h). */
enum mapping_huge {
	HUGE_OPEN,
	HUGE_NONE,
	HUGE_ALL,
};

struct mapping {
	uint64_t start, end;	/* addresses, end exclusive */
	uint64_t offset;	/* in the file, bytes; 0 where there is none */
	uint64_t inode;
	uint32_t major, minor;	/* of the device the file is on */
	uint64_t space;		/* that numbers inodes: the IPC namespace of SysV memory; or 0 */
	uint8_t page_shift;	/* of its pages: the base page's, or a hugetlb page's */
	uint8_t kind;		/* enum mapping_kind */
	uint8_t huge;		/* enum mapping_huge */
	bool shared;		/* MAP_SHARED */
	char perms[5];		/* as in maps, "rw-p" */
	bool left_out;		/* not selected: see mappings_select() */
	char *name;		/* as in maps, "" where there is none; owned by the list */
};

/* What kind of mapping has this name in maps.  Pure. */
enum mapping_kind mapping_kind_of(const char *name, size_t len);

/*
 * mapping_is_of_kernel - does the name look like that of a file which the kernel has made
 * for memory: "/memfd:x (deleted)"?
 *
 * Files of other file systems can have such names; the device tells them apart (hugetlb.h).
 */
bool mapping_is_of_kernel(const struct mapping *m);

/* The place in its file of an address in the mapping. */
static inline uint64_t mapping_offset(const struct mapping *m, uint64_t address)
{
	return m->offset + (address - m->start);
}

/* "anon", "heap", ... */
const char *mapping_kind_name(enum mapping_kind kind);

/*
 * mapping_kinds_parse - "KIND[,KIND...]", of those that can be selected.  Pure.
 * @kinds: receives a bit for each kind, 1 << enum mapping_kind
 *
 * Returns 0, or -EINVAL and which part of the text is no such kind.
 */
int mapping_kinds_parse(const char *text, size_t len, unsigned int *kinds, size_t *bad,
			size_t *bad_len);

/*
 * mapping_has_path - does the path of its file match a pattern of fnmatch(3)?
 *
 * A "*" matches "/" too.  " (deleted)" behind a path need not be matched.  Names
 * that are no path, such as "[heap]", match nothing.
 */
bool mapping_has_path(const struct mapping *m, const char *pattern);

/*
 * mapping_parse - one line of maps, with or without its newline.  Pure.
 * @m: filled in; its name points into @line and is not terminated
 * @name_len: the length of that name
 *
 * page_shift is left 0, and hugetlb mappings are not yet told from files.
 * Returns 0 or -EINVAL.
 */
int mapping_parse(const char *line, size_t len, struct mapping *m, size_t *name_len);

#endif
