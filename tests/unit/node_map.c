/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "numa/node_map.h"
#include "unit.h"
#include "util/text.h"

static struct nodeset *set_make(struct nodeset *set, const char *list)
{
	*set = (struct nodeset){ 0 };
	assert_int_equal(nodeset_parse_list(list, strlen(list), set), 0);
	return set;
}

/* Format a map: "0:1 1:1", where pages of node 1 stay. */
static const char *route_text(const struct node_map *route, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int s = 0; s < NODES_MAX && used < size; s++)
		if (route->to[s] != NODE_NONE)
			used += (size_t)snprintf(buf + used, size - used, "%s%d:%d",
						 used ? " " : "", s, route->to[s]);
	return buf;
}

static void expect_route(const struct node_map *route, const char *expected)
{
	char text[512];

	assert_string_equal(route_text(route, text, sizeof(text)), expected);
}

/* Format the passes: "2:3 | 1:2 | 0:1". */
static void expect_passes(const struct node_map *route, const char *expected)
{
	static struct node_map passes[NODES_MAX];
	size_t count = node_map_passes(route, passes, NODES_MAX), used = 0;
	char text[512] = "", one[512];

	assert_true(count <= NODES_MAX);
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " | " : "",
					 route_text(&passes[i], one, sizeof(one)));
	assert_string_equal(text, expected);
	assert_int_equal(node_map_passes(route, NULL, 0), count);
}

/* --- from sets --- */

struct sets_row {
	const char *from, *to, *route, *passes;
};

static const struct sets_row sets_rows[] = {
	{ "0", "1", "0:1", "0:1" },
	{ "0-1", "2", "0:2 1:2", "0:2 1:2" },
	{ "0", "1-2", "0:1", "0:1" },
	{ "0-2", "4-5", "0:4 1:5 2:4", "0:4 1:5 2:4" },
	{ "0-1", "1-2", "0:1 1:2", "1:2 | 0:1" },
	{ "0-2", "1-2", "0:1 1:1 2:2", "0:1 1:1 2:2" },
	{ "0-2", "1-3", "0:1 1:2 2:3", "2:3 | 1:2 | 0:1" },
	{ "1-3", "0-2", "1:0 2:1 3:2", "1:0 | 2:1 | 3:2" },
	{ "0-7", "3-5", "0:3 1:4 2:5 3:3 4:4 5:5 6:3 7:4", "0:3 1:4 2:5 3:3 4:4 5:5 6:3 7:4" },
	{ "2-5", "7,9,12-13", "2:7 3:9 4:12 5:13", "2:7 3:9 4:12 5:13" },
	{ "0-3", "0-3", "0:0 1:1 2:2 3:3", "0:0 1:1 2:2 3:3" },
	{ "0-1", "0,2", "0:0 1:2", "0:0 1:2" },
	{ "0-3", "1", "0:1 1:1 2:1 3:1", "0:1 1:1 2:1 3:1" },
	{ "0,2,4", "2,4,6", "0:2 2:4 4:6", "4:6 | 2:4 | 0:2" },
	{ "0,1,4,5", "1,2,5,6", "0:1 1:2 4:5 5:6", "1:2 5:6 | 0:1 4:5" },
	{ "0,8", "252-255", "0:252 8:253", "0:252 8:253" },
	{ "0,8,252", "8,252,255", "0:8 8:252 252:255", "252:255 | 8:252 | 0:8" },
	{ "62-63", "0,63", "62:0 63:63", "62:0 63:63" },
	{ "8", "0-1023", "8:8", "8:8" },
	{ "1022-1023", "0-1", "1022:0 1023:1", "1022:0 1023:1" },
	{ "0", "1023", "0:1023", "0:1023" },
};

static void test_sets(void **state)
{
	const struct sets_row *row = *state;
	struct nodeset from, to;
	struct node_map route;

	set_make(&from, row->from);
	set_make(&to, row->to);
	assert_int_equal(node_map_from_sets(&route, &from, &to), 0);
	expect_route(&route, row->route);
	expect_passes(&route, row->passes);
	assert_false(node_map_is_cyclic(&route));
}

