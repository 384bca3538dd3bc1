/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zoneinfo and buddyinfo (headroom.h): room is a multiple of the page size, and the counts of two
 * orders differ by the blocks of the lower one.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/headroom.h"

#include <errno.h>
#include <string.h>

enum { PAGE = 4096, ORDER = 9, NODES = 16 };

static void check_zoneinfo(const char *text, size_t len)
{
	static struct headroom room;
	int rc = headroom_parse(&room, text, len, PAGE);

	HOLDS(rc == 0 || rc == -EINVAL);
	for (int node = 0; node < NODES; node++)
		HOLDS(room.bytes[node] % PAGE == 0 && (!rc || !room.bytes[node]));
}

/* A block of a higher order is two blocks of this one. */
static void check_buddyinfo(const char *text, size_t len)
{
	static struct huge_headroom small, large;
	int rc = huge_headroom_parse(&small, text, len, ORDER);

	HOLDS(rc == 0 || rc == -EINVAL);
	HOLDS(huge_headroom_parse(&large, text, len, ORDER + 1) == rc);
	for (int node = 0; !rc && node < NODES; node++)
		HOLDS(small.pages[node] / 2 >= large.pages[node]);
}

void fuzz_target(const char *text, size_t len)
{
	check_zoneinfo(text, len);
	check_buddyinfo(text, len);
}
