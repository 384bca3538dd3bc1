/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "numa/nodelist.h"
#include "util/number.h"

struct parser {
	struct nodelist_context context;
	struct nodeset usable;
	struct nodeset selected; /* by the items parsed so far */
};

struct nodeset nodelist_usable(const struct nodelist_world *world)
{
	struct nodeset nodes = nodeset_and(*world->memory, world->online);

	if (world->destination)
		nodes = nodeset_and(nodes, world->caller);
	if (world->destination && world->target)
		nodes = nodeset_and(nodes, world->target);
	return nodes;
}

const char *nodelist_refusal(const struct nodelist_world *world, int node)
{
	if (!nodeset_has(world->online, node))
		return "is not a node of this machine";
	if (!nodeset_has(world->memory, node))
		return "has no memory";
	if (!world->destination)
		return NULL;
	if (!nodeset_has(world->caller, node))
		return "is not allowed by the caller's cpuset";
	if (world->target && !nodeset_has(world->target, node))
		return "is not allowed by the cpuset of the process";
	return NULL;
}

static void add_set(struct text_line *why, const char *before, const struct nodeset *nodes)
{
	char list[80];

	nodeset_format(nodes, list, sizeof(list));
	text_add(why, "%s%s", before, list);
}

int nodelist_refuse(const struct nodelist_context *c, struct text_part piece, int node,
		    const char *says, const char *advice)
{
	const struct nodeset usable = nodelist_usable(c->world);
	const size_t at = (size_t)(piece.at - c->text.at);
	struct text_line *why = c->why;
	char quoted[40], number[16], place[32] = "";

	if (at || piece.len < c->text.len)
		snprintf(place, sizeof(place), "at %zu", at + 1);
	text_escape(piece.at, piece.len, quoted, sizeof(quoted));
	snprintf(number, sizeof(number), "%d", node);
	if (!says && c->text.len == 0)
		text_add(why, "empty node list");
	else if (!says)
		text_add(why, "missing node %s", at == c->text.len ? "at the end" : place);
	else if (node >= 0 && strcmp(quoted, number) != 0)
		text_add(why, "'%s' (node %d%s%s) %s", quoted, node, *place ? ", " : "", place,
			 says);
	else if (*place)
		text_add(why, "'%s' (%s) %s", quoted, place, says);
	else
		text_add(why, "'%s' %s", quoted, says);

	if (advice) {
		text_add(why, "; %s", advice);
	} else if (!nodeset_empty(&usable)) {
		add_set(why, nodeset_count(&usable) == 1 ? "; usable node: " : "; usable nodes: ",
			&usable);
	} else {
		/* The cpusets have no common node with memory. */
		add_set(why, "; no node is usable: this command may use ", c->world->caller);
		if (c->world->target)
			add_set(why, ", the process ", c->world->target);
	}
	return -EINVAL;
}

int nodelist_parse_node(const struct nodelist_context *c, struct text_part piece, int *node)
{
	const unsigned int count = c->counted ? nodeset_count(c->counted) : 0;
	const char *says = NULL, *advice = NULL;
	char range[40] = "no node is allowed";
	size_t digits = 0;
	uint64_t number = 0;
	int rc = number_parse(piece.at, piece.len, NODES_MAX - 1, &number);

	*node = -1;
	while (digits < piece.len && piece.at[digits] >= '0' && piece.at[digits] <= '9')
		digits++;
	if (piece.len == 0)
		return nodelist_refuse(c, piece, -1, NULL, NULL);
	if (memchr("!^+", piece.at[0], 3)) {
		says = "has a misplaced sign";
		advice = "'!', '^' and '+' are allowed only at the start of the list";
	} else if (digits < piece.len) {
		says = "is not a node number";
	} else if (rc == -EINVAL) {
		says = "has leading zeros";
		advice = "write plain decimal numbers";
	} else if (c->counted && (rc || number >= count)) {
		if (count)
			snprintf(range, sizeof(range),
				 count == 1 ? "usable: +0" : "usable: +0 to +%u", count - 1);
		says = "is beyond the last allowed node";
		advice = range;
	} else {
		if (c->counted)
			*node = nodeset_nth(c->counted, (unsigned int)number);
		else if (!rc)
			*node = (int)number;
		says = nodelist_refusal(c->world, *node);
	}
	return says ? nodelist_refuse(c, piece, *node, says, advice) : 0;
}

