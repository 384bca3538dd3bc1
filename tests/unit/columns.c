/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "numa/nodeset.h"
#include "report/table.h"
#include "unit.h"

static const struct column_kind kind[] = {
	{ "ADDRESS", true, CELL_TEXT, 0, "" },
	{ "END", false, CELL_TEXT, 0, "" },
	{ COLUMN_NODES, true, CELL_TEXT, 0, "" },
	{ "NAME", true, CELL_TEXT, 0, "" },
	{ NULL },
};

/* Nodes 0, 2 and 10 have columns. */
struct row {
	const char *text, *expected; /* text NULL: no --output; refused: the unknown column */
	const char *bad;
};

static const struct row rows[] = {
	{ NULL, "ADDRESS N0 N2 N10 NAME", NULL },
	{ "NAME", "NAME", NULL },
	{ "name,End", "NAME END", NULL },
	{ "NAME,NAME", "NAME NAME", NULL },
	{ "+END", "ADDRESS N0 N2 N10 NAME END", NULL },
	{ "NODES", "N0 N2 N10", NULL },
	{ "n10,N0", "N10 N0", NULL },
	{ "+N0", "ADDRESS N0 N2 N10 NAME N0", NULL },
	{ "N1", NULL, "'N1'" },
	{ "N", NULL, "'N'" },
	{ "N00", NULL, "'N00'" },
	{ "N1024", NULL, "'N1024'" },
	{ "", NULL, "''" },
	{ "+", NULL, "''" },
	{ "NAME,", NULL, "''" },
	{ ",NAME", NULL, "''" },
	{ "NAME,foo", NULL, "'foo'" },
	{ "NAM", NULL, "'NAM'" },
	{ "NAMES", NULL, "'NAMES'" },
	{ "NAME END", NULL, "'NAME END'" },
	{ "\033[2J", NULL, "'\\033[2J'" },
};

static void describe(const struct column_list *list, char *text)
{
	*text = '\0';
	for (size_t i = 0; i < list->n; i++) {
		text += sprintf(text, i ? " " : "");
		if (list->at[i].node == COLUMN_NO_NODE)
			text += sprintf(text, "%s", kind[list->at[i].kind].name);
		else
			text += sprintf(text, "N%d", list->at[i].node);
	}
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct column_list list;
	struct nodeset nodes = nodeset_range(0, 0);
	char why[COLUMNS_WHY_MAX] = "", text[256];
	int rc;

	nodeset_add(&nodes, 2);
	nodeset_add(&nodes, 10);
	rc = columns_choose(&list, kind, &nodes, row->text, why);
	assert_int_equal(rc, row->expected ? 0 : -EINVAL);
	if (rc) {
		assert_non_null(strstr(why, row->bad));
		assert_non_null(strstr(why, " ADDRESS END NODES N0 N2 N10 NAME"));
		return;
	}
	describe(&list, text);
	free(list.at);
	assert_string_equal(text, row->expected);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "columns '%s'",
			 rows[i].text ? rows[i].text[0] == '\033' ? "ESC" : rows[i].text :
					"none given");
	return unit_run(&suite, "columns");
}
