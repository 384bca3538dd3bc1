/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --at-least and --at-most (threshold.h): "NODES:PCT", then a newline and the bytes on the nodes,
 * unseen, and on other nodes.  More bytes never make "at least" fail, fewer never "at most";
 * the message is printable.
 */
#include <config.h>

#include "fuzz.h"
#include "plan/threshold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void check_limits(struct threshold s)
{
	s.on = s.total;
	s.unseen = 0;
	HOLDS(threshold_holds(&s) == (s.total && (!s.at_most || s.asked == 100000000000)));
	s.on = 0;
	HOLDS(threshold_holds(&s) == (s.total && (s.at_most || s.asked == 0)));
}

static void check_order(struct threshold s)
{
	bool before = threshold_holds(&s);

	if (s.unseen) {
		s.unseen--;
		if (!s.at_most)
			s.on++;
		HOLDS(!before || threshold_holds(&s));
	}
}

static void check(struct threshold s, const char *found)
{
	char line[THRESHOLD_TEXT_MAX], *at;

	s.on = strtoul(found, &at, 10);
	s.unseen = strtoul(at, &at, 10);
	if (__builtin_add_overflow(s.on, s.unseen, &s.total) ||
	    __builtin_add_overflow(s.total, strtoul(at, NULL, 10), &s.total))
		return;
	check_limits(s);
	check_order(s);
	HOLDS(threshold_format(&s, line) == line);
	HOLDS(fuzz_is_plain(line) && strlen(line) < THRESHOLD_TEXT_MAX - 1);
}

void fuzz_target(const char *text, size_t len)
{
	char *copy = fuzz_string(text, len), *newline = strchr(copy, '\n');
	struct text_error err;
	struct threshold s;

	if (newline)
		*newline = '\0';
	for (int at_most = 0; at_most < 2; at_most++) {
		if (threshold_parse(copy, at_most, &s, &err))
			HOLDS(err.what && err.offset + err.length <= strlen(copy));
		else
			check(s, newline ? newline + 1 : "");
	}
	free(copy);
}
