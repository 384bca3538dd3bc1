/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "route.h"

void route_clear(struct route *route)
{
	for (int s = 0; s < NODES_MAX; s++)
		route->to[s] = ROUTE_NONE;
}

int route_from_sets(struct route *route, const struct bitmask *from,
		    const struct bitmask *to)
{
	unsigned int n = 0, count = nodes_count(to);
	bool equal = count == nodes_count(from);

	route_clear(route);
	if (!count || nodes_empty(from))
		return -EINVAL;
	for (int s = nodes_next(from, 0); s >= 0; s = nodes_next(from, s + 1), n++) {
		bool stays = !equal && numa_bitmask_isbitset(to, (unsigned int)s);

		route->to[s] = (int16_t)(stays ? s : nodes_nth(to, n % count));
	}
	return 0;
}

static int pair_failure(struct nodelist_error *error, enum nodelist_kind kind,
			size_t offset, size_t length)
{
	error->kind = kind;
	error->offset = offset;
	error->length = length;
	return -EINVAL;
}

/* One A:B, length bytes of text from offset on. */
static int pair_parse(struct route *route, const char *text, size_t offset, size_t length,
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
	if (route->to[s] != ROUTE_NONE)
		return pair_failure(error, NODELIST_TWICE, offset, left);
	ret = nodelist_parse_node(text, offset + left + 1, length - left - 1, to, &d,
				  error);
	if (ret)
		return ret;
	if (s == d)
		return pair_failure(error, NODELIST_SAME, offset, length);
	route->to[s] = (int16_t)d;
	return 0;
}

int route_from_pairs(struct route *route, const char *text, size_t len,
		     const struct nodelist_world *from, const struct nodelist_world *to,
		     struct nodelist_error *error)
{
	size_t offset = 0;
	int ret;

	route_clear(route);
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
		route_clear(route);
	return ret;
}

int route_error_format(const struct nodelist_error *error, const char *text, size_t len,
		       const struct nodelist_world *from, const struct nodelist_world *to,
		       char *buf, size_t size)
{
	const struct nodelist_world *world = error->destination ? to : from;

	return nodelist_error_format(error, text, len, world, buf, size);
}

static bool moves(const struct route *route, int s)
{
	return route->to[s] != ROUTE_NONE && route->to[s] != s;
}

/*
 * Takes from left the nodes that can be emptied now, as their destination is not itself
 * to be emptied, and puts them into pass. Returns how many.
 */
static size_t pass_peel(struct route *left, struct route *pass)
{
	const struct route before = *left;
	size_t count = 0;

	route_clear(pass);
	for (int s = 0; s < NODES_MAX; s++) {
		if (!moves(&before, s) || moves(&before, before.to[s]))
			continue;
		pass->to[s] = before.to[s];
		left->to[s] = ROUTE_NONE;
		count++;
	}
	return count;
}

/* Moves the nodes that stay from left to stay; the rest of left is what moves. */
static bool stays_split(struct route *left, struct route *stay)
{
	bool any = false;

	route_clear(stay);
	for (int s = 0; s < NODES_MAX; s++) {
		if (left->to[s] != s)
			continue;
		stay->to[s] = left->to[s];
		left->to[s] = ROUTE_NONE;
		any = true;
	}
	return any;
}

static bool route_is_clear(const struct route *route)
{
	for (int s = 0; s < NODES_MAX; s++)
		if (route->to[s] != ROUTE_NONE)
			return false;
	return true;
}

static void route_merge(struct route *route, const struct route *other)
{
	for (int s = 0; s < NODES_MAX; s++)
		if (other->to[s] != ROUTE_NONE)
			route->to[s] = other->to[s];
}

size_t route_passes(const struct route *route, struct route *passes, size_t max)
{
	struct route left = *route, stay, pass;
	bool stays = stays_split(&left, &stay);
	size_t count = 0;

	while (!route_is_clear(&left) || (stays && !count)) {
		if (!pass_peel(&left, &pass)) {
			pass = left;
			route_clear(&left);
		}
		if (!count)
			route_merge(&pass, &stay);
		if (count < max)
			passes[count] = pass;
		count++;
	}
	return count;
}

bool route_is_cyclic(const struct route *route)
{
	struct route left = *route, pass;

	stays_split(&left, &pass);
	while (pass_peel(&left, &pass))
		;
	return !route_is_clear(&left);
}

void route_sources(const struct route *route, struct bitmask *nodes)
{
	numa_bitmask_clearall(nodes);
	for (int s = 0; s < NODES_MAX; s++)
		if (moves(route, s))
			numa_bitmask_setbit(nodes, (unsigned int)s);
}

void route_destinations(const struct route *route, struct bitmask *nodes)
{
	numa_bitmask_clearall(nodes);
	for (int s = 0; s < NODES_MAX; s++)
		if (moves(route, s))
			numa_bitmask_setbit(nodes, (unsigned int)route->to[s]);
}

void route_keep_pure_sources(struct route *route)
{
	struct node_set set;
	struct bitmask *destinations = node_set_init(&set);

	route_destinations(route, destinations);
	for (int s = 0; s < NODES_MAX; s++)
		if (route->to[s] == s || numa_bitmask_isbitset(destinations, (unsigned int)s))
			route->to[s] = ROUTE_NONE;
}
