/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tally.h"

#include "control.h"
#include "move.h"
#include "outcome.h"
#include "page.h"

static int add_pages(void *context, const struct page *pages, size_t n)
{
	struct tally *t = context;

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

int tally_take(const struct move *move, struct tally *t)
{
	struct move look = *move;
	struct control control;

	*t = (struct tally){ 0 };
	control_start(&control, 0, 0);
	look.mode = MOVE_LOOK;
	look.route = NULL;
	look.spread = NULL;
	look.control = &control;
	return move_run(&look, &(struct sink){ .pages = add_pages, .context = t });
}

uint64_t tally_on(const struct tally *t, const struct bitmask *nodes)
{
	uint64_t bytes = 0;

	for (int n = nodes_next(nodes, 0); n >= 0; n = nodes_next(nodes, n + 1))
		bytes += t->bytes[n];
	return bytes;
}
