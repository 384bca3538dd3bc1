/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_THRESHOLD_H
#define PLAN_THRESHOLD_H

#include "util/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * --at-least and --at-most: which share of the selected bytes is on some nodes,
 * and whether that is what was asked for.  Compared in whole numbers: nothing is
 * rounded before.  Pure.
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
	uint64_t total;	 /* of both, and of what is on other nodes */
};

struct threshold_list {
	struct threshold *at;
	size_t n;
};

/*
 * threshold_parse - "NODES:PCT", as in "1:95%" or "0-1:99.5"
 *
 * PCT is what number_parse_percent() reads.  NODES is everything before the
 * last colon, and not looked at but for being there.  Returns 0, or -EINVAL
 * with @err filled in; nothing is found yet.
 */
int threshold_parse(const char *text, bool at_most, struct threshold *s, struct text_error *err);

/*
 * Whether it is so.  Of nothing, no share is; bytes that are not seen are never
 * taken for what makes it so.
 */
bool threshold_holds(const struct threshold *s);

/*
 * "node 1 has 93.1 % (120M of 129M), at least 95 % asked".  The percentage is
 * cut, not rounded, on the side that agrees with threshold_holds().  @buf holds
 * THRESHOLD_TEXT_MAX bytes; returned.
 */
char *threshold_format(const struct threshold *s, char *buf);

/* PCT as given, without the sign; its length in *@len. */
const char *threshold_percent(const struct threshold *s, size_t *len);

#endif
