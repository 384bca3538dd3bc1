/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <string.h>

#include "proc/pid_select.h"
#include "unit.h"

struct tree_row {
	const char *what;
	pid_t roots[3];
	const char *found; /* separated by spaces */
};

/* 1 -> 10, 20; 10 -> 11, 12; 12 -> 5; 20 -> 21; and two that are each other's parent. */
static const struct kinship kinship[] = {
	{ 12, 5 },  { 1, 20 }, { 10, 12 }, { 0, 1 },   { 20, 21 },
	{ 10, 11 }, { 1, 10 }, { 31, 30 }, { 30, 31 },
};

static const struct tree_row tree_rows[] = {
	{ "a process without children", { 21 }, "21 " },
	{ "children and grandchildren", { 10 }, "10 11 12 5 " },
	{ "two trees", { 20, 10 }, "20 10 21 11 12 5 " },
	{ "one tree within another", { 12, 10 }, "12 10 5 11 " },
	{ "a process that has exited", { 99 }, "99 " },
	{ "all", { 1 }, "1 10 20 11 12 21 5 " },
	{ "a ring, which a reused PID can make", { 30 }, "30 31 " },
};

static void test_tree(void **state)
{
	const struct tree_row *row = *state;
	struct kinship kin[UNIT_ROWS(kinship)];
	struct pid_list list = { 0 };
	char got[64] = "";

	memcpy(kin, kinship, sizeof(kin));
	for (size_t i = 0; row->roots[i]; i++)
		assert_int_equal(pid_list_add(&list, row->roots[i]), 0);
	assert_int_equal(members_add_descendants(&list, kin, UNIT_ROWS(kin)), 0);
	for (size_t i = 0; i < list.n; i++)
		sprintf(got + strlen(got), "%d ", list.pid[i]);
	assert_string_equal(got, row->found);
	pid_list_free(&list);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(tree_rows); i++)
		unit_add(&suite, test_tree, &tree_rows[i], "tree: %s", tree_rows[i].what);
	return unit_run(&suite, "pid_select");
}
