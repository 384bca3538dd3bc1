/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include "engine/engine.h"

/*
 * Restores the order of the operands if the plan has another one.  Holds consecutive single pages
 * until all are there; passes ranges on.  Pure.
 */
struct order {
	struct sink sink;  /* order_pages(); receives pages in the order of the plan */
	struct sink *to;   /* receives the results */
	struct page *page; /* the pages held; owned */
	size_t n;
};

int order_pages(struct sink *sink, struct page *pages, size_t n);

/* Pass on the pages held.  Return 0 or the error of the sink. */
int order_flush(struct order *o);

#endif
