/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_FRAMES_H
#define PROC_FRAMES_H

#include "numa/nodeset.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Which node a page frame is on: the zones in /proc/zoneinfo, proc(5).  pagemap shows the frame
 * of a page to whoever opened it with CAP_SYS_ADMIN, so that no page has to be asked for by
 * move_pages(2).
 */
struct frames {
	size_t n;
	struct frame_span {
		uint64_t start, end; /* frames */
		int node;
	} span[NODES_MAX]; /* one for each node that has memory, by start */
};

/*
 * Parse the text of zoneinfo.  Pure.  Return 0; -EINVAL for a text that is not understood, or
 * where frames of two nodes are mixed: then a span does not tell the node.
 */
int frames_parse(struct frames *f, const char *text, size_t len);

/* Read it.  Return 0 or -errno; @f knows no frame then. */
int frames_read(struct frames *f);

/* The span that a frame is in, or NULL. */
const struct frame_span *frames_find(const struct frames *f, uint64_t frame);

#endif