static int parse_range(struct parser *p, struct text_part item)
{
	struct text_part rest = item, piece;
	struct nodeset range;
	int first, last, rc;

	text_split(&rest, '-', &piece);
	rc = nodelist_parse_node(&p->context, piece, &first);
	last = first;
	if (!rc && rest.at)
		rc = nodelist_parse_node(&p->context, rest, &last);
	if (rc)
		return rc;
	if (last < first)
		return nodelist_refuse(&p->context, item, -1, "is a descending range",
				       "write the lower end first");
	range = nodeset_range(first, last);
	range = nodeset_and(range, &p->usable);
	if (p->context.counted)
		range = nodeset_and(range, p->context.counted);
	p->selected = nodeset_or(p->selected, &range);
	return 0;
}

static int parse_word(struct parser *p, struct text_part item)
{
	const struct nodelist_world *world = p->context.world;
	const char *says = NULL, *advice = NULL;
	struct nodeset chosen = p->usable;

	if (text_part_is(item, "has-cpu")) {
		chosen = *world->cpu;
	} else if (text_part_is(item, "memory-only")) {
		chosen = nodeset_minus(*world->memory, world->cpu);
	} else if (text_part_is(item, "local")) {
		if (!world->local) {
			nodelist_refuse(&p->context, item, -1, "needs a process", NULL);
			return -EAGAIN;
		}
		chosen = *world->local;
		if (nodeset_subset(world->memory, world->local)) {
			says = "is every node, because the process may run on all of them";
			advice = "name nodes, or bind the process to CPUs first";
		}
	} else if (!text_part_is(item, "all")) {
		says = "is not a node list";
		advice = "expected numbers, ranges, all, has-cpu, memory-only or local";
	}
	if (says)
		return nodelist_refuse(&p->context, item, -1, says, advice);
	chosen = nodeset_and(chosen, &p->usable);
	p->selected = nodeset_or(p->selected, &chosen);
	return 0;
}

/* Parse a device, which may contain commas and is the rest of the list.  Return 1: not a device. */
static int parse_device(struct parser *p, struct text_part rest)
{
	static const char *const prefixes[] = { "netdev:", "ip:", "file:", "block:", "pci:" };
	const struct nodelist_world *world = p->context.world;
	char text[NODELIST_WHY_MAX] = "is a device, which is not allowed here";
	struct nodeset found = { { 0 } };
	const char *says = text;
	int node = -1;
	size_t i = 0;

	while (i < sizeof(prefixes) / sizeof(prefixes[0]) && !text_part_begins(rest, prefixes[i]))
		i++;
	if (i == sizeof(prefixes) / sizeof(prefixes[0]))
		return 1;
	if (world->device && !world->device(rest.at, rest.len, &found, text, sizeof(text))) {
		node = nodeset_next(&found, 0);
		while (node >= 0 && !nodelist_refusal(world, node))
			node = nodeset_next(&found, node + 1);
		says = node < 0 ? NULL : nodelist_refusal(world, node);
	}
	if (says)
		return nodelist_refuse(&p->context, rest, node, says, NULL);
	p->selected = nodeset_or(p->selected, &found);
	return 0;
}

int nodelist_parse(const char *text, size_t len, const struct nodelist_world *world,
		   struct nodeset *nodes, struct text_line *why)
{
	struct parser p = { .context = { { text, len }, world, NULL, why } };
	const bool inverted = len && (text[0] == '!' || text[0] == '^');
	struct text_part rest = p.context.text, item;
	struct nodeset counted = nodeset_and(*world->memory, world->online);
	int rc = 0;

	*nodes = (struct nodeset){ 0 };
	p.usable = nodelist_usable(world);
	counted = nodeset_and(counted, world->caller);
	for (size_t i = 0; inverted && rest.len && (i == 0 || *rest.at == ' '); i++)
		rest = (struct text_part){ rest.at + 1, rest.len - 1 };
	if (rest.len && *rest.at == '+') {
		p.context.counted = &counted;
		rest = (struct text_part){ rest.at + 1, rest.len - 1 };
	}
	while (!rc && rest.at) {
		rc = parse_device(&p, rest);
		if (rc <= 0)
			break;
		text_split(&rest, ',', &item);
		if (item.len && ((item.at[0] | 0x20) >= 'a' && (item.at[0] | 0x20) <= 'z'))
			rc = parse_word(&p, item);
		else
			rc = parse_range(&p, item);
	}
	if (rc)
		return rc;
	if (inverted)
		p.selected = nodeset_minus(p.usable, &p.selected);
	if (nodeset_empty(&p.selected))
		return nodelist_refuse(&p.context, p.context.text, -1, "selects no node", NULL);
	*nodes = p.selected;
	return 0;
}
