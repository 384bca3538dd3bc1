/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "numa/nodelist.h"
#include "util/number.h"
#include "util/text.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct parser {
	const char *text;
	size_t len;
	const struct nodelist_world *world;
	bool relative;
	struct nodeset usable;	 /* the nodes that would do */
	struct nodeset counted;	 /* those that "+" counts */
	struct nodeset selected; /* by the items so far */
	struct nodelist_error *error;
};

/* --- what would do --- */

void nodelist_usable(const struct nodelist_world *world, struct nodeset *nodes)
{
	*nodes = *world->memory;
	*nodes = nodeset_and(*nodes, world->online);
	if (!world->destination)
		return;
	*nodes = nodeset_and(*nodes, world->caller);
	if (world->target)
		*nodes = nodeset_and(*nodes, world->target);
}

static void nodelist_counted(const struct nodelist_world *world, struct nodeset *nodes)
{
	*nodes = *world->memory;
	*nodes = nodeset_and(*nodes, world->online);
	*nodes = nodeset_and(*nodes, world->caller);
}

enum nodelist_kind nodelist_refusal(const struct nodelist_world *world, int node)
{
	unsigned int bit = (unsigned int)node;

	if (!nodeset_has(world->online, bit))
		return NODELIST_NO_NODE;
	if (!nodeset_has(world->memory, bit))
		return NODELIST_NO_MEMORY;
	if (!world->destination)
		return NODELIST_FINE;
	if (!nodeset_has(world->caller, bit))
		return NODELIST_NOT_CALLERS;
	if (world->target && !nodeset_has(world->target, bit))
		return NODELIST_NOT_TARGETS;
	return NODELIST_FINE;
}

/* --- parsing --- */

static void error_clear(struct nodelist_error *error, const struct nodelist_world *world)
{
	memset(error, 0, sizeof(*error));
	error->node = -1;
	error->destination = world->destination;
}

