/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "proc/frames.h"
#include "unit.h"

/* As the kernel writes it: zones without frames, a movable zone, other lines with numbers. */
static const char zoneinfo[] = "Node 0, zone      DMA\n"
			       "  per-node stats\n"
			       "      nr_inactive_anon 7\n"
			       "  pages free     3840\n"
			       "        spanned  4095\n"
			       "        present  3998\n"
			       "  start_pfn:           1\n"
			       "Node 0, zone    DMA32\n"
			       "        spanned  126976\n"
			       "  start_pfn:           4096\n"
			       "Node 0, zone   Normal\n"
			       "        spanned  0\n"
			       "  start_pfn:           0\n"
			       "Node 2, zone  Movable\n"
			       "        spanned  1000\n"
			       "  start_pfn:           300000\n"
			       "Node 1, zone   Normal\n"
			       "        spanned  65536\n"
			       "  start_pfn:           131072\n";

static int node_of(const struct frames *f, uint64_t frame)
{
	const struct frame_span *span = frames_find(f, frame);

	return span ? span->node : -1;
}

static void test_nodes(void **state)
{
	struct frames f;

	(void)state;
	assert_int_equal(frames_parse(&f, zoneinfo, sizeof(zoneinfo) - 1), 0);
	assert_int_equal(f.n, 3);
	assert_int_equal(node_of(&f, 0), -1);
	assert_int_equal(node_of(&f, 1), 0);
	assert_int_equal(node_of(&f, 131071), 0);
	assert_int_equal(node_of(&f, 131072), 1);
	assert_int_equal(node_of(&f, 196607), 1);
	assert_int_equal(node_of(&f, 196608), -1);
	assert_int_equal(node_of(&f, 300999), 2);
	assert_int_equal(node_of(&f, 301000), -1);
}

struct row {
	const char *name, *text;
};

static const struct row rows[] = {
	{ "nothing", "" },
	{ "a zone of no node", "spanned 10\nstart_pfn: 10\n" },
	{ "a node that cannot be", "Node 1024, zone Normal\nspanned 10\nstart_pfn: 10\n" },
	{ "frames that cannot be",
	  "Node 0, zone Normal\nspanned 18446744073709551615\nstart_pfn: 10\n" },
	{ "frames of two nodes that are mixed",
	  "Node 0, zone Normal\nspanned 100\nstart_pfn: 10\n"
	  "Node 1, zone Normal\nspanned 10\nstart_pfn: 50\n" },
};

static void test_refused(void **state)
{
	const struct row *row = *state;
	struct frames f;

	assert_int_equal(frames_parse(&f, row->text, strlen(row->text)), -EINVAL);
	assert_int_equal(f.n, 0);
}

/* This machine has a node for frame after frame. */
static void test_here(void **state)
{
	struct frames f;

	(void)state;
	assert_int_equal(frames_read(&f), 0);
	for (size_t i = 0; i < f.n; i++) {
		assert_true(f.span[i].start < f.span[i].end);
		assert_int_equal(node_of(&f, f.span[i].start), f.span[i].node);
	}
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_nodes, NULL, "the zones of a node are one span");
	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_refused, &rows[i], "%s: no nodes are known", rows[i].name);
	unit_add(&suite, test_here, NULL, "zoneinfo of this machine is understood");
	return unit_run(&suite, "frames");
}
