/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_PLACEMENT_FILE_H
#define COMMAND_PLACEMENT_FILE_H

#include "plan/operand.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct page;
struct process;

/*
 * The file that --save writes and --restore reads:
 *
 *	# movepages placement 1
 *	# pid 210
 *	# started 68121
 *	# boot 6bd93b1e-0f0b-4a5c-bb2e-0e2b6f3b8a11
 *	# program 8:1 1835026 /usr/bin/redis-server
 *	# memory 55d4c0e00000 7ffceecad3f0 4096
 *	7f9d20600000-7f9d20610000=2
 *	...
 *	# end 1
 *
 * The last line counts the lines of PAGES.  To --pages-from all else is a comment.  Nothing
 * in it is believed.
 */

enum { PLACEMENT_BOOT_MAX = 64, PLACEMENT_PATH_MAX = 1024 };

/* Which program, in which of its lives, addresses belong to. */
struct placement_id {
	uint64_t pid;
	uint64_t start_time;	       /* clock ticks since boot */
	char boot[PLACEMENT_BOOT_MAX]; /* /proc/sys/kernel/random/boot_id */
	uint64_t major, minor, inode;  /* of the program's file */
	char path[PLACEMENT_PATH_MAX]; /* escaped; for messages, and not compared */
	uint64_t code, stack;	       /* where this execve(2) put them */
	uint64_t page;		       /* bytes of a base page */
};

/* Returns 0 or -errno. */
int placement_id_read(struct placement_id *id, const struct process *p);

/*
 * Whether the addresses of @saved mean nothing to the process @now; then words that follow
 * the name of the file are added to @why: "is of process 210".  Pure.
 */
bool placement_id_differs(const struct placement_id *saved, const struct placement_id *now,
			  struct text_line *why);

/* ---- reading ---- */

/* What was read so far; all zero before the first line. */
struct placement_reader {
	struct placement_id id;
	unsigned int seen; /* lines of the header */
	uint64_t lines;	   /* with pages */
	uint64_t sum;	   /* of all lines, to tell whether a file changed */
	bool ended;
};

/* Returns 1 and the pages of a line, 0 if it has none, or -EINVAL with @err filled in.  Pure. */
int placement_read_line(struct placement_reader *r, const char *line, size_t len, struct operand *o,
			struct text_error *err);

/* ---- writing ---- */

/* Errors are those of the stream. */
void placement_print_header(FILE *f, const struct placement_id *id);
void placement_print_end(FILE *f, uint64_t lines);

/*
 * A placement on its way to disk, all of it or nothing: a temporary file, mode 0600, gets the
 * name when it is complete and on disk.  It replaces nothing but a saved placement or an empty
 * file, even if another file takes the name meanwhile.  Links are not followed.  (A file
 * system that cannot exchange names leaves an instant in which any file is replaced.)
 */
struct placement_writer {
	FILE *out;
	int dir;	  /* that the file is in */
	const char *name; /* in it; borrowed.  NULL: nothing was opened */
	char temporary[32];
	uint64_t start, end; /* the run that is not written yet; start == end: none */
	int node;
	uint64_t lines;
	int error; /* the first of writing, or 0 */
};

/* Returns 0; -EEXIST the name is taken; -ENOTSUP by no regular file; or -errno. */
int placement_open(struct placement_writer *w, const char *path);

/* Neighbours on one node become one line. */
void placement_add(struct placement_writer *w, const struct page *p, size_t n);

/* Give the file its name.  Returns 0 or -errno, and then nothing is left of it. */
int placement_commit(struct placement_writer *w);

/* Remove what was written, unless it was finished.  All zero is fine. */
void placement_abort(struct placement_writer *w);

/* What went wrong, in words that follow the name of the file. */
const char *placement_explain(int rc);

#endif
