/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "control.h"

#include "kernel.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#define SECOND 1000000000ULL

enum { NAP_US = 20000, BATCHES_PER_SECOND = 10 };

/* Signal handlers have no argument to find these by. */
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

void control_start(struct control *c, uint64_t rate, uint64_t timeout)
{
	*c = (struct control){ .pace = { .rate = rate } };
	pthread_mutex_init(&c->lock, NULL);
	if (timeout)
		c->deadline = kernel_time() + timeout;
}

static void on_end(int number)
{
	atomic_store(&end_signal, number);
}

static void on_question(int number)
{
	(void)number;
	atomic_store(&asked, true);
}

void control_catch_signals(void)
{
	struct sigaction end = { .sa_handler = on_end, .sa_flags = SA_RESTART | (int)SA_RESETHAND };
	struct sigaction question = { .sa_handler = on_question, .sa_flags = SA_RESTART };
	struct sigaction old;
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &end, NULL);
	sigaction(SIGUSR1, &question, NULL);
}

enum control_end control_ended(const struct control *c)
{
	if (control_signal())
		return CONTROL_SIGNAL;
	return c->deadline && kernel_time() >= c->deadline ? CONTROL_TIMEOUT : CONTROL_GO_ON;
}

int control_reason(const struct control *c)
{
	static const int reasons[] = {
		[CONTROL_GO_ON] = 0, [CONTROL_SIGNAL] = -EINTR, [CONTROL_TIMEOUT] = -ETIMEDOUT,
	};

	return reasons[control_ended(c)];
}

void control_wait(struct control *c, uint64_t bytes)
{
	uint64_t now = kernel_time(), at;

	pthread_mutex_lock(&c->lock);
	at = pace_take(&c->pace, now, bytes);
	pthread_mutex_unlock(&c->lock);
	while (now < at && !control_ended(c)) {
		uint64_t us = (at - now) / 1000 + 1;

		kernel_pause(us < NAP_US ? (unsigned int)us : NAP_US);
		now = kernel_time();
	}
}

int control_signal(void)
{
	return atomic_load(&end_signal);
}

bool control_asked(void)
{
	return atomic_exchange(&asked, false);
}

void control_raise(void)
{
	signal(control_signal(), SIG_DFL);
	raise(control_signal());
}
