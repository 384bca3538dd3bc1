/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --route (node_map.h): round trip; passes move every page once, to the destination of the route,
 * for any length of a chain.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/node_map.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NODES = 12 };

static struct nodeset all;

static struct nodelist_world world(bool destination)
{
	if (nodeset_empty(&all))
		nodeset_parse_list("0-11", 4, &all);
	return (struct nodelist_world){
		.online = &all,
		.memory = &all,
		.cpu = &all,
		.caller = &all,
		.destination = destination,
	};
}

static void there_and_back(const struct node_map *route)
{
	struct nodelist_world from = world(false), to = world(true);
	static struct node_map again;
	char text[NODES * 16], line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };
	size_t n = 0;

	for (int s = 0; s < NODES_MAX; s++)
		if (route->to[s] != NODE_NONE)
			n += (size_t)sprintf(text + n, "%s%d:%d", n ? "," : "", s, route->to[s]);
	HOLDS(node_map_from_pairs(&again, text, n, &from, &to, &why) == 0);
	HOLDS(memcmp(route, &again, sizeof(again)) == 0);
}

/* Check that each source is in one pass, with the same destination. */
static void check_passes(const struct node_map *route)
{
	static struct node_map passes[NODES + 1];
	size_t n = node_map_passes(route, passes, NODES + 1);

	HOLDS(n >= 1 && n <= NODES);
	for (int s = 0; s < NODES; s++) {
		unsigned int in = 0;

		for (size_t i = 0; i < n; i++) {
			in += passes[i].to[s] != NODE_NONE;
			HOLDS(passes[i].to[s] == NODE_NONE || passes[i].to[s] == route->to[s]);
		}
		HOLDS(in == (route->to[s] != NODE_NONE));
	}
	for (size_t i = 0; i + 1 < n; i++)
		HOLDS(!node_map_is_cyclic(&passes[i]));
	HOLDS(node_map_is_cyclic(&passes[n - 1]) == node_map_is_cyclic(route));
}

void fuzz_target(const char *text, size_t len)
{
	struct nodelist_world from = world(false), to = world(true);
	static struct node_map route;
	char line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };
	int rc = node_map_from_pairs(&route, text, len, &from, &to, &why);

	HOLDS(rc == 0 || rc == -EINVAL);
	if (rc) {
		HOLDS(why.full > 0 && why.full == strlen(line) && fuzz_is_plain(line));
		return;
	}
	there_and_back(&route);
	check_passes(&route);
}
