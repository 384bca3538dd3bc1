/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_BANDWIDTH_TABLE_H
#define HOST_BANDWIDTH_TABLE_H

#include <stdint.h>
#include <stdio.h>

struct nodeset;
struct matrix;
struct pair;
struct report;
struct request;

/*
 * What --selftest tells on standard output: a table from node to node for each
 * size of pages, or one JSON document.  Ended by report_finish(), in each case.
 *
 * All return 0, -ENOMEM, or what writing gave.
 */

/* @nodes: those that the tables have columns for */
int report_matrix_start(struct report *r, const struct request *request,
			const struct nodeset *nodes, FILE *out);

int report_matrix(struct report *r, const struct matrix *m);

/* Pages of a size that there are none of. */
int report_matrix_left_out(struct report *r, uint64_t page_bytes, const char *why);

/* @p: the pair that it happened to, or NULL */
int report_matrix_failed(struct report *r, uint64_t page_bytes, const struct pair *p,
			 const char *why);

#endif
