/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <string.h>
#include <unistd.h>

#include "numa/device.h"
#include "numa/nodelist.h"
#include "unit.h"
#include "util/text.h"

/* Devices that do not exist on any machine, or have no node on any. */
struct row {
	const char *text;
	size_t len;
	int ret;
	const char *why;
};

#define NO(text, why)                                \
	{                                            \
		text, sizeof(text) - 1, -EINVAL, why \
	}

static const struct row rows[] = {
	NO("netdev:nosuch", "does not exist or has no NUMA node"),
	NO("netdev:lo", "does not exist or has no NUMA node"),
	NO("netdev:../x", "is not a valid device name (no '/' or '.')"),
	NO("netdev:a.b", "is not a valid device name (no '/' or '.')"),
	NO("block:nosuch", "does not exist or has no NUMA node"),
	NO("file:/nosuch", "cannot be accessed (No such file or directory)"),
	NO("file:/dev/null/x", "cannot be accessed (Not a directory)"),
	NO("pci:", "is not a PCI address ([SEG:]BUS:DEV[.FUNC])"),
	NO("pci:x", "is not a PCI address ([SEG:]BUS:DEV[.FUNC])"),
	NO("pci:fffe:fe:1e.6", "does not exist or has no NUMA node"),
	NO("netdev:a\0b", "contains a NUL character"),
};

/* The standard error of device_nodes(). */
static int call_heard(const struct row *row, struct nodeset *nodes, char *why, char *heard,
		      size_t size)
{
	char *text = malloc(row->len + !row->len);
	int saved = dup(STDERR_FILENO), ends[2], ret;
	ssize_t got;

	assert_non_null(text);
	memcpy(text, row->text, row->len);
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	ret = device_nodes(text, row->len, nodes, why, NODELIST_WHY_MAX);
	dup2(saved, STDERR_FILENO);
	got = read(ends[0], heard, size - 1);
	heard[got > 0 ? got : 0] = '\0';
	close(saved);
	close(ends[0]);
	close(ends[1]);
	free(text);
	return ret;
}

/* Twice, because libnuma itself prints each kind of warning only once. */
static void test_row(void **state)
{
	const struct row *row = *state;
	char why[NODELIST_WHY_MAX], heard[256];
	struct nodeset nodes;

	if (numa_available() < 0)
		skip();
	for (int i = 0; i < 2; i++) {
		nodes = nodeset_all();
		strcpy(why, "untouched");
		assert_int_equal(call_heard(row, &nodes, why, heard, sizeof(heard)), row->ret);
		assert_string_equal(why, row->why);
		assert_string_equal(heard, "");
		assert_true(nodeset_empty(&nodes));
	}
}

static void test_too_long(void **state)
{
	static const char start[] = "file:/";
	char *text = malloc(100000), why[NODELIST_WHY_MAX];
	struct nodeset nodes;

	(void)state;
	if (numa_available() < 0)
		skip();
	assert_non_null(text);
	memset(text, 'x', 100000);
	memcpy(text, start, sizeof(start) - 1);
	assert_int_equal(device_nodes(text, 100000, &nodes, why, sizeof(why)), -ENAMETOOLONG);
	assert_string_equal(why, "is too long");
	free(text);
}

static void test_silent_outside(void **state)
{
	char heard[64];
	int saved = dup(STDERR_FILENO), ends[2];
	ssize_t got;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	numa_bitmask_free(numa_parse_nodestring("rubbish"));
	dup2(saved, STDERR_FILENO);
	got = read(ends[0], heard, sizeof(heard));
	assert_int_equal(got, -1);
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

/* Warnings of libnuma that we do not know are quoted, in one line. */
static void test_foreign_words(void **state)
{
	const struct row row = { "rubbish", 7, -EINVAL, NULL };
	char why[NODELIST_WHY_MAX], heard[64];
	struct nodeset nodes;

	(void)state;
	if (numa_available() < 0)
		skip();
	assert_int_equal(call_heard(&row, &nodes, why, heard, sizeof(heard)), -EINVAL);
	assert_string_equal(why,
			    "cannot be resolved to a node (libnuma: unparseable node description "
			    "`rubbish')");
	assert_string_equal(heard, "");
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };
	char text[64];

	for (size_t i = 0; i < UNIT_ROWS(rows); i++) {
		text_escape(rows[i].text, rows[i].len, text, sizeof(text));
		unit_add(&suite, test_row, &rows[i], "\"%s\" %s", text, rows[i].why);
	}
	unit_add(&suite, test_too_long, NULL, "a device longer than any path is an error");
	unit_add(&suite, test_silent_outside, NULL, "libnuma never prints");
	unit_add(&suite, test_foreign_words, NULL, "unknown warnings of libnuma are quoted");
	return unit_run(&suite, "devices");
}
