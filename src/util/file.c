/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "util/file.h"

#include "util/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_SIZE = 4096, NUMBER_MAX = 32 };

/* Read until the buffer is full or the file ends.  Return the number of bytes, or -errno. */
static ssize_t fill(int fd, char *buf, size_t size)
{
	ssize_t got = 1;
	size_t len = 0;

	while (got && len < size) {
		got = read(fd, buf + len, size - len);
		if (got < 0 && errno != EINTR)
			return -errno;
		len += (size_t)(got > 0 ? got : 0);
	}
	return (ssize_t)len;
}

static int open_to_read(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

ssize_t file_read(int dir, const char *path, char *buf, size_t size)
{
	int fd = open_to_read(dir, path);
	ssize_t len = fd < 0 ? fd : fill(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[len < 0 ? 0 : len] = '\0';
	return len;
}

int file_read_line(int dir, const char *path, char *buf, size_t size)
{
	ssize_t len = file_read(dir, path, buf, size);

	buf[strcspn(buf, "\n")] = '\0';
	return len < 0 ? (int)len : 0;
}

int file_read_number(int dir, const char *path, uint64_t max, uint64_t *n)
{
	char line[NUMBER_MAX];
	int rc = file_read_line(dir, path, line, sizeof(line));

	return rc ? rc : number_parse(line, strlen(line), max, n);
}

int file_read_fd(int fd, char **text, size_t *len)
{
	size_t size = FIRST_SIZE;
	char *buf = NULL, *grown;
	ssize_t got;

	*text = NULL;
	*len = 0;
	do {
		grown = size <= READFILE_MAX ? realloc(buf, size) : NULL;
		got = size <= READFILE_MAX ? -ENOMEM : -EFBIG;
		if (grown) {
			buf = grown;
			got = fill(fd, buf + *len, size - 1 - *len);
		}
		if (got < 0) {
			free(buf);
			return (int)got;
		}
		*len += (size_t)got;
		size *= 2;
	} while (2 * (*len + 1) == size);
	buf[*len] = '\0';
	*text = buf;
	return 0;
}

int file_read_all(int dir, const char *path, char **text, size_t *len)
{
	int fd = open_to_read(dir, path), rc = fd;

	*text = NULL;
	*len = 0;
	if (fd >= 0) {
		rc = file_read_fd(fd, text, len);
		close(fd);
	}
	return rc;
}

char *file_read_text(int dir, const char *path)
{
	char *text;
	size_t len;

	file_read_all(dir, path, &text, &len);
	return text;
}

void file_lines_open(struct file_lines *l, int dir, const char *path)
{
	int fd = open_to_read(dir, path);

	*l = (struct file_lines){ .rc = fd < 0 ? fd : 0 };
	l->stream = fd < 0 ? NULL : fdopen(fd, "r");
	if (fd >= 0 && !l->stream) {
		l->rc = -errno;
		close(fd);
	}
}

bool file_lines_next(struct file_lines *l)
{
	ssize_t len = l->stream ? getline(&l->line, &l->size, l->stream) : 0;

	if (len < 0 && (!feof(l->stream) || ferror(l->stream)))
		l->rc = errno ? -errno : -EIO;
	l->len = len > 0 ? (size_t)len : 0;
	return len > 0;
}

int file_lines_close(struct file_lines *l, int rc)
{
	if (l->stream)
		fclose(l->stream);
	free(l->line);
	return rc ? rc : l->rc;
}
