/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <string.h>

#include "engine/finder.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "report/dry_run.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21 };

/* Range I is in mapping I. */
enum { HEAP, ANON, POOL, RANGES };

static struct vma mappings[RANGES] = {
	[HEAP] = { .page_shift = BASE, .kind = VMA_HEAP },
	[ANON] = { .page_shift = BASE, .kind = VMA_ANON },
	[POOL] = { .page_shift = HUGE, .kind = VMA_HUGETLB },
};
static const struct address_space maps = { mappings, RANGES };
static const struct finder_means means = { .base_shift = BASE, .huge_shift = HUGE };
static const struct process process = { .dir = -1 };
static const struct target target = { &process, &maps, &means, NULL };
static const struct engine move, keeping = { .keep_huge = true };

static uint64_t two_free(int node, unsigned int shift)
{
	(void)node;
	(void)shift;
	return 2;
}

/* Format the outcomes of pages, one letter each. */
static struct heard {
	char text[2048];
	size_t n;
} heard;

/* Make a machine whose nodes have room for @room bytes, and @huge free huge pages. */
static struct dry_run *machine(uint64_t room, uint64_t huge)
{
	static struct dry_run f;

	dry_run_free(&f);
	f = (struct dry_run){
		.fit = { .knows_room = true, .huge_shift = HUGE, .free_huge = two_free }
	};
	for (int n = 0; n < NODES_MAX; n++) {
		f.fit.room.bytes[n] = room;
		f.fit.taken.huge.pages[n] = huge;
	}
	heard = (struct heard){ .n = 0 };
	return &f;
}

/* Make @n pages of a mapping that would move from node 0 to @to, or have another outcome. */
static void visit(struct dry_run *f, size_t n, uint32_t vma, unsigned int shift,
		  enum outcome outcome, int to)
{
	struct page pages[1024];

	for (size_t i = 0; i < n; i++)
		pages[i] = (struct page){ .vma = vma,
					  .shift = (uint8_t)shift,
					  .to = (int16_t)to,
					  .outcome = (uint8_t)outcome };
	assert_int_equal(dry_run_pages(f, pages, n), 0);
	for (size_t i = 0; i < n; i++)
		heard.text[heard.n++] = pages[i].outcome == OUTCOME_NO_HUGE ? 'k' :
					pages[i].flags & PAGE_SPLIT	    ? 's' :
									      'm';
	heard.text[heard.n] = '\0';
}

static void begin(struct dry_run *f, const struct engine *e)
{
	assert_int_equal(dry_run_begin(f, e, &target, NULL), 0);
}

static void test_rows(void **state)
{
	struct dry_run *f = machine(1ULL << 40, 9);
	static const struct {
		enum outcome outcome;
		enum vma_kind kind;
		int from, to;
		struct count count;
	} expected[] = {
		{ OUTCOME_WOULD_MOVE, VMA_ANON, 0, 1, { 700, 0, 700 << BASE } },
		{ OUTCOME_WOULD_MOVE, VMA_HEAP, 0, 2, { 3, 1, (3 << BASE) + (1 << HUGE) } },
		{ OUTCOME_ALREADY_THERE, VMA_HEAP, -1, -1, { 2, 0, 2 << BASE } },
		{ OUTCOME_NOT_MOVABLE, VMA_ANON, -1, -1, { 1, 0, 1 << BASE } },
	};

	(void)state;
	begin(f, &move);
	visit(f, 1, ANON, BASE, OUTCOME_NOT_MOVABLE, -1);
	visit(f, 3, HEAP, BASE, OUTCOME_WOULD_MOVE, 2);
	visit(f, 700, ANON, BASE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 2, HEAP, BASE, OUTCOME_ALREADY_THERE, 1);
	visit(f, 5, HEAP, BASE, OUTCOME_NOT_PRESENT, 1);
	visit(f, 1, HEAP, HUGE, OUTCOME_WOULD_MOVE, 2);
	assert_int_equal(heard.n, 712);
	assert_int_equal(f->rows.n, UNIT_ROWS(expected));
	for (size_t i = 0; i < f->rows.n; i++) {
		assert_int_equal(f->rows.row[i].outcome, expected[i].outcome);
		assert_int_equal(f->rows.row[i].kind, expected[i].kind);
		assert_int_equal(f->rows.row[i].from, expected[i].from);
		assert_int_equal(f->rows.row[i].to, expected[i].to);
		assert_memory_equal(&f->rows.row[i].count, &expected[i].count,
				    sizeof(struct count));
	}
}

static void test_split(void **state)
{
	struct dry_run *f = machine(1ULL << 40, 2);

	(void)state;
	begin(f, &move);
	visit(f, 1, ANON, HUGE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 1, ANON, BASE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 1, POOL, HUGE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 1, ANON, HUGE, OUTCOME_ALREADY_THERE, 1);
	visit(f, 3, ANON, HUGE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 1, ANON, HUGE, OUTCOME_WOULD_MOVE, 2);
	assert_string_equal(heard.text, "mmmmmssm");
	assert_int_equal(f->rows.row[0].split, 2);
	assert_int_equal(f->rows.row[2].split, 0);
}

