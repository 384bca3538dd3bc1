/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table-driven cmocka tests: each row of a table is a test with its own name, and is passed in
 * *state.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define UNIT_ROWS(a) (sizeof(a) / sizeof((a)[0]))

struct unit_suite {
	struct CMUnitTest *tests;
	size_t count;
};

/* Add test(row), with a name made from @format. Exit if memory ran out. */
__attribute__((format(printf, 4, 5))) static inline void unit_add(struct unit_suite *suite,
								  CMUnitTestFunction test,
								  const void *row,
								  const char *format, ...)
{
	struct CMUnitTest *tests = suite->tests;
	char *name = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&name, format, args) < 0)
		abort();
	va_end(args);
	tests = realloc(tests, (suite->count + 1) * sizeof(*tests));
	if (!tests)
		abort();
	tests[suite->count++] = (struct CMUnitTest){
		.name = name,
		.test_func = test,
		.initial_state = (void *)(uintptr_t)row,
	};
	suite->tests = tests;
}

/* Run all tests and free the suite. Return the result for main(). */
static inline int unit_run(struct unit_suite *suite, const char *title)
{
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests(title, suite->tests, suite->count, NULL, NULL);
	for (size_t i = 0; i < suite->count; i++)
		free((void *)(uintptr_t)suite->tests[i].name);
	free(suite->tests);
	return failed || !suite->count ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
