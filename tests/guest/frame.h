/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FRAME_H
#define FRAME_H

/*
 * How commands reach the guest, and their output comes back.
 *
 *   bats -> there -> switch -> virtio port -> agent -> the command
 *   (one for each command)  (one for each guest)
 *
 * Each way is a stream of frames: a header and SIZE bytes. A channel is one command; the
 * switch gives out the numbers. Everything is of one machine, so in its byte order.
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
	FRAME_INPUT,  /* bytes for standard input; none: its end */
	FRAME_SIGNAL, /* an int: send this signal */
	FRAME_HANGUP, /* nobody waits for the command any more: kill it */
	/* from the agent */
	FRAME_OUTPUT,	 /* of standard output */
	FRAME_ERRORS,	 /* of standard error */
	FRAME_EXIT,	 /* an int as of wait(2); the last frame of its channel */
	FRAME_HEARTBEAT, /* both ways, channel 0 */
};

enum { FRAME_MAX = 1 << 16 };

struct frame {
	uint32_t channel, type, size;
};

/* Bytes that have arrived, or that wait to be sent. */
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

/* Read what there is. Returns as read(2): 0 at the end. */
static inline ssize_t buffer_read(struct buffer *b, int fd)
{
	char bytes[FRAME_MAX];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n > 0)
		buffer_add(b, bytes, n);
	return n;
}

/* Write what can be written. False: nobody reads. */
static inline bool buffer_write(struct buffer *b, int fd)
{
	ssize_t n = write(fd, b->bytes + b->begin, buffer_size(b));

	if (n > 0)
		b->begin += n;
	return n >= 0;
}

/* Take the next whole frame; *BYTES is valid until the buffer changes. */
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
