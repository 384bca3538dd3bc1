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
	pid_list_free(&list);
	if (row->pids)
		return;
	assert_int_equal(err.offset, row->offset);
	assert_int_equal(err.length, row->length);
	assert_int_equal(err.too_large, row->too_large);
}

struct words_row {
	const char *text;
	const char *pids;	/* by blanks; NULL: refused */
	const char *bad;	/* what is wrong; NULL: there is none */
	size_t line;
};

static const struct words_row words_rows[] = {
	{ "1", "1 ", NULL, 0 },
	{ "12\n7\n12\n3\n", "12 7 3 ", NULL, 0 },
	{ " 12 7,3,\t4\r\n\n,5", "12 7 3 4 5 ", NULL, 0 },
	{ "", NULL, NULL, 0 },
	{ " \n,\n", NULL, NULL, 0 },
	{ "1\n2 x3\n", NULL, "x3", 2 },
	{ "1 2\n\n0", NULL, "0", 3 },
	{ "1-2", NULL, "1-2", 1 },
	{ "7 99999 8", NULL, "99999", 1 },
	{ "1;2", NULL, "1;2", 1 },
};

static void test_words(void **state)
{
	const struct words_row *row = *state;
	struct pid_error err = { 0 };
	struct pid_list list;
	char got[64] = "";
	int rc = pid_list_parse_words(row->text, strlen(row->text), 32768, &list, &err);

	assert_int_equal(rc, row->pids ? 0 : row->bad ? -EINVAL : -ENODATA);
	for (size_t i = 0; i < list.n; i++)
		sprintf(got + strlen(got), "%d ", list.pid[i]);
	assert_string_equal(got, row->pids ? row->pids : "");
	pid_list_free(&list);
	if (!row->bad)
		return;
	assert_int_equal(err.length, strlen(row->bad));
	assert_memory_equal(row->text + err.offset, row->bad, err.length);
	assert_int_equal(err.line, row->line);
}

/* Each twice; what is in the list is known without looking through it. */
static void test_many(void **state)
{
	enum { MANY = 4000000 };
	struct pid_list list = { 0 };

	(void)state;
	for (pid_t pid = MANY; pid > 0; pid--)
		if (pid_list_add(&list, pid) || pid_list_add(&list, pid))
			fail();
	assert_int_equal(list.n, MANY);
	assert_int_equal(list.pid[0], MANY);
	assert_true(pid_list_has(&list, 1));
	assert_false(pid_list_has(&list, MANY + 1));
	assert_false(pid_list_has(&list, 1 << 30));
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
	{ "letters for numbers", "5 (cat) S a b c d e f g h i j k l m n o p q r s t\n", NULL,
	  false, false, 0 },
};

static void test_stat(void **state)
{
	const struct stat_row *row = *state;
	struct process p = { 0 };
	int rc = process_parse_stat(row->text, strlen(row->text), &p);

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
	for (size_t i = 0; i < UNIT_ROWS(words_rows); i++)
		unit_add(&suite, test_words, &words_rows[i], "words, row %zu: %s", i,
			 words_rows[i].pids ? words_rows[i].pids : "refused");
	unit_add(&suite, test_many, NULL, "four million PIDs, each given twice, are each once");
	for (size_t i = 0; i < UNIT_ROWS(stat_rows); i++)
		unit_add(&suite, test_stat, &stat_rows[i], "stat: %s is %s", stat_rows[i].what,
			 stat_rows[i].name ? "read" : "refused");
	return unit_run(&suite, "process");
}
