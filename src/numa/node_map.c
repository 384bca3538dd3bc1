/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "numa/node_map.h"

void node_map_clear(struct node_map *route)
{
	for (int s = 0; s < NODES_MAX; s++)
		route->to[s] = NODE_NONE;
}

int node_map_from_sets(struct node_map *route, const struct nodeset *from, const struct nodeset *to)
{
	unsigned int n = 0, count = nodeset_count(to);
	bool equal = count == nodeset_count(from);

	node_map_clear(route);
	if (!count || nodeset_empty(from))
		return -EINVAL;
	for (int s = nodeset_next(from, 0); s >= 0; s = nodeset_next(from, s + 1), n++) {
		bool stays = !equal && nodeset_has(to, s);

		route->to[s] = (int16_t)(stays ? s : nodeset_nth(to, n % count));
	}
	return 0;
}

static int pair_failure(struct nodelist_error *error, enum nodelist_kind kind, size_t offset,
			size_t length)
{
	error->kind = kind;
	error->offset = offset;
	error->length = length;
	return -EINVAL;
}

/* One A:B, length bytes of text from offset on. */
static int pair_parse(struct node_map *route, const char *text, size_t offset, size_t length,
		      const struct nodelist_world *from, const struct nodelist_world *to,
		      struct nodelist_error *error)
{
	const char *colon = memchr(text + offset, ':', length);
	size_t left = colon ? (size_t)(colon - text) - offset : length;
	int s, d, ret;

	if (!colon)
		return pair_failure(error, NODELIST_NOT_PAIR, offset, length);
	ret = nodelist_parse_node(text, offset, left, from, &s, error);
	if (ret)
		return ret;
	if (route->to[s] != NODE_NONE)
		return pair_failure(error, NODELIST_TWICE, offset, left);
	ret = nodelist_parse_node(text, offset + left + 1, length - left - 1, to, &d, error);
	if (ret)
		return ret;
	if (s == d)
		return pair_failure(error, NODELIST_SAME, offset, length);
	route->to[s] = (int16_t)d;
	return 0;
}

int node_map_from_pairs(struct node_map *route, const char *text, size_t len,
			const struct nodelist_world *from, const struct nodelist_world *to,
			struct nodelist_error *error)
{
	size_t offset = 0;
	int ret;

	node_map_clear(route);
	memset(error, 0, sizeof(*error));
	error->node = -1;
	for (;;) {
		const char *pair = text + offset;
		const char *comma = memchr(pair, ',', len - offset);
		size_t length = comma ? (size_t)(comma - pair) : len - offset;

		ret = pair_parse(route, text, offset, length, from, to, error);
		if (ret || !comma)
			break;
		offset += length + 1;
	}
	if (ret)
		node_map_clear(route);
	return ret;
}

int node_map_error_format(const struct nodelist_error *error, const char *text, size_t len,
			  const struct nodelist_world *from, const struct nodelist_world *to,
			  char *buf, size_t size)
{
	const struct nodelist_world *world = error->destination ? to : from;

	return nodelist_error_format(error, text, len, world, buf, size);
}

static bool moves(const struct node_map *route, int s)
{
	return route->to[s] != NODE_NONE && route->to[s] != s;
}

/*
 * Takes from left the nodes that can be emptied now, as their destination is not itself
 * to be emptied, and puts them into pass. Returns how many.
 */
static size_t pass_peel(struct node_map *left, struct node_map *pass)
{
	const struct node_map before = *left;
	size_t count = 0;

	node_map_clear(pass);
	for (int s = 0; s < NODES_MAX; s++) {
		if (!moves(&before, s) || moves(&before, before.to[s]))
			continue;
		pass->to[s] = before.to[s];
		left->to[s] = NODE_NONE;
		count++;
	}
	return count;
}

/* Moves the nodes that stay from left to stay; the rest of left is what moves. */
static bool stays_split(struct node_map *left, struct node_map *stay)
{
	bool any = false;

	node_map_clear(stay);
	for (int s = 0; s < NODES_MAX; s++) {
		if (left->to[s] != s)
			continue;
		stay->to[s] = left->to[s];
		left->to[s] = NODE_NONE;
		any = true;
	}
	return any;
}

static bool route_is_clear(const struct node_map *route)
{
	for (int s = 0; s < NODES_MAX; s++)
		if (route->to[s] != NODE_NONE)
			return false;
	return true;
}

static void route_merge(struct node_map *route, const struct node_map *other)
{
	for (int s = 0; s < NODES_MAX; s++)
		if (other->to[s] != NODE_NONE)
			route->to[s] = other->to[s];
}

size_t node_map_passes(const struct node_map *route, struct node_map *passes, size_t max)
{
	struct node_map left = *route, stay, pass;
	bool stays = stays_split(&left, &stay);
	size_t count = 0;

	while (!route_is_clear(&left) || (stays && !count)) {
		if (!pass_peel(&left, &pass)) {
			pass = left;
			node_map_clear(&left);
		}
		if (!count)
			route_merge(&pass, &stay);
		if (count < max)
			passes[count] = pass;
		count++;
	}
	return count;
}

bool node_map_is_cyclic(const struct node_map *route)
{
	struct node_map left = *route, pass;

	stays_split(&left, &pass);
	while (pass_peel(&left, &pass))
		;
	return !route_is_clear(&left);
}

void node_map_sources(const struct node_map *route, struct nodeset *nodes)
{
	*nodes = (struct nodeset){ 0 };
	for (int s = 0; s < NODES_MAX; s++)
		if (moves(route, s))
			nodeset_add(nodes, s);
}

void node_map_destinations(const struct node_map *route, struct nodeset *nodes)
{
	*nodes = (struct nodeset){ 0 };
	for (int s = 0; s < NODES_MAX; s++)
		if (moves(route, s))
			nodeset_add(nodes, route->to[s]);
}

void node_map_keep_pure_sources(struct node_map *route)
{
	struct nodeset destinations;

	node_map_destinations(route, &destinations);
	for (int s = 0; s < NODES_MAX; s++)
		if (route->to[s] == s || nodeset_has(&destinations, s))
			route->to[s] = NODE_NONE;
}
