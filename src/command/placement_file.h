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
 * pages and ignores the others as comments.  Nothing in the file is trusted.
 */

enum { PLACEMENT_BOOT_MAX = 64, PLACEMENT_PATH_MAX = 1024 };

/* Read the boot ID, PLACEMENT_BOOT_MAX bytes.  Return 0 or -errno. */
int placement_boot_read(char *boot);

/* A process and its program, to which the addresses belong; in the order of its line. */
struct placement_id {
	uint64_t pid;
	uint64_t start_time;	       /* clock ticks since boot */
	uint64_t major, minor, inode;  /* of the program's file */
	uint64_t code, stack;	       /* their addresses since execve(2) */
	char path[PLACEMENT_PATH_MAX]; /* escaped; for messages, not compared */
};

/* Return 0 or -errno. */
int placement_id_read(struct placement_id *id, const struct process *p);

/*
 * Compare the saved process with the one that has its PID now.  Return 0 if they are the same;
 * -ESRCH if the saved one has exited; -ESTALE if it has called execve(2).  Then @why has text that
 * follows "process 210: ".  Pure.
 */
int placement_id_compare(const struct placement_id *saved, const struct placement_id *now,
			 struct text_line *why);

/* ---- reading ---- */

enum { PLACEMENT_HEADER = 2 }; /* lines before the first process */

/*
 * The state of a reader; all zeros before the first line.  To read the lines of one process again,
 * begin with { .header = PLACEMENT_HEADER, .part = true }.
 */
struct placement_reader {
	char boot[PLACEMENT_BOOT_MAX];
	struct placement_id id; /* of the current process */
	unsigned int header;	/* lines of the header read */
	uint64_t processes;
	uint64_t lines; /* of processes and of pages */
	uint64_t sum;	/* checksum of the lines of the current process */
	bool ended;
	bool part; /* only a part is read: do not compare the number of lines */
};

enum { PLACEMENT_PAGES = 1, PLACEMENT_PROCESS };

/*
 * Parse a line.  Return PLACEMENT_PAGES and @o; PLACEMENT_PROCESS if a process begins; 0 for other
 * valid lines; or -EINVAL and @err.  Pure.
 */
int placement_read_line(struct placement_reader *r, const char *line, size_t len, struct operand *o,
			struct text_error *err);

/* ---- writing ---- */

/* Write lines.  For errors, see ferror(3) of the stream. */
void placement_print_header(FILE *f, const char *boot);
void placement_print_process(FILE *f, const struct placement_id *id);
void placement_print_end(FILE *f, uint64_t lines);

/*
 * Writes a placement, completely or not at all: a temporary file, mode 0600, is renamed when it is
 * complete and on disk.  It replaces only a saved placement or an empty file, even if another file
 * gets the name during the command.  Links are not followed.  (On file systems that cannot exchange
 * names there is a short time in which any file is replaced.)
 */
struct placement_writer {
	FILE *out;
	int dir;	  /* the directory of the file */
	const char *name; /* in it; borrowed.  NULL: nothing was opened */
	char temporary[32];
	uint64_t start, end; /* the run not written yet; start == end: none */
	int node;
	uint64_t lines;
	size_t processes;	/* number of complete ones */
	struct placement_id id; /* of the current process */
	off_t begin;		/* offset of its lines */
	uint64_t lines_before;
	int error; /* the first write error, or 0 */
};

/* Return 0; -EEXIST, a file that is not a placement exists; -ENOTSUP, not regular; or -errno. */
int placement_open(struct placement_writer *w, const char *path);

/* Begin the lines of a process.  Return 0 or -errno; -ESRCH if it has exited. */
int placement_begin(struct placement_writer *w, const struct process *p);

/*
 * End the lines of a process.  @rc: of the visit of its pages.  Return @rc or, if that is 0, -ESRCH
 * or -ESTALE if the process has exited or called execve(2) since placement_begin().  If not 0 is
 * returned, remove the lines of the process.
 */
int placement_end(struct placement_writer *w, const struct process *p, int rc);

/* Write pages; adjacent pages on one node become one line. */
void placement_add(struct placement_writer *w, const struct page *p, size_t n);

/* Rename the file.  Return 0 or -errno, and then the temporary file is removed. */
int placement_commit(struct placement_writer *w);

/* Remove the temporary file, if there is one.  @w may be all zeros. */
void placement_abort(struct placement_writer *w);

/* Return the text for an error, which follows the name of the file. */
const char *placement_explain(int rc);

#endif