static void test_sets_empty(void **state)
{
	struct nodeset some, none;
	struct node_map route;

	(void)state;
	set_make(&some, "0-1");
	none = (struct nodeset){ 0 };
	assert_int_equal(node_map_from_sets(&route, &some, &none), -EINVAL);
	expect_route(&route, "");
	assert_int_equal(node_map_from_sets(&route, &none, &some), -EINVAL);
	expect_route(&route, "");
	expect_passes(&route, "");
}

/* --- against the kernel's own loop --- */

/*
 * A model of do_migrate_pages(), independent of our code: sets are integers, and each node
 * starts with one page.
 */
enum { MODEL_NODES = 5, MODEL_SETS = 1 << MODEL_NODES };

static int model_dest(int s, unsigned int from, unsigned int to)
{
	int ordinal = __builtin_popcount(from & ((1u << s) - 1)) % __builtin_popcount(to);

	for (int d = 0; d < MODEL_NODES; d++)
		if (to >> d & 1 && !ordinal--)
			return d;
	return -1;
}

/* Return the pair that the kernel takes next, or no source. */
static int model_next(unsigned int left, unsigned int from, unsigned int to, int *dest)
{
	int source = -1;

	for (int s = 0; s < MODEL_NODES; s++) {
		int d;

		if (!(left >> s & 1))
			continue;
		if (__builtin_popcount(from) != __builtin_popcount(to) && to >> s & 1)
			continue;
		d = model_dest(s, from, to);
		if (s == d)
			continue;
		source = s;
		*dest = d;
		if (!(left >> d & 1))
			break;
	}
	return source;
}

static void model_migrate(int *page, unsigned int from, unsigned int to)
{
	unsigned int left = from;
	int dest = -1, source;

	while ((source = model_next(left, from, to, &dest)) >= 0) {
		left &= ~(1u << source);
		for (int i = 0; i < MODEL_NODES; i++)
			if (page[i] == source)
				page[i] = dest;
	}
}

/* Move pair by pair in the given order, without remembering pages. */
static void route_carry(const struct node_map *pass, int *page)
{
	for (int s = 0; s < MODEL_NODES; s++)
		for (int i = 0; i < MODEL_NODES && pass->to[s] != NODE_NONE; i++)
			if (page[i] == s)
				page[i] = pass->to[s];
}

static struct nodeset *set_of(struct nodeset *set, unsigned int bits)
{
	*set = (struct nodeset){ 0 };
	set->word[0] = bits;
	return set;
}

static void expect_as_kernel(unsigned int from, unsigned int to)
{
	int theirs[MODEL_NODES] = { 0, 1, 2, 3, 4 }, ours[MODEL_NODES] = { 0, 1, 2, 3, 4 };
	struct node_map route, passes[MODEL_NODES];
	struct nodeset f, t;
	size_t count;

	assert_int_equal(node_map_from_sets(&route, set_of(&f, from), set_of(&t, to)), 0);
	count = node_map_passes(&route, passes, MODEL_NODES);
	assert_in_range(count, 1, MODEL_NODES);
	if (!(from & to))
		assert_int_equal(count, 1);
	for (size_t i = 0; i < count; i++)
		route_carry(&passes[i], ours);
	model_migrate(theirs, from, to);
	assert_memory_equal(ours, theirs, sizeof(ours));
	for (int s = 0; s < MODEL_NODES; s++)
		assert_int_equal(route.to[s], from >> s & 1 ? theirs[s] : NODE_NONE);
}

static void test_as_kernel(void **state)
{
	unsigned int from = (unsigned int)(uintptr_t)*state;

	for (unsigned int to = 1; to < MODEL_SETS; to++)
		expect_as_kernel(from, to);
}

/* --- passes of any map --- */

/* Make the map that a number in base 6 encodes: one digit per node, 0 for none. */
static void route_of(struct node_map *route, unsigned int number)
{
	node_map_clear(route);
	for (int s = 0; s < MODEL_NODES; s++, number /= MODEL_NODES + 1)
		route->to[s] = (int16_t)((int)(number % (MODEL_NODES + 1)) - 1);
}

