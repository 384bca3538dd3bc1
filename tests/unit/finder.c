/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds pages in memory of this process, whose pages are known: by pagemap and, if the kernel has
 * it, by PAGEMAP_SCAN.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/census.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "plan/plan.h"
#include "plan/seen.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "unit.h"

enum { PAGES = 3000, BLOCKS = 2, HUGE_SHIFT = 21, FILE_PAGES = 4 };

static struct fixture {
	char *memory; /* PAGES pages, of which some are present */
	char *blocks; /* BLOCKS aligned blocks of base pages */
	char *huge;   /* the same, as huge pages if the kernel has them */
	char *copy;   /* a private mapping of a file of FILE_PAGES pages; the second is a copy */
	size_t page;  /* bytes */
	struct process process;
	struct address_space maps;
	struct finder_means means;
	struct limits control;
	bool can_ioctl;
} fixture;

static bool is_touched(size_t page)
{
	return page * 7 % 5 < 2 || (page > 1000 && page < 1700);
}

static char *map(size_t bytes, int advice)
{
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(at != MAP_FAILED);
	madvise(at, bytes, advice);
	return at;
}

static char *map_blocks(int advice)
{
	size_t block = (size_t)1 << HUGE_SHIFT;
	char *at = map((BLOCKS + 1) * block, advice);

	at += -(uintptr_t)at & (block - 1);
	memset(at, 1, BLOCKS * block);
	return at;
}