static void test_keep(void **state)
{
	struct dry_run *f = machine(1ULL << 40, 1);

	(void)state;
	begin(f, &keeping);
	visit(f, 2, ANON, HUGE, OUTCOME_WOULD_MOVE, 1);
	assert_string_equal(heard.text, "mk");
	assert_int_equal(f->rows.row[1].outcome, OUTCOME_NO_HUGE);
	assert_int_equal(f->rows.row[1].count.huge, 1);
	/* It takes no room. */
	assert_int_equal(f->fit.taken.need.bytes[1], 1 << HUGE);
}

/* Room that one process takes is not available to the next; a refused process takes none. */
static void test_processes(void **state)
{
	struct dry_run *f = machine(5 << BASE, 1);
	struct demand d[DEMANDS_MAX];

	(void)state;
	begin(f, &move);
	visit(f, 3, HEAP, BASE, OUTCOME_WOULD_MOVE, 1);
	assert_int_equal(fit_shortage(&f->fit).node, -1);
	begin(f, &move);
	assert_int_equal(f->rows.n, 0);
	visit(f, 3, HEAP, BASE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 1, HEAP, HUGE, OUTCOME_WOULD_MOVE, 3);
	assert_int_equal(fit_shortage(&f->fit).node, 1);
	assert_int_equal(fit_shortage(&f->fit).need, 3 << BASE);
	assert_int_equal(fit_shortage(&f->fit).room, 2 << BASE);
	assert_int_equal(fit_refuse(&f->fit, 1), 0);
	begin(f, &move);
	visit(f, 2, HEAP, BASE, OUTCOME_WOULD_MOVE, 1);
	visit(f, 3, POOL, HUGE, OUTCOME_WOULD_MOVE, 2);
	visit(f, 1, HEAP, HUGE, OUTCOME_WOULD_MOVE, 3);
	assert_string_equal(heard.text + 7, "mmmmmm");
	assert_int_equal(fit_demands(&f->fit, 1, d), 2);
	assert_int_equal(d[0].need, 2 << BASE);
	assert_int_equal(d[0].room, 2 << BASE);
	fit_demands(&f->fit, 2, d);
	assert_int_equal(d[0].need, 1 << HUGE);
	assert_int_equal(d[1].need, 3 << HUGE);
	assert_int_equal(d[1].room, 2 << HUGE);
	/* All three, compared with the room before the first. */
	assert_int_equal(fit_total(&f->fit, 1, d), 2);
	assert_int_equal(d[0].need, 8 << BASE);
	assert_int_equal(d[0].room, 5 << BASE);
	fit_total(&f->fit, 3, d);
	assert_int_equal(d[0].need, 2 << HUGE);
	assert_true(nodeset_has(&f->fit.refused, 1));
	assert_false(nodeset_has(&f->fit.refused, 3));
}

static void test_all(void **state)
{
	struct dry_run *f = machine(1ULL << 40, 9);

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(f, &move);
		visit(f, 3, HEAP, BASE, OUTCOME_WOULD_MOVE, 1 + i);
		visit(f, 2, HEAP, BASE, OUTCOME_ALREADY_THERE, 1);
		assert_int_equal(dry_run_end(f), 0);
	}
	assert_int_equal(f->all.n, 3);
	assert_int_equal(f->all.row[0].count.pages, 3);
	assert_int_equal(f->all.row[1].to, 2);
	assert_int_equal(f->all.row[2].count.pages, 4);
}

/* Pages that leave a node make room for the next process. */
static void test_swap(void **state)
{
	struct dry_run *f = machine(5 << BASE, 0);
	struct demand d[DEMANDS_MAX];

	(void)state;
	begin(f, &move);
	visit(f, 4, HEAP, BASE, OUTCOME_WOULD_MOVE, 1);
	begin(f, &move);
	fit_demands(&f->fit, 0, d);
	assert_int_equal(d[0].room, 9 << BASE);
	assert_int_equal(dry_run_comes_to(f, 1, d), 0);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_rows, NULL,
		 "dry run: a row for each outcome, pair of nodes and kind");
	unit_add(&suite, test_split, NULL, "dry run: huge pages beyond the free ones are split");
	unit_add(&suite, test_keep, NULL, "dry run: with --huge=keep, they stay");
	unit_add(&suite, test_processes, NULL,
		 "forecast: processes take room from those after them");
	unit_add(&suite, test_all, NULL, "dry run: equal rows of processes are added up");
	unit_add(&suite, test_swap, NULL, "dry run: pages that leave a node make room");
	return unit_run(&suite, "forecast");
}
