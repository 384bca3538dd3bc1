/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_THRESHOLD_H
#define PLAN_THRESHOLD_H

#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * --at-least and --at-most: which share of the selected bytes is on some nodes, and whether
 * that is what was asked for.  Nothing is rounded before it is compared.  Pure.
 */

enum { THRESHOLD_TEXT_MAX = 512 };

struct threshold {
	const char *text; /* "NODES:PCT" as given; borrowed */
	size_t nodes_len; /* NODES is so much of it */
	bool at_most;	  /* else at least */
	uint64_t asked;	  /* in billionths of a percent */
	/* Found, in bytes: */
	uint64_t on;	 /* on these nodes */
	uint64_t unseen; /* on a node that the kernel does not tell */
	uint64_t total;	 /* on any node */
};

struct threshold_list {
	struct threshold *at;
	size_t n;
};

/*
 * Parse "NODES:PCT", as in "0-1:99.5%".  NODES, all before the last colon, is not checked;
 * PCT is as in number_parse_percent().  Returns 0, or -EINVAL with @err filled in.
 */
int threshold_parse(const char *text, bool at_most, struct threshold *s, struct text_error *err);

/* False when there are no bytes; unseen bytes count against the threshold. */
bool threshold_holds(const struct threshold *s);

/*
 * Write "node 1 has 93.1% (120M of 129M), at least 95% required" into @buf of
 * THRESHOLD_TEXT_MAX bytes; return it.  The percentage is cut to the side that agrees with
 * threshold_holds().
 */
char *threshold_format(const struct threshold *s, char *buf);

/* PCT as given, without the sign; its length in *@len. */
const char *threshold_percent(const struct threshold *s, size_t *len);

#endif
