/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "engine/order.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "unit.h"

/* Ranges in the order of the plan: three single pages, a range, two single pages. */
static struct range ranges[] = {
	{ .asked = 2, .single = true }, { .asked = 0, .single = true },
	{ .asked = 1, .single = true }, { .asked = 3 },
	{ .asked = 5, .single = true }, { .asked = 4, .single = true },
};

/* Record of the sink: a digit for the operand of each page, a bar after each call. */
struct got {
	struct sink sink;
	char text[64];
	size_t calls;
	size_t fails; /* from this call on */
};

static int take(struct sink *sink, struct page *pages, size_t n)
{
	struct got *got = (struct got *)sink;

	for (size_t i = 0; i < n; i++)
		sprintf(got->text + strlen(got->text), "%u", pages[i].operand);
	strcat(got->text, "|");
	return ++got->calls >= got->fails && got->fails ? -EPIPE : 0;
}

/* Pass a page for each digit, the index of its range; a space ends a batch. */
static int give(struct got *got, const char *batches)
{
	struct order order = { .to = &got->sink };
	struct page pages[16];
	int rc = 0, last;

	for (size_t n; !rc && *batches; batches += n + (batches[n] == ' ')) {
		n = strcspn(batches, " ");
		for (size_t i = 0; i < n; i++)
			pages[i] = (struct page){ .operand = ranges[batches[i] - '0'].asked,
						  .flags = ranges[batches[i] - '0'].single ?
								   PAGE_SINGLE :
								   0,
						  .address = 4096 * (16 - i) };
		rc = order_pages(&order.sink, pages, n);
	}
	last = order_flush(&order);
	return rc ? rc : last;
}

struct row {
	const char *what, *batches, *got;
};

static const struct row rows[] = {
	{ "nothing", "", "" },
	{ "single pages are in the order of operands", "012", "012|" },
	{ "single pages in several batches are sorted", "0 1 2", "012|" },
	{ "a range is not held", "3 3", "3|3|" },
	{ "single pages before a range come first", "012 3", "012|3|" },
	{ "single pages and ranges can be in one batch", "0123345", "012|33|45|" },
	{ "one address may have several pages", "1011", "0002|" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct got got = { .sink.pages = take };

	assert_int_equal(give(&got, row->batches), 0);
	assert_string_equal(got.text, row->got);
}

static void test_sink_fails(void **state)
{
	static const char *const expected[] = { "", "012|", "012|3|", "012|3|45|" };

	(void)state;
	for (size_t call = 1; call < UNIT_ROWS(expected); call++) {
		struct got got = { .sink.pages = take, .fails = call };

		assert_int_equal(give(&got, "012 3 45"), -EPIPE);
		assert_memory_equal(got.text, expected[call], strlen(expected[call]));
	}
}

/* Parts of a split page are sorted by address. */
static size_t ascending;

static int take_ascending(struct sink *sink, struct page *pages, size_t n)
{
	(void)sink;
	for (size_t i = 1; i < n; i++)
		assert_true(pages[i - 1].address < pages[i].address);
	ascending += n;
	return 0;
}

static void test_parts(void **state)
{
	struct sink sink = { .pages = take_ascending };
	struct order order = { .to = &sink };
	struct page parts[8];

	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(parts); i++)
		parts[i] = (struct page){ .operand = 1,
					  .flags = PAGE_SINGLE,
					  .address = 4096 * ((i * 3) % 8) };
	assert_int_equal(order_pages(&order.sink, parts, UNIT_ROWS(parts)), 0);
	assert_int_equal(order_flush(&order), 0);
	assert_int_equal(ascending, UNIT_ROWS(parts));
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "order: %s", rows[i].what);
	unit_add(&suite, test_sink_fails, NULL, "order: an error of the sink is returned");
	unit_add(&suite, test_parts, NULL, "order: parts of a page are sorted by address");
	return unit_run(&suite, "order");
}
