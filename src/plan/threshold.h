/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_THRESHOLD_H
#define PLAN_THRESHOLD_H

#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * --at-least and --at-most: check the share of the selected bytes that is on some nodes.  The
 * comparison is exact.  Pure.
 */

enum { THRESHOLD_TEXT_MAX = 512 };

struct threshold {
	const char *text; /* "NODES:PCT" as given; borrowed */
	size_t nodes_len; /* length of NODES */
	bool at_most;	  /* --at-most, not --at-least */
	uint64_t asked;	  /* in billionths of a percent */
	/* Results, in bytes: */
	uint64_t on;	 /* on these nodes */
	uint64_t unseen; /* on a node that the kernel does not report */
	uint64_t total;	 /* on any node */
};

struct threshold_list {
	struct threshold *at;
	size_t n;
};

/*
 * Parse "NODES:PCT", as in "0-1:99.5%".  NODES, all text before the last colon, is not checked;
 * PCT is as in number_parse_percent().  Return 0, or -EINVAL and set *@err.
 */
int threshold_parse(const char *text, bool at_most, struct threshold *s, struct text_error *err);

/* Return whether the check passes.  Unseen bytes count against it; with no bytes it fails. */
bool threshold_holds(const struct threshold *s);

/*
 * Format "node 1 has 93.1% (120M of 129M), at least 95% required" into @buf of
 * THRESHOLD_TEXT_MAX bytes, with ": OK" if it passes.  Return @buf.  The percentage is rounded so
 * that it agrees with threshold_holds().
 */
char *threshold_format(const struct threshold *s, char *buf);

/* Return PCT as given, without "%"; *@len: its length. */
const char *threshold_percent(const struct threshold *s, size_t *len);

#endif
