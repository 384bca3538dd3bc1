/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/limits.h"

#include "proc/syscalls.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#define SECOND 1000000000ULL

/* Ctrl-C should take effect within 100 ms, and a batch may take 40 ms or more. */
#define COUNT_TIME 15000000ULL

enum { NAP_US = 20000, BATCHES_PER_SECOND = 10 };

/* Global, because signal handlers have no argument. */
static atomic_int end_signal;
static atomic_bool asked;

uint64_t pace_take(struct pace *p, uint64_t now, uint64_t bytes)
{
	uint64_t at = p->next > now ? p->next : now;

	if (p->rate)
		p->next = at + (uint64_t)((double)bytes / (double)p->rate * (double)SECOND);
	return at;
}

uint64_t pace_batch(const struct pace *p)
{
	return p->rate ? p->rate / BATCHES_PER_SECOND : UINT64_MAX;
}

void limits_start(struct limits *c, uint64_t rate, uint64_t timeout)
{
	*c = (struct limits){ .pace = { .rate = rate } };
	pthread_mutex_init(&c->lock, NULL);
	if (timeout)
		c->deadline = sys_time() + timeout;
}

static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
enum { ENDS = sizeof(ends) / sizeof(ends[0]) };

/* A second signal kills, even if it is a different one. */
static void on_end(int number)
{
	struct sigaction old;

	for (size_t i = 0; i < ENDS; i++)
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == on_end)
			signal(ends[i], SIG_DFL);
	atomic_store(&end_signal, number);
}

static void on_question(int number)
{
	(void)number;
	atomic_store(&asked, true);
}

void limits_catch_signals(void)
{
	struct sigaction end = { .sa_handler = on_end, .sa_flags = SA_RESTART };
	struct sigaction question = { .sa_handler = on_question, .sa_flags = SA_RESTART };
	struct sigaction old;

	for (size_t i = 0; i < ENDS; i++)
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &end, NULL);
	sigaction(SIGUSR1, &question, NULL);
}

enum limits_end limits_ended(const struct limits *c)
{
	if (limits_signal())
		return LIMITS_SIGNAL;
	return c->deadline && sys_time() >= c->deadline ? LIMITS_TIMEOUT : LIMITS_GO_ON;
}

int limits_reason(const struct limits *c)
{
	static const int reasons[] = {
		[LIMITS_GO_ON] = 0,
		[LIMITS_SIGNAL] = -EINTR,
		[LIMITS_TIMEOUT] = -ETIME,
	};

	return reasons[limits_ended(c)];
}

bool limits_is_end(int rc)
{
	return rc == -ETIME || (rc == -EINTR && limits_signal());
}

const char *limits_end_text(enum limits_end end)
{
	return end == LIMITS_SIGNAL ? "interrupted" : "timed out";
}

uint64_t limits_count_until(struct limits *c)
{
	pthread_mutex_lock(&c->lock);
	if (!c->count_until)
		c->count_until = sys_time() + COUNT_TIME;
	pthread_mutex_unlock(&c->lock);
	return c->count_until;
}

uint64_t limits_wait(struct limits *c, uint64_t bytes)
{
	uint64_t start = sys_time(), now = start, at;

	pthread_mutex_lock(&c->lock);
	at = pace_take(&c->pace, now, bytes);
	pthread_mutex_unlock(&c->lock);
	while (now < at && !limits_ended(c)) {
		uint64_t us = (at - now) / 1000 + 1;

		sys_pause(us < NAP_US ? (unsigned int)us : NAP_US);
		now = sys_time();
	}
	return now - start;
}

int limits_signal(void)
{
	return atomic_load(&end_signal);
}

bool limits_asked(void)
{
	return atomic_exchange(&asked, false);
}