/* Return whether following destinations from some node leads back to it. */
static bool has_ring(const struct node_map *route)
{
	for (int s = 0; s < MODEL_NODES; s++) {
		int n = route->to[s];

		for (int i = 0; i < MODEL_NODES && n != NODE_NONE && n != route->to[n]; i++) {
			if (n == s)
				return true;
			n = route->to[n];
		}
	}
	return false;
}

static bool empties(const struct node_map *route, int s)
{
	return route->to[s] != NODE_NONE && route->to[s] != s;
}

/* Check that this and later passes empty no destination of the pass, unless it is a ring. */
static void expect_pass_order(const struct node_map *passes, size_t i, size_t count)
{
	for (int s = 0; s < MODEL_NODES; s++)
		for (size_t later = i; later < count && empties(&passes[i], s); later++)
			assert_false(empties(&passes[later], passes[i].to[s]));
}

/* Check that each node is in one pass, and in the first if its pages stay. */
static void expect_partition(const struct node_map *route, const struct node_map *passes,
			     size_t count)
{
	for (int s = 0; s < MODEL_NODES; s++) {
		int seen = 0;

		for (size_t i = 0; i < count; i++) {
			seen += passes[i].to[s] != NODE_NONE;
			if (passes[i].to[s] != NODE_NONE)
				assert_int_equal(passes[i].to[s], route->to[s]);
		}
		assert_int_equal(seen, route->to[s] != NODE_NONE);
		if (route->to[s] == s)
			assert_int_equal(passes[0].to[s], s);
	}
}

/* Check the guarantees of node_map_passes(). */
static void expect_any_route(unsigned int number)
{
	struct node_map route, passes[MODEL_NODES];
	size_t count;
	bool ring;

	route_of(&route, number);
	ring = has_ring(&route);
	count = node_map_passes(&route, passes, MODEL_NODES);
	assert_in_range(count, number ? 1 : 0, number ? MODEL_NODES : 0);
	assert_int_equal(node_map_is_cyclic(&route), ring);
	expect_partition(&route, passes, count);
	for (size_t i = 0; i < count; i++) {
		bool turns = ring && i == count - 1;

		assert_int_equal(node_map_is_cyclic(&passes[i]), turns);
		if (!turns)
			expect_pass_order(passes, i, count);
	}
}

/* All maps of five nodes with the same destination for node 0. */
static void test_any_route(void **state)
{
	unsigned int first = (unsigned int)(uintptr_t)*state;

	for (unsigned int n = first; n < 7776; n += MODEL_NODES + 1)
		expect_any_route(n);
}

static void test_passes_short(void **state)
{
	struct node_map route, passes[3];
	struct nodeset from, to;

	(void)state;
	set_make(&from, "0-2");
	set_make(&to, "1-3");
	node_map_from_sets(&route, &from, &to);
	node_map_clear(&passes[2]);
	assert_int_equal(node_map_passes(&route, passes, 2), 3);
	expect_route(&passes[0], "2:3");
	expect_route(&passes[1], "1:2");
	expect_route(&passes[2], "");
}

static void test_passes_longest(void **state)
{
	struct node_map route, first;

	(void)state;
	node_map_clear(&route);
	for (int s = 0; s < NODES_MAX - 1; s++)
		route.to[s] = (int16_t)(s + 1);
	assert_int_equal(node_map_passes(&route, &first, 1), NODES_MAX - 1);
	expect_route(&first, "1022:1023");
	assert_false(node_map_is_cyclic(&route));
	route.to[NODES_MAX - 1] = 0;
	assert_int_equal(node_map_passes(&route, &first, 1), 1);
	assert_true(node_map_is_cyclic(&first));
}

/* --- from pairs --- */

/* Nodes 0-4 exist, 4 has no memory, the caller may use 0-3, the process 0-2. */
static const struct nodelist_world *worlds(struct nodeset *sets, struct nodelist_world *from,
					   struct nodelist_world *to)
{
	*from = (struct nodelist_world){
		.online = set_make(&sets[0], "0-4"),
		.memory = set_make(&sets[1], "0-3"),
		.cpu = set_make(&sets[2], "0-4"),
		.caller = set_make(&sets[3], "0-3"),
		.target = set_make(&sets[4], "0-2"),
	};
	*to = *from;
	to->destination = true;
	return to;
}

