/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of nodes in the format of sysfs and cpuset files (bits.h): same result as a second parser;
 * round trip, also when truncated.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/nodeset.h"

#include <errno.h>
#include <string.h>

static bool second_reader(const char *at, const char *end, struct nodeset *set)
{
	long first, last, before = -1;

	if (at < end && end[-1] == '\n')
		end--;
	if (at == end)
		return true;
	for (;; at++) {
		if (!fuzz_range(&at, end, &first, &last) || first <= before || last < first ||
		    last >= NODES_MAX)
			return false;
		for (long node = first; node <= last; node++)
			nodeset_add(set, node);
		before = last;
		if (at == end)
			return true;
		if (*at != ',')
			return false;
	}
}

/* Complete items, then "..."; or nothing if not even that fits. */
static void check_cut(const struct nodeset *set, const char *full, size_t size)
{
	char cut[64];
	int len = nodeset_format(set, cut, size);
	size_t kept = strlen(cut);

	HOLDS((size_t)len == strlen(full));
	HOLDS(kept < size);
	if ((size_t)len < size) {
		HOLDS(strcmp(cut, full) == 0);
	} else if (kept) {
		HOLDS(kept >= 3 && strcmp(cut + kept - 3, "...") == 0);
		HOLDS(memcmp(cut, full, kept - 3) == 0);
	}
}

static void there_and_back(const struct nodeset *set)
{
	char text[NODES_TEXT_MAX];
	struct nodeset again;
	int len = nodeset_format(set, text, sizeof(text));

	HOLDS((size_t)len == strlen(text));
	if (nodeset_empty(set)) {
		HOLDS(strcmp(text, "none") == 0);
		return;
	}
	HOLDS(nodeset_parse_list(text, (size_t)len, &again) == 0);
	HOLDS(memcmp(set, &again, sizeof(again)) == 0);
	for (size_t size = 1; size < 24; size += 5)
		check_cut(set, text, size);
}

void fuzz_target(const char *text, size_t len)
{
	struct nodeset set = nodeset_all(), second = { { 0 } };
	int rc;

	rc = nodeset_parse_list(text, len, &set);
	if (rc) {
		HOLDS(rc == -EINVAL || rc == -ERANGE);
		HOLDS(nodeset_count(&set) == NODES_MAX);
		HOLDS(!second_reader(text, text + len, &second));
		return;
	}
	HOLDS(second_reader(text, text + len, &second));
	HOLDS(memcmp(&set, &second, sizeof(second)) == 0);
	there_and_back(&set);
}
