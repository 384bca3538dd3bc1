/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "unit.h"
#include "util/number.h"
#include "util/text.h"

enum form { DECIMAL, HEX, SIZE, TIME };

static const char *const form_names[] = { "decimal", "hexadecimal", "size", "time" };

#define U64_MAX UINT64_MAX

struct row {
	enum form form;
	const char *text;
	size_t len;
	int ret;
	uint64_t value;
	uint64_t max;
};

#define YES(form, text, value)                                  \
	{                                                       \
		form, text, sizeof(text) - 1, 0, value, U64_MAX \
	}
#define NOT(form, text)                                           \
	{                                                         \
		form, text, sizeof(text) - 1, -EINVAL, 0, U64_MAX \
	}
#define BIG(form, text)                                           \
	{                                                         \
		form, text, sizeof(text) - 1, -ERANGE, 0, U64_MAX \
	}

static const struct row rows[] = {
	YES(DECIMAL, "0", 0),
	YES(DECIMAL, "7", 7),
	YES(DECIMAL, "10", 10),
	YES(DECIMAL, "4294967296", 4294967296),
	YES(DECIMAL, "18446744073709551615", U64_MAX),
	BIG(DECIMAL, "18446744073709551616"),
	BIG(DECIMAL, "18446744073709551620"),
	BIG(DECIMAL, "1000000000000000000000000000000"),
	{ DECIMAL, "1023", 4, 0, 1023, 1023 },
	{ DECIMAL, "1024", 4, -ERANGE, 0, 1023 },
	{ DECIMAL, "0", 1, 0, 0, 0 },
	{ DECIMAL, "1", 1, -ERANGE, 0, 0 },
	{ DECIMAL, "12x", 2, 0, 12, U64_MAX },
	NOT(DECIMAL, ""),
	NOT(DECIMAL, "00"),
	NOT(DECIMAL, "01"),
	NOT(DECIMAL, "010"),
	NOT(DECIMAL, "+1"),
	NOT(DECIMAL, "-1"),
	NOT(DECIMAL, "-0"),
	NOT(DECIMAL, " 1"),
	NOT(DECIMAL, "1 "),
	NOT(DECIMAL, "1\n"),
	NOT(DECIMAL, "1\0"),
	NOT(DECIMAL, "0x1"),
	NOT(DECIMAL, "1x"),
	NOT(DECIMAL, "1a"),
	NOT(DECIMAL, "1e3"),
	NOT(DECIMAL, "1.0"),
	NOT(DECIMAL, "1:"),
	NOT(DECIMAL, "1/"),
	NOT(DECIMAL, "18446744073709551616x"),

	YES(HEX, "0", 0),
	YES(HEX, "10", 16),
	YES(HEX, "0x10", 16),
	YES(HEX, "0X10", 16),
	YES(HEX, "00400000", 0x400000),
	YES(HEX, "7f0059eb7000", 0x7f0059eb7000),
	YES(HEX, "DeadBeef", 0xdeadbeef),
	YES(HEX, "ffffffffffffffff", U64_MAX),
	YES(HEX, "0000ffffffffffffffff", U64_MAX),
	BIG(HEX, "10000000000000000"),
	NOT(HEX, ""),
	NOT(HEX, "0x"),
	NOT(HEX, "x1"),
	NOT(HEX, "0x0x1"),
	NOT(HEX, "g"),
	NOT(HEX, "1g"),
	NOT(HEX, "@"),
	NOT(HEX, "`"),
	NOT(HEX, " 1"),
	NOT(HEX, "-1"),
	NOT(HEX, "+1"),

	YES(SIZE, "0", 0),
	YES(SIZE, "4096", 4096),
	YES(SIZE, "4K", 4096),
	YES(SIZE, "1M", 1048576),
	YES(SIZE, "2G", 2147483648),
	YES(SIZE, "3T", 3298534883328),
	YES(SIZE, "0K", 0),
	YES(SIZE, "4k", 4096),
	YES(SIZE, "4KiB", 4096),
	YES(SIZE, "4kib", 4096),
	YES(SIZE, "4KB", 4000),
	YES(SIZE, "4kB", 4000),
	YES(SIZE, "16MB", 16000000),
	YES(SIZE, "2GiB", 2147483648),
	YES(SIZE, "1TB", 1000000000000),
	YES(SIZE, "4P", 4503599627370496),
	YES(SIZE, "15E", 17293822569102704640u),
	YES(SIZE, "18EB", 18000000000000000000u),
	BIG(SIZE, "16E"),
	BIG(SIZE, "19EB"),
	YES(SIZE, "0x1000", 4096),
	YES(SIZE, "18014398509481983K", 18446744073709550592u),
	BIG(SIZE, "18014398509481984K"),
	YES(SIZE, "16777215T", 18446742974197923840u),
	BIG(SIZE, "16777216T"),
	BIG(SIZE, "0x10000000000000000"),
	NOT(SIZE, ""),
	NOT(SIZE, "K"),
	NOT(SIZE, "4KK"),
	NOT(SIZE, "4B"),
	NOT(SIZE, "4iB"),
	NOT(SIZE, "4Ki"),
	NOT(SIZE, "4KBB"),
	NOT(SIZE, "4KIB"),
	NOT(SIZE, "KiB"),
	NOT(SIZE, "iB"),
	NOT(SIZE, "B"),
	NOT(SIZE, "4Z"),
	NOT(SIZE, "4 K"),
	NOT(SIZE, "04K"),
	NOT(SIZE, "1.5G"),
	NOT(SIZE, "-1K"),
	NOT(SIZE, "1000h"),
	NOT(SIZE, "ff"),
	NOT(SIZE, "0x10K"),
	NOT(SIZE, "0x"),
	NOT(SIZE, "1\0K"),
	YES(TIME, "1", 1000000000),
	YES(TIME, "0.5", 500000000),
	YES(TIME, "1.5m", 90000000000),
	YES(TIME, "2h", 7200000000000),
	YES(TIME, "259200", 259200000000000),
	YES(TIME, "3d", 259200000000000),
	YES(TIME, "9223372035", 9223372035000000000),
	BIG(TIME, "9223372036"),
	YES(TIME, "9223372035.999999999s", 9223372035999999999),
	YES(TIME, "153722866m", 9223371960000000000),
	BIG(TIME, "153722867m"),
	YES(TIME, "2562046h", 9223365600000000000),
	BIG(TIME, "2562047h"),
	YES(TIME, "106750d", 9223200000000000000),
	BIG(TIME, "106751d"),
	BIG(TIME, "18446744073709551616"),
	NOT(TIME, ""),
	NOT(TIME, "s"),
	NOT(TIME, "1w"),
	NOT(TIME, "-1"),
	NOT(TIME, "1."),
	NOT(TIME, ".5"),
	NOT(TIME, "1.5.5"),
	NOT(TIME, "1ss"),
};

