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

static ssize_t read_some(int fd, char *buf, size_t size)
{
	ssize_t got;

	do {
		got = read(fd, buf, size);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Until the end of the file, or of the buffer. */
static ssize_t read_up_to(int fd, char *buf, size_t size)
{
	size_t have = 0;
	ssize_t got = 0;

	while (have < size && (got = read_some(fd, buf + have, size - have)) > 0)
		have += (size_t)got;
	return got < 0 ? got : (ssize_t)have;
}

static int open_to_read(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

ssize_t file_read(int dir, const char *path, char *buf, size_t size)
{
	int fd = open_to_read(dir, path);
	ssize_t len = fd < 0 ? fd : read_up_to(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[len > 0 ? len : 0] = '\0';
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

/* Room for more at the end of a full buffer: twice as much, up to READFILE_MAX. */
static int buffer_grow(char **buf, size_t *size)
{
	size_t wanted = *size ? *size * 2 : FIRST_SIZE;
	char *bigger;

	if (wanted > READFILE_MAX)
		return -EFBIG;
	bigger = realloc(*buf, wanted);
	if (!bigger)
		return -ENOMEM;
	*buf = bigger;
	*size = wanted;
	return 0;
}

static int read_all(int fd, char **text, size_t *len)
{
	size_t size = 0;
	ssize_t got;

	do {
		got = *len + 1 >= size ? buffer_grow(text, &size) : 0;
		if (!got)
			got = read_some(fd, *text + *len, size - 1 - *len);
		if (got > 0)
			*len += (size_t)got;
	} while (got > 0);
	if (!got)
		(*text)[*len] = '\0';
	return (int)got;
}

int file_read_all(int dir, const char *path, char **text, size_t *len)
{
	int fd = open_to_read(dir, path), rc;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return fd;
	rc = read_all(fd, text, len);
	close(fd);
	if (rc) {
		free(*text);
		*text = NULL;
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
