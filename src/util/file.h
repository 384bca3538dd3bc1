/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Files of /proc and /sys.  They are made while they are read, and tell no size before.
 *
 * @dir is what a relative @path is relative to, or AT_FDCWD: openat(2).  Functions return
 * -errno of open(2) and read(2) when a file cannot be read.
 */

/*
 * file_read - a small file
 * @buf: receives at most @size - 1 bytes of it, terminated; "" on an error
 *
 * Returns how many.
 */
ssize_t file_read(int dir, const char *path, char *buf, size_t size);

/* Its first line, without the end of the line.  Returns 0 or -errno. */
int file_read_line(int dir, const char *path, char *buf, size_t size);

/*
 * The number that is its first line: plain decimal, 0 to @max.  Returns 0 or -errno;
 * -EINVAL or -ERANGE when the line is something else, as number_parse() has it.
 */
int file_read_number(int dir, const char *path, uint64_t max, uint64_t *n);

/*
 * file_read_all - a file of any size
 * @text, @len: receive it, terminated, to be freed by the caller; NULL on an error
 *
 * Returns 0 or -errno: -EFBIG above READFILE_MAX bytes, -ENOMEM.
 */
int file_read_all(int dir, const char *path, char **text, size_t *len);

/* The same of an open file, from where it is. */
int file_read_fd(int fd, char **text, size_t *len);

/* The same, as text: such as status, which has a word for each group.  NULL on an error. */
char *file_read_text(int dir, const char *path);

/* zoneinfo of the largest machines, a block for each zone and CPU, has room in it. */
#define READFILE_MAX ((size_t)1 << 26)

#endif
