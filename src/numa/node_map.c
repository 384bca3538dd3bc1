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

int node_map_from_pairs(struct node_map *route, const char *text, size_t len,
			const struct nodelist_world *from, const struct nodelist_world *to,
			struct text_line *why)
{
	const struct nodelist_context source = { { text, len }, from, NULL, why };
	const struct nodelist_context destination = { { text, len }, to, NULL, why };
	struct text_part rest = source.text, pair;
	int rc = 0;

	node_map_clear(route);
	while (!rc && text_split(&rest, ',', &pair)) {
		struct text_part second = pair, first;
		int s, d;

		text_split(&second, ':', &first);
		if (!second.at)
			rc = nodelist_refuse(&source, pair, -1, "is no pair of nodes",
					     "write FROM:TO, as in 0:1,1:0");
		else
			rc = nodelist_parse_node(&source, first, &s);
		if (!rc && route->to[s] != NODE_NONE)
			rc = nodelist_refuse(&source, first, -1, "is a source twice",
					     "give each node one destination");
		if (!rc)
			rc = nodelist_parse_node(&destination, second, &d);
		if (!rc && s == d)
			rc = nodelist_refuse(&source, pair, -1, "leads nowhere",
					     "leave out the nodes whose pages stay");
		if (!rc)
			route->to[s] = (int16_t)d;
	}
	if (rc)
		node_map_clear(route);
	return rc;
}

static bool moves(const struct node_map *route, int s)
{
	return route->to[s] != NODE_NONE && route->to[s] != s;
}

/*
 * Takes from left the nodes that stay, and those that can be emptied now, as their
 * destination is not itself to be emptied. Where there is none of these, takes all: what
 * moves goes round. Then returns false.
 */
static bool take_pass(struct node_map *left, struct node_map *pass)
{
	const struct node_map before = *left;
	bool any = false;

	node_map_clear(pass);
	for (int s = 0; s < NODES_MAX; s++) {
		bool waits = moves(&before, s) && moves(&before, before.to[s]);

		if (before.to[s] == NODE_NONE || waits)
			continue;
		pass->to[s] = before.to[s];
		left->to[s] = NODE_NONE;
		any |= moves(&before, s);
	}
	if (!any) {
		*pass = before;
		node_map_clear(left);
	}
	return any;
}

size_t node_map_passes(const struct node_map *route, struct node_map *passes, size_t max)
{
	struct node_map left = *route, pass;
	size_t count = 0;
	bool more = true;

	while (more) {
		int s = 0;

		more = take_pass(&left, &pass);
		while (s < NODES_MAX && pass.to[s] == NODE_NONE)
			s++;
		if (s == NODES_MAX)
			break;
		if (count < max)
			passes[count] = pass;
		count++;
	}
	return count;
}

bool node_map_is_cyclic(const struct node_map *route)
{
	struct node_map left = *route, pass;
	struct nodeset sources;

	while (take_pass(&left, &pass))
		;
	node_map_sources(&pass, &sources);
	return !nodeset_empty(&sources);
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
