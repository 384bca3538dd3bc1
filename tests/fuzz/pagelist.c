/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PAGES operands and lines of page lists (operand.h): results are consistent and survive a round
 * trip; the first word determines a line.
 */
#include <config.h>

#include "fuzz.h"
#include "plan/operand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool same(const struct operand *a, const struct operand *b)
{
	return a->start == b->start && a->end == b->end && a->single == b->single &&
	       a->node == b->node;
}

static void check_error(const struct text_error *e, size_t len)
{
	HOLDS(e->offset + e->length <= len);
	HOLDS(e->what != NULL);
}

static void there_and_back(const struct operand *o)
{
	struct text_error err;
	struct operand again;
	char text[80];
	int len = sprintf(text, "%" PRIx64, o->start);

	if (!o->single)
		len += sprintf(text + len, "-%" PRIx64, o->end);
	if (o->node != OPERAND_NO_NODE)
		len += sprintf(text + len, "=%d", o->node);
	HOLDS(operand_parse(text, (size_t)len, &again, &err) == 0);
	HOLDS(same(o, &again));
}

static void check_operand(const char *text, size_t len)
{
	struct text_error err = { 0 };
	struct operand o;

	if (operand_parse(text, len, &o, &err)) {
		check_error(&err, len);
		return;
	}
	HOLDS(o.start < o.end);
	HOLDS(!o.single || o.end - o.start == 1);
	HOLDS(o.node >= OPERAND_NO_NODE);
	there_and_back(&o);
}

static void check_line(const char *text, size_t len)
{
	struct text_error err = { 0 };
	struct operand o, alone;
	size_t at = 0, width = 0;
	int rc = operand_parse_line(text, len, &o, &err);

	while (at < len && strchr(" \t\r", text[at]) && text[at])
		at++;
	while (at + width < len && (!strchr(" \t\r", text[at + width]) || !text[at + width]))
		width++;
	HOLDS(rc == 1 || rc == 0 || rc == -EINVAL);
	if (rc < 0)
		check_error(&err, len);
	HOLDS((rc == 1) ==
	      (width && text[at] != '#' && operand_parse(text + at, width, &alone, &err) == 0));
	HOLDS(rc != 1 || same(&o, &alone));
}

void fuzz_target(const char *text, size_t len)
{
	check_operand(text, len);
	check_line(text, len);
}
