/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <string.h>

#include "plan/account.h"
#include "plan/page.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21, PAGES = 100 };

static struct page page_at(uint64_t address, enum outcome o, int from, int to)
{
	return (struct page){ .address = address << BASE,
			      .shift = BASE,
			      .outcome = (uint8_t)o,
			      .from = (int16_t)from,
			      .to = (int16_t)to,
			      .node = (int16_t)from };
}

/* PAGES pages; odd ones are left, even ones move from two nodes to two. */
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

/* Two halves add up to the total, except for the list of pages. */
static void test_add(void **state)
{
	struct page pages[PAGES];
	struct account whole = { .base_shift = BASE }, sum = whole, half[2] = { whole, whole };

	(void)state;
	make_pages(pages);
	account_pages(&whole, pages, PAGES);
	for (int i = 0; i < PAGES; i++)
		account_pages(&half[i / 8 % 2], &pages[i], 1);
	half[0].fresh = half[1].fresh = (struct count){ 1, 2, 3 };
	half[0].split = half[1].split = 4;
	account_add(&sum, &half[0]);
	account_add(&sum, &half[1]);
	assert_memory_equal(sum.by, whole.by, sizeof(whole.by));
	assert_int_equal(sum.flows, whole.flows);
	assert_memory_equal(sum.flow, whole.flow, sizeof(whole.flow));
	assert_int_equal(sum.fresh.bytes, 6);
	assert_int_equal(sum.split, 8);
	assert_int_equal(sum.nameds, 0);
}

/* --method=process, which counts bytes instead of pages. */
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

enum { NODES = 17, PAIRS = NODES * (NODES - 1) };

/* The pair of nodes with an index from 0 to PAIRS - 1, in ascending order. */
static void count_pair(struct account *a, int pair, uint64_t pages)
{
	int from = pair / (NODES - 1), to = pair % (NODES - 1);

	account_bytes(a, OUTCOME_MOVED, from, to + (to >= from), pages << BASE);
}

/* Pages of pairs beyond the maximum are not counted in another pair. */
static void test_many_flows(void **state)
{
	struct account up = { .base_shift = BASE }, down = up, twice = up;

	(void)state;
	for (int i = 0; i < PAIRS; i++) {
		count_pair(&up, i, (uint64_t)i + 1);
		count_pair(&down, PAIRS - 1 - i, (uint64_t)(PAIRS - i));
	}
	assert_int_equal(up.flows, ACCOUNT_FLOWS_MAX);
	for (size_t i = 0; i < up.flows; i++)
		assert_int_equal(up.flow[i].count.pages, i + 1);
	assert_int_equal(up.other_flows.pages,
			 (PAIRS + ACCOUNT_FLOWS_MAX + 1) * (PAIRS - ACCOUNT_FLOWS_MAX) / 2);
	assert_memory_equal(&up, &down, sizeof(up));
	account_add(&twice, &up);
	account_add(&twice, &down);
	assert_int_equal(twice.flow[ACCOUNT_FLOWS_MAX - 1].count.pages, 2 * ACCOUNT_FLOWS_MAX);
	assert_int_equal(twice.other_flows.pages, 2 * up.other_flows.pages);
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
	unit_add(&suite, test_first_named, NULL, "account: the first left pages are listed");
	unit_add(&suite, test_adds_up, NULL, "account: each page counts once, huge pages as one");
	unit_add(&suite, test_add, NULL, "account: several processes add up");
	unit_add(&suite, test_bytes, NULL, "account: bytes count as base pages");
	unit_add(&suite, test_withdrawn, NULL, "account: withdrawn pages are no longer listed");
	unit_add(&suite, test_many_flows, NULL,
		 "account: pairs are correct with more than the maximum");
	unit_add(&suite, test_renewed, NULL, "account: another pass keeps the pages moved");
	return unit_run(&suite, "account");
}
