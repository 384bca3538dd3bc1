/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/status: the list (bits.h) and the size (number.h) are those of the first line with
 * the name.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/nodeset.h"
#include "util/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The value of the first such line, without leading spaces. */
static bool second_look(const char *text, size_t len, const char *key, struct fuzz_part *value)
{
	struct fuzz_part rest = { text, len }, line;

	while (rest.len) {
		line = fuzz_split(rest.at, rest.len, '\n', &rest);
		if (line.len < strlen(key) || memcmp(line.at, key, strlen(key)) != 0)
			continue;
		*value = (struct fuzz_part){ line.at + strlen(key), line.len - strlen(key) };
		for (; value->len && (*value->at == ' ' || *value->at == '\t'); value->len--)
			value->at++;
		return true;
	}
	return false;
}

static void check_list(const char *text, size_t len)
{
	struct nodeset set = { { 0 } }, second = { { 0 } };
	struct fuzz_part value;
	int rc = bits_parse_field(BITS(&set), text, len, "Mems_allowed_list");

	if (!second_look(text, len, "Mems_allowed_list:", &value)) {
		HOLDS(rc == -ENOENT);
		return;
	}
	HOLDS(rc == nodeset_parse_list(value.at, value.len, &second));
	HOLDS(memcmp(&set, &second, sizeof(second)) == 0);
}

static void check_memory(const char *text, size_t len)
{
	char *copy = fuzz_string(text, len);
	uint64_t bytes = 1;
	int rc = number_find_kib(copy, "VmRSS", &bytes);
	struct fuzz_part value, rest;

	if (!second_look(copy, strlen(copy), "VmRSS:", &value)) {
		HOLDS(rc == -ENOENT);
	} else {
		const char *at = value.at, *end;
		long kib;

		value = fuzz_split(value.at, value.len, ' ', &rest);
		end = value.at + value.len;
		if (!fuzz_number(&at, end, &kib) || at != end)
			HOLDS(rc == -EINVAL);
		else if (kib < FUZZ_MANY)
			HOLDS(rc == 0 && bytes == (uint64_t)kib << 10);
	}
	free(copy);
}

void fuzz_target(const char *text, size_t len)
{
	check_list(text, len);
	check_memory(text, len);
}
