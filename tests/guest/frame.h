/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FRAME_H
#define FRAME_H

/*
 * The protocol for commands to the guest, and their output.
 *
 *   bats -> there -> switch -> virtio port -> agent -> the command
 *   (one per command)  (one per guest)
 *
 * Each direction is a stream of frames: a header and SIZE bytes. A channel is one command; the
 * switch assigns the numbers. Byte order is that of the host, which both ends share.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum frame_type {
	/* to the agent */
	FRAME_RUN,    /* strings, see there.c */
	FRAME_INPUT,  /* bytes for standard input; none: end of file */
	FRAME_SIGNAL, /* an int: send this signal */
	FRAME_HANGUP, /* the client has gone: kill the command */
	/* from the agent */
	FRAME_OUTPUT,	 /* of standard output */
	FRAME_ERRORS,	 /* of standard error */
	FRAME_EXIT,	 /* an int from wait(2); the last frame of its channel */
	FRAME_HEARTBEAT, /* in both directions, channel 0 */
};

enum { FRAME_MAX = 1 << 16 };

struct frame {
	uint32_t channel, type, size;
};

/* Bytes received, or to be sent. */
struct buffer {
	char *bytes;
	size_t begin, end, room;
};

static inline void *checked(void *memory)
{
	if (!memory) {
		perror("out of memory");
		exit(125);
	}
	return memory;
}

static inline size_t buffer_size(const struct buffer *b)
{
	return b->end - b->begin;
}

static inline void buffer_add(struct buffer *b, const void *bytes, size_t size)
{
	if (b->end + size > b->room) {
		memmove(b->bytes, b->bytes + b->begin, buffer_size(b));
		b->end -= b->begin;
		b->begin = 0;
		if (b->end + size > b->room) {
			b->room = 2 * (b->end + size);
			b->bytes = checked(realloc(b->bytes, b->room));
		}
	}
	memcpy(b->bytes + b->end, bytes, size);
	b->end += size;
}

static inline void buffer_frame(struct buffer *b, uint32_t channel, uint32_t type,
				const void *bytes, size_t size)
{
	struct frame f = { channel, type, size };

	buffer_add(b, &f, sizeof(f));
	buffer_add(b, bytes, size);
}

/* Read available bytes. Return the result of read(2), 0: end of file. */
static inline ssize_t buffer_read(struct buffer *b, int fd)
{
	char bytes[FRAME_MAX];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n > 0)
		buffer_add(b, bytes, n);
	return n;
}

/* Write as much as possible. Return false without a reader. */
static inline bool buffer_write(struct buffer *b, int fd)
{
	ssize_t n = write(fd, b->bytes + b->begin, buffer_size(b));

	if (n > 0)
		b->begin += n;
	return n >= 0;
}

/* Take the next complete frame; *BYTES is valid until the buffer changes. */
static inline bool buffer_take(struct buffer *b, struct frame *f, const char **bytes)
{
	if (buffer_size(b) < sizeof(*f))
		return false;
	memcpy(f, b->bytes + b->begin, sizeof(*f));
	if (buffer_size(b) < sizeof(*f) + f->size)
		return false;
	*bytes = b->bytes + b->begin + sizeof(*f);
	b->begin += sizeof(*f) + f->size;
	return true;
}

#endif
