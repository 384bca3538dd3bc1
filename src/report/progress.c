/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/progress.h"

#include "engine/limits.h"
#include "proc/syscalls.h"
#include "util/number.h"
#include "util/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define SECOND 1000000000ULL

enum { LINE_MAX_BYTES = 128 };

void progress_start(struct progress *p, enum progress_when when, uint64_t total)
{
	*p = (struct progress){ .total = total, .start = sys_time() };
	p->terminal = isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp();
	p->on = when == PROGRESS_ALWAYS || (when == PROGRESS_AUTO && p->terminal);
}

char *progress_format(const struct progress *p, uint64_t time, char *buf, int size)
{
	uint64_t rate = time ? (uint64_t)((double)p->done * (double)SECOND / (double)time) : 0;
	char done[TEXT_SIZE_MAX], total[TEXT_SIZE_MAX], speed[TEXT_SIZE_MAX];
	struct text_line line = { buf, (size_t)size, 0 };

	text_add(&line, "%s of %s", text_size(p->done, done), text_size(p->total, total));
	if (rate)
		text_add(&line, ", %s/s, %" PRIu64 " s left", text_size(rate, speed),
			 (number_minus(p->total, p->done) + rate - 1) / rate);
	return buf;
}

void progress_add(struct progress *p, uint64_t bytes)
{
	uint64_t now = sys_time();
	bool asked = limits_asked();
	char line[LINE_MAX_BYTES];

	p->done += bytes;
	if (p->total < p->done)
		p->total = p->done;
	if (!asked && (!p->on || now - (p->shown ? p->shown : p->start) < SECOND))
		return;
	if (!asked)
		p->shown = now;
	progress_format(p, now - p->start, line, sizeof(line));
	if (p->terminal)
		fprintf(stderr, "\r%s\033[K%s", line, asked ? "\n" : "");
	else
		fprintf(stderr, "%s\n", line);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown && p->terminal)
		fputs("\r\033[K", stderr);
	p->shown = 0;
}
