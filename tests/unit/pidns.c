/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/pidns.h"
#include "unit.h"

struct inner_row {
	const char *what, *status;
	pid_t inner;
};

#define BEFORE "Name:\tcat\nTgid:\t4711\n"
#define BEHIND "\nNSsid:\t9\t8\nVmPeak:\t 10 kB\n"

static const struct inner_row inner_rows[] = {
	{ "in this namespace", BEFORE "NSpid:\t4711" BEHIND, 0 },
	{ "in a container", BEFORE "NSpid:\t4711\t7" BEHIND, 7 },
	{ "in a container within a container", BEFORE "NSpid:\t4711\t70\t1" BEHIND, 1 },
	{ "by a kernel before 4.1", BEFORE "NStgid:\t4711\t7" BEHIND, 0 },
	{ "of a name that looks like it", "Name:\tNSpid:\t1\t2\nNSpid:\t4711" BEHIND, 0 },
	{ "at the end of the text", BEFORE "NSpid:\t4711\t7", 7 },
	{ "cut behind the tab", BEFORE "NSpid:\t4711\t", 0 },
	{ "letters", BEFORE "NSpid:\t4711\tx" BEHIND, 0 },
	{ "nothing", "", 0 },
};

static void test_inner(void **state)
{
	const struct inner_row *row = *state;

	assert_int_equal(pidns_inner(row->status), row->inner);
}

int main(void)
{
	struct unit_suite suite = { 0 };

	for (size_t i = 0; i < UNIT_ROWS(inner_rows); i++)
		unit_add(&suite, test_inner, &inner_rows[i], "inner number %s", inner_rows[i].what);
	return unit_run(&suite, "pidns");
}
