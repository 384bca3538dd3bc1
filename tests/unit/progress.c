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
	size_t width, at, n;
	uint64_t total, done, time;
	const char *line;
};

#define REDIS "redis (7) "

static const struct row rows[] = {
	{ 0, 1, 1, 0, 0, 0, REDIS "100% 0B of 0B" },
	{ 0, 1, 1, 100 * MIB, 0, SECOND, REDIS "  0% 0B of 100M" },
	{ 0, 1, 1, 100 * MIB, 50 * MIB, 0, REDIS " 50% 50M of 100M" },
	{ 0, 1, 1, 100 * MIB, 50 * MIB, SECOND, REDIS " 50% 50M of 100M, 52 MB/s, 1.0 s left" },
	{ 0, 3, 9, 100 * MIB, 10 * MIB, 2 * SECOND,
	  "3/9 " REDIS " 10% 10M of 100M, 5.2 MB/s, 18 s left" },
	{ 0, 9, 9, 100 * MIB, 100 * MIB, SECOND,
	  "9/9 " REDIS "100% 100M of 100M, 105 MB/s, 0 ms left" },
	{ 80, 3, 9, 100 * MIB, 25 * MIB, SECOND,
	  "3/9 " REDIS " 25% [######...................] 25M of 100M, 26 MB/s, 3.0 s left" },
	{ 200, 1, 1, 100 * MIB, 100 * MIB, 0,
	  REDIS "100% [##############################] 100M of 100M" },
	{ 40, 1, 1, 100 * MIB, 25 * MIB, SECOND, REDIS " 25% 25M of 100M, 26 MB/s, 3.0 s left" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	const struct progress p = { .total = row->total,
				    .done = row->done,
				    .at = row->at,
				    .n = row->n,
				    .name = "redis (7)" };
	char line[PROGRESS_LINE_MAX];

	assert_string_equal(progress_format(&p, row->time, row->width, line), row->line);
	assert_true(row->width < 50 || strlen(line) < row->width);
}

/* Return what @act writes to standard error. */
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

/* Pretend that it began, and showed a line, this long ago. */
static struct progress begun(enum progress_when when, uint64_t ago)
{
	struct progress p;

	progress_start(&p, when, 100 * MIB, 1);
	progress_process(&p, "redis (7)", 1, 100 * MIB);
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
	assert_non_null(strstr(written(add_one, &p), "redis (7)   2% 2M of 100M, "));
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
	assert_string_equal(written(progress_leave, &p), "");
}

static void test_terminal(void **state)
{
	struct progress p = begun(PROGRESS_ALWAYS, 2 * SECOND);
	const char *line;

	(void)state;
	p.terminal = true;
	line = written(add_one, &p);
	assert_int_equal(line[0], '\r');
	assert_non_null(strchr(line, '['));
	assert_string_equal(line + strlen(line) - 3, "\033[K");
	assert_string_equal(written(progress_leave, &p), "\r\033[K");
	/* The next process shows it again at once. */
	assert_int_equal(written(add_one, &p)[0], '\r');
	assert_string_equal(written(add_one, &p), "");
}

/* Of 100 MiB in all, a process expected to have 60 has only 20. */
static void test_processes(void **state)
{
	struct progress p;

	(void)state;
	progress_start(&p, PROGRESS_NEVER, 100 * MIB, 2);
	progress_process(&p, "a (1)", 1, 60 * MIB);
	progress_add(&p, 20 * MIB);
	progress_leave(&p);
	assert_int_equal(p.total, 60 * MIB);
	progress_process(&p, "b (2)", 2, 40 * MIB);
	progress_add(&p, 50 * MIB);
	assert_int_equal(p.total, 70 * MIB);
	assert_int_equal(p.done, 70 * MIB);
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
	unit_add(&suite, test_second, NULL, "progress: one line per second");
	unit_add(&suite, test_never, NULL, "progress: nothing if it is off");
	unit_add(&suite, test_terminal, NULL,
		 "progress: on a terminal, the line is rewritten and then removed");
	unit_add(&suite, test_processes, NULL,
		 "progress: the total is corrected after each process");
	unit_add(&suite, test_asked, NULL, "progress: SIGUSR1 prints a line that stays");
	unit_add(&suite, test_more_than_told, NULL, "progress: a process may grow during the move");
	return unit_run(&suite, "progress");
}
