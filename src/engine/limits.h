/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_LIMITS_H
#define ENGINE_LIMITS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Limits of a move: --rate, --timeout, SIGHUP, SIGINT and SIGTERM.  Workers check them between
 * batches, and finish a batch once begun.  All times are of CLOCK_MONOTONIC, in nanoseconds.
 */

enum limits_end {
	LIMITS_GO_ON,
	LIMITS_SIGNAL, /* see limits_signal() */
	LIMITS_TIMEOUT,
};

/* A rate limit without bursts: unused allowance does not accumulate. */
struct pace {
	uint64_t rate; /* bytes per second; 0: unlimited */
	uint64_t next; /* when the next bytes may move */
};

/* Return the time when @bytes may move, @now or later, and delay later calls accordingly.  Pure. */
uint64_t pace_take(struct pace *p, uint64_t now, uint64_t bytes);

/* Return the maximum bytes of a batch that keeps the rate even: those of 0.1 s. */
uint64_t pace_batch(const struct pace *p);

struct limits {
	pthread_mutex_t lock; /* pace */
	struct pace pace;
	uint64_t deadline;     /* 0: none */
	uint64_t count_until;  /* end of counting pages that were not reached; 0: not begun */
	atomic_bool uncounted; /* not all pages that were not reached are counted */
};

/* @timeout: nanoseconds from now; 0: none. */
void limits_start(struct limits *c, uint64_t rate, uint64_t timeout);

/* Catch SIGHUP, SIGINT, SIGTERM and SIGUSR1; a second one of the first three kills. */
void limits_catch_signals(void);

enum limits_end limits_ended(const struct limits *c);

/* Return whether @rc, of a run, is from a signal or the time limit, not an error. */
bool limits_is_end(int rc);

/* Return "interrupted" or "timed out", for messages. */
const char *limits_end_text(enum limits_end end);

/* Return the same as an error: 0, -EINTR for a signal, or -ETIME, which no call on a file returns. */
int limits_reason(const struct limits *c);

/* Return when to stop counting pages that were not reached: 15 ms after the first call. */
uint64_t limits_count_until(struct limits *c);

/*
 * Wait until @bytes may move, or the move must end.  Return how long it waited, in nanoseconds.
 */
uint64_t limits_wait(struct limits *c, uint64_t bytes);

/* Return the signal that ends the move, or 0. */
int limits_signal(void);

/* Return whether SIGUSR1 came since the last call. */
bool limits_asked(void);

#endif