/* FINE is no failure, so that checks can be handed on as they are. */
static int failure(struct nodelist_error *error, enum nodelist_kind kind, size_t offset,
		   size_t length, int node)
{
	if (kind == NODELIST_FINE)
		return 0;
	error->kind = kind;
	error->offset = offset;
	error->length = length;
	error->node = node;
	return -EINVAL;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_sign(char c)
{
	return c == '!' || c == '^' || c == '+';
}

static bool all_digits(const char *s, size_t len)
{
	while (len && s[len - 1] >= '0' && s[len - 1] <= '9')
		len--;
	return !len;
}

static enum nodelist_kind number_fault(const char *s, size_t len)
{
	if (!len)
		return NODELIST_MISSING;
	if (is_sign(s[0]))
		return NODELIST_SIGN;
	return all_digits(s, len) ? NODELIST_PADDED : NODELIST_NOT_NUMBER;
}

/* A number that is none, or a kind for one that is too large for any node. */
static enum nodelist_kind number_read(const char *s, size_t len, int *number)
{
	uint64_t value;
	int ret = number_parse(s, len, NODES_MAX - 1, &value);

	if (ret == -EINVAL)
		return number_fault(s, len);
	if (ret)
		return NODELIST_NO_NODE;
	*number = (int)value;
	return NODELIST_FINE;
}

int nodelist_parse_node(const char *text, size_t offset, size_t length,
			const struct nodelist_world *world, int *node, struct nodelist_error *error)
{
	enum nodelist_kind kind;
	int number = -1;

	error_clear(error, world);
	kind = number_read(text + offset, length, &number);
	if (!kind)
		kind = nodelist_refusal(world, number);
	*node = number;
	return failure(error, kind, offset, length, number);
}

/* As nodelist_parse_node(), for a number that counts allowed nodes. */
static int counted_parse(struct parser *p, size_t offset, size_t length, int *node)
{
	enum nodelist_kind kind;
	int number = -1;

	kind = number_read(p->text + offset, length, &number);
	if (kind && kind != NODELIST_NO_NODE)
		return failure(p->error, kind, offset, length, -1);
	*node = kind ? -1 : nodeset_nth(&p->counted, (unsigned int)number);
	if (*node < 0)
		return failure(p->error, NODELIST_PAST_LAST, offset, length, -1);
	return failure(p->error, nodelist_refusal(p->world, *node), offset, length, *node);
}

static int end_parse(struct parser *p, size_t offset, size_t length, int *node)
{
	if (p->relative)
		return counted_parse(p, offset, length, node);
	return nodelist_parse_node(p->text, offset, length, p->world, node, p->error);
}

static int range_parse(struct parser *p, size_t offset, size_t length)
{
	const char *item = p->text + offset;
	const char *dash = memchr(item, '-', length);
	size_t left = dash ? (size_t)(dash - item) : length;
	struct nodeset within, range;
	int first, last, ret;

	ret = end_parse(p, offset, left, &first);
	if (ret)
		return ret;
	last = first;
	if (dash)
		ret = end_parse(p, offset + left + 1, length - left - 1, &last);
	if (ret)
		return ret;
	if (last < first)
		return failure(p->error, NODELIST_REVERSED, offset, length, first);
	within = p->usable;
	if (p->relative)
		within = nodeset_and(within, &p->counted);
	range = nodeset_range(first, last);
	range = nodeset_and(range, &within);
	p->selected = nodeset_or(p->selected, &range);
	return 0;
}

static enum nodelist_kind word_all(const struct nodelist_world *world, struct nodeset *nodes)
{
	(void)world;
	*nodes = nodeset_all();
	return NODELIST_FINE;
}

static enum nodelist_kind word_has_cpu(const struct nodelist_world *world, struct nodeset *nodes)
{
	*nodes = *world->cpu;
	return NODELIST_FINE;
}

static enum nodelist_kind word_memory_only(const struct nodelist_world *world,
					   struct nodeset *nodes)
{
	*nodes = *world->memory;
	*nodes = nodeset_minus(*nodes, world->cpu);
	return NODELIST_FINE;
}

static enum nodelist_kind word_local(const struct nodelist_world *world, struct nodeset *nodes)
{
	if (!world->local)
		return NODELIST_LOCAL_NONE;
	if (nodeset_subset(world->memory, world->local))
		return NODELIST_LOCAL_ALL;
	*nodes = *world->local;
	return NODELIST_FINE;
}

static const struct word {
	const char *name;
	enum nodelist_kind (*select)(const struct nodelist_world *world, struct nodeset *nodes);
} words[] = {
	{ "all", word_all },
	{ "has-cpu", word_has_cpu },
	{ "memory-only", word_memory_only },
	{ "local", word_local },
};

static int word_parse(struct parser *p, size_t offset, size_t length)
{
	const char *item = p->text + offset;
	enum nodelist_kind kind = NODELIST_NOT_WORD;
	struct nodeset chosen = { { 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i].name) == length && !memcmp(words[i].name, item, length))
			kind = words[i].select(p->world, &chosen);
	if (kind)
		return failure(p->error, kind, offset, length, -1);
	chosen = nodeset_and(chosen, &p->usable);
	p->selected = nodeset_or(p->selected, &chosen);
	return 0;
}

static bool is_device(const char *item, size_t length)
{
	static const char *const prefixes[] = { "netdev:", "ip:", "file:", "block:", "pci:" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (length >= n && !memcmp(item, prefixes[i], n))
			return true;
	}
	return false;
}

static int device_ask(struct parser *p, size_t offset, struct nodeset *nodes)
{
	static const char no_devices[] = "is a device, which cannot be named here";
	const struct nodelist_world *world = p->world;

	if (!world->device)
		memcpy(p->error->why, no_devices, sizeof(no_devices));
	else if (!world->device(world->device_arg, p->text + offset, p->len - offset, nodes,
				p->error->why, sizeof(p->error->why)))
		return 0;
	return failure(p->error, NODELIST_DEVICE, offset, p->len - offset, -1);
}

