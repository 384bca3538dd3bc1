/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

struct nodeset;

/*
 * The columns of a table, and their order: --output, as in lsmem(1).  Pure.
 *
 * "COL[,COL...]" replaces the standard columns, "+COL[,COL...]" adds to them; case does not
 * matter.  COLUMN_NODES denotes one column per node, "N0", "N1", ..., each of which is also
 * a name of its own.
 */

#define COLUMN_NODES "NODES"

enum { COLUMN_NO_NODE = -1, COLUMNS_WHY_MAX = 1024 };

/* The columns that a table can have: an array that ends with one without a name. */
struct column_kind {
	const char *name; /* in the heading and in --output */
	bool standard;	  /* shown without --output */
	bool number;	  /* right-aligned */
	bool may_be_cut;  /* to the width of the terminal */
	int id;		  /* the table's own */
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
 * Choose the columns that @text (--output's) asks for or, if it is NULL, the standard ones.
 * Returns 0, -EINVAL and a line for the user in @why (COLUMNS_WHY_MAX bytes), or -ENOMEM;
 * only on 0 is there a list to free.
 */
int columns_choose(struct column_list *list, const struct column_kind *kinds,
		   const struct nodeset *nodes, const char *text, char *why);
void columns_free(struct column_list *list);

#endif
