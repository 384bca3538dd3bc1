/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "room.h"
#include "unit.h"

struct row {
	const char *what, *text;
	int rc;
	uint64_t node0, node2;	/* pages */
};

static const struct row rows[] = {
	{ "free pages above the high watermark",
	  "Node 0, zone   Normal\n  pages free     100\n        min      5\n        high     30\n",
	  0, 70, 0 },
	{ "a zone below its high watermark takes nothing from the others",
	  "Node 0, zone      DMA\n  pages free     10\n        high     30\n"
	  "Node 0, zone   Normal\n  pages free     100\n        high     30\n", 0, 70, 0 },
	{ "half of the clean inactive file cache",
	  "Node 0, zone   Normal\n  per-node stats\n      nr_inactive_file 100\n"
	  "      nr_dirty     10\n      nr_writeback 10\n  pages free     100\n"
	  "        high     30\n", 0, 110, 0 },
	{ "a cache that is all dirty",
	  "Node 0, zone   Normal\n  per-node stats\n      nr_inactive_file 10\n"
	  "      nr_dirty     100\n  pages free     100\n        high     30\n", 0, 70, 0 },
	{ "the per-CPU lists' high: is no watermark",
	  "Node 0, zone   Normal\n  pages free     100\n        high     30\n"
	  "              high:  0\n", 0, 70, 0 },
	{ "nodes with a gap",
	  "Node 0, zone   Normal\n  pages free     100\n        high     30\n"
	  "Node 2, zone   Normal\n  pages free     50\n        high     30\n", 0, 70, 20 },
	{ "no node at all", "nonsense\n", -EINVAL, 0, 0 },
	{ "nothing", "", -EINVAL, 0, 0 },
	{ "a line cut short", "Node 0, zone   Normal\n  pages free     100\n        high", 0, 0, 0 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct room room;

	assert_int_equal(room_parse(&room, row->text, strlen(row->text), 4096), row->rc);
	assert_int_equal(room.bytes[0], row->node0 * 4096);
	assert_int_equal(room.bytes[2], row->node2 * 4096);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "room: %s", rows[i].what);
	return unit_run(&suite, "room");
}