static int device_parse(struct parser *p, size_t offset)
{
	size_t length = p->len - offset;
	struct nodeset found = { { 0 } };
	int ret;

	ret = device_ask(p, offset, &found);
	for (int n = nodeset_next(&found, 0); !ret && n >= 0; n = nodeset_next(&found, n + 1))
		ret = failure(p->error, nodelist_refusal(p->world, n), offset, length, n);
	if (!ret)
		p->selected = nodeset_or(p->selected, &found);
	return ret;
}

static int item_parse(struct parser *p, size_t offset, size_t length)
{
	if (length && is_letter(p->text[offset]))
		return word_parse(p, offset, length);
	return range_parse(p, offset, length);
}

static int items_parse(struct parser *p, size_t offset)
{
	for (;;) {
		const char *item = p->text + offset;
		const char *comma = memchr(item, ',', p->len - offset);
		size_t length = comma ? (size_t)(comma - item) : p->len - offset;
		int ret;

		if (is_device(item, p->len - offset))
			return device_parse(p, offset);
		ret = item_parse(p, offset, length);
		if (ret || !comma)
			return ret;
		offset += length + 1;
	}
}

static int list_parse(struct parser *p)
{
	bool invert = p->len && (p->text[0] == '!' || p->text[0] == '^');
	size_t offset = invert ? 1 : 0;
	int ret;

	if (!p->len)
		return failure(p->error, NODELIST_NO_TEXT, 0, 0, -1);
	while (invert && offset < p->len && p->text[offset] == ' ')
		offset++;
	p->relative = offset < p->len && p->text[offset] == '+';
	ret = items_parse(p, offset + p->relative);
	if (ret)
		return ret;
	if (invert) {
		p->usable = nodeset_minus(p->usable, &p->selected);
		p->selected = p->usable;
	}
	if (nodeset_empty(&p->selected))
		return failure(p->error, NODELIST_NOTHING, 0, p->len, -1);
	return 0;
}

int nodelist_parse(const char *text, size_t len, const struct nodelist_world *world,
		   struct nodeset *nodes, struct nodelist_error *error)
{
	struct parser p = { .text = text, .len = len, .world = world, .error = error };
	int ret;

	error_clear(error, world);
	*nodes = (struct nodeset){ 0 };
	nodelist_usable(world, &p.usable);
	nodelist_counted(world, &p.counted);
	p.selected = (struct nodeset){ 0 };
	ret = list_parse(&p);
	if (!ret)
		*nodes = p.selected;
	return ret;
}

/* --- explaining --- */

/* What is wrong, and the advice where it is not the nodes that would do. */
static const struct message {
	const char *says;
	const char *advice;
} messages[NODELIST_KINDS] = {
	[NODELIST_NOT_NUMBER] = { "is no node number", NULL },
	[NODELIST_PADDED] = { "has leading zeros", "write plain decimal numbers" },
	[NODELIST_NOT_WORD] = { "is no word for nodes",
				"the words are all, has-cpu, memory-only and local" },
	[NODELIST_SIGN] = { "has a sign out of place",
			    "'!' or '^', then '+', may only begin the list" },
	[NODELIST_REVERSED] = { "runs backwards", "write the lower end first" },
	[NODELIST_NO_NODE] = { "is no node of this machine", NULL },
	[NODELIST_NO_MEMORY] = { "has no memory", NULL },
	[NODELIST_NOT_CALLERS] = { "is not allowed by the cpuset of this command", NULL },
	[NODELIST_NOT_TARGETS] = { "is not allowed by the cpuset of the process", NULL },
	[NODELIST_NOTHING] = { "selects no node", NULL },
	[NODELIST_LOCAL_ALL] = { "is every node, for the process may run on all of them",
				 "name nodes, or bind its CPUs first" },
	[NODELIST_LOCAL_NONE] = { "needs a process", NULL },
	[NODELIST_NOT_PAIR] = { "is no pair of nodes", "write FROM:TO, as in 0:1,1:0" },
	[NODELIST_SAME] = { "leads nowhere", "leave out the nodes whose pages stay" },
	[NODELIST_TWICE] = { "is a source twice", "give each node one destination" },
};

