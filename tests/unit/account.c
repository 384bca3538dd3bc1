/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <string.h>

#include "account.h"
#include "page.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21, PAGES = 100 };

static struct page page_at(uint64_t address, enum outcome o, int from, int to)
{
	return (struct page){ .address = address << BASE, .shift = BASE, .outcome = (uint8_t)o,
			      .from = (int16_t)from, .to = (int16_t)to, .node = (int16_t)from };
}

/* PAGES pages; those with odd numbers stay, the others go from two nodes to two. */
static void make_pages(struct page *pages)
{
	for (int i = 0; i < PAGES; i++)
		pages[i] = page_at((uint64_t)i, i % 2 ? OUTCOME_BUSY : OUTCOME_MOVED, i % 4,
				   1 + i % 8);
}

static void count_in_steps(struct account *a, const struct page *pages, int step)
{
	*a = (struct account){ .base_shift = BASE };
	for (int first = 0; first < step; first++)
		for (int i = PAGES - step + first; i >= 0; i -= step)
			account_pages(a, &pages[i], 1);
}

static void test_order(void **state)
{
	struct page pages[PAGES];
	struct account forward = { .base_shift = BASE }, other;

	(void)state;
	make_pages(pages);
	account_pages(&forward, pages, PAGES);
	count_in_steps(&other, pages, 1);
	assert_memory_equal(&forward, &other, sizeof(other));
	count_in_steps(&other, pages, 4);
	assert_memory_equal(&forward, &other, sizeof(other));
}

static void test_first_named(void **state)
{
	struct page pages[PAGES], late[3 * PAGES];
	struct account a = { .base_shift = BASE };

	(void)state;
	for (int i = 0; i < 3 * PAGES; i++)
		late[i] = page_at((uint64_t)(1000 + i), OUTCOME_BUSY, 0, 1);
	make_pages(pages);
	account_pages(&a, late, 3 * PAGES);
	account_pages(&a, pages, PAGES);
	assert_int_equal(a.nameds, ACCOUNT_NAMED_MAX);
	for (int i = 0; i < PAGES / 2; i++)
		assert_int_equal(a.named[i].address, (uint64_t)(2 * i + 1) << BASE);
	assert_int_equal(a.named[PAGES / 2].address, 1000ULL << BASE);
}

static void test_adds_up(void **state)
{
	struct page pages[PAGES];
	struct account a = { .base_shift = BASE };
	struct count scope, left;

	(void)state;
	make_pages(pages);
	pages[0].shift = HUGE;
	pages[2].flags = PAGE_TAIL;
	pages[4].flags = PAGE_AGAIN;
	pages[6].outcome = OUTCOME_EXCLUDED;
	pages[8].outcome = OUTCOME_GONE;
	account_pages(&a, pages, PAGES);
	scope = account_in_scope(&a);
	left = account_left(&a);
	assert_int_equal(scope.pages, PAGES - 4);
	assert_int_equal(scope.huge, 1);
	assert_int_equal(scope.bytes, ((uint64_t)(PAGES - 4) << BASE) + (1 << HUGE));
	assert_int_equal(left.pages, PAGES / 2);
	assert_int_equal(a.by[OUTCOME_GONE].pages, 1);
	assert_int_equal(a.by[OUTCOME_EXCLUDED].pages, 1);
}

/* --method=process, which counts bytes and sees no pages. */
static void test_bytes(void **state)
{
	struct account a = { .base_shift = BASE };

	(void)state;
	account_bytes(&a, OUTCOME_MOVED, 0, 1, 0);
	assert_int_equal(a.flows, 0);
	account_bytes(&a, OUTCOME_MOVED, 0, 1, 3 << BASE);
	account_bytes(&a, OUTCOME_MOVED, 0, 1, 1 << BASE);
	assert_int_equal(a.flows, 1);
	assert_int_equal(a.flow[0].count.pages, 4);
	assert_int_equal(a.by[OUTCOME_MOVED].bytes, 4 << BASE);
}

static void test_withdrawn(void **state)
{
	struct page pages[PAGES];
	struct account a = { .base_shift = BASE };

	(void)state;
	make_pages(pages);
	pages[1].outcome = OUTCOME_HIDDEN;
	account_pages(&a, pages, PAGES);
	account_withdraw(&a, OUTCOME_BUSY, 1 << BASE);
	assert_int_equal(a.by[OUTCOME_BUSY].pages, PAGES / 2 - 2);
	assert_int_equal(a.nameds, PAGES / 2);
	account_withdraw(&a, OUTCOME_BUSY, (uint64_t)PAGES << BASE);
	assert_true(count_is_zero(a.by[OUTCOME_BUSY]));
	assert_int_equal(a.nameds, 1);
	assert_int_equal(a.named[0].outcome, OUTCOME_HIDDEN);
}

/* More pairs of nodes than are kept are counted all the same. */
static void test_many_flows(void **state)
{
	struct account a = { .base_shift = BASE };
	uint64_t bytes = 0;

	(void)state;
	for (int i = 0; i < 2 * ACCOUNT_FLOWS_MAX; i++)
		account_bytes(&a, OUTCOME_MOVED, i, i + 1, 1 << BASE);
	assert_int_equal(a.flows, ACCOUNT_FLOWS_MAX);
	for (size_t i = 0; i < a.flows; i++)
		bytes += a.flow[i].count.bytes;
	assert_int_equal(bytes, a.by[OUTCOME_MOVED].bytes);
}

static void test_renewed(void **state)
{
	struct page pages[PAGES];
	struct account a = { .base_shift = BASE };

	(void)state;
	make_pages(pages);
	pages[2].outcome = OUTCOME_GONE;
	pages[4].outcome = OUTCOME_ALREADY_THERE;
	account_pages(&a, pages, PAGES);
	a.fresh.pages = 1;
	account_renew(&a);
	assert_int_equal(a.by[OUTCOME_MOVED].pages, PAGES / 2 - 2);
	assert_int_equal(a.by[OUTCOME_GONE].pages, 1);
	assert_true(count_is_zero(account_left(&a)));
	assert_true(count_is_zero(a.by[OUTCOME_ALREADY_THERE]) && count_is_zero(a.fresh));
	assert_int_equal(a.nameds, 0);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_order, NULL, "account: the order of batches does not matter");
	unit_add(&suite, test_first_named, NULL, "account: the first pages that stayed are named");
	unit_add(&suite, test_adds_up, NULL, "account: each page counts once, huge pages as one");
	unit_add(&suite, test_bytes, NULL, "account: bytes count as base pages");
	unit_add(&suite, test_withdrawn, NULL, "account: what is withdrawn is named no more");
	unit_add(&suite, test_many_flows, NULL, "account: with more ways than are kept it adds up");
	unit_add(&suite, test_renewed, NULL, "account: before another pass what moved stands");
	return unit_run(&suite, "account");
}
