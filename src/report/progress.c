/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/progress.h"

#include "engine/limits.h"
#include "proc/syscalls.h"
#include "util/number.h"
#include "util/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECOND 1000000000ULL

enum { BAR_MIN = 6, BAR_MAX = 30 };

void progress_start(struct progress *p, enum progress_when when, uint64_t total, size_t n)
{
	*p = (struct progress){ .total = total, .n = n, .start = sys_time() };
	p->terminal = isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp();
	p->on = when == PROGRESS_ALWAYS || (when == PROGRESS_AUTO && p->terminal);
}

void progress_process(struct progress *p, const char *name, size_t at, uint64_t bytes)
{
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->at = at;
	p->rest = bytes;
}

/* Write "[####......] " into the free columns, if there are enough. */
static void add_bar(struct text_line *line, size_t free, unsigned int percent)
{
	static const char full[] = "##############################";
	static const char empty[] = "..............................";
	const size_t width = free < BAR_MAX ? free : BAR_MAX, done = width * percent / 100;

	if (free >= BAR_MIN)
		text_add(line, "[%.*s%.*s] ", (int)done, full, (int)(width - done), empty);
}

char *progress_format(const struct progress *p, uint64_t time, size_t width, char *buf)
{
	const unsigned int percent = p->total ? (unsigned int)((double)p->done * 100 /
							       (double)p->total) :
						100;
	char done[TEXT_SIZE_MAX], total[TEXT_SIZE_MAX], speed[TEXT_SIZE_MAX], left[TEXT_SIZE_MAX];
	char end[PROGRESS_LINE_MAX];
	struct text_line line = { buf, PROGRESS_LINE_MAX, 0 }, rest = { end, sizeof(end), 0 };

	text_add(&rest, "%s of %s", text_size(p->done, done), text_size(p->total, total));
	if (time && p->done)
		text_add(&rest, ", %s, %s left", text_speed(p->done, time, speed),
			 text_time((uint64_t)((double)time * (double)(p->total - p->done) /
					      (double)p->done),
				   left));
	if (p->n > 1)
		text_add(&line, "%zu/%zu ", p->at, p->n);
	text_add(&line, "%s %3u%% ", p->name, percent);
	/* With the brackets, the space after them, and no character in the last column. */
	add_bar(&line, number_minus(width, line.full + rest.full + 4), percent);
	text_add(&line, "%s", end);
	return buf;
}

void progress_add(struct progress *p, uint64_t bytes)
{
	const uint64_t now = sys_time();
	const bool asked = limits_asked();
	char line[PROGRESS_LINE_MAX];
	size_t width;

	/* A process that grows adds to the total. */
	p->total += number_minus(bytes, p->rest);
	p->rest = number_minus(p->rest, bytes);
	p->done += bytes;
	if (p->total < p->done)
		p->total = p->done;
	if (!asked && (!p->on || (!p->cleared && now - (p->shown ? p->shown : p->start) < SECOND)))
		return;
	if (!asked)
		p->shown = now;
	p->cleared = false;
	width = p->terminal ? terminal_width(stderr) : 0;
	progress_format(p, now - p->start, width, line);
	if (p->terminal)
		fprintf(stderr, "\r%.*s\033[K%s", (int)width - 1, line, asked ? "\n" : "");
	else
		fprintf(stderr, "%s\n", line);
	fflush(stderr);
}

void progress_clear(struct progress *p)
{
	if (!p->shown || !p->terminal || p->cleared)
		return;
	fputs("\r\033[K", stderr);
	p->cleared = true;
}

void progress_leave(struct progress *p)
{
	p->total = number_minus(p->total, p->rest);
	p->rest = 0;
	progress_clear(p);
}