static int parse(const struct row *row, const char *text, uint64_t *value)
{
	if (row->form == DECIMAL)
		return number_parse(text, row->len, row->max, value);
	if (row->form == HEX)
		return number_parse_hex(text, row->len, value);
	if (row->form == TIME)
		return number_parse_time(text, row->len, value);
	return number_parse_size(text, row->len, value);
}

/* A copy without room for a NUL lets memory checkers detect a read past the end. */
static void test_row(void **state)
{
	const uint64_t untouched = 0x5ca1ab1e;
	const struct row *row = *state;
	uint64_t value = untouched;
	char *copy = malloc(row->len + !row->len);

	assert_non_null(copy);
	memcpy(copy, row->text, row->len);
	assert_int_equal(parse(row, copy, &value), row->ret);
	assert_int_equal(value, row->ret ? untouched : row->value);
	free(copy);
}

struct kib_row {
	const char *key;
	int ret;
	uint64_t bytes;
};

static const struct kib_row kib_rows[] = {
	{ "MemFree", 0, 5 << 10 },  { "MemTotal", 0, 9 << 10 }, { "Free", -ENOENT, 1 },
	{ "MemFree:", -ENOENT, 1 }, { "MemBad", -EINVAL, 1 },	{ "MemHuge", -ERANGE, 1 },
	{ "MemLast", 0, 7 << 10 },  { "MemLas", -ENOENT, 1 },	{ "Node 0 MemFree", 0, 3072 },
};

static void test_kib(void **state)
{
	static const char text[] = "MemTotal: 9 kB\nMemFree:       5 kB\nMemBad: x kB\n"
				   "MemHuge: 18446744073709551615 kB\nNode 0 MemFree:  3 kB\n"
				   "MemLast:\t7";
	const struct kib_row *row = *state;
	uint64_t bytes = 1;

	assert_int_equal(number_find_kib(text, row->key, &bytes), row->ret);
	assert_int_equal(bytes, row->bytes);
}

static const char *verdict(int ret)
{
	return ret == 0 ? "is read" : ret == -EINVAL ? "is not a number" : "is too large";
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };
	char text[64];

	for (size_t i = 0; i < UNIT_ROWS(rows); i++) {
		text_escape(rows[i].text, rows[i].len, text, sizeof(text));
		unit_add(&suite, test_row, &rows[i], "%s: \"%s\" %s", form_names[rows[i].form],
			 text, verdict(rows[i].ret));
	}
	for (size_t i = 0; i < UNIT_ROWS(kib_rows); i++) {
		text_escape(kib_rows[i].key, strlen(kib_rows[i].key), text, sizeof(text));
		unit_add(&suite, test_kib, &kib_rows[i], "a line \"%s\" %s", text,
			 kib_rows[i].ret == -ENOENT ? "is not there" : verdict(kib_rows[i].ret));
	}
	return unit_run(&suite, "number");
}
