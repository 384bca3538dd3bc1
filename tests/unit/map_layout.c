/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "plan/plan.h"
#include "proc/address_space.h"
#include "report/map.h"
#include "unit.h"

enum { CELLS = 16, MANY = 65536 };

/* KIND:PAGES[@GAP][/FILE] of each mapping, and the groups: MAPPINGS*ROWS:CELL */
struct row {
	const char *what, *mappings, *groups;
};

static const struct row rows[] = {
	{ "a page is a cell", "a:1", "1*1:12" },
	{ "a row at the finest scale", "a:16", "1*1:12" },
	{ "one page more needs a coarser scale", "a:17", "1*1:13" },
	{ "one row suffices up to 16 pages per cell", "a:256", "1*1:16" },
	{ "then a row is added for each doubling", "a:257 a:512 a:513", "1*2:16 1*2:16 1*3:16" },
	{ "a huge mapping has at most 16 rows", "a:1099511627776", "1*16:44" },
	{ "the parts of a file are one group", "f:1/1 f:2/1 f:1/2", "2*1:12 1*1:12" },
	{ "anonymous memory directly after a file belongs to its group", "f:1/1 a:1 a:1",
	  "3*1:12" },
	{ "distant or large anonymous memory does not", "f:1/1 a:1@1 f:1/2 a:17",
	  "1*1:12 1*1:12 1*1:12 1*1:13" },
	{ "mappings without a file have their own groups", "a:1 a:1 s:1 s:1",
	  "1*1:12 1*1:12 1*1:12 1*1:12" },
	{ "a hugetlb page is a cell", "h:2048", "1*1:21" },
	{ "heap and stack have their own groups", "e:1 k:1", "1*1:12 1*1:12" },
};

struct made {
	struct address_space space;
	struct plan plan;
};

static const struct {
	char letter;
	enum vma_kind kind;
	uint8_t page_shift;
} letters[] = {
	{ 'a', VMA_ANON, 12 },	  { 'f', VMA_FILE, 12 }, { 's', VMA_SHM, 12 },
	{ 'h', VMA_HUGETLB, 21 }, { 'e', VMA_HEAP, 12 }, { 'k', VMA_STACK, 12 },
};

static void made_add(struct made *m, char letter, uint64_t pages, uint64_t gap, uint64_t file)
{
	static char no_name[] = "";
	size_t i = m->space.n++, k = 0;
	uint64_t start = (i ? m->space.at[i - 1].end : 0x10000) + (gap << 12);

	while (letters[k].letter != letter)
		k++;
	m->space.at[i] = (struct vma){ .start = start,
				       .end = start + (pages << 12),
				       .inode = file,
				       .kind = letters[k].kind,
				       .page_shift = letters[k].page_shift,
				       .name = no_name };
	m->plan.range[m->plan.n++] = (struct range){ .start = start,
						     .end = start + (pages << 12),
						     .vma = (uint32_t)i };
}

static struct made made_new(size_t n)
{
	return (struct made){ { calloc(n, sizeof(struct vma)), 0 },
			      { .range = calloc(n, sizeof(struct range)) } };
}

static void made_free(struct made *m)
{
	free(m->space.at);
	free(m->plan.range);
}

static void made_parse(struct made *m, const char *text)
{
	for (const char *c = text; c; c = strchr(c, ' ') ? strchr(c, ' ') + 1 : NULL) {
		uint64_t pages = 0, gap = 0, file = 0;

		if (sscanf(c + 1, ":%" SCNu64 "@%" SCNu64, &pages, &gap) < 2)
			sscanf(c + 1, ":%" SCNu64 "/%" SCNu64, &pages, &file);
		made_add(m, *c, pages, gap, file);
	}
}

static void describe(const struct map_layout *l, char *text)
{
	struct map_group g;

	*text = '\0';
	for (size_t i = 0; i < l->n; i = g.end) {
		g = map_layout_group(l, i);
		text += sprintf(text, "%s%zu*%" PRIu64 ":%u", i ? " " : "", g.end - g.first, g.rows,
				g.cell_shift);
	}
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct made made = made_new(16);
	struct map_layout layout;
	char text[256];

	made_parse(&made, row->mappings);
	assert_int_equal(map_layout_choose(&layout, &made.plan, &made.space, 12, CELLS), 0);
	describe(&layout, text);
	free(layout.range);
	made_free(&made);
	assert_string_equal(text, row->groups);
}

/* Every range is in one group, and the rows fit, for random mappings. */
static void assert_fits(const struct made *made, size_t cells)
{
	struct map_layout layout;
	uint64_t rows_made = 0;
	struct map_group g;

	assert_int_equal(map_layout_choose(&layout, &made->plan, &made->space, 12, cells), 0);
	for (size_t i = 0; i < made->plan.n; i = g.end) {
		uint64_t bytes = 0;

		g = map_layout_group(&layout, i);
		assert_int_equal(g.first, i);
		assert_true(g.end > g.first);
		for (size_t k = g.first; k < g.end; k++)
			bytes += made->plan.range[k].end - made->plan.range[k].start;
		assert_int_equal(g.bytes, bytes);
		assert_true(g.cells << g.cell_shift >= bytes);
		rows_made += g.rows;
	}
	assert_true(rows_made <= MAP_LAYOUT_ROWS);
	free(layout.range);
}

static void test_many(void **state)
{
	static const char *const kinds_of[] = { "a", "s", "fas", "faas", "ae", "k" };
	const uint64_t sizes[] = { 1, 17, 16384, 1ULL << 28 };

	(void)state;
	for (size_t k = 0; k < UNIT_ROWS(kinds_of); k++) {
		for (size_t z = 0; z < UNIT_ROWS(sizes); z++) {
			bool few = strpbrk(kinds_of[k], "ek");
			struct made made = made_new(MANY);

			for (size_t i = 0; i < (few ? 30 : MANY); i++)
				made_add(&made, kinds_of[k][i % strlen(kinds_of[k])],
					 sizes[(i + z) % (z + 1)], i % 3, i / 4);
			assert_fits(&made, 16);
			assert_fits(&made, 368);
			made_free(&made);
		}
	}
}

/* Gaps between the ranges of a group are skipped. */
static void test_address(void **state)
{
	const struct {
		uint64_t offset, address;
	} cases[] = {
		{ 0, 0x10000 },
		{ 0xfff, 0x10fff },
		{ 0x1000, 0x13000 },
		{ 0x2fff, 0x14fff },
	};
	struct made made = made_new(2);
	struct map_layout layout;
	struct map_group g;

	(void)state;
	made_parse(&made, "f:1/1 f:2@2");
	made.space.at[1].inode = 1;
	assert_int_equal(map_layout_choose(&layout, &made.plan, &made.space, 12, CELLS), 0);
	g = map_layout_group(&layout, 0);
	for (size_t i = 0; i < UNIT_ROWS(cases); i++)
		assert_int_equal(map_layout_address(&layout, &g, cases[i].offset),
				 cases[i].address);
	free(layout.range);
	made_free(&made);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "%s", rows[i].what);
	unit_add(&suite, test_many, NULL, "the rows fit for any process");
	unit_add(&suite, test_address, NULL, "a row begins at the address of its first byte");
	return unit_run(&suite, "layout");
}
