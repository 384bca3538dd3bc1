/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "plan/operand.h"
#include "plan/plan.h"
#include "plan/seen.h"
#include "proc/address_space.h"
#include "unit.h"

#define VSYSCALL 0xffffffffff600000

/* Two adjacent mappings, a hugetlb one, one that cannot move, and [vsyscall]. */
static struct vma mappings[] = {
	{ .start = 0x10000, .end = 0x14000, .page_shift = 12, .kind = VMA_ANON },
	{ .start = 0x14000, .end = 0x15000, .page_shift = 12, .kind = VMA_FILE },
	{ .start = 0x400000, .end = 0xa00000, .page_shift = 21, .kind = VMA_HUGETLB },
	{ .start = 0xf00000, .end = 0xf01000, .page_shift = 12, .kind = VMA_SPECIAL },
	{ .start = VSYSCALL, .end = VSYSCALL + 0x1000, .page_shift = 12, .kind = VMA_SPECIAL },
};
static const struct address_space maps = { mappings, 5 };

struct row {
	const char *pages; /* operands, separated by spaces */
	const char *
		expected; /* START-END:MAPPING[s][=NODE], separated by spaces; "-1": nothing mapped */
};

static const struct row rows[] = {
	{ "10000-12000", "10000-12000:0" },
	{ "10001-10002", "10000-11000:0" },
	{ "10fff-11001", "10000-12000:0" },
	{ "0-20000", "10000-14000:0 14000-15000:1" },
	{ "13000-14001=2", "13000-14000:0=2 14000-15000:1=2" },
	{ "10123", "10000-11000:0s" },
	{ "14000=1", "14000-15000:1s=1" },
	{ "5ff000", "400000-600000:2s" },
	{ "5fffff-600001", "400000-800000:2" },
	{ "400000+1", "400000-600000:2" },
	{ "20000", "20000-20001:-1s" },
	{ "14000 10000", "10000-11000:0s 14000-15000:1s" },
	{ "14000-15000 10000", "14000-15000:1 10000-11000:0s" },
	{ "12000=1 10000-11000 14000=2 12000=3 12000=4 12000-13000",
	  "12000-13000:0s=1 10000-11000:0 12000-13000:0s=3 12000-13000:0s=4 14000-15000:1s=2 "
	  "12000-13000:0" },
	{ "10000 10000", "10000-11000:0s 10000-11000:0s" },
	{ "f00000+4K", "f00000-f01000:3" },
	{ "0-ffffffffffffffff", "10000-14000:0 14000-15000:1 400000-a00000:2 f00000-f01000:3" },
	{ "ffffffffff600000-ffffffffff601000", "" },
	{ "ffffffffff600000", "ffffffffff600000-ffffffffff601000:4s" },
	{ "20000-30000", NULL },
	{ "10000 20000-30000", NULL },
};

static void describe(const struct plan *plan, char *text)
{
	*text = '\0';
	for (size_t i = 0; i < plan->n; i++) {
		const struct range *r = &plan->range[i];

		text += sprintf(text, "%s%" PRIx64 "-%" PRIx64 ":%d%s", i ? " " : "", r->start,
				r->end, (int)r->vma, r->single ? "s" : "");
		if (r->to != RANGE_BY_MAP)
			text += sprintf(text, "=%d", r->to);
	}
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct operand operand[8];
	struct text_error err;
	struct plan plan;
	char pages[64], got[256];
	size_t n = 0, bad;
	int rc;

	strcpy(pages, row->pages);
	for (char *p = strtok(pages, " "); p; p = strtok(NULL, " "))
		assert_int_equal(operand_parse(p, strlen(p), &operand[n++], &err), 0);
	rc = plan_operands(&plan, &maps, operand, n, &bad);
	assert_int_equal(rc, row->expected ? 0 : -ENXIO);
	describe(&plan, got);
	if (rc)
		assert_int_equal(bad, n - 1);
	else
		assert_string_equal(got, row->expected);
	plan_free(&plan);
}

static void test_whole(void **state)
{
	struct plan plan;
	char got[256];

	(void)state;
	assert_int_equal(plan_whole(&plan, &maps, false), 0);
	describe(&plan, got);
	assert_string_equal(got, "10000-14000:0 14000-15000:1 400000-a00000:2");
	plan_free(&plan);
	assert_int_equal(plan_whole(&plan, &maps, true), 0);
	describe(&plan, got);
	assert_string_equal(got, "10000-14000:0 14000-15000:1 400000-a00000:2 f00000-f01000:3");
	plan_free(&plan);
}

/* Shared memory that begins in the middle of a 2 MiB block and of its file; a private file. */
static struct vma shared_mappings[] = {
	{ .start = 0x10000, .end = 0x14000, .page_shift = 12, .kind = VMA_ANON },
	{ .start = 0x300000,
	  .end = 0x900000,
	  .offset = 0x100000,
	  .minor = 1,
	  .inode = 9,
	  .page_shift = 12,
	  .kind = VMA_SHM,
	  .shared = true },
	{ .start = 0xa00000,
	  .end = 0xe00000,
	  .major = 8,
	  .inode = 9,
	  .page_shift = 12,
	  .kind = VMA_FILE },
};
static const struct address_space shared_maps = { shared_mappings, 3 };

