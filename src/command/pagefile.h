/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_PAGEFILE_H
#define COMMAND_PAGEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits;
struct text_line;

/*
 * A file that is read line by line, of any length and from any source, and is not trusted:
 * --pages-from, --restore.  Memory is constant.
 */

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

/* @regular: refuse all else with -ENOTSUP, and so what cannot be read twice.  0 or -errno. */
int pagefile_open(struct pagefile *f, const char *name, bool regular);
void pagefile_close(struct pagefile *f);

/* Begin again; regular files only.  0 or -errno. */
int pagefile_rewind(struct pagefile *f);

/*
 * Take the next line, without its end, valid until the next call; the last one needs no
 * newline.  Where @control is not NULL, it ends the wait for one.  Returns 1; 0 at the end;
 * -EINTR or -ETIMEDOUT when the wait was ended; -EMSGSIZE for a line of more than
 * PAGEFILE_LINE_MAX bytes; -EILSEQ for one with a NUL byte; or -errno of read(2).
 */
int pagefile_line(struct pagefile *f, const struct limits *control, const char **text, size_t *len);

/* Put the line taken last back, once. */
void pagefile_put_back(struct pagefile *f);

/*
 * Make @why begin with the name of the file, or with "FILE:LINE: " of the line taken last; or
 * say in it what an error of the above was.  Return it.
 */
struct text_line *pagefile_name(const struct pagefile *f, struct text_line *why);
struct text_line *pagefile_place(const struct pagefile *f, struct text_line *why);
struct text_line *pagefile_explain(const struct pagefile *f, int rc, struct text_line *why);

#endif
