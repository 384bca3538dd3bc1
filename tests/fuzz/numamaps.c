/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of numa_maps (numa_maps.h): same counts as a second implementation, and a rejected line
 * adds nothing.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/numa_maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct numa_maps zero, got, second;

/* "N<node>=<pages>", digits only. */
static bool is_count(const char *word, long *node, unsigned long *pages)
{
	const char *at = word + 1, *end = word + strlen(word);

	if (word[0] != 'N' || !fuzz_number(&at, end, node) || *node >= NODES_MAX || *at != '=')
		return false;
	*pages = strtoul(at + 1, NULL, 10);
	return true;
}

static bool has_value(const char *word, const char *key)
{
	return strncmp(word, key, strlen(key)) == 0 && word[strlen(key)];
}

static void second_count(char *line)
{
	static const char key[] = "kernelpagesize_kB=";
	const char *size = NULL;
	bool memory = false;
	char *save, *word;
	char *copy = fuzz_string(line, strlen(line));

	for (word = strtok_r(copy, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		memory |= has_value(word, "file=") || has_value(word, "anon=");
		if (!size && has_value(word, key))
			size = word + sizeof(key) - 1;
	}
	for (word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		unsigned long pages;
		long node;

		if (is_count(word, &node, &pages) && memory)
			second.bytes[node] += pages * (size ? strtoul(size, NULL, 10) : 0) * 1024;
	}
	free(copy);
}

void fuzz_target(const char *text, size_t len)
{
	char *line = fuzz_string(text, len);
	int rc;

	got = second = zero;
	rc = numa_maps_parse(&got, text, strlen(line));
	HOLDS(rc == 0 || rc == -EINVAL);
	if (rc == 0)
		second_count(line);
	HOLDS(memcmp(&got, &second, sizeof(got)) == 0);
	free(line);
}
