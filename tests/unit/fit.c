/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/engine.h"
#include "engine/fit.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/address_space.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21, GIGANTIC = 30 };

/* Mappings of base pages, of 2 MiB and of 1 GiB hugetlb pages; pages of kind I are in mapping I. */
static struct vma mappings[] = {
	{ .page_shift = BASE, .kind = VMA_ANON },
	{ .page_shift = HUGE, .kind = VMA_HUGETLB },
	{ .page_shift = GIGANTIC, .kind = VMA_HUGETLB },
};
static const struct address_space maps = { mappings, 3 };

/* Two free huge pages of each size on each node. */
static uint64_t two_free(int node, unsigned int shift)
{
	(void)node;
	(void)shift;
	return 2;
}

struct row {
	const char *what;
	struct {
		unsigned int n, kind; /* pages of mappings[kind] */
		int from, to;
	} flow[3];
	uint64_t room; /* on each node, bytes */
	int node;      /* without enough room, or -1 */
};

static const struct row rows[] = {
	{ "exactly enough room is enough", { { 4, 0, 0, 1 } }, 4 << BASE, -1 },
	{ "one page more does not fit", { { 5, 0, 0, 1 } }, 4 << BASE, 1 },
	{ "a swap needs no room", { { 9, 0, 0, 1 }, { 9, 0, 1, 0 } }, 0, -1 },
	{ "only the net increase of a node counts",
	  { { 9, 0, 0, 1 }, { 6, 0, 1, 2 } },
	  6 << BASE,
	  -1 },
	{ "the net increase can exceed the room",
	  { { 9, 0, 0, 1 }, { 1, 0, 1, 2 } },
	  7 << BASE,
	  1 },
	{ "free hugetlb pages need no other room", { { 2, 1, 0, 1 } }, 0, -1 },
	{ "one hugetlb page more needs room", { { 3, 1, 0, 1 } }, (1 << HUGE) - 1, 1 },
	{ "one hugetlb page more fits if there is room", { { 3, 1, 0, 1 } }, 1 << HUGE, -1 },
	{ "gigantic pages come from their pool", { { 2, 2, 0, 3 } }, 0, -1 },
	{ "gigantic pages come only from their pool", { { 3, 2, 0, 3 } }, 1ULL << 40, 3 },
};

static void test_row(void **state)
{
	static struct fit fit;
	const struct row *row = *state;
	static const unsigned int shift[] = { BASE, HUGE, GIGANTIC };
	struct shortage s;

	fit = (struct fit){ .space = &maps, .free_huge = two_free, .knows_room = true };
	for (int n = 0; n < NODES_MAX; n++)
		fit.room.bytes[n] = row->room;
	for (size_t i = 0; i < 3; i++) {
		struct page p = {
			.vma = row->flow[i].kind,
			.from = (int16_t)row->flow[i].from,
			.to = (int16_t)row->flow[i].to,
			.outcome = OUTCOME_WOULD_MOVE,
			.shift = (uint8_t)shift[row->flow[i].kind],
		};

		for (unsigned int n = 0; n < row->flow[i].n; n++)
			assert_int_equal(fit_pages(&fit.sink, &p, 1), 0);
	}
	s = fit_shortage(&fit);
	assert_int_equal(s.node, row->node);
	if (s.node >= 0)
		assert_true(s.need > s.room);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "fit_check: %s", rows[i].what);
	return unit_run(&suite, "fit_check");
}
