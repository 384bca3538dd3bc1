/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Read files of /proc and /sys, whose size is not known in advance.  A relative @path is
 * relative to @dir, as in openat(2).  Functions return -errno of open(2) or read(2) on failure.
 */

/* Maximum size for file_read_all(): zoneinfo of the largest machines fits. */
#define READFILE_MAX ((size_t)1 << 26)

/*
 * Read at most @size - 1 bytes of a file and terminate them; "" on an error.  Return the number
 * of bytes, or -errno.
 */
ssize_t file_read(int dir, const char *path, char *buf, size_t size);

/* Read the first line, without its newline.  Return 0 or -errno. */
int file_read_line(int dir, const char *path, char *buf, size_t size);

/* Read the number on the first line, as number_parse() does.  Return 0 or -errno. */
int file_read_number(int dir, const char *path, uint64_t max, uint64_t *n);

/*
 * Read a file into *@text, terminated; the caller frees it.  *@text is NULL on an error.
 * Return 0 or -errno: -EFBIG above READFILE_MAX bytes, -ENOMEM.
 */
int file_read_all(int dir, const char *path, char **text, size_t *len);
int file_read_fd(int fd, char **text, size_t *len);

/* Read a text file.  Return a string that the caller frees, or NULL. */
char *file_read_text(int dir, const char *path);

/* A file of any size, read line by line. */
struct file_lines {
	FILE *stream;
	char *line; /* the current line with its newline, terminated */
	size_t len, size;
	int rc;
};

/* Open the file.  Always call file_lines_close(), which returns the error. */
void file_lines_open(struct file_lines *l, int dir, const char *path);

/* Read the next line.  Return false at the end or on an error. */
bool file_lines_next(struct file_lines *l);

/* Close the file.  Return @rc or, if that is 0, the error of opening or reading. */
int file_lines_close(struct file_lines *l, int rc);

#endif
