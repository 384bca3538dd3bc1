/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
* The engine with several workers, on memory of this process. This is the test for the thread
 * sanitizer: `make check-threads`.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "numa/node_map.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "unit.h"

enum { PAGES = 20000 };

static struct fixture {
	char *memory;
	struct process process;
	struct address_space maps;
	struct plan plan;
	struct finder_means means;
	struct limits control;
} fixture;

/* Records of a sink. */
struct watcher {
	struct sink sink;
	size_t batches, pages;
	uint64_t last;
	bool ordered;
	unsigned char times[PAGES];
	int answer; /* to every batch */
};

static int see(struct sink *sink, struct page *pages, size_t n)
{
	struct watcher *seen = (struct watcher *)sink;

	for (size_t i = 0; i < n; i++) {
		size_t page = (pages[i].address - (uintptr_t)fixture.memory) >> pages[i].shift;

		seen->ordered &= pages[i].address > seen->last;
		seen->last = pages[i].address;
		if (page < PAGES)
			seen->times[page]++;
	}
	seen->pages += n;
	seen->batches++;
	return seen->answer;
}

static int run(struct watcher *seen, unsigned int jobs, const struct aim *aim,
	       enum engine_mode mode)
{
	struct plan_source source = plan_source_of(&fixture.plan);
	const struct target target = { &fixture.process, &fixture.maps, &fixture.means,
				       &source.source };
	const struct engine engine = { .jobs = jobs, .limits = &fixture.control };

	return engine_run(&engine, &target, aim, mode, &seen->sink);
}

static int look(struct watcher *seen, unsigned int jobs, bool in_order)
{
	seen->sink = (struct sink){ .pages = see, .in_order = in_order };
	seen->ordered = true;
	return run(seen, jobs, &(struct aim){ NULL }, ENGINE_LOCATE);
}

static int set_up(void **state)
{
	struct fixture *f = &fixture;
	size_t bytes = PAGES * (size_t)sysconf(_SC_PAGESIZE), bad;
	struct operand all = { .node = OPERAND_NO_NODE };

	(void)state;
	f->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(f->memory != MAP_FAILED);
	madvise(f->memory, bytes, MADV_NOHUGEPAGE);
	memset(f->memory, 1, bytes);
	all.start = (uintptr_t)f->memory;
	all.end = all.start + bytes;
	assert_int_equal(process_open(getpid(), &f->process), 0);
	assert_int_equal(address_space_read(&f->process, &f->maps), 0);
	assert_int_equal(plan_operands(&f->plan, &f->maps, &all, 1, &bad), 0);
	finder_probe(&f->means, f->process.pagemap);
	limits_start(&f->control, 0, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	munmap(fixture.memory, PAGES * (size_t)sysconf(_SC_PAGESIZE));
	plan_free(&fixture.plan);
	address_space_free(&fixture.maps);
	process_close(&fixture.process);
	return 0;
}

static void expect_each_once(const struct watcher *seen)
{
	assert_int_equal(seen->pages, PAGES);
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(seen->times[i], 1);
}

static void test_each_once(void **state)
{
	(void)state;
	for (unsigned int jobs = 1; jobs <= 8; jobs++) {
		struct watcher seen = { 0 };

		assert_int_equal(look(&seen, jobs, false), 0);
		assert_true(seen.batches > 1);
		expect_each_once(&seen);
	}
}

static void test_in_order(void **state)
{
	struct watcher seen = { 0 };

	(void)state;
	assert_int_equal(look(&seen, 8, true), 0);
	assert_true(seen.ordered);
	expect_each_once(&seen);
}

static void test_sink_ends_it(void **state)
{
	struct watcher seen = { .answer = -EPIPE };

	(void)state;
	assert_int_equal(look(&seen, 1, true), -EPIPE);
	assert_int_equal(seen.batches, 1);
	seen = (struct watcher){ .answer = -EPIPE };
	assert_int_equal(look(&seen, 4, true), -EPIPE);
	assert_true(seen.batches <= 4);
}

static void test_time_ends_it(void **state)
{
	struct watcher seen = { 0 };

	(void)state;
	fixture.control.deadline = 1;
	assert_int_equal(look(&seen, 4, false), -ETIME);
	assert_int_equal(seen.pages, 0);
	fixture.control.deadline = 0;
}

/* A move counts the pages that it does not reach; here all are in place. */
static void test_counts_the_rest(void **state)
{
	struct watcher seen = { .sink.pages = see };
	struct node_map route;
	const struct aim aim = { .map = &route };

	(void)state;
	node_map_clear(&route);
	for (int n = 0; n < NODES_MAX; n++)
		route.to[n] = (int16_t)n;
	limits_start(&fixture.control, 0, 0);
	fixture.control.deadline = 1;
	fixture.control.count_until = UINT64_MAX;
	assert_int_equal(run(&seen, 2, &aim, ENGINE_MOVE), 0);
	expect_each_once(&seen);
	fixture.control.count_until = 1;
	assert_int_equal(run(&seen, 2, &aim, ENGINE_MOVE), -ETIME);
	assert_true(fixture.control.uncounted);
	limits_start(&fixture.control, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ .name = "each page is visited once, with any number of workers",
		  .test_func = test_each_once },
		{ .name = "workers pass batches on in order if requested",
		  .test_func = test_in_order },
		{ .name = "a sink can end the run", .test_func = test_sink_ends_it },
		{ .name = "the time limit can end the run", .test_func = test_time_ends_it },
		{ .name = "a move that ends counts the rest", .test_func = test_counts_the_rest },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("move", tests, set_up, tear_down);
}
