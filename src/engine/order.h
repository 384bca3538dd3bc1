/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include "engine/engine.h"

/*
 * Results in the order asked for, where the plan has another one.  Single pages that follow
 * each other are held until all of them are there; ranges pass.  Pure.
 */
struct order {
	struct sink sink;  /* order_pages(), to be called in the order of the plan */
	struct sink *to;   /* gets the results */
	struct page *page; /* what is held; owned */
	size_t n;
};

int order_pages(struct sink *sink, struct page *pages, size_t n);

/* Hand on what is held.  Returns 0 or what the sink returned. */
int order_flush(struct order *o);

#endif
