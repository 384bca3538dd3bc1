/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include "plan/request.h"
#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The progress of a command that moves, in one line on standard error that is rewritten once per
 * second:
 *
 *	3/9 redis-server (1859)  42% [#######.........] 1.2G of 2.9G, 640 MB/s, 2.8 s left
 *
 * The percentage, the sizes and the time are those of all processes.  SIGUSR1 prints a line that
 * stays.
 */

enum { PROGRESS_LINE_MAX = 256 };

struct progress {
	uint64_t total, done;  /* bytes visited, of those in memory */
	uint64_t rest;	       /* of them, expected of the current process */
	uint64_t start, shown; /* CLOCK_MONOTONIC, nanoseconds; shown 0: never */
	size_t at, n;	       /* the current process, of how many */
	char name[TEXT_NAME_MAX + 16];
	bool on, terminal;
	bool cleared; /* the line was removed, and must be printed again */
};

/* Start.  @total: bytes in memory of all @n processes. */
void progress_start(struct progress *p, enum progress_when when, uint64_t total, size_t n);

/* Begin with process number @at, which has @bytes of the total. */
void progress_process(struct progress *p, const char *name, size_t at, uint64_t bytes);

/* Add @bytes visited. */
void progress_add(struct progress *p, uint64_t bytes);

/* Remove the line until the next progress_add(), for a message. */
void progress_clear(struct progress *p);

/* End the current process: subtract the bytes that it did not have from the total, and clear. */
void progress_leave(struct progress *p);

/*
 * Format the line, PROGRESS_LINE_MAX bytes.  @time: nanoseconds since the start; @width: of the
 * terminal, 0 for no bar.  Pure.
 */
char *progress_format(const struct progress *p, uint64_t time, size_t width, char *buf);

#endif