static char *map_file(size_t page)
{
	int fd = memfd_create("finder", MFD_CLOEXEC);
	char *at;

	for (size_t i = 0; i < FILE_PAGES; i++)
		assert_int_equal(pwrite(fd, "x", 1, (off_t)(i * page)), 1);
	at = mmap(NULL, FILE_PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	assert_true(at != MAP_FAILED);
	close(fd);
	for (size_t i = 0; i < FILE_PAGES; i++)
		assert_int_equal(*(volatile char *)(at + i * page), 'x');
	at[page] = 'y';
	return at;
}

static int set_up(void **state)
{
	struct fixture *f = &fixture;

	(void)state;
	f->page = (size_t)sysconf(_SC_PAGESIZE);
	f->memory = map(PAGES * f->page, MADV_NOHUGEPAGE);
	f->blocks = map_blocks(MADV_NOHUGEPAGE);
	f->huge = map_blocks(MADV_HUGEPAGE);
	f->copy = map_file(f->page);
	for (size_t i = 0; i < PAGES; i++)
		if (is_touched(i))
			f->memory[i * f->page] = 1;
	assert_int_equal(process_open(getpid(), &f->process), 0);
	assert_int_equal(address_space_read(&f->process, &f->maps), 0);
	finder_probe(&f->means, f->process.pagemap);
	f->can_ioctl = f->means.has_ioctl;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	address_space_free(&fixture.maps);
	process_close(&fixture.process);
	return 0;
}

static struct vma *mapping_at(const char *address)
{
	return &fixture.maps.at[address_space_find(&fixture.maps, (uintptr_t)address)];
}

static struct range range_of(const char *start, size_t bytes, bool single)
{
	return (struct range){
		.start = (uintptr_t)start,
		.end = (uintptr_t)start + bytes,
		.single = single,
		.vma = (uint32_t)address_space_find(&fixture.maps, (uintptr_t)start),
		.to = RANGE_BY_MAP,
	};
}

/* Pass all pages of the plan to @see, in batches of @room.  Return their number or -errno. */
static ssize_t scan_all(const struct plan *plan, bool by_ioctl, size_t room,
			void (*see)(const struct page *p, size_t number))
{
	static struct page pages[FINDER_PAGES_MAX];
	static struct finder scan;
	struct finder_means means = fixture.means;
	ssize_t n, all = 0;

	means.has_ioctl = by_ioctl;
	finder_start(&scan, &means, plan, &fixture.maps, &fixture.control);
	while ((n = finder_next(&scan, pages, room)) > 0)
		for (ssize_t i = 0; i < n; i++)
			see(&pages[i], (size_t)all++);
	return n < 0 ? n : all;
}

static size_t seen; /* the next page expected */

static void expect_touched(const struct page *p, size_t number)
{
	(void)number;
	while (seen < PAGES && !is_touched(seen))
		seen++;
	assert_int_equal(p->address, (uintptr_t)fixture.memory + seen * fixture.page);
	assert_true(p->flags & PAGE_PRESENT);
	assert_int_equal(1U << p->shift, fixture.page);
	seen++;
}

static void check_present(bool by_ioctl)
{
	static const size_t rooms[] = { 1, 7, 512, FINDER_ROOM };
	struct range range = range_of(fixture.memory, PAGES * fixture.page, false);
	const struct plan plan = { .range = &range, .n = 1 };

	for (size_t i = 0; i < UNIT_ROWS(rooms); i++) {
		seen = 0;
		assert_true(scan_all(&plan, by_ioctl, rooms[i], expect_touched) > 0);
		while (seen < PAGES && !is_touched(seen))
			seen++;
		assert_int_equal(seen, PAGES);
	}
}

static void test_present_by_table(void **state)
{
	(void)state;
	check_present(false);
}

static void test_present_by_ioctl(void **state)
{
	(void)state;
	if (fixture.can_ioctl)
		check_present(true);
}

static void expect_single(const struct page *p, size_t number)
{
	assert_int_equal(p->range, number);
	assert_int_equal(p->address, (uintptr_t)fixture.memory + number * fixture.page);
	assert_int_equal((p->flags & PAGE_PRESENT) != 0, is_touched(number));
}

/* Single pages are found present or not, adjacent or not. */
static void see_copy(const struct page *p, size_t number)
{
	assert_int_equal(p->address, (uintptr_t)fixture.copy + number * fixture.page);
	assert_int_equal(p->flags & PAGE_FILE, number == 1 ? 0 : PAGE_FILE);
}

/* The pages of the first of several processes, before which none was visited. */
static void test_file_and_copies(void **state)
{
	struct range r = range_of(fixture.copy, FILE_PAGES * fixture.page, false);
	struct seen before;
	struct plan plan = { .range = &r, .n = 1, .before = &before };

	(void)state;
	seen_init(&before, fixture.means.base_shift);
	assert_int_equal(scan_all(&plan, false, 1000, see_copy), FILE_PAGES);
	if (fixture.can_ioctl) {
		assert_int_equal(scan_all(&plan, true, 1000, see_copy), FILE_PAGES);
		plan.before = NULL;
		plan.tells_files = true;
		assert_int_equal(scan_all(&plan, true, 1000, see_copy), FILE_PAGES);
	}
	seen_free(&before);
}

static void test_singles(void **state)
{
	static struct range ranges[PAGES];
	const struct plan plan = { .range = ranges, .n = PAGES };

	(void)state;
	for (size_t i = 0; i < PAGES; i++)
		ranges[i] = range_of(fixture.memory + i * fixture.page, fixture.page, true);
	assert_int_equal(scan_all(&plan, false, 100, expect_single), PAGES);
	if (fixture.can_ioctl)
		assert_int_equal(scan_all(&plan, true, 100, expect_single), PAGES);
}

static void expect_not_mapped(const struct page *p, size_t number)
{
	assert_int_equal(number, 0);
	assert_int_equal(p->address, fixture.page);
	assert_int_equal(p->flags, PAGE_SINGLE);
}

static void test_not_mapped(void **state)
{
	struct range range = { .start = fixture.page,
			       .end = 2 * fixture.page,
			       .single = true,
			       .vma = RANGE_NOT_MAPPED };
	const struct plan plan = { .range = &range, .n = 1 };

	(void)state;
	assert_int_equal(scan_all(&plan, false, 10, expect_not_mapped), 1);
}

static size_t marked; /* pages that may be the first of a huge page */

static void count_marked(const struct page *p, size_t number)
{
	(void)number;
	marked += (p->flags & PAGE_BLOCK) != 0;
	if (p->flags & PAGE_BLOCK)
		assert_int_equal(p->address & ((1U << HUGE_SHIFT) - 1), 0);
}

/* Blocks in pagemap may be huge pages if smaps counts huge pages in the mapping. */
static void test_blocks(void **state)
{
	static const struct {
		enum vma_huge huge;
		size_t marked, pages;
	} rows[] = {
		{ HUGE_OPEN, BLOCKS, BLOCKS * 512 },
		{ HUGE_NONE, 0, BLOCKS * 512 },
		{ HUGE_ALL, 0, BLOCKS },
	};
	struct range range = range_of(fixture.blocks, BLOCKS << HUGE_SHIFT, false);
	const struct plan plan = { .range = &range, .n = 1 };

	(void)state;
	if (fixture.means.huge_shift != HUGE_SHIFT || fixture.page != 4096)
		skip();
	for (size_t i = 0; i < UNIT_ROWS(rows); i++) {
		marked = 0;
		mapping_at(fixture.blocks)->huge = (uint8_t)rows[i].huge;
		assert_int_equal(scan_all(&plan, false, FINDER_ROOM, count_marked), rows[i].pages);
		assert_int_equal(marked, rows[i].marked);
	}
	mapping_at(fixture.blocks)->huge = HUGE_OPEN;
}

/* The middle of a block is not a huge page. */
static void test_part_of_block(void **state)
{
	struct range range = range_of(fixture.blocks + fixture.page,
				      (BLOCKS << HUGE_SHIFT) - fixture.page, false);
	const struct plan plan = { .range = &range, .n = 1 };

	(void)state;
	marked = 0;
	assert_int_equal(scan_all(&plan, false, FINDER_ROOM, count_marked), BLOCKS * 512 - 1);
	assert_int_equal(marked, BLOCKS - 1);
}

static size_t huge;

static void count_huge(const struct page *p, size_t number)
{
	(void)number;
	huge += p->shift == HUGE_SHIFT;
}

/* PAGEMAP_SCAN, if available, must agree with smaps and pagemap together. */
static void test_census(void **state)
{
	struct range range = range_of(fixture.huge, BLOCKS << HUGE_SHIFT, false);
	const struct plan plan = { .range = &range, .n = 1 };
	struct finder_means means = fixture.means;

	(void)state;
	assert_int_equal(census_take(&fixture.process, &means, &fixture.maps, &fixture.control), 0);
	if (fixture.can_ioctl)
		assert_int_equal(mapping_at(fixture.huge)->huge, HUGE_OPEN);
	means.has_ioctl = false;
	assert_int_equal(census_take(&fixture.process, &means, &fixture.maps, &fixture.control), 0);
	assert_int_equal(mapping_at(fixture.blocks)->huge, HUGE_NONE);
	huge = 0;
	if (fixture.can_ioctl)
		scan_all(&plan, true, FINDER_ROOM, count_huge);
	if (huge == BLOCKS)
		assert_int_equal(mapping_at(fixture.huge)->huge, HUGE_ALL);
	huge = 0;
	scan_all(&plan, false, FINDER_ROOM, count_huge);
	assert_int_equal(huge, mapping_at(fixture.huge)->huge == HUGE_ALL ? BLOCKS : 0);
	mapping_at(fixture.blocks)->huge = HUGE_OPEN;
}

static void expect_none(const struct page *p, size_t number)
{
	fail_msg("page %zu, %p", number, (void *)(uintptr_t)p->address);
}

static void test_gone(void **state)
{
	struct range range = range_of(fixture.memory, PAGES * fixture.page, false);
	const struct plan plan = { .range = &range, .n = 1 };
	int pagemap = fixture.means.pagemap;

	(void)state;
	fixture.means.pagemap = -1;
	assert_int_equal(scan_all(&plan, false, 100, expect_none), -EBADF);
	assert_int_equal(scan_all(&plan, true, 100, expect_none), -EBADF);
	assert_int_equal(finder_flags(-1, 12, range.start), 0);
	fixture.means.pagemap = pagemap;
}

/* 8 TiB without a page; the time limit is reached before the first slice. */
static void test_ends(void **state)
{
	struct range range = range_of(fixture.memory, PAGES * fixture.page, false);
	const struct plan plan = { .range = &range, .n = 1 };

	(void)state;
	range.start = 1ULL << 42;
	range.end = 1ULL << 43;
	fixture.control.deadline = 1;
	assert_int_equal(scan_all(&plan, false, 100, expect_none), -ETIME);
	assert_int_equal(scan_all(&plan, true, 100, expect_none), -ETIME);
	fixture.control.deadline = 0;
}

/* pagemap includes unmapped addresses, which also take time. */
static void test_estimate(void **state)
{
	struct range range = range_of(fixture.memory, PAGES * fixture.page, false);
	const struct plan plan = { .range = &range, .n = 1 }, nothing = { .n = 0 };
	struct finder_means means = fixture.means;

	(void)state;
	means.has_ioctl = false;
	assert_int_equal(finder_estimate(&means, &nothing), 0);
	assert_int_equal(finder_estimate(&means, &plan), 0);
	range.start = 1ULL << 32;
	range.end = 1ULL << 40;
	assert_true(finder_estimate(&means, &plan) > 0);
	means.has_ioctl = true;
	assert_int_equal(finder_estimate(&means, &plan), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ .name = "pagemap shows the pages that are present",
		  .test_func = test_present_by_table },
		{ .name = "PAGEMAP_SCAN shows the same", .test_func = test_present_by_ioctl },
		{ .name = "pages of a file differ from private copies, in the first process, too",
		  .test_func = test_file_and_copies },
		{ .name = "single pages are found present or not", .test_func = test_singles },
		{ .name = "a page is found even if nothing is mapped",
		  .test_func = test_not_mapped },
		{ .name = "complete blocks may be huge pages if smaps has any",
		  .test_func = test_blocks },
		{ .name = "a part of a block is not a huge page", .test_func = test_part_of_block },
		{ .name = "smaps and pagemap together show huge pages", .test_func = test_census },
		{ .name = "a process that cannot be read ends the scan", .test_func = test_gone },
		{ .name = "a scan can be ended between slices", .test_func = test_ends },
		{ .name = "large scans take time, unless the kernel skips absent pages",
		  .test_func = test_estimate },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scan", tests, set_up, tear_down);
}
