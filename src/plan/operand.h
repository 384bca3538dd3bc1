/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_OPERAND_H
#define PLAN_OPERAND_H

#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parse PAGES operands: ADDR, START-END or START+SIZE, each with an optional =NODE.  Addresses
 * are hexadecimal; SIZE is as in number_parse_size().  Pure.
 */

enum { OPERAND_NO_NODE = -1 };

struct operand {
	uint64_t start, end; /* as given, end exclusive; end = start + 1 for ADDR */
	bool single;	     /* ADDR: always exactly one line in a listing */
	int node;	     /* =NODE, or OPERAND_NO_NODE */
};

/* Parse an operand.  Return 0, or -EINVAL and set *@err. */
int operand_parse(const char *text, size_t len, struct operand *o, struct text_error *err);

/*
 * Parse a line of a list: an operand, and anything after whitespace.  Empty lines, comments (#)
 * and headings that begin with a column of addresses have no operand.  Return 1; 0: no operand;
 * or -EINVAL and set *@err.
 */
int operand_parse_line(const char *text, size_t len, struct operand *o, struct text_error *err);

#endif