static void piece_add(struct text_line *line, const struct nodelist_error *e, const char *text,
		      size_t len)
{
	char piece[40], node[16];
	bool named = e->node >= 0 && e->kind != NODELIST_REVERSED;
	bool placed = e->length < len;

	text_escape(text + e->offset, e->length, piece, sizeof(piece));
	snprintf(node, sizeof(node), "%d", e->node);
	named = named && strcmp(piece, node);
	text_add(line, "'%s'", piece);
	if (named || placed)
		text_add(line, " (");
	if (named)
		text_add(line, "node %s", node);
	if (placed)
		text_add(line, "%sat %zu", named ? ", " : "", e->offset + 1);
	if (named || placed)
		text_add(line, ")");
}

static void subject_add(struct text_line *line, const struct nodelist_error *e, const char *text,
			size_t len)
{
	if (e->kind == NODELIST_NO_TEXT)
		text_add(line, "the list of nodes is empty");
	else if (!text)
		text_add(line, "node %d", e->node);
	else if (e->kind == NODELIST_MISSING && e->offset == len)
		text_add(line, "a node is missing at the end");
	else if (e->kind == NODELIST_MISSING)
		text_add(line, "a node is missing at %zu", e->offset + 1);
	else
		piece_add(line, e, text, len);
}

static void set_add(struct text_line *line, const struct nodeset *nodes)
{
	char list[80];

	nodeset_format(nodes, list, sizeof(list));
	text_add(line, "%s", list);
}

/* No node would do: the two cpusets have none in common, or the one has no memory. */
static void cpusets_add(struct text_line *line, const struct nodelist_world *world)
{
	text_add(line, "none would do: this command may use ");
	set_add(line, world->caller);
	if (world->target) {
		text_add(line, ", the process ");
		set_add(line, world->target);
	}
}

static void usable_add(struct text_line *line, const struct nodelist_world *world)
{
	struct nodeset usable;
	unsigned int count;

	nodelist_usable(world, &usable);
	count = nodeset_count(&usable);
	if (!count) {
		cpusets_add(line, world);
		return;
	}
	text_add(line, count == 1 ? "node " : "nodes ");
	set_add(line, &usable);
	text_add(line, " would do");
}

static void counted_add(struct text_line *line, const struct nodelist_world *world)
{
	struct nodeset counted;
	unsigned int count;

	nodelist_counted(world, &counted);
	count = nodeset_count(&counted);
	text_add(line, " counts past the last allowed node; ");
	if (count > 1)
		text_add(line, "+0 to +%u would do", count - 1);
	else
		text_add(line, count ? "+0 would do" : "there is none");
}

int nodelist_error_format(const struct nodelist_error *error, const char *text, size_t len,
			  const struct nodelist_world *world, char *buf, size_t size)
{
	const struct message *message = &messages[error->kind];
	const char *says = error->kind == NODELIST_DEVICE ? error->why : message->says;
	struct text_line line = { buf, size, 0 };

	buf[0] = '\0';
	subject_add(&line, error, text, len);
	if (error->kind == NODELIST_PAST_LAST) {
		counted_add(&line, world);
		return (int)line.full;
	}
	if (says)
		text_add(&line, " %s", says);
	text_add(&line, "; ");
	if (message->advice)
		text_add(&line, "%s", message->advice);
	else
		usable_add(&line, world);
	return (int)line.full;
}
