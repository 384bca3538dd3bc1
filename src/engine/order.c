/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/order.h"

#include "plan/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Several pages can have one operand: the base pages of a huge page that was split. */
static int compare_requests(const void *x, const void *y)
{
	const struct page *a = x, *b = y;

	if (a->operand != b->operand)
		return a->operand < b->operand ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

int order_flush(struct order *o)
{
	int rc = 0;

	if (o->n) {
		qsort(o->page, o->n, sizeof(*o->page), compare_requests);
		rc = o->to->pages(o->to, o->page, o->n);
	}
	free(o->page);
	o->page = NULL;
	o->n = 0;
	return rc;
}

int order_pages(struct sink *sink, struct page *pages, size_t n)
{
	struct order *o = (struct order *)sink;
	int rc = 0;

	for (size_t i = 0, k; !rc && i < n; i = k) {
		int single = pages[i].flags & PAGE_SINGLE;
		struct page *grown;

		for (k = i + 1; k < n && (pages[k].flags & PAGE_SINGLE) == single;)
			k++;
		if (!single) {
			rc = order_flush(o);
			if (!rc)
				rc = o->to->pages(o->to, pages + i, k - i);
			continue;
		}
		grown = reallocarray(o->page, o->n + k - i, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		memcpy(grown + o->n, pages + i, (k - i) * sizeof(*pages));
		o->page = grown;
		o->n += k - i;
	}
	return rc;
}
