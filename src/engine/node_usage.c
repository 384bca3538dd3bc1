/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/node_usage.h"

#include "engine/engine.h"
#include "engine/limits.h"
#include "plan/outcome.h"
#include "plan/page.h"

static int add_pages(void *context, const struct page *pages, size_t n)
{
	struct node_usage *t = context;

	for (size_t i = 0; i < n; i++) {
		const struct page *p = &pages[i];
		bool seen = p->outcome == OUTCOME_PRESENT;

		if (p->flags & (PAGE_TAIL | PAGE_AGAIN) || (!seen && p->outcome != OUTCOME_UNSEEN))
			continue;
		*(seen ? &t->bytes[p->node] : &t->unseen) += page_bytes(p);
		t->total += page_bytes(p);
	}
	return 0;
}

int node_usage_take(const struct move *move, struct node_usage *t)
{
	struct move look = *move;
	struct limits control;

	*t = (struct node_usage){ 0 };
	limits_start(&control, 0, 0);
	look.mode = ENGINE_LOOK;
	look.route = NULL;
	look.spread = NULL;
	look.control = &control;
	return engine_run(&look, &(struct sink){ .pages = add_pages, .context = t });
}

uint64_t node_usage_on(const struct node_usage *t, const struct nodeset *nodes)
{
	uint64_t bytes = 0;

	for (int n = nodeset_next(nodes, 0); n >= 0; n = nodeset_next(nodes, n + 1))
		bytes += t->bytes[n];
	return bytes;
}
