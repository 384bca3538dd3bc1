/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "process.h"
#include "unit.h"

struct pids_row {
	const char *text;
	const char *pids;	/* by blanks; NULL: refused */
	size_t offset, length;	/* of what is wrong */
	bool too_large;
};

static const struct pids_row pids_rows[] = {
	{ "1", "1 ", 0, 0, false },
	{ "12,7,12,3", "12 7 3 ", 0, 0, false },
	{ "32768", "32768 ", 0, 0, false },
	{ "", NULL, 0, 0, false },
	{ "0", NULL, 0, 1, false },
	{ "1,0", NULL, 2, 1, false },
	{ "1,", NULL, 2, 0, false },
	{ ",1", NULL, 0, 0, false },
	{ "1,,2", NULL, 2, 0, false },
	{ "32769", NULL, 0, 5, true },
	{ "4294967297", NULL, 0, 10, true },
	{ "18446744073709551617", NULL, 0, 20, true },
	{ "7,99999", NULL, 2, 5, true },
	{ "-1", NULL, 0, 2, false },
	{ "+1", NULL, 0, 2, false },
	{ " 1", NULL, 0, 2, false },
	{ "1 ", NULL, 0, 2, false },
	{ "0x1", NULL, 0, 3, false },
	{ "010", NULL, 0, 3, false },
	{ "self", NULL, 0, 4, false },
};

static void test_pids(void **state)
{
	const struct pids_row *row = *state;
	struct pid_error err = { 0 };
	struct pid_list list;
	char got[64] = "";
	int rc = pid_list_parse(row->text, strlen(row->text), 32768, &list, &err);

	assert_int_equal(rc, row->pids ? 0 : -EINVAL);
	for (size_t i = 0; i < list.n; i++)
		sprintf(got + strlen(got), "%d ", list.pid[i]);
	assert_string_equal(got, row->pids ? row->pids : "");
	assert_int_equal(err.offset, row->offset);
	assert_int_equal(err.length, row->length);
	assert_int_equal(err.too_large, row->too_large);
	pid_list_free(&list);
}

struct stat_row {
	const char *what, *text;
	const char *name;	/* NULL: refused */
	bool kernel_thread, zombie;
	uint64_t start_time;
};

#define REST " 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0\n"

static const struct stat_row stat_rows[] = {
	{ "an ordinary process", "5 (cat) S" REST, "cat", false, false, 77 },
	{ "a name of brackets and blanks", "5 (a) S (b) c) R" REST, "a) S (b) c", false, false, 77 },
	{ "an empty name", "5 () S" REST, "", false, false, 77 },
	{ "a zombie", "5 (cat) Z" REST, "cat", false, true, 77 },
	{ "a kernel thread", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 9 0\n",
	  "kthreadd", true, false, 9 },
	{ "nothing", "", NULL, false, false, 0 },
	{ "no brackets", "5 cat S 1", NULL, false, false, 0 },
	{ "brackets the wrong way round", "5 )cat( S" REST, NULL, false, false, 0 },
	{ "a line cut short", "5 (cat) S 1 1", NULL, false, false, 0 },
	{ "a line cut behind the name", "5 (cat)", NULL, false, false, 0 },
	{ "a line that ends with the start time",
	  "5 (cat) S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 77", "cat", false, false, 77 },
	{ "letters for numbers", "5 (cat) S a b c d e f g h i j k l m n o p q r s t\n", NULL,
	  false, false, 0 },
};

static void test_stat(void **state)
{
	const struct stat_row *row = *state;
	size_t len = strlen(row->text);
	char *copy = malloc(len + !len);	/* no NUL: reading past the end is seen */
	struct process p = { 0 };
	int rc;

	assert_non_null(copy);
	memcpy(copy, row->text, len);
	rc = process_parse_stat(copy, len, &p);
	free(copy);
	assert_int_equal(rc, row->name ? 0 : -EINVAL);
	if (rc)
		return;
	assert_string_equal(p.name, row->name);
	assert_int_equal(p.kernel_thread, row->kernel_thread);
	assert_int_equal(p.zombie, row->zombie);
	assert_int_equal(p.start_time, row->start_time);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(pids_rows); i++)
		unit_add(&suite, test_pids, &pids_rows[i], "PIDs '%s' are %s", pids_rows[i].text,
			 pids_rows[i].pids ? pids_rows[i].pids : "refused");
	for (size_t i = 0; i < UNIT_ROWS(stat_rows); i++)
		unit_add(&suite, test_stat, &stat_rows[i], "stat: %s is %s", stat_rows[i].what,
			 stat_rows[i].name ? "read" : "refused");
	return unit_run(&suite, "process");
}
