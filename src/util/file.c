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

static int open_to_read(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

ssize_t file_read(int dir, const char *path, char *buf, size_t size)
{
	int fd = open_to_read(dir, path);
	ssize_t got = fd;
	size_t len = 0;

	if (fd >= 0) {
		while ((got = read_some(fd, buf + len, size - 1 - len)) > 0)
			len += (size_t)got;
		close(fd);
	}
	buf[got < 0 ? 0 : len] = '\0';
	return got < 0 ? got : (ssize_t)len;
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
	char *buf = NULL, *grown;
	ssize_t got = 1;
	size_t size = 0;

	*text = NULL;
	for (*len = 0; got > 0; *len += (size_t)(got > 0 ? got : 0)) {
		if (*len + 1 >= size) {
			size = size ? 2 * size : FIRST_SIZE;
			grown = size <= READFILE_MAX ? realloc(buf, size) : NULL;
			if (!grown) {
				got = size <= READFILE_MAX ? -ENOMEM : -EFBIG;
				break;
			}
			buf = grown;
		}
		got = read_some(fd, buf + *len, size - 1 - *len);
	}
	if (got < 0) {
		free(buf);
		return (int)got;
	}
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
