/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "numa/node_map.h"

void node_map_clear(struct node_map *map)
{
	for (int s = 0; s < NODES_MAX; s++)
		map->to[s] = NODE_NONE;
}

int node_map_from_sets(struct node_map *map, const struct nodeset *from, const struct nodeset *to)
{
	unsigned int n = 0, count = nodeset_count(to);
	bool equal = count == nodeset_count(from);

	node_map_clear(map);
	if (!count || nodeset_empty(from))
		return -EINVAL;
	for (int s = nodeset_next(from, 0); s >= 0; s = nodeset_next(from, s + 1), n++) {
		bool stays = !equal && nodeset_has(to, s);

		map->to[s] = (int16_t)(stays ? s : nodeset_nth(to, n % count));
	}
	return 0;
}

int node_map_from_pairs(struct node_map *map, const char *text, size_t len,
			const struct nodelist_world *from, const struct nodelist_world *to,
			struct text_line *why)
{
	const struct nodelist_context source = { { text, len }, from, NULL, why };
	const struct nodelist_context destination = { { text, len }, to, NULL, why };
	struct text_part rest = source.text, pair;
	int rc = 0;

	node_map_clear(map);
	while (!rc && text_split(&rest, ',', &pair)) {
		struct text_part second = pair, first;
		int s, d;

		text_split(&second, ':', &first);
		if (!second.at)
			rc = nodelist_refuse(&source, pair, -1, "is not a FROM:TO pair",
					     "example: 0:1,1:0");
		else
			rc = nodelist_parse_node(&source, first, &s);
		if (!rc && map->to[s] != NODE_NONE)
			rc = nodelist_refuse(&source, first, -1, "appears twice as a source",
					     "give each node one destination");
		if (!rc)
			rc = nodelist_parse_node(&destination, second, &d);
		if (!rc && s == d)
			rc = nodelist_refuse(&source, pair, -1,
					     "has the same source and destination",
					     "omit nodes whose pages stay");
		if (!rc)
			map->to[s] = (int16_t)d;
	}
	if (rc)
		node_map_clear(map);
	return rc;
}

static bool moves(const struct node_map *map, int s)
{
	return map->to[s] != NODE_NONE && map->to[s] != s;
}

/* Return the length of the path from a node; above NODES_MAX it ends in a ring. */
static size_t way_from(const struct node_map *map, int s)
{
	size_t length = 0;

	for (; length <= NODES_MAX && moves(map, s); s = map->to[s])
		length++;
	return length;
}

size_t node_map_passes(const struct node_map *map, struct node_map *passes, size_t max)
{
	bool selects = false, ring = false;
	size_t longest = 0, count; /* of the paths that end */

	for (int s = 0; s < NODES_MAX; s++) {
		const size_t length = way_from(map, s);

		selects |= map->to[s] != NODE_NONE;
		ring |= length > NODES_MAX;
		if (length <= NODES_MAX && length > longest)
			longest = length;
	}
	count = longest || ring ? longest + ring : selects;
	for (size_t i = 0; i < max && i < count; i++)
		node_map_clear(&passes[i]);
	for (int s = 0; s < NODES_MAX; s++) {
		const size_t length = way_from(map, s);
		const size_t pass = length > NODES_MAX ? longest : length - !!length;

		if (map->to[s] != NODE_NONE && pass < max)
			passes[pass].to[s] = map->to[s];
	}
	return count;
}

bool node_map_is_cyclic(const struct node_map *map)
{
	for (int s = 0; s < NODES_MAX; s++)
		if (way_from(map, s) > NODES_MAX)
			return true;
	return false;
}

void node_map_sources(const struct node_map *map, struct nodeset *nodes)
{
	*nodes = (struct nodeset){ 0 };
	for (int s = 0; s < NODES_MAX; s++)
		if (moves(map, s))
			nodeset_add(nodes, s);
}

void node_map_destinations(const struct node_map *map, struct nodeset *nodes)
{
	*nodes = (struct nodeset){ 0 };
	for (int s = 0; s < NODES_MAX; s++)
		if (moves(map, s))
			nodeset_add(nodes, map->to[s]);
}

void node_map_keep_pure_sources(struct node_map *map)
{
	struct nodeset destinations;

	node_map_destinations(map, &destinations);
	for (int s = 0; s < NODES_MAX; s++)
		if (map->to[s] == s || nodeset_has(&destinations, s))
			map->to[s] = NODE_NONE;
}
