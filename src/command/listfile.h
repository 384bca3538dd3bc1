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
 * The file that pages come from: --pages-from, which is for one process, and --restore, which
 * is checked as a whole before anything moves, and then gives the pages of one process after
 * the other.  It is not trusted, and may be of any length and from any source: a chunk of
 * lines is read, checked and planned at a time.  Memory is constant, except for some bytes
 * for each process.  No message repeats what is in the file.
 */

/* ---- lines ---- */

enum { PAGEFILE_LINE_MAX = 4096, PAGEFILE_BUFFER = 1 << 16 };

struct pagefile {
	const char *name; /* as given, "-" is standard input; borrowed */
	int fd;
	uint64_t line;	/* the number of the line taken last, from 1 */
	uint64_t read;	/* bytes of the file up to the end of the buffer */
	size_t at, end; /* what is in the buffer and was not taken yet */
	size_t taken;	/* bytes of the line taken last */
	bool ended;
	char buffer[PAGEFILE_BUFFER];
};

/* Returns 0 or -errno; -ENOTSUP: @regular, and it is something else. */
int pagefile_open(struct pagefile *f, const char *name, bool regular);
void pagefile_close(struct pagefile *f);

/* Where a line begins, and its number; { 0 } is the beginning of the file. */
struct pagefile_place {
	uint64_t offset, line;
};

/* The place of the line taken last; and go there, of regular files only: 0 or -errno. */
struct pagefile_place pagefile_place(const struct pagefile *f);
int pagefile_seek(struct pagefile *f, struct pagefile_place to);

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
	struct unmapped unmapped;
};

/* A process of a saved placement. */
struct saved_process {
	struct pagefile_place place;
	uint64_t sum; /* of its lines when the file was checked */
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
	const struct process *process; /* at work; NULL before listfile_begin() */
	/* Of --restore: */
	struct pid_list pids;	     /* the processes of the file, in its order */
	struct saved_process *saved; /* of each of these */
	size_t at;		     /* the one at work */
	struct placement_id id;	     /* of that, as it was checked */
	bool checked;
	struct placement_reader reader;
	uint64_t end;	     /* of the range before, as given */
	bool sends;	     /* pages to nodes that it names */
	struct nodeset fine; /* nodes that were checked */
	struct listfile_count count;
	struct operand *chunk;
	struct plan plan;
	int more; /* 1: perhaps; 0: all was read; or why the reading ended */
	struct text_line why;
	char why_text[LISTFILE_WHY_MAX];
};

/*
 * Open the file, with the rights of the caller.  Find out whether it sends pages; check all of
 * a saved placement, and find out which processes it has.
 */
int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *limits);
void listfile_close(struct listfile *l);

/*
 * Begin with the pages of a process.  For --restore, check that it is the process that was
 * saved, and that its pages may be sent to their nodes.  Returns 0; -EBADMSG; or with words in
 * @why that follow "process 210: ", -ENOENT the file does not have it, -ESRCH the saved process
 * has ended, -ESTALE it runs another program, or -EPROTO this cannot be found out.
 */
int listfile_begin(struct listfile *l, const struct process *p, struct text_line *why);

#endif
