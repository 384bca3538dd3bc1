/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_FRAMES_H
#define PROC_FRAMES_H

#include "numa/nodeset.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The node of a page frame, from the zones in /proc/zoneinfo, proc(5).  If pagemap is opened with
 * CAP_SYS_ADMIN, it shows the frame of each page, so no move_pages(2) is needed to locate it.
 */
struct frames {
	size_t n;
	struct frame_span {
		uint64_t start, end; /* frames */
		int node;
	} span[NODES_MAX]; /* one per node with memory, sorted by start */
};

/*
 * Parse the text of zoneinfo.  Pure.  Return 0; -EINVAL: malformed, or the frames of two nodes
 * are interleaved, so a span does not determine the node.
 */
int frames_parse(struct frames *f, const char *text, size_t len);

/* Read zoneinfo.  Return 0, or -errno and no spans. */
int frames_read(struct frames *f);

/* Return the span that contains a frame, or NULL. */
const struct frame_span *frames_find(const struct frames *f, uint64_t frame);

#endif
