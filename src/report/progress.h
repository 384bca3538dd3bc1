/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include "plan/request.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The progress of a move, in one line on standard error that is rewritten once per second:
 * bytes of total, rate, time left.  SIGUSR1 prints a line that stays.
 */

struct progress {
	uint64_t total, done;  /* bytes visited, of those in memory */
	uint64_t start, shown; /* CLOCK_MONOTONIC, nanoseconds; shown 0: never */
	bool on, terminal;
};

void progress_start(struct progress *p, enum progress_when when, uint64_t total);

/* @bytes more were visited. */
void progress_add(struct progress *p, uint64_t bytes);

/* Remove the line. */
void progress_end(struct progress *p);

/* Format the line.  @time: nanoseconds since the start.  Pure. */
char *progress_format(const struct progress *p, uint64_t time, char *buf, int size);

#endif
