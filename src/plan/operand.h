/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_OPERAND_H
#define PLAN_OPERAND_H

#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * PAGES operands: ADDR, START-END or START+SIZE, each with an optional =NODE.
 * Addresses are hexadecimal, with or without 0x; SIZE is decimal with K, M, G
 * or T, or 0x.  Pure.
 */

enum { OPERAND_NO_NODE = -1 };

struct operand {
	uint64_t start, end; /* as given, end exclusive; end = start + 1 for ADDR */
	bool single;	     /* ADDR: gets exactly one line of a listing */
	int node;	     /* =NODE, or OPERAND_NO_NODE */
};

/* Returns 0, or -EINVAL with @err filled in. */
int operand_parse(const char *text, size_t len, struct operand *o, struct text_error *err);

/*
 * operand_parse_line - one line of a list of PAGES
 *
 * A line is an operand and whatever follows a blank, which may be a line of a
 * listing.  Empty lines, comments (#), and headings that begin with the column of
 * addresses have none.  Returns 1 and the operand, 0 if the line has none, or
 * -EINVAL with @err filled in.
 */
int operand_parse_line(const char *text, size_t len, struct operand *o, struct text_error *err);

#endif
