/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <stdbool.h>
#include <string.h>

#include "plan/page.h"
#include "plan/seen.h"
#include "proc/vma.h"
#include "unit.h"

enum { BASE = 12, PIECE = 32768 };

static const struct seen_file file = { .major = 8, .minor = 1, .inode = 77 };

static uint64_t at(uint64_t page)
{
	return page << BASE;
}

static void add(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end)
{
	assert_int_equal(seen_add(v, f, at(start), at(end)), 0);
}

/* Format the runs from @start to @end, in pages: "0-5 5+9"; a plus: visited. */
static void describe(struct seen *v, uint64_t start, uint64_t end, char *text)
{
	*text = '\0';
	while (start < end) {
		bool seen;
		uint64_t stop = seen_run(v, &file, at(start), at(end), &seen) >> BASE;

		text += sprintf(text, "%llu%c%llu ", (unsigned long long)start, seen ? '+' : '-',
				(unsigned long long)stop);
		start = stop;
	}
}

struct runs_row {
	const char *what;
	uint64_t added[4][2]; /* ranges of pages */
	uint64_t start, end;  /* the range to query */
	const char *runs;
};

static const struct runs_row runs_rows[] = {
	{ "nothing", { { 0, 0 } }, 0, 100, "0-100 " },
	{ "one page", { { 5, 6 } }, 0, 10, "0-5 5+6 6-10 " },
	{ "within a range", { { 5, 9 } }, 6, 8, "6+8 " },
	{ "ranges that touch", { { 5, 9 }, { 9, 12 } }, 0, 20, "0-5 5+12 12-20 " },
	{ "ranges that overlap", { { 5, 9 }, { 2, 7 } }, 0, 20, "0-2 2+9 9-20 " },
	{ "out of order",
	  { { 90, 99 }, { 2, 7 }, { 50, 51 } },
	  0,
	  100,
	  "0-2 2+7 7-50 50+51 51-90 90+99 99-100 " },
	{ "ends of words", { { 0, 64 }, { 127, 128 } }, 0, 192, "0+64 64-127 127+128 128-192 " },
	{ "across the end of a word", { { 63, 65 } }, 0, 128, "0-63 63+65 65-128 " },
	{ "a complete piece", { { 0, PIECE } }, 0, PIECE + 1, "0+32768 32768-32769 " },
	{ "a piece, half by half",
	  { { PIECE / 2, PIECE }, { 0, PIECE / 2 } },
	  1,
	  PIECE,
	  "1+32768 " },
	{ "across the end of a piece",
	  { { PIECE - 1, PIECE + 1 } },
	  0,
	  2 * PIECE,
	  "0-32767 32767+32769 32769-65536 " },
	{ "missing pieces in between",
	  { { 1, 2 }, { 5 * PIECE, 5 * PIECE + 1 } },
	  0,
	  6 * PIECE,
	  "0-1 1+2 2-163840 163840+163841 163841-196608 " },
};

static void test_runs(void **state)
{
	const struct runs_row *row = *state;
	struct seen v, copy;
	char got[256];

	seen_init(&v, BASE);
	seen_init(&copy, BASE);
	for (size_t i = 0; i < UNIT_ROWS(row->added); i++)
		add(&v, &file, row->added[i][0], row->added[i][1]);
	describe(&v, row->start, row->end, got);
	assert_string_equal(got, row->runs);
	assert_int_equal(seen_add_all(&copy, &v), 0);
	seen_free(&v);
	describe(&copy, row->start, row->end, got);
	assert_string_equal(got, row->runs);
	seen_free(&copy);
}

/* Compare with a plain array of the pages added. */
static void test_random(void **state)
{
	enum { PAGES = 3 * PIECE, ROUNDS = 2000 };
	static bool known[PAGES];
	struct seen v;
	uint64_t random = 1;

	(void)state;
	seen_init(&v, BASE);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = (random = random * 6364136223846793005 + 1) >> 33;
		uint64_t length = (random = random * 6364136223846793005 + 1) >> 57;

		start %= PAGES - 128;
		add(&v, &file, start, start + length);
		memset(known + start, true, length);
	}
	for (uint64_t page = 0; page < PAGES; page++)
		if (seen_has(&v, &file, at(page), at(page + 1)) != known[page])
			fail_msg("page %llu", (unsigned long long)page);
	seen_free(&v);
}

static void test_files(void **state)
{
	struct seen_file others[] = { file, file, file, file };
	struct seen v;

	(void)state;
	others[0].major++;
	others[1].minor++;
	others[2].inode++;
	others[3].space++;
	seen_init(&v, BASE);
	add(&v, &file, 0, 8);
	assert_true(seen_has(&v, &file, at(0), at(8)));
	assert_false(seen_has(&v, &file, at(0), at(9)));
	for (size_t i = 0; i < UNIT_ROWS(others); i++)
		assert_false(seen_has(&v, &others[i], at(0), at(1)));
	seen_free(&v);
}

struct mapping_row {
	const char *what;
	struct vma m;
	bool known; /* the inode identifies the file in all processes */
};

static const struct mapping_row mapping_rows[] = {
	{ "of a file on a disk", { .kind = VMA_FILE, .major = 259, .inode = 3 }, true },
	{ "of a file without a block device",
	  { .kind = VMA_FILE, .minor = 41, .inode = 3, .shared = true },
	  false },
	{ "of shared memory", { .kind = VMA_SHM, .minor = 1, .inode = 3, .shared = true }, true },
	{ "of the first SysV segment",
	  { .kind = VMA_SHM, .minor = 1, .space = 4026531839, .shared = true },
	  true },
	{ "of a SysV segment in an unknown namespace",
	  { .kind = VMA_SHM, .minor = 1, .space = VMA_NO_SPACE, .shared = true },
	  false },
	{ "of hugetlb", { .kind = VMA_HUGETLB, .minor = 15, .inode = 3, .shared = true }, true },
	{ "of nothing", { .kind = VMA_ANON }, false },
	{ "of the kernel", { .kind = VMA_SPECIAL, .major = 8, .inode = 3 }, false },
};

static void test_mapping(void **state)
{
	const struct mapping_row *row = *state;
	struct seen_file f;

	assert_int_equal(seen_file(&row->m, &f), row->known);
	assert_int_equal(f.major, row->m.major);
	assert_int_equal(f.minor, row->m.minor);
	assert_int_equal(f.inode, row->m.inode);
	assert_int_equal(f.space, row->m.space);
}

static void test_copies(void **state)
{
	const struct vma shared = { .shared = true }, private = { .shared = false };
	const struct page of_file = { .flags = PAGE_PRESENT | PAGE_FILE };
	const struct page copy = { .flags = PAGE_PRESENT };

	(void)state;
	assert_true(seen_is_of_file(&shared, &copy));
	assert_true(seen_is_of_file(&private, &of_file));
	assert_false(seen_is_of_file(&private, &copy));
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(runs_rows); i++)
		unit_add(&suite, test_runs, &runs_rows[i], "runs: %s", runs_rows[i].what);
	unit_add(&suite, test_random, NULL, "any pages, added in any order");
	unit_add(&suite, test_files, NULL, "files with different inodes are different files");
	for (size_t i = 0; i < UNIT_ROWS(mapping_rows); i++)
		unit_add(&suite, test_mapping, &mapping_rows[i], "a mapping %s is %s",
			 mapping_rows[i].what,
			 mapping_rows[i].known ? "the same everywhere" : "not known elsewhere");
	unit_add(&suite, test_copies, NULL, "a private copy is not a page of the file");
	return unit_run(&suite, "seen");
}
