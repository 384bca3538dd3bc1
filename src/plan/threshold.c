/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/threshold.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Bytes times billionths of a percent. */
__extension__ typedef unsigned __int128 product;

static const uint64_t whole = 100000000000; /* 100 %, in billionths of a percent */

int threshold_parse(const char *text, bool at_most, struct threshold *s, struct text_error *err)
{
	const char *colon = strrchr(text, ':'), *what = "is not NODES:PCT";
	size_t len = strlen(text), at = 0;

	*s = (struct threshold){ .text = text, .at_most = at_most };
	if (colon == text) {
		what = "names no nodes";
	} else if (colon) {
		s->nodes_len = (size_t)(colon - text);
		at = s->nodes_len + 1;
		if (number_parse_percent(text + at, len - at, &s->asked) == 0)
			return 0;
		what = "is not a percentage (0-100)";
	}
	*err = (struct text_error){ at, len - at, what };
	return -EINVAL;
}

bool threshold_holds(const struct threshold *s)
{
	product asked = (product)s->asked * s->total;

	if (s->total == 0)
		return false;
	if (s->at_most)
		return (product)(s->on + s->unseen) * whole <= asked;
	return (product)s->on * whole >= asked;
}

const char *threshold_percent(const struct threshold *s, size_t *len)
{
	const char *percent = s->text + s->nodes_len + 1;

	*len = strcspn(percent, "%");
	return percent;
}

char *threshold_format(const struct threshold *s, char *buf)
{
	struct text_line line = { buf, THRESHOLD_TEXT_MAX, 0 };
	char nodes[TEXT_NAME_MAX], on[TEXT_SIZE_MAX], size[TEXT_SIZE_MAX];
	bool one = strspn(s->text, "0123456789") == s->nodes_len;
	size_t len;
	const char *percent = threshold_percent(s, &len), *point = memchr(percent, '.', len);
	int decimals = point && percent + len - point > 2 ? (int)(percent + len - point) - 1 : 1;
	uint64_t unit = 1, found;
	product exact;

	text_add(&line, "node%s %s", one ? "" : "s",
		 text_escape(s->text, s->nodes_len, nodes, sizeof(nodes)));
	if (s->total == 0) {
		text_add(&line, ": no resident memory selected");
	} else {
		/* Print as many decimals as the user gave, to compare. */
		for (int i = 0; i < decimals; i++)
			unit *= 10;
		exact = (product)s->on * 100 * unit;
		if (s->at_most && !threshold_holds(s))
			exact += s->total - 1;
		found = (uint64_t)(exact / s->total);
		text_add(&line, " %s %" PRIu64, one ? "has" : "have", found / unit);
		if (found % unit)
			text_add(&line, ".%0*" PRIu64, decimals, found % unit);
		text_add(&line, "%% (%s of %s)", text_size(s->on, on), text_size(s->total, size));
	}
	if (s->unseen)
		text_add(&line, ", %s on unknown nodes", text_size(s->unseen, size));
	text_add(&line, ", at %s %.*s%% %s%s", s->at_most ? "most" : "least", (int)len, percent,
		 s->at_most ? "allowed" : "required", threshold_holds(s) ? ": OK" : "");
	return buf;
}
