/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

struct nodeset;

/*
 * Which columns a table has, and in which order: --output, as lsmem(1) has it.
 * Pure.
 *
 * A list "COL[,COL...]" replaces the standard columns, "+COL[,COL...]" adds to
 * them.  Names may be written in either case.  In a table that has the column
 * COLUMN_NODES, that name stands for a column of each node, "N0", "N1", ...,
 * any of which may also be named alone.
 */

#define COLUMN_NODES "NODES"

enum { COLUMN_NO_NODE = -1, COLUMNS_WHY_MAX = 1024 };

struct column_kind {
	const char *name; /* in the heading and in --output */
	bool standard;	  /* shown without --output */
	bool number;	  /* right-aligned */
	bool may_be_cut;  /* to the width of the terminal */
};

struct column_kinds {
	const struct column_kind *kind;
	size_t n;
};

struct column {
	size_t kind; /* index */
	int node;    /* of a column of one node, else COLUMN_NO_NODE */
};

struct column_list {
	struct column *at; /* freed by columns_free() */
	size_t n;
};

/*
 * columns_choose - the columns that @text asks for, or the standard ones
 * @nodes: those that have columns
 * @text: --output's; NULL if not given
 * @why: receives, on -EINVAL, a line for the user; COLUMNS_WHY_MAX bytes
 *
 * Returns 0, -EINVAL or -ENOMEM; only on 0 is there a list to free.
 */
int columns_choose(struct column_list *list, const struct column_kinds *kinds,
		   const struct nodeset *nodes, const char *text, char *why);
void columns_free(struct column_list *list);

#endif