struct pairs_row {
	const char *text;
	size_t len;
	bool cyclic;
	const char *route, *passes; /* NULL: an error */
	const char *error;
};

#define IS(text, route, passes)                                    \
	{                                                          \
		text, sizeof(text) - 1, false, route, passes, NULL \
	}
#define RING(text, route, passes)                                 \
	{                                                         \
		text, sizeof(text) - 1, true, route, passes, NULL \
	}
#define NO(text, error)                                          \
	{                                                        \
		text, sizeof(text) - 1, false, NULL, NULL, error \
	}

#define PAIR "is not a FROM:TO pair; example: 0:1,1:0"
#define DO4  "; usable nodes: 0-3"
#define DO3  "; usable nodes: 0-2"

static const struct pairs_row pairs_rows[] = {
	IS("0:1", "0:1", "0:1"),
	IS("3:0", "3:0", "3:0"),
	IS("0:1,2:1", "0:1 2:1", "0:1 2:1"),
	IS("3:2,0:1", "0:1 3:2", "0:1 3:2"),
	IS("0:1,1:2", "0:1 1:2", "1:2 | 0:1"),
	IS("1:2,0:1", "0:1 1:2", "1:2 | 0:1"),
	IS("3:2,2:1,1:0", "1:0 2:1 3:2", "1:0 | 2:1 | 3:2"),
	RING("0:1,1:0", "0:1 1:0", "0:1 1:0"),
	RING("1:0,0:1", "0:1 1:0", "0:1 1:0"),
	RING("0:1,1:2,2:0", "0:1 1:2 2:0", "0:1 1:2 2:0"),
	RING("0:1,1:0,3:2", "0:1 1:0 3:2", "3:2 | 0:1 1:0"),
	RING("0:1,1:0,3:0", "0:1 1:0 3:0", "0:1 1:0 3:0"),
	NO("", "'' " PAIR),
	NO("0", "'0' " PAIR),
	NO("0,1", "'0' (at 1) " PAIR),
	NO("0:1,", "'' (at 5) " PAIR),
	NO(",0:1", "'' (at 1) " PAIR),
	NO("0:1,,1:0", "'' (at 5) " PAIR),
	NO("0-1", "'0-1' " PAIR),
	NO("all", "'all' " PAIR),
	NO("0:1 1:0", "'1 1:0' (at 3) is not a node number" DO3),
	NO(":", "missing node at 1" DO4),
	NO(":1", "missing node at 1" DO4),
	NO("0:", "missing node at the end" DO3),
	NO("0:,1:0", "missing node at 3" DO3),
	NO("0:1:2", "'1:2' (at 3) is not a node number" DO3),
	NO("0::1", "':1' (at 3) is not a node number" DO3),
	NO("0-1:2", "'0-1' (at 1) is not a node number" DO4),
	NO("0:1-2", "'1-2' (at 3) is not a node number" DO3),
	NO("all:1", "'all' (at 1) is not a node number" DO4),
	NO("!0:1", "'!0' (at 1) has a misplaced sign; '!', '^' and '+' are allowed only at "
		   "the start of the list"),
	NO("00:1", "'00' (at 1) has leading zeros; write plain decimal numbers"),
	NO("0:01", "'01' (at 3) has leading zeros; write plain decimal numbers"),
	NO("0: 1", "' 1' (at 3) is not a node number" DO3),
	NO("0:1\0", "'1\\000' (at 3) is not a node number" DO3),
	NO("0:18446744073709551616",
	   "'18446744073709551616' (at 3) is not a node of this machine" DO3),
	NO("1024:0", "'1024' (at 1) is not a node of this machine" DO4),
	NO("5:0", "'5' (at 1) is not a node of this machine" DO4),
	NO("4:0", "'4' (at 1) has no memory" DO4),
	NO("0:5", "'5' (at 3) is not a node of this machine" DO3),
	NO("0:4", "'4' (at 3) has no memory" DO3),
	NO("0:3", "'3' (at 3) is not allowed by the cpuset of the process" DO3),
	NO("1:1", "'1:1' has the same source and destination; omit nodes whose pages stay"),
	NO("0:1,2:2",
	   "'2:2' (at 5) has the same source and destination; omit nodes whose pages stay"),
	NO("0:1,0:2", "'0' (at 5) appears twice as a source; give each node one destination"),
	NO("0:1,0:1", "'0' (at 5) appears twice as a source; give each node one destination"),
};

