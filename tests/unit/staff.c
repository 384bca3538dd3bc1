/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/staff.h"
#include "unit.h"

struct row {
	const char *name;
	unsigned int now, most;
	uint64_t free, time;
	unsigned int expected;
};

static const struct row rows[] = {
	{ "two work on two idle CPUs", 2, 2, 195, 100, 2 },
	{ "one works if the target needs most of a CPU", 2, 2, 130, 100, 1 },
	{ "two work if the target needs half of a CPU", 2, 2, 150, 100, 2 },
	{ "a worker is added if most of a CPU is free", 1, 2, 170, 100, 2 },
	{ "a worker is not added for half a CPU", 1, 2, 160, 100, 1 },
	{ "four work on many CPUs", 2, 4, 3000, 100, 4 },
	{ "one works if no CPU is free", 4, 4, 0, 100, 1 },
	{ "the maximum is not exceeded", 1, 1, 3000, 100, 1 },
	{ "one works without a time", 2, 4, 100, 0, 1 },
};

static void test_judge(void **state)
{
	const struct row *row = *state;

	assert_int_equal(staff_judge(row->now, row->most, row->free, row->time), row->expected);
}

/* ---- /proc/stat ---- */

static const char stat[] = "cpu  10 20 30 400 50 60 70 80 90 100\n"
			   "cpu0 1 2 3 100 10 6 7 8 9 10\n"
			   "cpu1 1 2 3 200 20 6 7 8 9 10\n"
			   "cpu12 1 2 3 400 40 6 7 8 9 10\n"
			   "intr 7 8 9\n"
			   "cpu3 1 2 3 400 40 6 7 8 9 10\n";

static int parse(unsigned long cpus, uint64_t *ticks)
{
	struct cpuset set = { { cpus } };
	int rc = staff_parse_idle(stat, sizeof(stat) - 1, &set, ticks);

	*ticks /= 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	return rc;
}

static void test_idle(void **state)
{
	uint64_t ticks;

	(void)state;
	assert_int_equal(parse(1UL << 0 | 1UL << 12, &ticks), 0);
	assert_int_equal(ticks, 100 + 10 + 400 + 40);
	assert_int_equal(parse(1UL << 1, &ticks), 0);
	assert_int_equal(ticks, 220);
	assert_int_equal(parse(1UL << 3, &ticks), -EINVAL);
	assert_int_equal(staff_parse_idle("", 0, &(struct cpuset){ { 1 } }, &ticks), -EINVAL);
}

/*
 * A machine where 2,048 CPUs are possible, and this process may use three, the last among them.
* The kernel refuses a set that is too small for all of them.  Both functions replace those
 * of the libraries.
 */
enum { POSSIBLE_CPUS = 2048, ALLOWED_CPUS = 3 };

static bool many_cpus;

int sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	unsigned char *bits = (unsigned char *)set;

	if (!many_cpus)
		return syscall(SYS_sched_getaffinity, pid, bytes, set) < 0 ? -1 : 0;
	if (bytes < POSSIBLE_CPUS / 8) {
		errno = EINVAL;
		return -1;
	}
	memset(bits, 0, bytes);
	bits[0] = (1 << (ALLOWED_CPUS - 1)) - 1;
	bits[POSSIBLE_CPUS / 8 - 1] = 0x80;
	return 0;
}

static void test_start(void **state)
{
	struct staff s;

	(void)state;
	many_cpus = true;
	staff_start(&s, 0, 4);
	assert_int_equal(s.now, 2);
	assert_int_equal(s.most, ALLOWED_CPUS);
	staff_start(&s, 0, 2);
	assert_int_equal(s.most, 2);
	many_cpus = false;
}

static void test_asked(void **state)
{
	struct staff s;

	(void)state;
	staff_start(&s, 7, 4);
	assert_int_equal(s.now, 7);
	assert_false(staff_review(&s));
	assert_int_equal(s.now, 7);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_judge, &rows[i], "%s", rows[i].name);
	unit_add(&suite, test_idle, NULL, "the idle time of the allowed CPUs is added up");
	unit_add(&suite, test_start, NULL, "two begin if 2,048 CPUs are possible");
	unit_add(&suite, test_asked, NULL, "as many work as requested");
	return unit_run(&suite, "staff");
}
