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

static int refuse(struct threshold_error *err, size_t offset, size_t length, const char *what)
{
	*err = (struct threshold_error){ offset, length, what };
	return -EINVAL;
}

int threshold_parse(const char *text, bool at_most, struct threshold *s,
		    struct threshold_error *err)
{
	size_t len = strlen(text);
	const char *colon = strrchr(text, ':');

	*s = (struct threshold){ .text = text, .at_most = at_most };
	if (!colon)
		return refuse(err, 0, len, "is not NODES:PCT");
	s->nodes_len = (size_t)(colon - text);
	if (s->nodes_len == 0)
		return refuse(err, 0, len, "names no nodes");
	len -= s->nodes_len + 1;
	if (number_parse_percent(colon + 1, len, &s->asked))
		return refuse(err, s->nodes_len + 1, len, "is no percentage from 0 to 100");
	return 0;
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

/* As many decimals as are needed to compare it with what was asked, and at least one. */
static unsigned int decimals_of(const struct threshold *s)
{
	size_t len;
	const char *percent = threshold_percent(s, &len), *point = memchr(percent, '.', len);
	size_t n = point ? len - (size_t)(point + 1 - percent) : 0;

	return n > 1 ? (unsigned int)n : 1;
}

static void format_found(const struct threshold *s, char *buf, size_t size)
{
	unsigned int decimals = decimals_of(s);
	uint64_t unit = 1, found;
	product exact;

	for (unsigned int i = 0; i < decimals; i++)
		unit *= 10;
	exact = (product)s->on * 100 * unit;
	if (s->at_most && !threshold_holds(s))
		exact += s->total - 1;
	found = (uint64_t)(exact / s->total);
	if (found % unit)
		snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64, found / unit, (int)decimals,
			 found % unit);
	else
		snprintf(buf, size, "%" PRIu64, found / unit);
}

char *threshold_format(const struct threshold *s, char *buf)
{
	char nodes[TEXT_NAME_MAX], found[64], on[TEXT_SIZE_MAX], total[TEXT_SIZE_MAX];
	char unseen[TEXT_SIZE_MAX];
	bool one = strspn(s->text, "0123456789") == s->nodes_len;
	size_t percent_len;
	const char *percent = threshold_percent(s, &percent_len);
	int n = snprintf(buf, THRESHOLD_TEXT_MAX, "node%s %s %s ", one ? "" : "s",
			 text_escape(s->text, s->nodes_len, nodes, sizeof(nodes)),
			 one ? "has" : "have");

	if (s->total == 0) {
		n += snprintf(buf + n, THRESHOLD_TEXT_MAX - (size_t)n,
			      "no share of nothing: no page "
			      "that is selected is present");
	} else {
		format_found(s, found, sizeof(found));
		n += snprintf(buf + n, THRESHOLD_TEXT_MAX - (size_t)n, "%s %% (%s of %s)", found,
			      text_size(s->on, on), text_size(s->total, total));
	}
	if (s->unseen)
		n += snprintf(buf + n, THRESHOLD_TEXT_MAX - (size_t)n,
			      ", and of %s the node is not "
			      "visible",
			      text_size(s->unseen, unseen));
	snprintf(buf + n, THRESHOLD_TEXT_MAX - (size_t)n, ", at %s %.*s %% asked",
		 s->at_most ? "most" : "least", (int)percent_len, percent);
	return buf;
}
