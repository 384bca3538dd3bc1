/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_LIMITS_H
#define ENGINE_LIMITS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How fast a move may go, and what makes it end early: --rate, --timeout,
 * SIGHUP, SIGINT and SIGTERM.  Workers ask between batches; a batch that was begun is
 * finished.  All times are of CLOCK_MONOTONIC, in nanoseconds.
 */

enum limits_end {
	LIMITS_GO_ON,
	LIMITS_SIGNAL, /* see limits_signal() */
	LIMITS_TIMEOUT,
};

/* A rate that is kept evenly: no allowance is saved up while nothing moves. */
struct pace {
	uint64_t rate; /* bytes per second; 0: as fast as it goes */
	uint64_t next; /* when the next bytes may go */
};

/*
 * pace_take - when may @bytes go?  Pure: the time is an argument.
 *
 * Returns the moment, not before @now; what is taken later comes after it.
 */
uint64_t pace_take(struct pace *p, uint64_t now, uint64_t bytes);

/* The most that should go in one batch, so that the rate is even: a tenth of a second's. */
uint64_t pace_batch(const struct pace *p);

struct limits {
	pthread_mutex_t lock; /* pace */
	struct pace pace;
	uint64_t deadline;     /* 0: none */
	uint64_t count_until;  /* when counting pages that were not reached ends; 0: not begun */
	atomic_bool uncounted; /* some pages that were not reached are not counted */
};

/* @timeout: nanoseconds from now, 0 for none. */
void limits_start(struct limits *c, uint64_t rate, uint64_t timeout);

/* Take SIGHUP, SIGINT, SIGTERM and SIGUSR1 from now on; a second of the first three kills. */
void limits_catch_signals(void);

enum limits_end limits_ended(const struct limits *c);

/* Whether @rc, of a run, is the end that was asked for, and not the error of a call. */
bool limits_is_end(int rc);

/* "interrupted" or "timed out", for people. */
const char *limits_end_text(enum limits_end end);

/* The same as an error: 0, -EINTR for a signal, -ETIMEDOUT. */
int limits_reason(const struct limits *c);

/*
 * limits_count_until - the time until which pages that were not reached are counted
 *
 * 25 ms after the first call, so that whoever ended the move does not wait for long.
 */
uint64_t limits_count_until(struct limits *c);

/*
 * Wait until @bytes may move; ends early when the move is to end.  Returns how long it
 * waited, in nanoseconds.
 */
uint64_t limits_wait(struct limits *c, uint64_t bytes);

/* The signal that ends the move, or 0. */
int limits_signal(void);

/* Whether SIGUSR1 came since the last call. */
bool limits_asked(void);

#endif
