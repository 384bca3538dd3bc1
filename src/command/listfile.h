/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_LISTFILE_H
#define COMMAND_LISTFILE_H

#include "command/placement_file.h"
#include "numa/nodeset.h"
#include "plan/plan.h"
#include "proc/pid_select.h"
#include "util/text.h"

struct limits;
struct process;
struct request;
struct topology;

/*
 * A file of pages: --pages-from, for one process; and --restore, which is checked completely
 * before anything moves, and then provides the pages of one process after the other.  It is not
 * trusted, and may have any length and come from any source, so it is read, checked and planned in
 * chunks of lines.  Memory use is constant, except for some bytes for each process.  No message
 * repeats the contents of the file.
 */

/* ---- lines ---- */

enum { PAGEFILE_LINE_MAX = 4096, PAGEFILE_BUFFER = 1 << 16 };

struct pagefile {
	const char *name; /* as given, "-" is standard input; borrowed */
	int fd;
	uint64_t line;	/* number of the last line, from 1 */
	uint64_t read;	/* bytes of the file up to the end of the buffer */
	size_t at, end; /* the unread part of the buffer */
	size_t taken;	/* bytes of the last line */
	bool ended;
	char buffer[PAGEFILE_BUFFER];
};

/* Return 0 or -errno; -ENOTSUP: @regular, and it is not a regular file. */
int pagefile_open(struct pagefile *f, const char *name, bool regular);
void pagefile_close(struct pagefile *f);

/* Where a line begins, and its number; { 0 } is the beginning of the file. */
struct pagefile_place {
	uint64_t offset, line;
};

/* Return the place of the last line; go to a place (regular files only), return 0 or -errno. */
struct pagefile_place pagefile_place(const struct pagefile *f);
int pagefile_seek(struct pagefile *f, struct pagefile_place to);

/*
 * Read the next line, without its newline; it is valid until the next call.  Wait for it until
 * @limits, if not NULL.  Return 1; 0 at the end; -EINTR or -ETIME from @limits; -EMSGSIZE, the
 * line is longer than PAGEFILE_LINE_MAX bytes; -EILSEQ, it has a NUL byte; or -errno of read(2).
 */
int pagefile_line(struct pagefile *f, const struct limits *limits, const char **text, size_t *len);

/* Put the last line back, once. */
void pagefile_put_back(struct pagefile *f);

/* Add the message for an error of pagefile_line() or pagefile_seek() to @why, and return @why. */
struct text_line *pagefile_explain(const struct pagefile *f, int rc, struct text_line *why);

/* ---- plans ---- */

enum { LISTFILE_CHUNK = 16384, LISTFILE_WHY_MAX = 1024 };

struct listfile_count {
	uint64_t operands; /* lines with an operand */
	uint64_t bytes;	   /* of the ranges among them, as given */
	uint64_t ranges;   /* in plans */
	struct unmapped unmapped;
};

/* A process of a saved placement. */
struct saved_process {
	struct pagefile_place place;
	uint64_t sum; /* checksum of its lines when the file was checked */
};

/*
 * Functions that fail write a message of one line into why and return -EBADMSG, or -EINTR or
 * -ETIME if limits ended the wait for a line.
 */
struct listfile {
	struct source source; /* in the order of lines; --pages-from cannot be rewound once begun */
	struct pagefile file;
	const struct request *request;
	const struct topology *topology;
	const struct limits *limits;
	const struct process *process; /* the current one; NULL before listfile_begin() */
	/* Of --restore: */
	struct pid_list pids;	     /* the processes of the file, in its order */
	struct saved_process *saved; /* of each of these */
	size_t at;		     /* index of the current one */
	struct placement_id id;	     /* of the current one, as it was checked */
	bool checked;
	struct placement_reader reader;
	uint64_t end;		    /* of the previous range, as given */
	bool has_nodes;		    /* lines have a destination (=NODE) */
	struct nodeset valid_nodes; /* destinations already checked */
	struct listfile_count count;
	struct operand *chunk;
	struct plan plan;
	int more; /* 1: perhaps; 0: all read; or -errno */
	struct text_line why;
	char why_text[LISTFILE_WHY_MAX];
};

/*
 * Open the file, with the rights of the caller.  Find out whether its lines have destinations.
 * Check a saved placement completely, and list its processes.
 */
int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *limits);
void listfile_close(struct listfile *l);

/*
 * Begin with the pages of a process.  For --restore, check that it is the saved process, and may
 * use the nodes of its pages.  Return 0; -EBADMSG; or with text in @why that follows
 * "process 210: ": -ENOENT, not in the file; -ESRCH, the saved process has exited; -ESTALE, it has
 * called execve(2); or -EPROTO, unknown.
 */
int listfile_begin(struct listfile *l, const struct process *p, struct text_line *why);

#endif
