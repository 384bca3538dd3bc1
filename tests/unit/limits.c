/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/limits.h"
#include "unit.h"

#define SECOND 1000000000ULL

static void test_even(void **state)
{
	struct pace pace = { .rate = 1000 };

	(void)state;
	assert_int_equal(pace_take(&pace, 5 * SECOND, 100), 5 * SECOND);
	assert_int_equal(pace_take(&pace, 5 * SECOND, 100), 5 * SECOND + SECOND / 10);
	assert_int_equal(pace_take(&pace, 5 * SECOND, 800), 5 * SECOND + SECOND / 5);
	assert_int_equal(pace_take(&pace, 5 * SECOND, 1), 6 * SECOND);
}

static void test_no_saving(void **state)
{
	struct pace pace = { .rate = 1000 };

	(void)state;
	pace_take(&pace, SECOND, 100);
	assert_int_equal(pace_take(&pace, 60 * SECOND, 1000), 60 * SECOND);
	assert_int_equal(pace_take(&pace, 60 * SECOND, 1), 61 * SECOND);
}

static void test_unlimited(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	assert_int_equal(pace_take(&pace, 7, UINT64_MAX), 7);
	assert_int_equal(pace_take(&pace, 7, 1), 7);
	assert_int_equal(pace_batch(&pace), UINT64_MAX);
}

static void test_batch(void **state)
{
	struct pace pace = { .rate = 10 << 20 };

	(void)state;
	assert_int_equal(pace_batch(&pace), 1 << 20);
}

static void test_waits(void **state)
{
	struct limits c;

	(void)state;
	limits_start(&c, 1000, 0);
	assert_int_equal(limits_wait(&c, 20), 0);
	assert_true(limits_wait(&c, 20) > SECOND / 100);
}

/* Return the exit status of a child that catches signals. */
static int end_after(int first, int second)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* They may be ignored: by nohup(1), or a shell's background job. */
		signal(SIGHUP, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		limits_catch_signals();
		raise(first);
		if (limits_signal() != first)
			_exit(2);
		raise(second);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_second_signal(void **state)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(ends); i++)
		for (size_t k = 0; k < UNIT_ROWS(ends); k++)
			assert_int_equal(WTERMSIG(end_after(ends[i], ends[k])), ends[k]);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_waits, NULL, "the time waited for a rate is returned");
	unit_add(&suite, test_second_signal, NULL, "a second signal kills, even a different one");

	unit_add(&suite, test_even, NULL, "a rate is even");
	unit_add(&suite, test_no_saving, NULL, "unused allowance does not accumulate");
	unit_add(&suite, test_unlimited, NULL, "without a rate nothing waits");
	unit_add(&suite, test_batch, NULL, "a batch is at most 0.1 s of the rate");
	return unit_run(&suite, "control");
}
