/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "proc/headroom.h"
#include "unit.h"

struct row {
	const char *what, *text;
	int rc;
	uint64_t node0, node2; /* pages */
};

static const struct row rows[] = {
	{ "free pages above the high watermark",
	  "Node 0, zone   Normal\n  pages free     100\n        min      5\n        high     30\n",
	  0, 70, 0 },
	{ "a zone below its high watermark does not count",
	  "Node 0, zone      DMA\n  pages free     10\n        high     30\n"
	  "Node 0, zone   Normal\n  pages free     100\n        high     30\n",
	  0, 70, 0 },
	{ "half of the clean inactive file cache",
	  "Node 0, zone   Normal\n  per-node stats\n      nr_inactive_file 100\n"
	  "      nr_dirty     10\n      nr_writeback 10\n  pages free     100\n"
	  "        high     30\n",
	  0, 110, 0 },
	{ "a completely dirty cache",
	  "Node 0, zone   Normal\n  per-node stats\n      nr_inactive_file 10\n"
	  "      nr_dirty     100\n  pages free     100\n        high     30\n",
	  0, 70, 0 },
	{ "high: of a per-CPU list is not a watermark",
	  "Node 0, zone   Normal\n  pages free     100\n        high     30\n"
	  "              high:  0\n",
	  0, 70, 0 },
	{ "a gap in the node numbers",
	  "Node 0, zone   Normal\n  pages free     100\n        high     30\n"
	  "Node 2, zone   Normal\n  pages free     50\n        high     30\n",
	  0, 70, 20 },
	{ "no node", "nonsense\n", -EINVAL, 0, 0 },
	{ "nothing", "", -EINVAL, 0, 0 },
	{ "a line cut short", "Node 0, zone   Normal\n  pages free     100\n        high", 0, 0,
	  0 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct headroom room;

	assert_int_equal(headroom_parse(&room, row->text, strlen(row->text), 4096), row->rc);
	assert_int_equal(room.bytes[0], row->node0 * 4096);
	assert_int_equal(room.bytes[2], row->node2 * 4096);
}

static void test_kernel(void **state)
{
	static const char text[] = "Node 0, zone      DMA\n        managed  3840\n"
				   "Node 0, zone  Movable\n        managed  0\n"
				   "Node 1, zone   Normal\n        managed  0\n"
				   "Node 1, zone  Movable\n        managed  262144\n"
				   "Node 2, zone   Device\n        managed  262144\n";
	struct headroom room;

	(void)state;
	assert_int_equal(headroom_parse(&room, text, strlen(text), 4096), 0);
	assert_int_equal(nodeset_count(&room.kernel), 1);
	assert_true(nodeset_has(&room.kernel, 0));
}

struct huge_row {
	const char *what, *text;
	int rc;
	uint64_t node0, node2; /* huge pages of 512 base pages */
};

static const struct huge_row huge_rows[] = {
	{ "blocks of the order and above count",
	  "Node 0, zone   Normal      9      8      7      6      5      4      3      2      1"
	  "      3      2 \n",
	  0, 7, 0 },
	{ "the zones of a node add up",
	  "Node 0, zone      DMA      0      0      0      0      0      0      0      0      0"
	  "      1      0 \n"
	  "Node 0, zone    DMA32      0      0      0      0      0      0      0      0      0"
	  "      2      0 \n"
	  "Node 2, zone   Normal      0      0      0      0      0      0      0      0      0"
	  "      0      1 \n",
	  0, 3, 2 },
	{ "small blocks do not make a huge page",
	  "Node 0, zone   Normal  99999  99999  99999  99999  99999  99999  99999  99999  99999"
	  "      0      0 \n",
	  0, 0, 0 },
	{ "a kernel with fewer orders", "Node 0, zone   Normal      9      8 \n", 0, 0, 0 },
	{ "more orders than any kernel has",
	  "Node 0, zone x 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
	  "0 0 0 0 0 0 0 0 1",
	  -EINVAL, 0, 0 },
	{ "a line cut short", "Node 0, zo", -EINVAL, 0, 0 },
	{ "no numbers", "Node 0, zone   Normal  many\n", -EINVAL, 0, 0 },
	{ "nothing", "", -EINVAL, 0, 0 },
};

static void test_huge_row(void **state)
{
	const struct huge_row *row = *state;
	struct huge_headroom room;

	assert_int_equal(huge_headroom_parse(&room, row->text, strlen(row->text), 9), row->rc);
	if (row->rc)
		return;
	assert_int_equal(room.pages[0], row->node0);
	assert_int_equal(room.pages[2], row->node2);
}

/* On this machine: node 0 has some room, but less than the last claim. */
static void test_claims(void **state)
{
	static struct headroom_guard g;

	(void)state;
	headroom_guard_start(&g, false);
	assert_true(headroom_claim(&g, 0, 4096));
	assert_true(headroom_claim(&g, 0, 4096));
	assert_false(headroom_claim(&g, 0, 1ULL << 62));
	assert_false(headroom_claim(&g, NODES_MAX - 1, 4096));
	headroom_guard_start(&g, true);
	assert_true(headroom_claim(&g, NODES_MAX - 1, 1ULL << 62));
}

static void test_huge_claims(void **state)
{
	static struct headroom_guard g;

	(void)state;
	headroom_guard_start(&g, false);
	assert_false(headroom_claim_huge(&g, 0, 40));
	assert_false(headroom_claim_huge(&g, NODES_MAX - 1, 0));
	headroom_guard_start(&g, false);
	assert_true(headroom_claim_huge(&g, 0, 0));
	assert_true(headroom_claim_huge(&g, 0, 0));
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_kernel, NULL, "the kernel cannot use nodes with ZONE_MOVABLE only");
	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "room: %s", rows[i].what);
	for (size_t i = 0; i < UNIT_ROWS(huge_rows); i++)
		unit_add(&suite, test_huge_row, &huge_rows[i], "huge room: %s", huge_rows[i].what);
	unit_add(&suite, test_claims, NULL, "room: a claim for more than there is fails");
	unit_add(&suite, test_huge_claims, NULL,
		 "huge room: a claim fails if no zone has a huge page");
	return unit_run(&suite, "room");
}
