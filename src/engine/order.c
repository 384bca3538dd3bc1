/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/order.h"

#include "plan/page.h"
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int hold(struct order *o, const struct page *pages, size_t n)
{
	struct page *grown = reallocarray(o->page, o->n + n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memcpy(grown + o->n, pages, n * sizeof(*pages));
	o->page = grown;
	o->n += n;
	return 0;
}

/* One address may become several pages: those of a huge page that was split. */
static int by_question(const void *x, const void *y, void *ranges)
{
	const struct page *a = x, *b = y;
	const struct range *range = ranges;
	uint32_t asked_a = range[a->range].asked, asked_b = range[b->range].asked;

	if (asked_a != asked_b)
		return asked_a < asked_b ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

int order_flush(struct order *o)
{
	int rc = 0;

	if (o->n) {
		qsort_r(o->page, o->n, sizeof(*o->page), by_question, o->plan->range);
		rc = o->sink->pages(o->sink->context, o->page, o->n);
	}
	free(o->page);
	o->page = NULL;
	o->n = 0;
	return rc;
}

static int pass(struct order *o, const struct page *pages, size_t n)
{
	int rc = order_flush(o);

	return rc ? rc : o->sink->pages(o->sink->context, pages, n);
}

int order_pages(void *context, const struct page *pages, size_t n)
{
	struct order *o = context;
	int rc = 0;

	for (size_t i = 0, k; !rc && i < n; i = k) {
		bool single = o->plan->range[pages[i].range].single;

		for (k = i + 1; k < n && o->plan->range[pages[k].range].single == single;)
			k++;
		rc = single ? hold(o, pages + i, k - i) : pass(o, pages + i, k - i);
	}
	return rc;
}
