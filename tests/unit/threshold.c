/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "plan/threshold.h"
#include "unit.h"
#include "util/number.h"

/* ---- percentages ---- */

struct percent_row {
	const char *text;
	int ret;
	uint64_t value; /* billionths of a percent */
};

#define E9 1000000000ULL

static const struct percent_row percent_rows[] = {
	{ "0", 0, 0 },
	{ "0%", 0, 0 },
	{ "95", 0, 95 * E9 },
	{ "95%", 0, 95 * E9 },
	{ "100", 0, 100 * E9 },
	{ "100.000%", 0, 100 * E9 },
	{ "99.5", 0, 99 * E9 + E9 / 2 },
	{ "0.000000001%", 0, 1 },
	{ "99.999999999", 0, 100 * E9 - 1 },
	{ "0.0000000001", -EINVAL, 0 },
	{ "100.000000001", -ERANGE, 0 },
	{ "101", -ERANGE, 0 },
	{ "18446744073709551711", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "%", -EINVAL, 0 },
	{ "5%%", -EINVAL, 0 },
	{ "5 %", -EINVAL, 0 },
	{ ".5", -EINVAL, 0 },
	{ "5.", -EINVAL, 0 },
	{ "5.%", -EINVAL, 0 },
	{ "1.2.3", -EINVAL, 0 },
	{ "05", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ "1e1", -EINVAL, 0 },
	{ "0x10", -EINVAL, 0 },
	{ "95,5", -EINVAL, 0 },
	{ "x", -EINVAL, 0 },
};

static void test_percent(void **state)
{
	const struct percent_row *row = *state;
	uint64_t value = 4711;

	assert_int_equal(number_parse_percent(row->text, strlen(row->text), &value), row->ret);
	assert_int_equal(value, row->ret ? 4711 : row->value);
}

/* ---- texts ---- */

struct text_row {
	const char *text;
	size_t nodes_len;      /* 0: rejected */
	size_t offset, length; /* the invalid part */
};

static const struct text_row text_rows[] = {
	{ "1:95%", 1, 0, 0 },	  { "0-1,3:99.5", 5, 0, 0 }, { "netdev:eth0:5%", 11, 0, 0 },
	{ "local:100", 5, 0, 0 }, { "1", 0, 0, 1 },	     { "95%", 0, 0, 3 },
	{ "", 0, 0, 0 },	  { ":95%", 0, 0, 4 },	     { "1:", 0, 2, 0 },
	{ "1:x", 0, 2, 1 },	  { "1:101%", 0, 2, 4 },     { "netdev:eth0", 0, 7, 4 },
};

static void test_text(void **state)
{
	const struct text_row *row = *state;
	struct text_error error = { 0 };
	struct threshold s;

	assert_int_equal(threshold_parse(row->text, false, &s, &error),
			 row->nodes_len ? 0 : -EINVAL);
	if (row->nodes_len)
		assert_int_equal(s.nodes_len, row->nodes_len);
	assert_int_equal(error.offset, row->offset);
	assert_int_equal(error.length, row->length);
}

/* ---- results and messages ---- */

#define K 1024ULL
#define M (1024 * K)
#define G (1024 * M)
#define T (1024 * G)

struct row {
	bool at_most;
	const char *text;
	uint64_t on, unseen, total;
	bool holds;
	const char *said;
};

