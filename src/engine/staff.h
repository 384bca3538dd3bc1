/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_STAFF_H
#define ENGINE_STAFF_H

#include "numa/nodeset.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * How many workers a move has.  Two on two CPUs take 0.6 to 0.8 of the time of one, unless the
 * target keeps the CPUs busy: then the second worker takes more from the target than the move
 * gains.  So there are as many as there are CPUs that nobody else wants, 1 to 4.
 */
struct staff {
	unsigned int now;  /* so many are to work */
	unsigned int most; /* so many there may be */
	bool follows;	   /* the idle CPUs; else it stays */
	struct cpuset cpus;
	uint64_t at, free; /* when it was last decided, and staff_free_time() then */
};

/* Begin with @jobs workers for good, or, if that is 0, with at most two. */
void staff_start(struct staff *s, unsigned int jobs, unsigned int most);

/* Decide again, if that was long enough ago.  Return whether .now changed. */
bool staff_review(struct staff *s);

/*
 * staff_judge - how many workers there should be
 * @now: how many there are
 * @most: how many there may be
 * @free: CPU time in which CPUs were idle or worked for us, in the same unit as
 * @time: how long ago that was zero
 *
 * Pure.  It takes more to add a worker than to keep one.
 */
unsigned int staff_judge(unsigned int now, unsigned int most, uint64_t free, uint64_t time);

/*
 * Add up how long these CPUs were idle since boot, in nanoseconds, from the text of /proc/stat,
 * proc(5).  Pure.  Return 0, or -EINVAL if it says nothing of them.
 */
int staff_parse_idle(const char *text, size_t len, const struct cpuset *cpus, uint64_t *idle);

#endif
