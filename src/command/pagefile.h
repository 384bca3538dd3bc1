/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_PAGEFILE_H
#define COMMAND_PAGEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits;

/*
 * A file that is read line by line, of any length and from any source, and is
 * not trusted: --pages-from, --restore.  Memory is constant.
 */

enum { PAGEFILE_LINE_MAX = 4096, PAGEFILE_BUFFER = 1 << 16, PAGEFILE_WHY_MAX = 1024 };

struct pagefile {
	const char *name; /* as given, "-" is standard input; borrowed */
	int fd;
	uint64_t line;	/* the number of the line that was taken last, from 1 */
	size_t at, end; /* what is in the buffer and was not taken yet */
	size_t taken;	/* bytes of the line that was taken last */
	bool ended;
	char buffer[PAGEFILE_BUFFER];
};

/*
 * @regular: refuse what cannot be read a second time
 *
 * Returns 0; -ENOTSUP it is no regular file; or what open(2) gave.
 */
int pagefile_open(struct pagefile *f, const char *name, bool regular);
void pagefile_close(struct pagefile *f);

/* Begin again; regular files only.  0 or -errno. */
int pagefile_rewind(struct pagefile *f);

/*
 * pagefile_line - take the next line
 * @control: ends the wait for one; NULL: nothing does
 * @text, @len: the line without its end, valid until the next call
 *
 * The last line needs no newline.  Returns 1; 0 at the end; -EINTR or -ETIMEDOUT
 * when the wait was ended; -EMSGSIZE for a line of more than PAGEFILE_LINE_MAX
 * bytes; -EILSEQ for one with a NUL byte; or what read(2) gave.
 */
int pagefile_line(struct pagefile *f, const struct limits *control, const char **text, size_t *len);

/* Put the line that was taken last back, once. */
void pagefile_put_back(struct pagefile *f);

/*
 * pagefile_explain - one line for the user about an error of the above
 *
 * Names the file, escaped, and the line.  @why holds PAGEFILE_WHY_MAX bytes; returned.
 */
char *pagefile_explain(const struct pagefile *f, int rc, char *why);

/* The name of the file, as it is told. */
size_t pagefile_name(const struct pagefile *f, char *why);

/* "FILE:LINE: " for the line that was taken last, or line @line; returns the length. */
size_t pagefile_place(const struct pagefile *f, uint64_t line, char *why);

#endif
