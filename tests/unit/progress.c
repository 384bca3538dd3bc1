/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "engine/limits.h"
#include "report/progress.h"
#include "unit.h"

#define SECOND 1000000000ULL
#define MIB    (1ULL << 20)

struct row {
	uint64_t total, done, time;
	const char *line;
};

static const struct row rows[] = {
	{ 0, 0, 0, "0B of 0B" },
	{ 100 * MIB, 0, SECOND, "0B of 100M" },
	{ 100 * MIB, 50 * MIB, 0, "50M of 100M" },
	{ 100 * MIB, 50 * MIB, SECOND, "50M of 100M, 50M/s, 1 s left" },
	{ 100 * MIB, 10 * MIB, 2 * SECOND, "10M of 100M, 5M/s, 18 s left" },
	{ 100 * MIB, 100 * MIB, SECOND, "100M of 100M, 100M/s, 0 s left" },
	{ 10 * MIB, 20 * MIB, SECOND, "20M of 10M, 20M/s, 0 s left" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	const struct progress p = { .total = row->total, .done = row->done };
	char line[128];

	assert_string_equal(progress_format(&p, row->time, line, sizeof(line)), row->line);
}

/* What @act writes to standard error. */
static const char *written(void (*act)(struct progress *p), struct progress *p)
{
	static char text[512];
	int saved = dup(STDERR_FILENO), ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	act(p);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void add_one(struct progress *p)
{
	progress_add(p, MIB);
}

/* As if it had begun so long ago, with a line shown then. */
static struct progress begun(enum progress_when when, uint64_t ago)
{
	struct progress p;

	progress_start(&p, when, 100 * MIB);
	p.terminal = false;
	p.start -= ago;
	return p;
}

static void test_second(void **state)
{
	struct progress p = begun(PROGRESS_ALWAYS, 0);

	(void)state;
	assert_string_equal(written(add_one, &p), "");
	p.start -= 2 * SECOND;
	assert_int_equal(strncmp(written(add_one, &p), "2M of 100M, ", 12), 0);
	assert_string_equal(written(add_one, &p), "");
	p.shown -= 2 * SECOND;
	assert_non_null(strstr(written(add_one, &p), " of 100M, "));
}

static void test_never(void **state)
{
	struct progress p = begun(PROGRESS_NEVER, 60 * SECOND);

	(void)state;
	assert_string_equal(written(add_one, &p), "");
	p = begun(PROGRESS_AUTO, 60 * SECOND);
	p.on = false;
	assert_string_equal(written(add_one, &p), "");
	assert_string_equal(written(progress_end, &p), "");
}

static void test_terminal(void **state)
{
	struct progress p = begun(PROGRESS_ALWAYS, 2 * SECOND);
	const char *line;

	(void)state;
	p.terminal = true;
	line = written(add_one, &p);
	assert_int_equal(line[0], '\r');
	assert_string_equal(line + strlen(line) - 3, "\033[K");
	assert_string_equal(written(progress_end, &p), "\r\033[K");
	assert_string_equal(written(progress_end, &p), "");
}

static void test_asked(void **state)
{
	struct progress p = begun(PROGRESS_NEVER, 0);

	(void)state;
	limits_catch_signals();
	raise(SIGUSR1);
	assert_non_null(strstr(written(add_one, &p), "1M of 100M"));
	assert_string_equal(written(add_one, &p), "");
	p.terminal = true;
	raise(SIGUSR1);
	assert_non_null(strstr(written(add_one, &p), "\033[K\n"));
}

static void test_more_than_told(void **state)
{
	struct progress p = begun(PROGRESS_NEVER, 0);

	(void)state;
	progress_add(&p, 200 * MIB);
	assert_int_equal(p.total, 200 * MIB);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "progress: %s", rows[i].line);
	unit_add(&suite, test_second, NULL, "progress: a line a second");
	unit_add(&suite, test_never, NULL, "progress: nothing when it is off");
	unit_add(&suite, test_terminal, NULL, "progress: a terminal's line is rewritten, and goes");
	unit_add(&suite, test_asked, NULL, "progress: SIGUSR1 gives a line that stays");
	unit_add(&suite, test_more_than_told, NULL, "progress: a process may grow meanwhile");
	return unit_run(&suite, "progress");
}
