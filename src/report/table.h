/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "util/terminal.h"
#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct libscols_table;
struct nodeset;
struct report;
struct subject;

/* ---- columns and their order: --output and --sort.  Pure. ---- */

/* The name of one column for each node: "N0", "N1", ..., which are names, too. */
#define COLUMN_NODES "NODES"

enum { COLUMN_NO_NODE = -1, COLUMNS_WHY_MAX = 1024 };

/* The content of a cell: a member of the row, unless the comment says otherwise. */
enum cell_type {
	CELL_TEXT,    /* const char *; NULL: nothing */
	CELL_PHRASE,  /* likewise, in the tone of the table; raw, "from_node_0_to_1" */
	CELL_ESCAPED, /* likewise, of any bytes */
	CELL_NAME, /* likewise, and shortened to the width of the terminal: a path keeps its end */
	CELL_COMM, /* of the process */
	CELL_OWN,  /* what the table's own() returns */
	CELL_PID,  /* of the process */
	CELL_AMOUNT, /* const char *, on the right side */
	CELL_NUMBER, /* uint64_t; CELL_NONE: nothing */
	CELL_SIZE,   /* likewise, in bytes */
	CELL_BYTES,  /* likewise, and a dash for 0 unless sizes are numbers, to add up */
	CELL_GOOD,   /* likewise, green unless 0 */
	CELL_BAD,    /* likewise, red unless 0 */
	CELL_NODES,  /* const uint64_t *: CELL_BYTES of each node, by column */
};
#define CELL_NONE UINT64_MAX

/* The columns that a table can have: an array that ends with one without a name. */
struct column_kind {
	const char *name; /* in the heading and in --output */
	bool standard;	  /* shown without --output */
	enum cell_type type;
	size_t at;	  /* offset of the member in the row */
	const char *help; /* for --list-columns */
};

/* The columns of a process, the last ones of a table. */
#define COLUMNS_OF_PROCESS                                         \
	{ "PID", false, CELL_PID, 0, "process ID" },               \
	{                                                          \
		"COMM", false, CELL_COMM, 0, "name of the process" \
	}

struct column {
	size_t kind; /* index */
	int node;    /* of a column of one node, else COLUMN_NO_NODE */
	bool hidden; /* the table is only sorted by it */
};

struct column_list {
	struct column *at; /* the caller frees it */
	size_t n;
};

/*
 * Choose the columns that @text names: "COL[,COL...]", or "+COL[,COL...]" to add to the
 * standard ones; NULL: the standard ones.  Case does not matter.  Return 0; or -ENOMEM, or -EINVAL
 * and a message in @why (COLUMNS_WHY_MAX bytes), and no list.
 */
int columns_choose(struct column_list *list, const struct column_kind *kinds,
		   const struct nodeset *nodes, const char *text, char *why);

/* The column that a table is sorted by: --sort. */
struct column_order {
	bool is_set, descending;
	size_t column; /* index in the list */
};

/*
 * Read "[-]COL", one column, and add it to the list as a hidden one unless it is there; NULL:
 * keep the order of the rows.  Return as columns_choose() does; the list stays the caller's.
 */
int columns_order(struct column_order *order, struct column_list *list,
		  const struct column_kind *kinds, const struct nodeset *nodes, const char *text,
		  char *why);

/* Return whether column number @kind of the kinds is shown. */
bool columns_show(const struct column_list *list, size_t kind);

/*
 * ---- tables through libsmartcols ----
 *
 * Raw tables are for programs: one space between columns, none in them, one heading for all
 * processes, no other lines.
 */

enum { TABLE_CELL_MAX = 4096 };

/* The format of the sizes in a row. */
enum row_style {
	ROW_SIZES,
	ROW_SHARES,  /* percentages of table.all */
	ROW_CHANGES, /* int64_t: increase or decrease */
};

/* A table while it is filled.  table_end() returns the first error. */
struct table {
	const struct report *report;
	const struct subject *subject;
	struct libscols_table *scols;
	int rc;
	enum row_style style; /* of the next rows */
	uint64_t all;
	bool is_sorted;
	/* The text of a CELL_OWN: in @buf, of TABLE_CELL_MAX bytes.  @node: as of struct column */
	const char *(*own)(const void *row, int node, char *buf);
	enum tone tone; /* of the rows that follow: the color of their CELL_PHRASE */
};

/* The color of a node, by its place among those with memory: one of 256, as in ESC[38;5;Nm. */
int node_color(int place);

/* Return whether a table of the total of all processes follows theirs. */
bool table_has_total(const struct report *r);

/* Print the title of @s: a process, or the total if it has none.  NULL: no title. */
void table_begin(struct table *t, const struct report *r, const struct subject *s);
void table_add(struct table *t, const void *row);

/* Sort the rows so far by --sort; rows added later, of totals, stay last. */
void table_sort(struct table *t);

/* Sort and print the table, unless an error occurred, and free it.  Return 0 or -errno. */
int table_end(struct table *t);

#endif
