/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/node_usage.h"

#include "engine/engine.h"
#include "engine/limits.h"
#include "plan/outcome.h"
#include "plan/page.h"

struct usage_sink {
	struct sink sink;
	struct node_usage *usage;
};

static int add_usage(struct sink *sink, struct page *pages, size_t n)
{
	struct node_usage *u = ((struct usage_sink *)sink)->usage;

	for (size_t i = 0; i < n; i++) {
		const struct page *p = &pages[i];
		bool seen = p->outcome == OUTCOME_PRESENT;

		if (p->flags & (PAGE_TAIL | PAGE_AGAIN) || (!seen && p->outcome != OUTCOME_UNSEEN))
			continue;
		*(seen ? &u->bytes[p->node] : &u->unseen) += page_bytes(p);
		u->total += page_bytes(p);
	}
	return 0;
}

int node_usage_take(const struct engine *e, const struct target *target, struct node_usage *u)
{
	struct usage_sink sink = { { .pages = add_usage }, u };
	struct limits limits;
	const struct engine locate = { .jobs = e->jobs, .limits = &limits, .room = e->room };

	*u = (struct node_usage){ 0 };
	limits_start(&limits, 0, 0);
	return engine_run(&locate, target, &(struct aim){ NULL }, ENGINE_LOCATE, &sink.sink);
}

uint64_t node_usage_on(const struct node_usage *u, const struct nodeset *nodes)
{
	uint64_t bytes = 0;

	for (int n = nodeset_next(nodes, 0); n >= 0; n = nodeset_next(nodes, n + 1))
		bytes += u->bytes[n];
	return bytes;
}
