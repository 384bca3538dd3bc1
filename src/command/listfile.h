/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_LISTFILE_H
#define COMMAND_LISTFILE_H

#include "command/placement_file.h"
#include "numa/nodeset.h"
#include "plan/plan.h"
#include "util/text.h"

struct limits;
struct process;
struct request;
struct topology;

/*
 * The file that the pages of one process come from: --pages-from, and --restore, which is
 * checked as a whole before anything moves.  It is not trusted, and may be of any length and
 * from any source: a chunk of lines is read, checked and planned at a time, in constant memory.
 */

/* ---- lines ---- */

enum { PAGEFILE_LINE_MAX = 4096, PAGEFILE_BUFFER = 1 << 16 };

struct pagefile {
	const char *name; /* as given, "-" is standard input; borrowed */
	int fd;
	uint64_t line;	/* the number of the line taken last, from 1 */
	size_t at, end; /* what is in the buffer and was not taken yet */
	size_t taken;	/* bytes of the line taken last */
	bool ended;
	char buffer[PAGEFILE_BUFFER];
};

/* Returns 0 or -errno; -ENOTSUP: @regular, and it is something else. */
int pagefile_open(struct pagefile *f, const char *name, bool regular);
void pagefile_close(struct pagefile *f);

/* Begin again; regular files only.  0 or -errno. */
int pagefile_rewind(struct pagefile *f);

/*
 * Take the next line, without its end, valid until the next call.  @limits, if not NULL, ends
 * the wait for it.  Returns 1; 0 at the end; -EINTR or -ETIMEDOUT when the wait was ended;
 * -EMSGSIZE for a line of more than PAGEFILE_LINE_MAX bytes; -EILSEQ for one with a NUL byte;
 * or -errno of read(2).
 */
int pagefile_line(struct pagefile *f, const struct limits *limits, const char **text, size_t *len);

/* Put the line taken last back, once. */
void pagefile_put_back(struct pagefile *f);

/* Say in @why what an error of the above was; return it. */
struct text_line *pagefile_explain(const struct pagefile *f, int rc, struct text_line *why);

/* ---- plans ---- */

enum { LISTFILE_CHUNK = 16384, LISTFILE_WHY_MAX = 1024 };

struct listfile_count {
	uint64_t operands; /* lines that have one */
	uint64_t bytes;	   /* of the ranges among them, as given */
	uint64_t ranges;   /* what they became in plans */
};

/*
 * What fails leaves one line for the user in why and returns -EBADMSG.  Where the user may
 * have to wait for a line, -EINTR and -ETIMEDOUT end that.
 */
struct listfile {
	struct source source; /* in the order of lines; only --restore can be rewound once begun */
	struct pagefile file;
	const struct request *request;
	const struct topology *topology;
	const struct limits *limits;
	const struct process *process;		/* set when there is one */
	struct placement_reader saved, checked; /* --restore: what is read, and what was checked */
	bool sends;				/* pages to nodes that it names */
	struct nodeset fine;			/* nodes that were checked */
	struct listfile_count count;
	struct operand *chunk;
	struct plan plan;
	int more; /* 1: perhaps; 0: all was read; or why the reading ended */
	struct text_line why;
	char why_text[LISTFILE_WHY_MAX];
};

/* Open the file, with the rights of the caller, and find out whether it sends pages. */
int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *limits);
void listfile_close(struct listfile *l);

/* For --restore: is the file whole, and of this very process, and would its nodes do? */
int listfile_check_saved(struct listfile *l);

#endif
