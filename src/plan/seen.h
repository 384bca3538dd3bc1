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
 * Which pages of files and of shared memory have been visited, so that processes that map
 * the same ones need not visit them again.  Pure.
 *
 * The set consists of pieces of 32,768 base pages.  A piece that was visited completely
 * takes some 80 bytes, any other has a bit for each page: at most 1/32768 of the files,
 * 2 MiB for 64 GiB of which every other page is present.
 */

/* What is the same file in every process. */
struct seen_file {
	uint32_t major, minor;
	uint64_t inode;
	uint64_t space; /* that the inode number is of, see vma.h */
};

struct seen {
	void *tree;	      /* of tsearch(3) */
	struct piece *pieces; /* all that are in it */
	struct piece *last;   /* that was found last */
	unsigned int base_shift;
};

void seen_init(struct seen *v, unsigned int base_shift);
void seen_free(struct seen *v);

static inline bool seen_is_empty(const struct seen *v)
{
	return !v->pieces;
}

/*
 * Find the file of a mapping.  Returns false where equal numbers do not mean one file.
 *
 * Inode numbers tell files apart on block devices and in the memory file systems.
 * Elsewhere two files of one device may have the same number (btrfs with its subvolumes,
 * overlayfs), or a number means nothing (anon_inode).
 */
bool seen_file(const struct vma *m, struct seen_file *f);

/* Whether a page of such a mapping is one of its file, and not the process's own copy. */
bool seen_is_of_file(const struct vma *m, const struct page *p);

/* Add the bytes [@start, @end) of a file, whole base pages.  Returns 0 or -ENOMEM. */
int seen_add(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end);

/* Add all that is in @from.  Returns 0 or -ENOMEM. */
int seen_add_all(struct seen *v, const struct seen *from);

/*
 * Return how far pages are like the one at @start, visited or not (*@seen): at most up to
 * @end, which must be above @start.
 */
uint64_t seen_run(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end,
		  bool *seen);

/* Whether all of [@start, @end) was visited. */
bool seen_has(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end);

#endif
