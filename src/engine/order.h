/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include "engine/engine.h"

#include <stddef.h>

/*
 * Results in the order asked for, where the plan has another one.  Single pages
 * that follow each other are held until all of them are there; ranges pass.  Pure.
 */
struct order {
	const struct sink *sink; /* gets the results */
	struct page *page;	 /* what is held; owned */
	size_t n;
};

/* A sink's function, to be called in the order of the plan; @context is a struct order. */
int order_pages(void *context, const struct page *pages, size_t n);

/* Hand on what is held.  Returns 0 or what the sink returned. */
int order_flush(struct order *o);

#endif
