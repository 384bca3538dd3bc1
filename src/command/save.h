/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_SAVE_H
#define COMMAND_SAVE_H

#include "command/savefile.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct page;

/*
 * Writing a placement (savefile.h) to disk, all of it or nothing: into a new
 * file beside the one that is meant, mode 0600, which gets its name when it is
 * complete and on disk.
 *
 * A name that is taken is refused, but for a saved placement, which is replaced,
 * and an empty file, as mktemp(1) makes one.  Links are not followed.  That goes for a file
 * that takes the name while the placement is written, too.  (A file system that cannot
 * exchange names leaves an instant in which one may be replaced.)
 */

struct save {
	const char *path; /* as given; borrowed */
	FILE *out;
	int dir;		 /* that the file is in */
	char name[NAME_MAX + 1]; /* that it gets */
	char temporary[32];
	uint64_t start, end; /* the run that is not written yet; start == end: none */
	int node;
	uint64_t lines;
	int error; /* the first of writing, or 0 */
};

/* Returns 0; -EEXIST the name is taken; -ENOTSUP by no regular file; or -errno. */
int save_open(struct save *s, const char *path);

/* Write the header. */
void save_begin(struct save *s, const struct saved_identity *id);

/* Pages that were looked at, where they are; neighbours on one node become one line. */
void save_pages(struct save *s, const struct page *p, size_t n);

/* Give the file its name.  Returns 0 or -errno, and then nothing is left of it. */
int save_finish(struct save *s);

/* Remove what was written, unless it was finished.  All zero is fine. */
void save_abort(struct save *s);

/* What went wrong, in words that follow the name of the file. */
const char *save_explain(int rc);

#endif
