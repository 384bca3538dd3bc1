/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/operand.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int refuse_part(struct text_error *err, size_t offset, size_t length, const char *what)
{
	*err = (struct text_error){ offset, length, what };
	return -EINVAL;
}

int operand_parse(const char *text, size_t len, struct operand *o, struct text_error *err)
{
	static const char not_address[] = "is not a hexadecimal address";
	const char *equals = memchr(text, '=', len), *second;
	size_t end = equals ? (size_t)(equals - text) : len, first = 0, at;
	uint64_t node, size;

	*o = (struct operand){ .node = OPERAND_NO_NODE };
	if (equals) {
		if (number_parse(equals + 1, len - end - 1, INT_MAX, &node))
			return refuse_part(err, end + 1, len - end - 1, "is not a node number");
		o->node = (int)node;
	}
	while (first < end && text[first] != '-' && text[first] != '+')
		first++;
	if (number_parse_hex(text, first, &o->start))
		return refuse_part(err, 0, first, not_address);
	if (first == end) {
		if (o->start == UINT64_MAX)
			return refuse_part(err, 0, first, "is past the end of the address space");
		o->single = true;
		o->end = o->start + 1;
		return 0;
	}
	at = first + 1;
	second = text + at;
	len = end - at;
	if (text[first] == '-') {
		if (number_parse_hex(second, len, &o->end))
			return refuse_part(err, at, len, not_address);
		if (o->end <= o->start)
			return refuse_part(err, at, len, "is not above the start of its range");
		return 0;
	}
	if (number_parse_size(second, len, &size) || size == 0)
		return refuse_part(err, at, len, "is not a size (examples: 4096, 64K, 2MiB)");
	if (__builtin_add_overflow(o->start, size, &o->end))
		return refuse_part(err, at, len, "reaches past the end of the address space");
	return 0;
}

int operand_parse_line(const char *text, size_t len, struct operand *o, struct text_error *err)
{
	/* Lines that begin with one of the first two are skipped. */
	enum { OF_ADDRESSES = 2 };
	static const char *const headings[] = { "ADDRESS", "START",  "PID",  "NODE", "SIZE",
						"STATUS",  "RESULT", "KIND", "NAME", "END" };
	const size_t n = sizeof(headings) / sizeof(headings[0]);
	struct text_part rest = { text, len }, word;
	size_t i = 0, offset;

	/* Lines may end in a carriage return. */
	if (!text_word(&rest, " \t\r", &word) || word.at[0] == '#')
		return 0;
	if (operand_parse(word.at, word.len, o, err) == 0)
		return 1;
	while (i < n && !text_part_is(word, headings[i]))
		i++;
	if (i < OF_ADDRESSES)
		return 0;
	offset = (size_t)(word.at - text);
	err->offset += offset;
	if (i == n)
		return -EINVAL;
	return refuse_part(err, offset, word.len,
			   "is the heading of a list whose lines do not begin with addresses");
}