static const struct row rows[] = {
	{ false, "1:95%", 95, 0, 100, true,
	  "node 1 has 95% (95B of 100B), at least 95% required: OK" },
	{ false, "1:95%", 94, 0, 100, false,
	  "node 1 has 94% (94B of 100B), at least 95% required" },
	{ false, "0-1:95", 120 * M, 0, 129 * M, false,
	  "nodes 0-1 have 93% (120M of 129M), at least 95% required" },
	/* A missing page is never lost to rounding, whatever the size. */
	{ false, "1:100%", 64 * T - 4 * K, 0, 64 * T, false,
	  "node 1 has 99.9% (63.9T of 64T), at least 100% required" },
	{ false, "1:100%", 64 * T, 0, 64 * T, true,
	  "node 1 has 100% (64T of 64T), at least 100% required: OK" },
	{ true, "0:0%", 4 * K, 0, 64 * T, false,
	  "node 0 has 0.1% (4K of 64T), at most 0% allowed" },
	{ true, "0:0%", 0, 0, 64 * T, true, "node 0 has 0% (0B of 64T), at most 0% allowed: OK" },
	{ true, "0:5%", 5, 0, 100, true, "node 0 has 5% (5B of 100B), at most 5% allowed: OK" },
	{ true, "0:5%", 5001, 0, 100000, false,
	  "node 0 has 5.1% (4.8K of 97.6K), at most 5% allowed" },
	{ true, "0:5.001%", 5001, 0, 100000, true,
	  "node 0 has 5.001% (4.8K of 97.6K), at most 5.001% allowed: OK" },
	{ false, "0:99.99", 9998, 0, 10000, false,
	  "node 0 has 99.98% (9.7K of 9.7K), at least 99.99% required" },
	{ false, "0:33.333333333", 1, 0, 3, true,
	  "node 0 has 33.333333333% (1B of 3B), at least 33.333333333% required: OK" },
	{ true, "0:33.333333333", 1, 0, 3, false,
	  "node 0 has 33.333333334% (1B of 3B), at most 33.333333333% allowed" },
	{ true, "0:66.666666667", 2, 0, 3, true,
	  "node 0 has 66.666666666% (2B of 3B), at most 66.666666667% allowed: OK" },
	/* Unseen pages may be on any node. */
	{ true, "0:5%", 5, 1, 100, false,
	  "node 0 has 5% (5B of 100B), 1B on unknown nodes, at most 5% allowed" },
	{ false, "0:5%", 4, 96, 100, false,
	  "node 0 has 4% (4B of 100B), 96B on unknown nodes, at least 5% required" },
	/* No bytes: every check fails. */
	{ false, "1:0%", 0, 0, 0, false,
	  "node 1: no resident memory selected, at least 0% required" },
	{ true, "1:100%", 0, 0, 0, false,
	  "node 1: no resident memory selected, at most 100% allowed" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	char said[THRESHOLD_TEXT_MAX];
	struct text_error error;
	struct threshold s;

	assert_int_equal(threshold_parse(row->text, row->at_most, &s, &error), 0);
	s.on = row->on;
	s.unseen = row->unseen;
	s.total = row->total;
	assert_int_equal(threshold_holds(&s), row->holds);
	assert_string_equal(threshold_format(&s, said), row->said);
}

/* The rounded percentage is on the same side of the threshold as the exact one. */
static void test_sides(void **state)
{
	struct text_error error;
	char said[THRESHOLD_TEXT_MAX];

	(void)state;
	for (uint64_t total = 1; total < 60; total++)
		for (uint64_t on = 0; on <= total; on++)
			for (int most = 0; most < 2; most++) {
				struct threshold s;
				double percent;

				assert_int_equal(threshold_parse("7:50%", most, &s, &error), 0);
				s.on = on;
				s.total = total;
				assert_int_equal(sscanf(threshold_format(&s, said),
							"node 7 has %lf", &percent),
						 1);
				assert_int_equal(threshold_holds(&s),
						 most ? 2 * on <= total : 2 * on >= total);
				assert_int_equal(threshold_holds(&s),
						 most ? percent <= 50 : percent >= 50);
			}
}

static void test_escaped(void **state)
{
	char said[THRESHOLD_TEXT_MAX], text[400];
	struct text_error error;
	struct threshold s;

	(void)state;
	memset(text, '\033', sizeof(text));
	strcpy(text + sizeof(text) - 4, ":5%");
	assert_int_equal(threshold_parse(text, false, &s, &error), 0);
	threshold_format(&s, said);
	for (const char *c = said; *c; c++)
		assert_in_range(*c, ' ', '~');
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(percent_rows); i++)
		unit_add(&suite, test_percent, &percent_rows[i], "threshold: percentage '%s' %s",
			 percent_rows[i].text, percent_rows[i].ret ? "is rejected" : "is parsed");
	for (size_t i = 0; i < UNIT_ROWS(text_rows); i++)
		unit_add(&suite, test_text, &text_rows[i], "threshold: '%s' %s", text_rows[i].text,
			 text_rows[i].nodes_len ? "is parsed" : "is rejected");
	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "threshold: %s %s: %s",
			 rows[i].at_most ? "at most" : "at least", rows[i].text, rows[i].said);
	unit_add(&suite, test_sides, NULL, "threshold: the message agrees with the result");
	unit_add(&suite, test_escaped, NULL, "threshold: the user's bytes are escaped");
	return unit_run(&suite, "threshold");
}
