/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --output (table.h): the names of the selected columns select the same columns; messages on
 * unknown names are printable.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/nodeset.h"
#include "report/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct column_kind kind[] = {
	{ "ADDRESS", true, CELL_TEXT, 0, "" },	  { "KIND", true, CELL_TEXT, 0, "" },
	{ COLUMN_NODES, true, CELL_TEXT, 0, "" }, { "TOTAL", false, CELL_TEXT, 0, "" },
	{ "NAME", true, CELL_TEXT, 0, "" },	  { NULL },
};

static void there_and_back(const struct column_list *list, const struct nodeset *nodes)
{
	struct column_list again;
	char *text = NULL, why[COLUMNS_WHY_MAX];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	HOLDS(f != NULL);
	for (size_t i = 0; i < list->n; i++) {
		fputs(i ? "," : "", f);
		if (list->at[i].node == COLUMN_NO_NODE)
			fputs(kind[list->at[i].kind].name, f);
		else
			fprintf(f, "n%d", list->at[i].node);
	}
	fclose(f);
	HOLDS(columns_choose(&again, kind, nodes, text, why) == 0);
	HOLDS(again.n == list->n);
	for (size_t i = 0; i < list->n; i++)
		HOLDS(again.at[i].kind == list->at[i].kind && again.at[i].node == list->at[i].node);
	free(again.at);
	free(text);
}

void fuzz_target(const char *text, size_t len)
{
	char *copy = fuzz_string(text, len), why[COLUMNS_WHY_MAX] = "";
	struct column_list list;
	struct nodeset nodes;
	int rc;

	nodeset_parse_list("0-1,700", 7, &nodes);
	rc = columns_choose(&list, kind, &nodes, copy, why);
	HOLDS(rc == 0 || rc == -EINVAL);
	HOLDS((why[0] != '\0') == (rc != 0) && fuzz_is_plain(why));
	if (rc == 0) {
		HOLDS(list.n > 0);
		there_and_back(&list, &nodes);
		free(list.at);
	}
	free(copy);
}
