/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command/listfile.h"
#include "unit.h"
#include "util/text.h"

enum { WHY_MAX = 1024 };

static struct pagefile file;

/* Make a file with this content. */
static void begin(const char *text, size_t len)
{
	file = (struct pagefile){ .name = "a\nb", .fd = memfd_create("x", 0) };
	assert_true(file.fd > 2);
	assert_int_equal(write(file.fd, text, len), len);
	assert_int_equal(pagefile_seek(&file, (struct pagefile_place){ 0 }), 0);
}

static void expect(const char *line)
{
	const char *text;
	size_t len;

	assert_int_equal(pagefile_line(&file, NULL, &text, &len), 1);
	assert_int_equal(len, strlen(line));
	assert_memory_equal(text, line, len);
}

static void expect_end(int rc)
{
	const char *text;
	size_t len;

	assert_int_equal(pagefile_line(&file, NULL, &text, &len), rc);
	pagefile_close(&file);
}

/* Even if the buffer has been refilled since. */
static void test_places(void **state)
{
	enum { LINES = 40000 };
	static char text[LINES * 6 + 1];
	const int wanted[] = { LINES - 17, 17, 0 };
	struct pagefile_place place[UNIT_ROWS(wanted)];
	const char *line;
	size_t len;

	(void)state;
	for (int i = 0; i < LINES; i++)
		sprintf(text + 6 * i, "%05d\n", i);
	begin(text, LINES * 6);
	for (int i = 0; i < LINES; i++) {
		assert_int_equal(pagefile_line(&file, NULL, &line, &len), 1);
		for (size_t k = 0; k < UNIT_ROWS(wanted); k++)
			if (wanted[k] == i)
				place[k] = pagefile_place(&file);
	}
	for (size_t k = 0; k < UNIT_ROWS(wanted); k++) {
		assert_int_equal(pagefile_seek(&file, place[k]), 0);
		sprintf(text, "%05d", wanted[k]);
		expect(text);
		assert_int_equal(file.line, wanted[k] + 1);
	}
	pagefile_close(&file);
}

static void test_lines(void **state)
{
	(void)state;
	begin("a\n\nbc\nd", 7);
	expect("a");
	expect("");
	expect("bc");
	assert_int_equal(file.line, 3);
	expect("d");
	expect_end(0);
	begin("", 0);
	expect_end(0);
	begin("\n", 1);
	expect("");
	expect_end(0);
}

static void test_put_back(void **state)
{
	(void)state;
	begin("a\nb", 3);
	expect("a");
	pagefile_put_back(&file);
	assert_int_equal(file.line, 0);
	expect("a");
	expect("b");
	pagefile_put_back(&file);
	expect("b");
	assert_int_equal(file.line, 2);
	expect_end(0);
}

/* Lines lie across every border of the buffer. */
static void test_borders(void **state)
{
	enum { LINES = 60000, WIDTH = 7 };
	char *text = malloc(LINES * WIDTH + 1), line[16];

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < LINES; i++)
		sprintf(text + (size_t)i * WIDTH, "%06d\n", i);
	begin(text, LINES * WIDTH);
	for (int i = 0; i < LINES; i++) {
		sprintf(line, "%06d", i);
		expect(line);
	}
	assert_int_equal(file.line, LINES);
	expect_end(0);
	free(text);
}

static void test_long(void **state)
{
	char text[PAGEFILE_LINE_MAX + 3], buf[WHY_MAX];
	struct text_line why = { buf, sizeof(buf), 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '\n';
	begin(text, PAGEFILE_LINE_MAX + 1);
	expect("");
	text[PAGEFILE_LINE_MAX + 1] = '\0';
	expect(text + 1);
	expect_end(0);
	text[PAGEFILE_LINE_MAX + 1] = 'x';
	begin(text, PAGEFILE_LINE_MAX + 2);
	expect("");
	expect_end(-EMSGSIZE);
	assert_string_equal(pagefile_explain(&file, -EMSGSIZE, &why)->buf,
			    "a\\012b:2: line is longer than 4096 bytes");
}

static void test_nul(void **state)
{
	char buf[WHY_MAX];
	struct text_line why = { buf, sizeof(buf), 0 };

	(void)state;
	begin("a\n\0b\n", 5);
	expect("a");
	expect_end(-EILSEQ);
	assert_string_equal(pagefile_explain(&file, -EILSEQ, &why)->buf,
			    "a\\012b:2: line contains a NUL byte (binary file?)");
}

static void test_regular(void **state)
{
	(void)state;
	assert_int_equal(pagefile_open(&file, "/dev/null", true), -ENOTSUP);
	pagefile_close(&file);
	assert_int_equal(pagefile_open(&file, "/dev/null", false), 0);
	expect_end(0);
	assert_int_equal(pagefile_open(&file, "/nowhere/at/all", false), -ENOENT);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_lines, NULL, "lines are counted, and the last needs no newline");
	unit_add(&suite, test_places, NULL, "a line is found again by its place");
	unit_add(&suite, test_put_back, NULL, "a line can be put back");
	unit_add(&suite, test_borders, NULL, "lines lie across the borders of the buffer");
	unit_add(&suite, test_long, NULL, "a line may have 4096 bytes and no more");
	unit_add(&suite, test_nul, NULL, "a NUL byte is refused");
	unit_add(&suite, test_regular, NULL,
		 "what cannot be read twice is refused where that is needed");
	return unit_run(&suite, "pagefile");
}
