/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_STAFF_H
#define ENGINE_STAFF_H

#include "numa/nodeset.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Chooses the number of workers of a move: the number of idle CPUs, 1 to 4.  Two workers on two
 * CPUs take 0.6 to 0.8 of the time of one.  But if the target keeps the CPUs busy, the second
 * worker costs the target more than the move gains.
 */
struct staff {
	unsigned int now;  /* number of workers */
	unsigned int most; /* maximum */
	bool follows;	   /* the number depends on the idle CPUs; else it is fixed */
	struct cpuset cpus;
	uint64_t at, free; /* time of the last decision, and staff_free_time() then */
};

/* Begin with @jobs workers, a fixed number, or, if that is 0, with at most two. */
void staff_start(struct staff *s, unsigned int jobs, unsigned int most);

/* Decide again, if the last decision is old enough.  Return whether .now changed. */
bool staff_review(struct staff *s);

/*
 * Return how many workers there should be.  Adding one needs more free CPU time than keeping one.
 * Pure.
 * @now: current number
 * @most: maximum
 * @free: CPU time during @time, in the same unit, that was idle or used by this process
 */
unsigned int staff_judge(unsigned int now, unsigned int most, uint64_t free, uint64_t time);

/*
 * Add up how long these CPUs were idle since boot, in nanoseconds, from the text of /proc/stat,
 * proc(5).  Pure.  Return 0, or -EINVAL if it does not list them.
 */
int staff_parse_idle(const char *text, size_t len, const struct cpuset *cpus, uint64_t *idle);

#endif
