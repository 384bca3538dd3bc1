/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_SEEN_H
#define PLAN_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vma;
struct page;
struct piece;

/*
 * The set of visited pages of files and shared memory, so other processes that map them need not
 * visit them again.  Pure.
 *
 * The set consists of pieces of 32,768 base pages.  A completely visited piece takes about 80
 * bytes; any other has one bit per page: at most 1/32768 of the size of the files, 2 MiB for 64
 * GiB if every second page is present.
 */

/* Identifies a file in all processes. */
struct seen_file {
	uint32_t major, minor;
	uint64_t inode;
	uint64_t space; /* in which the inode is unique, see vma.h */
};

struct seen {
	void *tree;	      /* of tsearch(3) */
	struct piece *pieces; /* list of all pieces */
	struct piece *last;   /* last piece found, a cache */
	unsigned int base_shift;
};

void seen_init(struct seen *v, unsigned int base_shift);
void seen_free(struct seen *v);

static inline bool seen_is_empty(const struct seen *v)
{
	return !v->pieces;
}

/*
 * Identify the file of a mapping.  Return false if the inode does not identify it.
 *
 * Inode numbers are unique on block devices and in memory file systems.  Elsewhere two files of
 * a device may have the same number (btrfs subvolumes, overlayfs), or the number is meaningless
 * (anon_inode).
 */
bool seen_file(const struct vma *m, struct seen_file *f);

/* Return whether a page of such a mapping belongs to the file and is not a private copy. */
bool seen_is_of_file(const struct vma *m, const struct page *p);

/* Add the bytes [@start, @end) of a file, multiples of the page size.  Return 0 or -ENOMEM. */
int seen_add(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end);

/* Add all pages of @from.  Return 0 or -ENOMEM. */
int seen_add_all(struct seen *v, const struct seen *from);

/*
 * Return the end of the run of pages from @start that are all visited or all not (*@seen), at
 * most @end.  @end must be above @start.
 */
uint64_t seen_run(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end,
		  bool *seen);

/* Return whether all of [@start, @end) was visited. */
bool seen_has(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end);

#endif
