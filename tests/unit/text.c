/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <string.h>

#include "unit.h"
#include "util/text.h"

enum form { ESCAPE, UTF8 };

struct row {
	enum form form;
	const char *in, *out;
};

static const struct row rows[] = {
	{ ESCAPE, "", "" },
	{ ESCAPE, "redis-server", "redis-server" },
	{ ESCAPE, "\033]0;x\a", "\\033]0;x\\007" },
	{ ESCAPE, "a\\b", "a\\134b" },
	{ ESCAPE, "\303\251", "\\303\\251" },
	{ ESCAPE, "\177", "\\177" },
	{ ESCAPE, "0123456789012345678", "0123456789012345678" },
	{ ESCAPE, "01234567890123456789", "0123456789012345..." },
	{ ESCAPE, "0123456789\n\n\n\n", "0123456789\\012..." },
	{ UTF8, "a\303\251\342\202\254\360\237\230\200", "a\303\251\342\202\254\360\237\230\200" },
	{ UTF8, "\377a\200", "\357\277\275a\357\277\275" },
	{ UTF8, "\303", "\357\277\275" },
	{ UTF8, "\300\200", "\357\277\275\357\277\275" },
	{ UTF8, "\355\240\200", "\357\277\275\357\277\275\357\277\275" },
	{ UTF8, "\364\220\200\200", "\357\277\275\357\277\275\357\277\275\357\277\275" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	char buf[20], *got;

	if (row->form == ESCAPE) {
		assert_string_equal(text_name(row->in, buf, sizeof(buf)), row->out);
		return;
	}
	got = text_utf8(row->in);
	assert_string_equal(got, row->out);
	free(got);
}

struct distance_row {
	const char *a, *b;
	size_t distance;
};

static const struct distance_row distances[] = {
	{ "from", "from", 0 },
	{ "form", "from", 1 },
	{ "retry", "retries", 3 },
	{ "", "map", 3 },
	{ "maps", "map", 1 },
	{ "dryrun", "dry-run", 1 },
	{ "kitten", "sitting", 3 },
	{ "abcd", "badc", 2 },
	{ "ca", "abc", 3 },
	{ "map", "", 3 },
	{ "x", "a-word-that-is-too-long-for-this", SIZE_MAX },
};

static void test_distance(void **state)
{
	const struct distance_row *row = *state;

	assert_int_equal(text_distance(row->a, strlen(row->a), row->b), row->distance);
}

/* Each single byte: escaped text is printable, and JSON text is valid UTF-8. */
static void test_bytes(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char in[] = { (char)c, '\0' }, buf[20];

		text_name(in, buf, sizeof(buf));
		for (const char *p = buf; *p; p++)
			assert_in_range(*p, 0x20, 0x7e);
	}
}

static void test_unescape(void **state)
{
	static const struct {
		const char *in, *out;
	} pairs[] = {
		{ "", "" },	      { "/plain", "/plain" },
		{ "\\040", " " },     { "/a\\040b\\134c", "/a b\\c" },
		{ "\\377", "\377" },  { "\\400", "\\400" },
		{ "\\04", "\\04" },   { "\\08 ", "\\08 " },
		{ "\\\\040", "\\ " },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(pairs); i++) {
		char text[32];

		strcpy(text, pairs[i].in);
		text[text_unescape(text, strlen(text))] = '\0';
		assert_string_equal(text, pairs[i].out);
	}
}

/* As a shell reads it: nothing, '', or $''. */
static void test_shell(void **state)
{
	static const char *const pairs[][2] = {
		{ "/tmp/a-b_c.d", "/tmp/a-b_c.d" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "~", "'~'" },
		{ "it's", "'it'\\''s'" },
		{ "$x\\", "'$x\\'" },
		{ "a\n'\\", "$'a\\012\\047\\134'" },
		{ "\303\244", "$'\\303\\244'" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(pairs); i++) {
		char *text = text_shell(pairs[i][0]);

		assert_string_equal(text, pairs[i][1]);
		free(text);
	}
}

struct size_row {
	uint64_t bytes;
	const char *text;
};

static const struct size_row size_rows[] = {
	{ 0, "0B" },
	{ 1023, "1023B" },
	{ 1024, "1K" },
	{ 4096, "4K" },
	{ 1536, "1.5K" },
	{ 2 << 20, "2M" },
	{ (64 << 20) + 4096, "64M" },
	{ 102400, "100K" },
	{ 1048575, "1023K" },
	{ 1ULL << 40, "1T" },
	{ UINT64_MAX, "15.9E" },
};

static void test_size(void **state)
{
	const struct size_row *row = *state;
	char buf[TEXT_SIZE_MAX];

	assert_string_equal(text_size(row->bytes, buf), row->text);
}

static void test_times(void **state)
{
	static const struct {
		uint64_t time;
		const char *text, *speed; /* of 60 MB */
	} times[] = {
		{ 2000000, "2 ms", "30.0 GB/s" },      { 99000000, "99 ms", "606 MB/s" },
		{ 900000000, "0.9 s", "67 MB/s" },     { 42000000000, "42 s", "1.4 MB/s" },
		{ 599000000000, "599 s", "0.1 MB/s" }, { 720000000000, "12 min", "0.1 MB/s" },
	};
	char buf[TEXT_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(times); i++) {
		assert_string_equal(text_time(times[i].time, buf), times[i].text);
		assert_string_equal(text_speed(60000000, times[i].time, buf), times[i].speed);
	}
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };
	char name[TEXT_NAME_MAX];

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "%s \"%s\"",
			 rows[i].form == UTF8 ? "UTF-8 of" : "text of",
			 text_name(rows[i].in, name, sizeof(name)));
	unit_add(&suite, test_unescape, NULL, "three octal digits decode to a byte");
	unit_add(&suite, test_shell, NULL, "a shell reads a quoted text as it was");
	unit_add(&suite, test_bytes, NULL, "every unprintable byte is escaped");
	for (size_t i = 0; i < UNIT_ROWS(distances); i++)
		unit_add(&suite, test_distance, &distances[i], "distance of \"%s\" to \"%s\"",
			 distances[i].a, distances[i].b);
	for (size_t i = 0; i < UNIT_ROWS(size_rows); i++)
		unit_add(&suite, test_size, &size_rows[i], "%llu bytes are %s",
			 (unsigned long long)size_rows[i].bytes, size_rows[i].text);
	unit_add(&suite, test_times, NULL, "times and speeds");
	return unit_run(&suite, "text");
}