/* Parts of a file mapped three times, and a file mapped once. */
static struct vma twin_mappings[] = {
	{ .start = 0x10000, .end = 0x14000, .offset = 0x4000, .major = 8, .inode = 9 },
	{ .start = 0x20000, .end = 0x24000, .major = 8, .inode = 9 },
	{ .start = 0x30000, .end = 0x3a000, .offset = 0x5000, .major = 8, .inode = 9 },
	{ .start = 0x40000, .end = 0x4a000, .major = 8, .inode = 8 },
	{ .start = 0x50000, .end = 0x51000, .offset = 0xe000, .major = 8, .inode = 9 },
	{ .start = 0x60000, .end = 0x61000, .offset = 0xf000, .major = 8, .inode = 9 },
};

static void test_twins(void **state)
{
	static const struct {
		uint64_t start, end;
	} expected[] = {
		{ 0x11000, 0x14000 }, { 0, 0 }, { 0x30000, 0x3a000 }, { 0, 0 },
		{ 0x50000, 0x51000 }, { 0, 0 },
	};
	const struct address_space space = { twin_mappings, UNIT_ROWS(twin_mappings) };
	struct plan plan;

	(void)state;
	for (size_t i = 0; i < space.n; i++) {
		twin_mappings[i].kind = VMA_FILE;
		twin_mappings[i].page_shift = 12;
	}
	assert_int_equal(plan_whole(&plan, &space, false), 0);
	assert_int_equal(plan_find_twins(&plan, &space), 0);
	assert_int_equal(plan.n, UNIT_ROWS(expected));
	for (size_t i = 0; i < plan.n; i++) {
		assert_int_equal(plan.range[i].twin_start, expected[i].start);
		assert_int_equal(plan.range[i].twin_end, expected[i].end);
	}
	plan_free(&plan);
}

struct cut_row {
	const char *what;
	uint64_t shm[2][2], file[2]; /* ranges already visited, by file offset */
	const char *expected;
	uint64_t bytes;
	bool whole;
};

static const struct cut_row cut_rows[] = {
	{ "nothing", { { 0 } }, { 0 }, "10000-14000:0 300000-900000:1 a00000-e00000:2", 0, true },
	{ "everything",
	  { { 0x100000, 0x700000 } },
	  { 0 },
	  "10000-14000:0 a00000-e00000:2",
	  0x600000,
	  false },
	{ "other parts of the file",
	  { { 0, 0x100000 }, { 0x700000, 0x900000 } },
	  { 0 },
	  "10000-14000:0 300000-900000:1 a00000-e00000:2",
	  0,
	  true },
	{ "one and a half blocks",
	  { { 0x200000, 0x500000 } },
	  { 0 },
	  "10000-14000:0 300000-400000:1 600000-900000:1 a00000-e00000:2",
	  0x300000,
	  false },
	{ "less than a block",
	  { { 0x200000, 0x3ff000 } },
	  { 0 },
	  "10000-14000:0 300000-900000:1 a00000-e00000:2",
	  0x1ff000,
	  false },
	{ "both ends",
	  { { 0, 0x200000 }, { 0x600000, 0x900000 } },
	  { 0 },
	  "10000-14000:0 400000-800000:1 a00000-e00000:2",
	  0x200000,
	  false },
	{ "private pages, which may be copies",
	  { { 0 } },
	  { 0, 0x400000 },
	  "10000-14000:0 300000-900000:1 a00000-e00000:2",
	  0,
	  false },
};

static void test_cut(void **state)
{
	const struct seen_file shm = { .minor = 1, .inode = 9 }, file = { .major = 8, .inode = 9 };
	const struct cut_row *row = *state;
	struct seen before;
	struct plan plan;
	uint64_t bytes;
	char got[256];

	seen_init(&before, 12);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(seen_add(&before, &shm, row->shm[i][0], row->shm[i][1]), 0);
	assert_int_equal(seen_add(&before, &file, row->file[0], row->file[1]), 0);
	assert_int_equal(plan_whole(&plan, &shared_maps, false), 0);
	assert_int_equal(plan_cut(&plan, &shared_maps, &before, 21, &bytes), 0);
	describe(&plan, got);
	assert_string_equal(got, row->expected);
	assert_int_equal(bytes, row->bytes);
	assert_int_equal(plan.whole, row->whole);
	assert_ptr_equal(plan.before, &before);
	plan_free(&plan);
	seen_free(&before);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "'%s' is %s", rows[i].pages,
			 rows[i].expected ? rows[i].expected : "an error");
	unit_add(&suite, test_whole, NULL, "without operands, the plan is all movable memory");
	for (size_t i = 0; i < UNIT_ROWS(cut_rows); i++)
		unit_add(&suite, test_cut, &cut_rows[i], "already visited: %s", cut_rows[i].what);
	unit_add(&suite, test_twins, NULL, "finds ranges that map the same part of a file");
	return unit_run(&suite, "plan");
}
