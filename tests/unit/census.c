/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "engine/census.h"
#include "unit.h"

struct row {
	const char *line;
	int rc;
	uint64_t kib;
};

static const struct row rows[] = {
	{ "AnonHugePages:      6144 kB\n", 1, 6144 },
	{ "ShmemPmdMapped:     2048 kB\n", 1, 2048 },
	{ "FilePmdMapped:         0 kB\n", 1, 0 },
	{ "Shared_Hugetlb:     2048 kB\n", 0, 0 },
	{ "Rss:                2048 kB\n", 0, 0 },
	{ "AnonHugePages:\n", 0, 0 },
	{ "AnonHugePages:  many kB\n", 0, 0 },
	{ "AnonHugePages: 18446744073709551615 kB\n", 0, 0 },
	{ "AnonHugePages: 4", 1, 4 },
	{ "AnonHugePages: ", 0, 0 },
	{ "", 0, 0 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	size_t len = strlen(row->line);
	char *copy = malloc(len + !len); /* no NUL, so sanitizers detect overreads */
	uint64_t kib = 0;

	assert_non_null(copy);
	memcpy(copy, row->line, len);
	assert_int_equal(census_parse(copy, len, &kib), row->rc);
	free(copy);
	if (row->rc)
		assert_int_equal(kib, row->kib);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "smaps: '%.*s' %s",
			 (int)strcspn(rows[i].line, "\n"), rows[i].line,
			 rows[i].rc ? "counts" : "does not count");
	return unit_run(&suite, "census");
}
