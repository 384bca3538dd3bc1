/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/finder.h"
#include "engine/fit.h"
#include "engine/origins.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21 };

static struct page page_at(uint64_t address, unsigned int shift)
{
	return (struct page){ .address = address, .shift = (uint8_t)shift };
}

static void add(struct origins *o, uint64_t address, unsigned int shift, int node)
{
	struct page p = page_at(address, shift);

	assert_int_equal(origins_add(o, &p, node), 0);
}

static void test_runs(void **state)
{
	struct origins o = { 0 };

	(void)state;
	assert_false(origins_has(&o, 0x1000, 0));
	add(&o, 0x200000, HUGE, 1);
	add(&o, 0x3000, BASE, 0);
	add(&o, 0x4000, BASE, 0);
	add(&o, 0x5000, BASE, 2);
	assert_int_equal(o.n, 3);
	origins_sort(&o);
	assert_true(origins_has(&o, 0x3000, 0));
	assert_true(origins_has(&o, 0x4fff, 0));
	assert_false(origins_has(&o, 0x5000, 0));
	assert_true(origins_has(&o, 0x5000, 2));
	assert_true(origins_has(&o, 0x3ff000, 1));
	assert_false(origins_has(&o, 0x400000, 1));
	assert_false(origins_has(&o, 0x2000, 0));
	origins_free(&o);
}

/* The same address was on different nodes in different processes. */
static void test_taken(void **state)
{
	struct origins o = { 0 }, more = { 0 };

	(void)state;
	add(&o, 0x3000, BASE, 0);
	origins_sort(&o);
	add(&more, 0x3000, BASE, 1);
	add(&more, 0x1000, BASE, 0);
	assert_int_equal(origins_take(&o, &more), 0);
	assert_int_equal(more.n, 0);
	assert_true(origins_has(&o, 0x3000, 0));
	assert_true(origins_has(&o, 0x3000, 1));
	assert_true(origins_has(&o, 0x1000, 0));
	assert_false(origins_has(&o, 0x1000, 1));
	origins_free(&o);
}

/* ---- pages that a dry run meets again ---- */

static struct vma vmas[] = {
	{ .start = 0x10000, .end = 0x20000, .page_shift = BASE, .kind = VMA_ANON },
	{ .start = 0x30000,
	  .end = 0x40000,
	  .minor = 1,
	  .inode = 9,
	  .page_shift = BASE,
	  .kind = VMA_SHM,
	  .shared = true },
	{ .start = 0x50000,
	  .end = 0x60000,
	  .minor = 1,
	  .inode = 9,
	  .page_shift = BASE,
	  .kind = VMA_SHM,
	  .shared = true },
};

/* Return the outcome of one page that would move from node 0 to 1. */
static enum outcome meet(struct fit *f, uint32_t vma, uint64_t address, unsigned int flags)
{
	struct page p = page_at(address, BASE);

	p.vma = vma;
	p.to = 1;
	p.flags = (uint16_t)flags;
	p.outcome = OUTCOME_WOULD_MOVE;
	assert_int_equal(fit_pages(&f->sink, &p, 1), 0);
	return p.outcome;
}

/* Like fit_begin(), for a process that cannot be read. */
static void begin_process(struct fit *f)
{
	static const struct address_space space = { vmas, UNIT_ROWS(vmas) };
	const struct process process = { .dir = -1 };
	const struct finder_means means = { .base_shift = BASE, .huge_shift = HUGE };
	const struct target target = { &process, &space, &means, NULL };
	const struct engine engine = { 0 };

	f->huge_shift = HUGE;
	assert_int_equal(fit_begin(f, &engine, &target, f->map), 0);
	f->merged = false;
}

static int64_t needed(const struct fit *f)
{
	struct demand d[DEMANDS_MAX];

	fit_total(f, 1, d);
	return d[0].need;
}

static void test_met(void **state)
{
	static struct fit f;
	struct node_map stay, empty;

	(void)state;
	node_map_clear(&stay);
	node_map_clear(&empty);
	stay.to[0] = stay.to[1] = empty.to[0] = 1;
	f.map = &stay;
	begin_process(&f);
	assert_int_equal(meet(&f, 0, 0x10000, PAGE_MANY), OUTCOME_WOULD_MOVE);
	assert_int_equal(meet(&f, 0, 0x11000, 0), OUTCOME_WOULD_MOVE);
	assert_int_equal(meet(&f, 1, 0x30000, 0), OUTCOME_WOULD_MOVE);
	/* The same page of the file at another address. */
	assert_int_equal(meet(&f, 2, 0x50000, 0), OUTCOME_ALREADY_THERE);
	assert_int_equal(f.taken.need.bytes[1], 3 << BASE);

	f.map = &empty;
	begin_process(&f);
	assert_int_equal(meet(&f, 0, 0x10000, PAGE_MANY), OUTCOME_NOT_SELECTED);
	assert_int_equal(meet(&f, 0, 0x11000, 0), OUTCOME_WOULD_MOVE);
	assert_int_equal(meet(&f, 0, 0x12000, PAGE_MANY), OUTCOME_WOULD_MOVE);
	assert_int_equal(meet(&f, 1, 0x30000, 0), OUTCOME_NOT_SELECTED);
	assert_int_equal(meet(&f, 1, 0x31000, 0), OUTCOME_WOULD_MOVE);
	assert_int_equal(needed(&f), 6 << BASE);
	/* A refused process takes no room; the total counts its pages once. */
	assert_int_equal(fit_refuse(&f, 1), 0);
	begin_process(&f);
	assert_int_equal(meet(&f, 0, 0x12000, PAGE_MANY), OUTCOME_WOULD_MOVE);
	assert_int_equal(meet(&f, 2, 0x51000, 0), OUTCOME_WOULD_MOVE);
	assert_int_equal(needed(&f), 6 << BASE);
	assert_int_equal(meet(&f, 0, 0x14000, PAGE_MANY), OUTCOME_WOULD_MOVE);
	assert_int_equal(needed(&f), 7 << BASE);
	/* Pages merged by KSM may occur twice, so they need no room. */
	begin_process(&f);
	f.merged = true;
	assert_int_equal(meet(&f, 0, 0x13000, PAGE_MANY), OUTCOME_WOULD_MOVE);
	assert_int_equal(f.taken.need.bytes[1], f.before.need.bytes[1]);
	fit_free(&f);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_runs, NULL, "origins: adjacent pages on one node are one run");
	unit_add(&suite, test_taken, NULL, "origins: an address may have been on several nodes");
	unit_add(&suite, test_met, NULL,
		 "fit: a page that is met again is where it would have gone");
	return unit_run(&suite, "origins");
}
