/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "util/text.h"

#include <stdbool.h>
#include <stdint.h>

struct column;
struct libscols_table;
struct process;
struct report;
struct subject;

/*
 * Tables through libsmartcols.  Raw tables are for programs: one space between columns,
 * none in them, one heading for all processes, nothing around them.
 */

enum { TABLE_CELL_MAX = TEXT_NAME_MAX };

/* The text of one cell: in @buf, of TABLE_CELL_MAX bytes, or of the row's own. */
typedef const char *table_cell_fn(const struct report *r, const void *row,
				  const struct column *column, char *buf);

/* A table that is being filled.  An error is kept until table_end() returns it. */
struct table {
	const struct report *report;
	table_cell_fn *cell;
	struct libscols_table *scols;
	int rc;
};

/* Cells: a name of the target's, a number, and a phrase of ours: raw, "from_node_0_to_1". */
const char *table_name(const struct report *r, const char *name, char *buf);
const char *table_number(uint64_t n, char *buf);
const char *table_phrase(const struct report *r, const char *phrase, char *buf);
/* A PID; "" for the total of all processes, which has none. */
const char *table_pid(const struct process *p, char *buf);

/* The line above the table of a process, unless the table is for programs. */
void table_title(struct report *r, const struct subject *s);
/* That above the total of all processes.  Returns whether there is to be one. */
bool table_total_title(struct report *r);

void table_begin(struct table *t, const struct report *r, table_cell_fn *cell);
void table_add(struct table *t, const void *row);

/* Print it, unless something failed, and free it.  Returns 0 or -errno. */
int table_end(struct table *t);

#endif
