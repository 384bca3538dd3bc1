/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "plan/operand.h"
#include "unit.h"

struct row {
	const char *text;
	uint64_t start, end; /* 0, 0: rejected */
	bool single;
	int node;
	size_t bad; /* offset of the error */
};

#define ONE(text, at, node)                       \
	{                                         \
		text, at, (at) + 1, true, node, 0 \
	}
#define RANGE(text, start, end, node)            \
	{                                        \
		text, start, end, false, node, 0 \
	}
#define BAD(text, at)                    \
	{                                \
		text, 0, 0, false, 0, at \
	}

static const struct row rows[] = {
	ONE("7f00", 0x7f00, -1),
	ONE("0x7F00", 0x7f00, -1),
	ONE("0", 0, -1),
	ONE("7f00=3", 0x7f00, 3),
	ONE("00007f0000000123", 0x7f0000000123, -1),
	RANGE("1000-3000", 0x1000, 0x3000, -1),
	RANGE("0x1000-0x3000=0", 0x1000, 0x3000, 0),
	RANGE("1000+4K", 0x1000, 0x2000, -1),
	RANGE("1000+1G=12", 0x1000, 0x40001000, 12),
	RANGE("1000+0x1000", 0x1000, 0x2000, -1),
	RANGE("1000+1", 0x1000, 0x1001, -1),
	RANGE("0-ffffffffffffffff", 0, UINT64_MAX, -1),
	BAD("", 0),
	BAD("zzz", 0),
	BAD("-", 0),
	BAD("1000-", 5),
	BAD("-1000", 0),
	BAD("1000+", 5),
	BAD("1000-1000", 5),
	BAD("2000-1000", 5),
	BAD("1000+0", 5),
	BAD("1000+4x", 5),
	BAD("1000+4KBB", 5),
	BAD("1000+-1", 5),
	BAD("1000=", 5),
	BAD("1000=x", 5),
	BAD("1000=-1", 5),
	BAD("1000=1,2", 5),
	BAD("=1", 0),
	BAD(" 1000", 0),
	BAD("1000 ", 0),
	BAD("10000000000000000", 0),
	BAD("ffffffffffffffff", 0),
	BAD("ffffffffffffffff+1", 17),
	BAD("1+18446744073709551615", 2),
	BAD("1000=4294967296", 5),
	BAD("1000-2000-3000", 5),
	BAD("1000+1T+1", 5),
	BAD("0x", 0),
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct text_error err = { 0 };
	struct operand o;
	size_t len = strlen(row->text);
	char *copy = malloc(len + !len); /* no NUL, to detect a read past the end */
	int rc;

	assert_non_null(copy);
	memcpy(copy, row->text, len);
	rc = operand_parse(copy, len, &o, &err);
	assert_int_equal(rc, row->end ? 0 : -EINVAL);
	if (rc) {
		assert_int_equal(err.offset, row->bad);
		assert_true(err.offset + err.length <= len);
		assert_non_null(err.what);
	} else {
		assert_int_equal(o.start, row->start);
		assert_int_equal(o.end, row->end);
		assert_int_equal(o.single, row->single);
		assert_int_equal(o.node, row->node);
	}
	free(copy);
}

/* Lines of a list: the result, and where the operand or the error begins. */
static const struct {
	const char *line;
	int rc;
	uint64_t start;
	size_t bad;
} lines[] = {
	{ "7f00", 1, 0x7f00, 0 },
	{ "7f00 0 4K 0 present", 1, 0x7f00, 0 },
	{ "  7f00-8000=2\t x", 1, 0x7f00, 0 },
	{ "7f00\r", 1, 0x7f00, 0 },
	{ "\t\r7f00+4K\r", 1, 0x7f00, 0 },
	{ "add", 1, 0xadd, 0 },
	{ "", 0, 0, 0 },
	{ " \t\r", 0, 0, 0 },
	{ "#", 0, 0, 0 },
	{ " # 7f00", 0, 0, 0 },
	{ "ADDRESS      NODE SIZE", 0, 0, 0 },
	{ "START END", 0, 0, 0 },
	{ "    PID ADDRESS", -EINVAL, 0, 4 },
	{ "NODE ADDRESS", -EINVAL, 0, 0 },
	{ "  zzz", -EINVAL, 0, 2 },
	{ "  1000-zz x", -EINVAL, 0, 7 },
	{ "{\"pid\":1}", -EINVAL, 0, 0 },
	{ "process 210 (x)", -EINVAL, 0, 0 },
	{ "ADDRES", -EINVAL, 0, 0 },
	{ "address", -EINVAL, 0, 0 },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(lines); i++) {
		struct text_error err = { 0 };
		struct operand o = { 0 };
		size_t len = strlen(lines[i].line);
		char *copy = malloc(len + !len);

		assert_non_null(copy);
		memcpy(copy, lines[i].line, len);
		assert_int_equal(operand_parse_line(copy, len, &o, &err), lines[i].rc);
		if (lines[i].rc < 0)
			assert_int_equal(err.offset, lines[i].bad);
		if (lines[i].rc > 0)
			assert_int_equal(o.start, lines[i].start);
		free(copy);
	}
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "PAGES '%s' %s", rows[i].text,
			 rows[i].end ? "is read" : "is refused");
	unit_add(&suite, test_lines, NULL, "lines of a list: operands, headings, comments");
	return unit_run(&suite, "operand");
}
