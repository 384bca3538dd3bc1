/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "pagelist.h"

#include "number.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct text {
	const char *at;
	size_t len;
};

static const char *const not_address = "is no address (hexadecimal, as in /proc/PID/maps)";

static int fail(struct operand_error *err, const char *whole, struct text part,
		const char *what)
{
	*err = (struct operand_error){ (size_t)(part.at - whole), part.len, what };
	return -EINVAL;
}

/* Cut @t at the first of @stops; what follows it becomes @rest. */
static char cut(struct text *t, const char *stops, struct text *rest)
{
	for (size_t i = 0; i < t->len; i++) {
		if (!strchr(stops, t->at[i]) || t->at[i] == '\0')
			continue;
		*rest = (struct text){ t->at + i + 1, t->len - i - 1 };
		t->len = i;
		return rest->at[-1];
	}
	return '\0';
}

static int parse_node(const char *whole, struct text t, struct operand *o,
		      struct operand_error *err)
{
	uint64_t node;

	if (number_parse(t.at, t.len, INT_MAX, &node))
		return fail(err, whole, t, "is no node number");
	o->node = (int)node;
	return 0;
}

static int parse_size(const char *whole, struct text t, struct operand *o,
		      struct operand_error *err)
{
	uint64_t size;

	if (number_parse_size(t.at, t.len, &size) || size == 0)
		return fail(err, whole, t, "is no size (bytes, or with K, M, G, T)");
	if (__builtin_add_overflow(o->start, size, &o->end))
		return fail(err, whole, t, "reaches past the end of the address space");
	return 0;
}

static int parse_end(const char *whole, struct text t, struct operand *o,
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
	struct text start = { text, len }, rest, node;
	char kind;

	*o = (struct operand){ .node = OPERAND_NO_NODE };
	if (cut(&start, "=", &node) && parse_node(text, node, o, err))
		return -EINVAL;
	kind = cut(&start, "-+", &rest);
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
