/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/pagefile.h"

#include "engine/limits.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MS = 100 };

int pagefile_open(struct pagefile *f, const char *name, bool regular)
{
	struct stat st;

	*f = (struct pagefile){ .name = name, .fd = STDIN_FILENO };
	if (regular || strcmp(name, "-") != 0)
		f->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? O_NONBLOCK : 0));
	if (f->fd < 0)
		return -errno;
	if (!regular)
		return 0;
	if (fstat(f->fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -ENOTSUP;
}

void pagefile_close(struct pagefile *f)
{
	if (f->fd > STDERR_FILENO)
		close(f->fd);
	f->fd = -1;
}

int pagefile_rewind(struct pagefile *f)
{
	f->line = 0;
	f->at = f->end = 0;
	f->ended = false;
	return lseek(f->fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* Signals restart read(2), so that it must not be what waits. */
static int wait_for_input(const struct pagefile *f, const struct limits *control)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	int rc, ready = 0;

	while (!(rc = control ? limits_reason(control) : 0) && ready == 0) {
		ready = poll(&p, 1, WAIT_MS);
		if (ready < 0 && errno == EINTR)
			ready = 0;
		else if (ready < 0)
			return -errno;
	}
	return rc;
}

int pagefile_line(struct pagefile *f, const struct limits *control, const char **text, size_t *len)
{
	const char *newline;

	while (!(newline = memchr(f->buffer + f->at, '\n', f->end - f->at)) && !f->ended &&
	       f->end - f->at <= PAGEFILE_LINE_MAX) {
		ssize_t n = wait_for_input(f, control);

		if (n)
			return (int)n;
		memmove(f->buffer, f->buffer + f->at, f->end - f->at);
		f->end -= f->at;
		f->at = 0;
		n = read(f->fd, f->buffer + f->end, sizeof(f->buffer) - f->end);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		f->end += n > 0 ? (size_t)n : 0;
		f->ended = n == 0;
	}
	*text = f->buffer + f->at;
	*len = newline ? (size_t)(newline - *text) : f->end - f->at;
	if (!newline && *len == 0)
		return 0;
	f->line++;
	if (*len > PAGEFILE_LINE_MAX)
		return -EMSGSIZE;
	f->taken = *len + (newline != NULL);
	f->at += f->taken;
	return memchr(*text, '\0', *len) ? -EILSEQ : 1;
}

void pagefile_put_back(struct pagefile *f)
{
	f->at -= f->taken;
	f->line -= f->taken != 0;
	f->taken = 0;
}

struct text_line *pagefile_name(const struct pagefile *f, struct text_line *why)
{
	char name[TEXT_NAME_MAX] = "standard input";

	if (strcmp(f->name, "-") != 0)
		text_name(f->name, name, sizeof(name));
	why->full = 0;
	text_add(why, "%s", name);
	return why;
}

struct text_line *pagefile_place(const struct pagefile *f, struct text_line *why)
{
	text_add(pagefile_name(f, why), ":%" PRIu64 ": ", f->line);
	return why;
}

struct text_line *pagefile_explain(const struct pagefile *f, int rc, struct text_line *why)
{
	if (rc == -EMSGSIZE)
		text_add(pagefile_place(f, why), "the line has more than %d bytes",
			 PAGEFILE_LINE_MAX);
	else if (rc == -EILSEQ)
		text_add(pagefile_place(f, why), "the line has a NUL byte: this is no text");
	else
		text_add(pagefile_name(f, why), ": %s",
			 rc == -ENOTSUP ? "is no regular file" : strerror(-rc));
	return why;
}
