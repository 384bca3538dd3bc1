/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/operand.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int fail(struct text_error *err, size_t offset, size_t length, const char *what)
{
	*err = (struct text_error){ offset, length, what };
	return -EINVAL;
}

int operand_parse(const char *text, size_t len, struct operand *o, struct text_error *err)
{
	static const char not_address[] = "is no address (hexadecimal, as in /proc/PID/maps)";
	const char *equals = memchr(text, '=', len), *second;
	size_t end = equals ? (size_t)(equals - text) : len, first = 0, at;
	uint64_t node, size;

	*o = (struct operand){ .node = OPERAND_NO_NODE };
	if (equals) {
		if (number_parse(equals + 1, len - end - 1, INT_MAX, &node))
			return fail(err, end + 1, len - end - 1, "is no node number");
		o->node = (int)node;
	}
	while (first < end && text[first] != '-' && text[first] != '+')
		first++;
	if (number_parse_hex(text, first, &o->start))
		return fail(err, 0, first, not_address);
	if (first == end) {
		if (o->start == UINT64_MAX)
			return fail(err, 0, first, "is past the end of the address space");
		o->single = true;
		o->end = o->start + 1;
		return 0;
	}
	at = first + 1;
	second = text + at;
	len = end - at;
	if (text[first] == '-') {
		if (number_parse_hex(second, len, &o->end))
			return fail(err, at, len, not_address);
		if (o->end <= o->start)
			return fail(err, at, len, "is not above the start of its range");
		return 0;
	}
	if (number_parse_size(second, len, &size) || size == 0)
		return fail(err, at, len, "is no size (bytes, or with K, M, G, T)");
	if (__builtin_add_overflow(o->start, size, &o->end))
		return fail(err, at, len, "reaches past the end of the address space");
	return 0;
}

/* A carriage return is a blank, so that lines may end in one. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_one_of(struct text_part word, const char *const *words)
{
	while (*words && !text_part_is(word, *words))
		words++;
	return *words;
}

int operand_parse_line(const char *text, size_t len, struct operand *o, struct text_error *err)
{
	static const char *const headings[] = { "ADDRESS", "START", NULL };
	static const char *const others[] = { "PID",  "NODE", "SIZE", "STATUS", "RESULT",
					      "KIND", "NAME", "END",  NULL };
	struct text_part word = { text, 0 };
	const char *end = text + len;

	while (word.at < end && is_blank(*word.at))
		word.at++;
	while (word.at + word.len < end && !is_blank(word.at[word.len]))
		word.len++;
	if (word.len == 0 || word.at[0] == '#')
		return 0;
	if (operand_parse(word.at, word.len, o, err) == 0)
		return 1;
	if (is_one_of(word, headings))
		return 0;
	err->offset += (size_t)(word.at - text);
	if (!is_one_of(word, others))
		return -EINVAL;
	return fail(err, (size_t)(word.at - text), word.len,
		    "is the heading of a list whose lines do not begin with addresses");
}
