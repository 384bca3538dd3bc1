/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/operand.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *const not_address = "is no address (hexadecimal, as in /proc/PID/maps)";

static int fail(struct operand_error *err, const char *whole, struct text_part part,
		const char *what)
{
	*err = (struct operand_error){ (size_t)(part.at - whole), part.len, what };
	return -EINVAL;
}

static inline bool is_stop(char c, const char *stops)
{
	while (*stops && *stops != c)
		stops++;
	return *stops;
}

/* Cut @t at the first of @stops; what follows it becomes @rest. */
static inline char cut(struct text_part *t, const char *stops, struct text_part *rest)
{
	for (size_t i = 0; i < t->len; i++) {
		if (!is_stop(t->at[i], stops))
			continue;
		*rest = (struct text_part){ t->at + i + 1, t->len - i - 1 };
		t->len = i;
		return rest->at[-1];
	}
	return '\0';
}

static int parse_node(const char *whole, struct text_part t, struct operand *o,
		      struct operand_error *err)
{
	uint64_t node;

	if (number_parse(t.at, t.len, INT_MAX, &node))
		return fail(err, whole, t, "is no node number");
	o->node = (int)node;
	return 0;
}

static int parse_size(const char *whole, struct text_part t, struct operand *o,
		      struct operand_error *err)
{
	uint64_t size;

	if (number_parse_size(t.at, t.len, &size) || size == 0)
		return fail(err, whole, t, "is no size (bytes, or with K, M, G, T)");
	if (__builtin_add_overflow(o->start, size, &o->end))
		return fail(err, whole, t, "reaches past the end of the address space");
	return 0;
}

static int parse_end(const char *whole, struct text_part t, struct operand *o,
		     struct operand_error *err)
{
	if (number_parse_hex(t.at, t.len, &o->end))
		return fail(err, whole, t, not_address);
	if (o->end <= o->start)
		return fail(err, whole, t, "is not above the start of its range");
	return 0;
}

int operand_parse(const char *text, size_t len, struct operand *o, struct operand_error *err)
{
	struct text_part start = { text, len }, rest = start, node = start;
	char kind = cut(&start, "-+=", &rest), end = kind;

	*o = (struct operand){ .node = OPERAND_NO_NODE };
	if (kind == '=')
		node = rest;
	else if (kind)
		end = cut(&rest, "=", &node);
	if (end == '=' && parse_node(text, node, o, err))
		return -EINVAL;
	if (number_parse_hex(start.at, start.len, &o->start))
		return fail(err, text, start, not_address);
	if (kind == '-')
		return parse_end(text, rest, o, err);
	if (kind == '+')
		return parse_size(text, rest, o, err);
	if (o->start == UINT64_MAX)
		return fail(err, text, start, "is past the end of the address space");
	o->single = true;
	o->end = o->start + 1;
	return 0;
}

/* A carriage return is a blank, so that lines may end in one. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text_part first_word(const char *text, size_t len)
{
	struct text_part word = { text, 0 };
	const char *end = text + len;

	while (word.at < end && is_blank(*word.at))
		word.at++;
	while (word.at + word.len < end && !is_blank(word.at[word.len]))
		word.len++;
	return word;
}

static bool is_one_of(struct text_part word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_part_is(word, words[i]))
			return true;
	return false;
}

int operand_parse_line(const char *text, size_t len, struct operand *o, struct operand_error *err)
{
	static const char *const headings[] = { "ADDRESS", "START" };
	static const char *const others[] = { "PID",	"NODE", "SIZE", "STATUS",
					      "RESULT", "KIND", "NAME", "END" };
	struct text_part word = first_word(text, len);

	if (word.len == 0 || word.at[0] == '#')
		return 0;
	if (operand_parse(word.at, word.len, o, err) == 0)
		return 1;
	if (is_one_of(word, headings, 2))
		return 0;
	if (is_one_of(word, others, sizeof(others) / sizeof(others[0])))
		return fail(err, text, word,
			    "is the heading of a list whose lines do not begin "
			    "with addresses");
	err->offset += (size_t)(word.at - text);
	return -EINVAL;
}
