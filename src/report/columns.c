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

static int list_add(struct column_list *list, size_t kind, int node)
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

static int list_add_kind(struct column_list *list, const struct column_kinds *kinds, size_t kind,
			 const struct nodeset *nodes)
{
	int rc = 0;

	if (!is_nodes(&kinds->kind[kind]))
		return list_add(list, kind, COLUMN_NO_NODE);
	for (int n = nodeset_next(nodes, 0); !rc && n >= 0; n = nodeset_next(nodes, n + 1))
		rc = list_add(list, kind, n);
	return rc;
}

static int list_add_standard(struct column_list *list, const struct column_kinds *kinds,
			     const struct nodeset *nodes)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < kinds->n; i++)
		if (kinds->kind[i].standard)
			rc = list_add_kind(list, kinds, i, nodes);
	return rc;
}

/* "N0", "N1", ...: the node, if it has a column. */
static int node_of(const struct nodeset *nodes, const char *text, size_t len)
{
	uint64_t node;

	if (len < 2 || (text[0] != 'N' && text[0] != 'n') ||
	    number_parse(text + 1, len - 1, NODES_MAX - 1, &node) || !nodeset_has(nodes, node))
		return COLUMN_NO_NODE;
	return (int)node;
}

static int list_add_named(struct column_list *list, const struct column_kinds *kinds,
			  const struct nodeset *nodes, const char *text, size_t len)
{
	int node = node_of(nodes, text, len);

	for (size_t i = 0; i < kinds->n; i++) {
		const char *name = kinds->kind[i].name;

		if (strlen(name) == len && strncasecmp(name, text, len) == 0)
			return list_add_kind(list, kinds, i, nodes);
		if (node != COLUMN_NO_NODE && is_nodes(&kinds->kind[i]))
			return list_add(list, i, node);
	}
	return -EINVAL;
}

/* " N0 N1 N2": some of them, for examples. */
static void put_nodes(FILE *f, const struct nodeset *nodes)
{
	int n = nodeset_next(nodes, 0);

	for (int i = 0; i < NODES_NAMED_MAX && n >= 0; i++, n = nodeset_next(nodes, n + 1))
		fprintf(f, " N%d", n);
	if (n >= 0)
		fputs(" ...", f);
}

static void explain_unknown(const struct column_kinds *kinds, const struct nodeset *nodes,
			    const char *text, size_t len, char *why)
{
	FILE *f = fmemopen(why, COLUMNS_WHY_MAX, "w");
	char bad[TEXT_NAME_MAX];

	why[0] = '\0';
	if (!f)
		return;
	fprintf(f, "--output: '%s' is no column of this table; there are",
		text_escape(text, len, bad, sizeof(bad)));
	for (size_t i = 0; i < kinds->n; i++) {
		fprintf(f, " %s", kinds->kind[i].name);
		if (is_nodes(&kinds->kind[i]))
			put_nodes(f, nodes);
	}
	fclose(f);
}

static int list_parse(struct column_list *list, const struct column_kinds *kinds,
		      const struct nodeset *nodes, const char *text, char *why)
{
	size_t len;
	int rc = 0;

	if (*text == '+') {
		rc = list_add_standard(list, kinds, nodes);
		text++;
	}
	for (; !rc; text += len + 1) {
		len = strcspn(text, ",");
		rc = list_add_named(list, kinds, nodes, text, len);
		if (rc == -EINVAL)
			explain_unknown(kinds, nodes, text, len, why);
		if (text[len] == '\0')
			break;
	}
	return rc;
}

int columns_choose(struct column_list *list, const struct column_kinds *kinds,
		   const struct nodeset *nodes, const char *text, char *why)
{
	int rc;

	*list = (struct column_list){ 0 };
	rc = text ? list_parse(list, kinds, nodes, text, why) :
		    list_add_standard(list, kinds, nodes);
	if (rc)
		columns_free(list);
	return rc;
}

void columns_free(struct column_list *list)
{
	free(list->at);
	*list = (struct column_list){ 0 };
}
