/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/progress.h"

#include "engine/limits.h"
#include "proc/syscalls.h"
#include "util/text.h"

#include <stdio.h>
#include <unistd.h>

#define SECOND 1000000000ULL

enum { LINE_MAX_BYTES = 128 };

static bool is_foreground_terminal(void)
{
	return isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp();
}

void progress_start(struct progress *p, enum progress_when when, uint64_t total)
{
	*p = (struct progress){ .total = total, .start = sys_time() };
	p->terminal = is_foreground_terminal();
	p->on = when == PROGRESS_ALWAYS || (when == PROGRESS_AUTO && p->terminal);
}

static uint64_t bytes_per_second(const struct progress *p, uint64_t time)
{
	return time ? (uint64_t)((double)p->done * (double)SECOND / (double)time) : 0;
}

char *progress_format(const struct progress *p, uint64_t time, char *buf, int size)
{
	uint64_t rate = bytes_per_second(p, time);
	uint64_t left = p->total > p->done ? p->total - p->done : 0;
	char done[TEXT_SIZE_MAX], total[TEXT_SIZE_MAX], speed[TEXT_SIZE_MAX];

	if (rate)
		snprintf(buf, (size_t)size, "%s of %s, %s/s, %llu s left", text_size(p->done, done),
			 text_size(p->total, total), text_size(rate, speed),
			 (unsigned long long)((left + rate - 1) / rate));
	else
		snprintf(buf, (size_t)size, "%s of %s", text_size(p->done, done),
			 text_size(p->total, total));
	return buf;
}

static void put_line(const struct progress *p, uint64_t now, bool stays)
{
	char line[LINE_MAX_BYTES];

	progress_format(p, now - p->start, line, sizeof(line));
	if (p->terminal)
		fprintf(stderr, "\r%s\033[K%s", line, stays ? "\n" : "");
	else
		fprintf(stderr, "%s\n", line);
	fflush(stderr);
}

void progress_add(struct progress *p, uint64_t bytes)
{
	uint64_t now = sys_time();
	bool asked = limits_asked();

	p->done += bytes;
	if (p->total < p->done)
		p->total = p->done;
	if (asked)
		put_line(p, now, true);
	if (asked || !p->on || now - (p->shown ? p->shown : p->start) < SECOND)
		return;
	p->shown = now;
	put_line(p, now, false);
}

void progress_end(struct progress *p)
{
	if (p->shown && p->terminal)
		fputs("\r\033[K", stderr);
	p->shown = 0;
}
