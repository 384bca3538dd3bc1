/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/columns.h"

#include "numa/nodeset.h"
#include "util/array.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NODES_NAMED_MAX = 8 };

static int column_add(struct column_list *list, size_t kind, int node)
{
	struct column *grown = array_room(list->at, list->n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->at = grown;
	list->at[list->n++] = (struct column){ kind, node };
	return 0;
}

static bool is_nodes(const struct column_kind *kind)
{
	return strcmp(kind->name, COLUMN_NODES) == 0;
}

/* One column, or those of all nodes. */
static int column_add_kind(struct column_list *list, const struct column_kind *kinds, size_t kind,
			   const struct nodeset *nodes)
{
	int rc = 0;

	if (!is_nodes(&kinds[kind]))
		return column_add(list, kind, COLUMN_NO_NODE);
	for (int n = nodeset_next(nodes, 0); !rc && n >= 0; n = nodeset_next(nodes, n + 1))
		rc = column_add(list, kind, n);
	return rc;
}

static int column_add_named(struct column_list *list, const struct column_kind *kinds,
			    const struct nodeset *nodes, const char *text, size_t len)
{
	uint64_t node;
	bool is_node = len > 1 && (text[0] == 'N' || text[0] == 'n') &&
		       number_parse(text + 1, len - 1, NODES_MAX - 1, &node) == 0 &&
		       nodeset_has(nodes, (int)node);

	for (size_t i = 0; kinds[i].name; i++) {
		if (strlen(kinds[i].name) == len && strncasecmp(kinds[i].name, text, len) == 0)
			return column_add_kind(list, kinds, i, nodes);
		if (is_node && is_nodes(&kinds[i]))
			return column_add(list, i, (int)node);
	}
	return -EINVAL;
}

/* Name the columns that there are; of the nodes' only the first ones, as examples. */
static void explain_unknown(const struct column_kind *kinds, const struct nodeset *nodes,
			    const char *text, size_t len, char *why)
{
	struct text_line line = { why, COLUMNS_WHY_MAX, 0 };
	char bad[TEXT_NAME_MAX];

	text_add(&line, "--output: '%s' is no column of this table; there are",
		 text_escape(text, len, bad, sizeof(bad)));
	for (; kinds->name; kinds++) {
		int n = is_nodes(kinds) ? nodeset_next(nodes, 0) : -1;

		text_add(&line, " %s", kinds->name);
		for (int i = 0; i < NODES_NAMED_MAX && n >= 0; i++, n = nodeset_next(nodes, n + 1))
			text_add(&line, " N%d", n);
		if (n >= 0)
			text_add(&line, " ...");
	}
}

int columns_choose(struct column_list *list, const struct column_kind *kinds,
		   const struct nodeset *nodes, const char *text, char *why)
{
	bool adds = text && *text == '+';
	size_t len;
	int rc = 0;

	*list = (struct column_list){ 0 };
	for (size_t i = 0; (adds || !text) && !rc && kinds[i].name; i++)
		if (kinds[i].standard)
			rc = column_add_kind(list, kinds, i, nodes);
	for (text = adds ? text + 1 : text; text && !rc; text += len + 1) {
		len = strcspn(text, ",");
		rc = column_add_named(list, kinds, nodes, text, len);
		if (rc == -EINVAL)
			explain_unknown(kinds, nodes, text, len, why);
		if (text[len] == '\0')
			break;
	}
	if (rc)
		columns_free(list);
	return rc;
}

void columns_free(struct column_list *list)
{
	free(list->at);
	*list = (struct column_list){ 0 };
}
