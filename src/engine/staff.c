/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/staff.h"

#include "proc/syscalls.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Time between decisions, in nanoseconds: /proc/stat counts in units of 10 ms. */
#define REVIEW_TIME 100000000ULL

/* Free CPUs, besides one for each other worker, that a worker needs, in tenths. */
enum { TO_COME = 7, TO_STAY = 5 };

enum { STAT_IDLE = 4, STAT_IOWAIT = 5 };

unsigned int staff_judge(unsigned int now, unsigned int most, uint64_t free, uint64_t time)
{
	uint64_t tenths = time ? free * 10 / time : 0;

	while (now < most && tenths >= now * 10ULL + TO_COME)
		now++;
	while (now > 1 && tenths < (now - 1) * 10ULL + TO_STAY)
		now--;
	return now;
}

int staff_parse_idle(const char *text, size_t len, const struct cpuset *cpus, uint64_t *idle)
{
	struct text_part rest = { text, len }, line, word;
	uint64_t ticks = 0, tick = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK), n;
	int rc = -EINVAL;

	while (text_split(&rest, '\n', &line) && text_word(&line, " ", &word) && word.len >= 3 &&
	       memcmp(word.at, "cpu", 3) == 0) {
		if (number_parse(word.at + 3, word.len - 3, CPUS_MAX - 1, &n) ||
		    bits_next(BITS(cpus), (int)n) != (int)n)
			continue;
		for (int i = 1; i <= STAT_IOWAIT && text_word(&line, " ", &word); i++)
			if (i >= STAT_IDLE && !number_parse(word.at, word.len, UINT64_MAX, &n))
				ticks += n;
		rc = 0;
	}
	*idle = ticks * tick;
	return rc;
}

/* Return the CPU time that was idle or used by this process; 0 if unknown. */
static uint64_t staff_free_time(const struct staff *s)
{
	char *text;
	size_t len;
	uint64_t idle;
	int rc = file_read_all(AT_FDCWD, "/proc/stat", &text, &len);

	if (!rc)
		rc = staff_parse_idle(text, len, &s->cpus, &idle);
	free(text);
	return rc ? 0 : idle + sys_cpu_time();
}

void staff_start(struct staff *s, unsigned int jobs, unsigned int most)
{
	unsigned int cpus = 1;

	*s = (struct staff){ .now = jobs, .most = jobs };
	if (jobs)
		return;
	/* The CPUs that this process may use; one if the kernel does not report them. */
	if (sys_affinity(0, &s->cpus) == 0)
		cpus = bits_count(BITS(&s->cpus));
	s->most = cpus < most ? cpus : most;
	s->now = s->most < 2 ? s->most : 2;
	s->follows = s->most > 1;
}

bool staff_review(struct staff *s)
{
	uint64_t now = sys_time(), free;
	unsigned int before = s->now;

	if (!s->follows || now - s->at < REVIEW_TIME)
		return false;
	free = staff_free_time(s);
	if (s->free && free > s->free)
		s->now = staff_judge(s->now, s->most, free - s->free, now - s->at);
	s->at = now;
	s->free = free;
	return s->now != before;
}
