/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node lists of users (nodelist.h), in one of several worlds, selected by the first byte: same
 * result as a second parser for plain lists, only usable nodes, round trip, and printable
 * messages.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/nodelist.h"

#include <errno.h>
#include <string.h>

enum { ONLINE, MEMORY, CPU, CALLER, TARGET, LOCAL, SETS };

static const struct {
	bool destination;
	const char *set[SETS]; /* NULL for TARGET and LOCAL: no process yet */
} worlds[] = {
	{ false, { "0-3", "0-3", "0-3", "0-3", NULL, NULL } },
	{ true, { "0-3", "0-3", "0-3", "2-3", "0-3", "1" } },
	{ true, { "0,8,1023", "0,8,1023", "0", "0,8,1023", "8,1023", "0" } },
	{ false, { "0-2", "0-1", "0-2", "0-7", "0-2", "0-2" } },
	{ true, { "0-7", "1,3,5,7", "0-3", "3-7", "0-5", "5" } },
	{ true, { "0-3", "0-3", "0-3", "0-1", "2-3", "2" } },
	{ false, { "0-31,64", "0-31,64", "0-15", "0-31", "0-31,64", "3" } },
	{ true, { "0", "0", "0", "0", NULL, NULL } },
};

enum { WORLDS = sizeof(worlds) / sizeof(worlds[0]) };

static struct nodeset sets[WORLDS][SETS];

static const struct nodeset *set_of(size_t world, size_t set)
{
	return worlds[world].set[set] ? &sets[world][set] : NULL;
}

static void sets_make(void)
{
	for (size_t i = 0; i < WORLDS * SETS; i++) {
		const char *text = worlds[i / SETS].set[i % SETS];
		struct nodeset *set = &sets[i / SETS][i % SETS];

		HOLDS(!text || nodeset_parse_list(text, strlen(text), set) == 0);
	}
}

/* A fake: the last byte determines the node of the device. */
static int device(const char *text, size_t len, struct nodeset *nodes, char *why, size_t why_size)
{
	HOLDS(why_size == NODELIST_WHY_MAX);
	if (text[len - 1] == '?') {
		strcpy(why, "is not a device");
		return -EINVAL;
	}
	nodeset_add(nodes, (unsigned char)text[len - 1] % 8);
	return 0;
}

static struct nodelist_world world_make(size_t i)
{
	if (nodeset_empty(&sets[0][0]))
		sets_make();
	return (struct nodelist_world){
		.online = set_of(i, ONLINE),
		.memory = set_of(i, MEMORY),
		.cpu = set_of(i, CPU),
		.caller = set_of(i, CALLER),
		.target = set_of(i, TARGET),
		.local = set_of(i, LOCAL),
		.destination = worlds[i].destination,
		.device = i % 2 ? device : NULL,
	};
}

/* Parse lists of digits, commas and dashes only. */
static bool second_reader(const char *at, const char *end, const struct nodeset *usable,
			  struct nodeset *nodes)
{
	long first, last;

	for (;; at++) {
		if (!fuzz_range(&at, end, &first, &last) || last >= NODES_MAX || last < first ||
		    !nodeset_has(usable, first) || !nodeset_has(usable, last))
			return false;
		for (long node = first; node <= last; node++)
			if (nodeset_has(usable, node))
				nodeset_add(nodes, node);
		if (at == end)
			return true;
		if (*at != ',')
			return false;
	}
}

static bool is_simple(const char *text, size_t len)
{
	while (len && memchr("0123456789,-", text[len - 1], 12))
		len--;
	return len == 0;
}

static void there_and_back(const struct nodeset *nodes, const struct nodelist_world *w)
{
	char text[NODES_TEXT_MAX];
	char line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };
	struct nodeset again;
	int len = nodeset_format(nodes, text, sizeof(text));

	HOLDS(nodelist_parse(text, (size_t)len, w, &again, &why) == 0);
	HOLDS(memcmp(nodes, &again, sizeof(again)) == 0);
}

void fuzz_target(const char *text, size_t len)
{
	struct nodelist_world w = world_make(len ? (unsigned char)text[0] % WORLDS : 0);
	struct nodeset nodes, usable, second = { { 0 } };
	char line[NODELIST_TEXT_MAX] = "";
	struct text_line why = { line, sizeof(line), 0 };
	bool simple, sound;
	int rc;

	text += len ? 1 : 0;
	len -= len ? 1 : 0;
	rc = nodelist_parse(text, len, &w, &nodes, &why);
	HOLDS(rc == 0 || rc == -EINVAL || (rc == -EAGAIN && !w.local));
	HOLDS(nodeset_empty(&nodes) == (rc != 0));
	usable = nodelist_usable(&w);
	HOLDS(nodeset_subset(&nodes, &usable));
	simple = is_simple(text, len);
	sound = simple && second_reader(text, text + len, &usable, &second);
	HOLDS(!simple || sound == (rc == 0));
	HOLDS(!sound || memcmp(&nodes, &second, sizeof(second)) == 0);
	HOLDS(why.full == strlen(line));
	if (rc)
		HOLDS(why.full > 0 && fuzz_is_plain(line));
	else
		there_and_back(&nodes, &w);
}
