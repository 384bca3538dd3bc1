/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_SAVEFILE_H
#define COMMAND_SAVEFILE_H

#include "plan/operand.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
 * Between the header and the last line, which counts them, are PAGES with a
 * node.  To --pages-from all else is a comment.  Nothing in it is believed.
 */

/* The number changes when an older reader would misunderstand the file. */
#define SAVEFILE_MAGIC	 "# movepages placement "
#define SAVEFILE_VERSION 1

enum { SAVEFILE_BOOT_MAX = 64, SAVEFILE_PATH_MAX = 1024 };

/* Which program, in which of its lives, addresses belong to. */
struct saved_identity {
	uint64_t pid;
	uint64_t start_time;	      /* clock ticks since boot */
	char boot[SAVEFILE_BOOT_MAX]; /* /proc/sys/kernel/random/boot_id */
	uint64_t major, minor, inode; /* of the program's file */
	char path[SAVEFILE_PATH_MAX]; /* escaped; for messages, and not compared */
	uint64_t code, stack;	      /* where this execve(2) put them */
	uint64_t page;		      /* bytes of a base page */
};

/* Of a process as it is.  Returns 0 or -errno. */
int savefile_identify(const struct process *p, struct saved_identity *id);

/* Pure but for the stream, whose errors are its own. */
void savefile_put_header(FILE *f, const struct saved_identity *id);
void savefile_put_end(FILE *f, uint64_t lines);

/* A file being read. */
struct savefile {
	struct saved_identity id;
	unsigned int seen; /* lines of the header */
	uint64_t lines;	   /* with pages, so far */
	uint64_t sum;	   /* of all lines, to tell whether a file changed */
	bool ended;
};

/*
 * savefile_take - the next line.  Pure.
 * @s: all zero before the first
 * @o: the pages of the line and their node
 *
 * Returns 1 and the pages, 0 if the line has none, or -EINVAL with @err filled in.
 */
int savefile_take(struct savefile *s, const char *line, size_t len, struct operand *o,
		  struct text_error *err);

/*
 * savefile_mismatch - why the addresses of @saved mean nothing to the process @now
 *
 * Pure.  Returns false if they do; else true, and in @why the end of a sentence that
 * begins with the name of the file: "is of process 210".
 */
bool savefile_mismatch(const struct saved_identity *saved, const struct saved_identity *now,
		       char *why, size_t size);

#endif
