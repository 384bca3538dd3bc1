/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "util/text.h"

#include <stdint.h>

struct column;
struct libscols_table;
struct report;
struct subject;

/*
 * Tables through libsmartcols: the columns that the report was asked for, with
 * --noheadings and --raw.  Raw tables are for programs: one blank between
 * columns, none in them, one heading for all processes, nothing around them.
 */

enum { TABLE_CELL_MAX = TEXT_NAME_MAX };

/* The text of one cell: in @buf, of TABLE_CELL_MAX bytes, or of the row's own. */
typedef const char *table_cell_fn(const struct report *r, const void *row,
				  const struct column *column, char *buf);

/* Cells: a name of the target's, a number, and a phrase of ours: raw, "from_node_0_to_1". */
const char *table_name(const struct report *r, const char *name, char *buf);
const char *table_number(uint64_t n, char *buf);
const char *table_phrase(const struct report *r, const char *phrase, char *buf);

/* The line above a table that says whose it is, unless that is not wanted. */
void table_title(struct report *r, const struct subject *s);

/* NULL when there is no memory.  To be given to table_print() or table_drop(). */
struct libscols_table *table_new(const struct report *r);

/* Returns 0 or -ENOMEM. */
int table_add(struct libscols_table *t, const struct report *r, table_cell_fn *cell,
	      const void *row);

/* Writes it, and drops it.  0 or -errno. */
int table_print(struct libscols_table *t, const struct report *r);
void table_drop(struct libscols_table *t);

#endif