static void expect_pairs(const struct pairs_row *row, const struct node_map *route)
{
	expect_route(route, row->route);
	expect_passes(route, row->passes);
	assert_int_equal(node_map_is_cyclic(route), row->cyclic);
}

static void test_pairs(void **state)
{
	const struct pairs_row *row = *state;
	char *text = malloc(row->len + !row->len), line[NODELIST_TEXT_MAX] = "";
	struct text_line why = { line, sizeof(line), 0 };
	struct nodelist_world from, to;
	struct nodeset sets[5];
	struct node_map route;

	assert_non_null(text);
	memcpy(text, row->text, row->len);
	worlds(sets, &from, &to);
	assert_int_equal(node_map_from_pairs(&route, text, row->len, &from, &to, &why),
			 row->error ? -EINVAL : 0);
	if (row->error) {
		assert_string_equal(line, row->error);
		expect_route(&route, "");
	} else {
		expect_pairs(row, &route);
	}
	free(text);
}

/* --- the rest --- */

static void expect_sets(const struct node_map *route, const char *sources, const char *destinations)
{
	static void (*const asks[])(const struct node_map *, struct nodeset *) = {
		node_map_sources,
		node_map_destinations,
	};
	const char *expected[] = { sources, destinations };
	char got[NODES_TEXT_MAX];
	struct nodeset set;

	for (size_t i = 0; i < UNIT_ROWS(asks); i++) {
		set = nodeset_all();
		asks[i](route, &set);
		nodeset_format(&set, got, sizeof(got));
		assert_string_equal(got, expected[i]);
	}
}

static void test_ends(void **state)
{
	struct node_map route;

	(void)state;
	node_map_clear(&route);
	expect_sets(&route, "none", "none");
	route.to[0] = route.to[1] = route.to[8] = 8;
	expect_sets(&route, "0-1", "8");
	route.to[1023] = 2;
	expect_sets(&route, "0-1,1023", "2,8");
}

static void models_add(struct unit_suite *suite)
{
	char list[32];
	struct nodeset set;

	for (uintptr_t from = 1; from < MODEL_SETS; from++) {
		nodeset_format(set_of(&set, (unsigned int)from), list, sizeof(list));
		unit_add(suite, test_as_kernel, (void *)from,
			 "from {%s} to each of 31 sets ends as in the kernel", list);
	}
	for (uintptr_t first = 0; first <= MODEL_NODES; first++)
		unit_add(suite, test_any_route, (void *)first,
			 "all routes with node 0 to %d keep the promises of passes",
			 (int)first - 1);
}

static void pairs_add(struct unit_suite *suite)
{
	char text[64];

	for (size_t i = 0; i < UNIT_ROWS(pairs_rows); i++) {
		const struct pairs_row *row = &pairs_rows[i];

		text_escape(row->text, row->len, text, sizeof(text));
		unit_add(suite, test_pairs, row, "pairs \"%s\": %s", text,
			 row->error ? row->error : row->passes);
	}
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(sets_rows); i++)
		unit_add(&suite, test_sets, &sets_rows[i], "{%s} to {%s} is %s", sets_rows[i].from,
			 sets_rows[i].to, sets_rows[i].passes);
	unit_add(&suite, test_sets_empty, NULL, "an empty set is an error");
	models_add(&suite);
	unit_add(&suite, test_passes_short, NULL, "passes that do not fit are counted");
	unit_add(&suite, test_passes_longest, NULL, "the longest chain has one pass per node");
	pairs_add(&suite);
	unit_add(&suite, test_ends, NULL, "nodes whose pages stay are selected, but not sources");
	return unit_run(&suite, "node_map");
}
