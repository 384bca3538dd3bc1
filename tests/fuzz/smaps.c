/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of smaps (census.h): lines that count huge pages have the value that sscanf(3) parses.
 */
#include <config.h>

#include "engine/census.h"
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_key(const char *line)
{
	return strncmp(line, "AnonHugePages:", 14) == 0 ||
	       strncmp(line, "ShmemPmdMapped:", 15) == 0 ||
	       strncmp(line, "FilePmdMapped:", 14) == 0;
}

void fuzz_target(const char *text, size_t len)
{
	uint64_t kib = 0, second = 0;
	char *line = fuzz_string(text, len);
	int rc = census_parse(text, len, &kib);

	HOLDS(rc == 0 || rc == 1);
	if (rc == 1) {
		HOLDS(is_key(line));
		HOLDS(sscanf(strchr(line, ':') + 1, "%" SCNu64, &second) == 1);
		HOLDS(kib == second && kib <= UINT64_MAX >> 10);
	}
	free(line);
}
