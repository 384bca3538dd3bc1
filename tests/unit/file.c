/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tree.h"
#include "unit.h"
#include "util/file.h"

/* The directory of each test. */
static const struct tree_file files[] = {
	{ "number", "4096\n" },	  { "bare", "7" },     { "words", "always [madvise] never\n" },
	{ "lines", "1\n2\n" },	  { "empty", "" },     { "negative", "-1\n" },
	{ "directory/x", "1\n" }, { "space", " 1\n" },
};

static char root[] = TREE_TEMPLATE;
static int dir;

struct line_row {
	const char *path;
	int ret;
	const char *line;
};

static const struct line_row line_rows[] = {
	{ "number", 0, "4096" },      { "bare", 0, "7" },	    { "words", 0, "always [madvi" },
	{ "lines", 0, "1" },	      { "empty", 0, "" },	    { "absent", -ENOENT, "" },
	{ "directory", -EISDIR, "" }, { "number/x", -ENOTDIR, "" },
};

static void test_line(void **state)
{
	const struct line_row *row = *state;
	char line[14] = "as it was";

	assert_int_equal(file_read_line(dir, row->path, line, sizeof(line)), row->ret);
	assert_string_equal(line, row->line);
}

struct number_row {
	const char *path;
	int ret;
	uint64_t n;
};

static const struct number_row number_rows[] = {
	{ "number", 0, 4096 },	  { "bare", 0, 7 },	     { "lines", 0, 1 },
	{ "empty", -EINVAL, 42 }, { "words", -EINVAL, 42 },  { "negative", -EINVAL, 42 },
	{ "space", -EINVAL, 42 }, { "absent", -ENOENT, 42 },
};

static void test_number(void **state)
{
	const struct number_row *row = *state;
	uint64_t n = 42;

	assert_int_equal(file_read_number(dir, row->path, 4096, &n), row->ret);
	assert_int_equal(n, row->n);
}

static void test_limit(void **state)
{
	uint64_t n = 42;

	(void)state;
	assert_int_equal(file_read_number(dir, "number", 4095, &n), -ERANGE);
	assert_int_equal(n, 42);
}

static void test_whole(void **state)
{
	char buf[32];

	(void)state;
	assert_int_equal(file_read(dir, "lines", buf, sizeof(buf)), 4);
	assert_string_equal(buf, "1\n2\n");
	assert_int_equal(file_read(dir, "lines", buf, 4), 3);
	assert_string_equal(buf, "1\n2");
}

/* Sizes around that of the buffer and its multiples. */
static void test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 100000 };
	char *wanted = malloc(100001), *text;
	size_t len;

	(void)state;
	assert_non_null(wanted);
	for (size_t i = 0; i < UNIT_ROWS(sizes); i++) {
		for (size_t at = 0; at < sizes[i]; at++)
			wanted[at] = (char)('a' + at % 23);
		wanted[sizes[i]] = '\0';
		tree_add(root, &(struct tree_file){ "any", wanted });
		assert_int_equal(file_read_all(dir, "any", &text, &len), 0);
		assert_int_equal(len, sizes[i]);
		assert_string_equal(text, wanted);
		free(text);
	}
	free(wanted);
}

static void test_without_end(void **state)
{
	char *text = root;
	size_t len;

	(void)state;
	assert_int_equal(file_read_all(dir, "/dev/zero", &text, &len), -EFBIG);
	assert_null(text);
	assert_int_equal(file_read_all(dir, "absent", &text, &len), -ENOENT);
	assert_null(text);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };
	int rc;

	for (size_t i = 0; i < UNIT_ROWS(line_rows); i++)
		unit_add(&suite, test_line, &line_rows[i], "the first line of %s is %s",
			 line_rows[i].path, line_rows[i].ret ? "told why not" : "read");
	for (size_t i = 0; i < UNIT_ROWS(number_rows); i++)
		unit_add(&suite, test_number, &number_rows[i], "%s has %s number",
			 number_rows[i].path, number_rows[i].ret ? "no" : "a");
	unit_add(&suite, test_limit, NULL, "a number above the limit is an error");
	unit_add(&suite, test_whole, NULL, "a file that does not fit is truncated");
	unit_add(&suite, test_sizes, NULL, "reads a file of any size to the end");
	unit_add(&suite, test_without_end, NULL, "an endless file is an error");
	tree_make(root, files, UNIT_ROWS(files));
	dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = dir < 0 ? EXIT_FAILURE : unit_run(&suite, "file_read");
	tree_remove(root);
	return rc;
}
