/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MAPPINGS_H
#define MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process;

/*
 * The mappings (VMAs) of a process: /proc/PID/maps, proc(5).
 *
 * Not smaps and not numa_maps: the kernel walks every page for those, with
 * the target's memory map locked.  What maps does not say, the page size of
 * hugetlb mappings, comes from the device number (see hugetlb.h).
 */

enum mapping_kind {
	MAPPING_ANON,
	MAPPING_HEAP,
	MAPPING_STACK,
	MAPPING_FILE,
	MAPPING_SHM,		/* shared anonymous, SysV, memfd, /dev/shm */
	MAPPING_HUGETLB,
	MAPPING_SPECIAL,	/* [vdso], [vvar], secret memory: not movable */
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
	uint64_t inode;
	uint32_t major, minor;	/* of the device the file is on */
	uint8_t page_shift;	/* of its pages: the base page's, or a hugetlb page's */
	uint8_t kind;		/* enum mapping_kind */
	uint8_t huge;		/* enum mapping_huge */
	bool shared;		/* MAP_SHARED */
	char *name;		/* as in maps, "" where there is none; owned by the list */
};

struct mapping_list {
	struct mapping *at;	/* in the order of addresses */
	size_t n;
};

/* "anon", "heap", ... */
const char *mapping_kind_name(enum mapping_kind kind);

/*
 * mapping_parse - one line of maps, with or without its newline.  Pure.
 * @m: filled in; its name points into @line and is not terminated
 * @name_len: the length of that name
 *
 * page_shift is left 0, and hugetlb mappings are not yet told from files.
 * Returns 0 or -EINVAL.
 */
int mapping_parse(const char *line, size_t len, struct mapping *m, size_t *name_len);

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

#endif
