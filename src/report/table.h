/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct libscols_table;
struct nodeset;
struct report;
struct subject;

/* ---- columns and their order: --output.  Pure. ---- */

/* The name of one column for each node: "N0", "N1", ..., which are names, too. */
#define COLUMN_NODES "NODES"

enum { COLUMN_NO_NODE = -1, COLUMNS_WHY_MAX = 1024 };

/* The columns that a table can have: an array that ends with one without a name. */
struct column_kind {
	const char *name; /* in the heading and in --output */
	bool standard;	  /* shown without --output */
	bool number;	  /* right-aligned */
	bool may_be_cut;  /* to the width of the terminal */
	int id;		  /* the table's own, not negative, or one of the following */
};

/* The columns of a process, which the table fills in.  They follow the table's own. */
enum { COLUMN_PID = -1, COLUMN_COMM = -2 };
#define COLUMNS_OF_PROCESS                               \
	{ "PID", false, true, false, COLUMN_PID },       \
	{                                                \
		"COMM", false, false, false, COLUMN_COMM \
	}

struct column {
	size_t kind; /* index */
	int node;    /* of a column of one node, else COLUMN_NO_NODE */
};

struct column_list {
	struct column *at; /* the caller frees it */
	size_t n;
};

/*
 * Choose the columns that @text names: "COL[,COL...]", or "+COL[,COL...]" to add to the
 * standard ones; NULL: the standard ones.  Case does not matter.  Returns 0; or, without a
 * list, -ENOMEM, or -EINVAL and a line for the user in @why (COLUMNS_WHY_MAX bytes).
 */
int columns_choose(struct column_list *list, const struct column_kind *kinds,
		   const struct nodeset *nodes, const char *text, char *why);

/*
 * ---- tables through libsmartcols ----
 *
 * Raw tables are for programs: one space between columns, none in them, one heading for all
 * processes, no other lines.
 */

enum { TABLE_CELL_MAX = TEXT_NAME_MAX };

/* The text of one cell: in @buf, of TABLE_CELL_MAX bytes, or of the row's own. */
typedef const char *table_cell_fn(const struct report *r, const void *row,
				  const struct column *column, char *buf);

/* A table that is being filled.  An error is kept until table_end() returns it. */
struct table {
	const struct report *report;
	const struct subject *subject;
	table_cell_fn *cell;
	struct libscols_table *scols;
	int rc;
};

/* Cells: a name of the target's, and a number. */
const char *table_name(const struct report *r, const char *name, char *buf);
const char *table_number(uint64_t n, char *buf);

/* Whether a table of the total of all processes follows theirs. */
bool table_has_total(const struct report *r);

/* Print the title of @s: a process, or the total if it has none.  NULL: no title. */
void table_begin(struct table *t, const struct report *r, const struct subject *s,
		 table_cell_fn *cell);
void table_add(struct table *t, const void *row);

/* Print it, unless something failed, and free it.  Returns 0 or -errno. */
int table_end(struct table *t);

#endif
