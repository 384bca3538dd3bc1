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
 *	# movepages placement 2
 *	# boot 6bd93b1e-0f0b-4a5c-bb2e-0e2b6f3b8a11
 *	# process 210 68121 8:1 1835026 55d4c0e00000 7ffceecad3f0 /usr/bin/redis-server
 *	7f9d20600000-7f9d20610000=2
 *	...
 *	# process 211 ...
 *	...
 *	# end 4
 *
 * The last line counts the lines of processes and of pages.  --pages-from reads the lines of
 * pages and takes the others for comments.  Nothing in the file is trusted.
 */

enum { PLACEMENT_BOOT_MAX = 64, PLACEMENT_PATH_MAX = 1024 };

/* The boot that PIDs and start times belong to: PLACEMENT_BOOT_MAX bytes.  0 or -errno. */
int placement_boot_read(char *boot);

/* A process, and which of its programs the addresses belong to; in the order of its line. */
struct placement_id {
	uint64_t pid;
	uint64_t start_time;	       /* clock ticks since boot */
	uint64_t major, minor, inode;  /* of the program's file */
	uint64_t code, stack;	       /* where this execve(2) put them */
	char path[PLACEMENT_PATH_MAX]; /* escaped; for messages, and not compared */
};

/* Returns 0 or -errno. */
int placement_id_read(struct placement_id *id, const struct process *p);

/*
 * Compare the process that was saved with one that has its PID now.  Returns 0 if it is the
 * same; -ESRCH if the saved one has ended; -ESTALE if it runs another program, or the same
 * one anew.  Then @why has words that follow "process 210: ".  Pure.
 */
int placement_id_compare(const struct placement_id *saved, const struct placement_id *now,
			 struct text_line *why);

/* ---- reading ---- */

enum { PLACEMENT_HEADER = 2 }; /* lines before the first process */

/*
 * What was read so far; all zero before the first line.  To read the lines of one process
 * again, begin with { .header = PLACEMENT_HEADER, .part = true }.
 */
struct placement_reader {
	char boot[PLACEMENT_BOOT_MAX];
	struct placement_id id; /* of the process at work */
	unsigned int header;	/* lines of it */
	uint64_t processes;
	uint64_t lines; /* of processes and of pages */
	uint64_t sum;	/* of the lines of the process at work, to find out whether they change */
	bool ended;
	bool part; /* the last line counts other lines, too */
};

enum { PLACEMENT_PAGES = 1, PLACEMENT_PROCESS };

/*
 * Returns PLACEMENT_PAGES with @o filled in; PLACEMENT_PROCESS: a process begins; 0: the line
 * has neither; or -EINVAL with @err filled in, whose words are a sentence.  Pure.
 */
int placement_read_line(struct placement_reader *r, const char *line, size_t len, struct operand *o,
			struct text_error *err);

/* ---- writing ---- */

/* Errors are those of the stream. */
void placement_print_header(FILE *f, const char *boot);
void placement_print_process(FILE *f, const struct placement_id *id);
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
	size_t processes;	/* that are complete */
	struct placement_id id; /* of the process at work */
	off_t begin;		/* where its lines are */
	uint64_t lines_before;
	int error; /* the first of writing, or 0 */
};

/* Returns 0; -EEXIST the name is taken; -ENOTSUP by no regular file; or -errno. */
int placement_open(struct placement_writer *w, const char *path);

/* Begin with the lines of a process.  Returns 0 or -errno, also when it has ended. */
int placement_begin(struct placement_writer *w, const struct process *p);

/*
 * End them.  @rc: of the visit of its pages.  Returns @rc or, if that is 0, why its pages
 * cannot be told to be of the program that it began with: -ESRCH, -ESTALE.  Unless 0 is
 * returned, nothing of the process remains in the file.
 */
int placement_end(struct placement_writer *w, const struct process *p, int rc);

/* Neighbours on one node become one line. */
void placement_add(struct placement_writer *w, const struct page *p, size_t n);

/* Give the file its name.  Returns 0 or -errno, and then nothing is left of it. */
int placement_commit(struct placement_writer *w);

/* Remove what was written, unless it was finished.  All zero is fine. */
void placement_abort(struct placement_writer *w);

/* What went wrong, in words that follow the name of the file. */
const char *placement_explain(int rc);

#endif
