/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/fit.h"

#include "engine/engine.h"
#include "engine/finder.h"
#include "numa/interleave.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t *hugetlb_need(struct need *need, unsigned int shift)
{
	for (size_t i = 0; i < FIT_SIZES; i++) {
		if (need->hugetlb[i].shift == 0)
			need->hugetlb[i].shift = shift;
		if (need->hugetlb[i].shift == shift)
			return need->hugetlb[i].bytes;
	}
	return need->bytes; /* no machine has so many sizes */
}

static int64_t *need_of(struct need *need, const struct page *p, const struct move *move)
{
	const struct vma *m = &move->maps->at[p->vma];

	return m->kind == VMA_HUGETLB ? hugetlb_need(need, m->page_shift) : need->bytes;
}

void need_add(struct need *need, const struct page *pages, size_t n, const struct move *move)
{
	for (size_t i = 0; i < n; i++) {
		const struct page *p = &pages[i];
		int64_t *bytes;

		if (p->outcome != OUTCOME_WOULD_MOVE || p->flags & (PAGE_TAIL | PAGE_AGAIN))
			continue;
		bytes = need_of(need, p, move);
		bytes[p->to] += (int64_t)page_bytes(p);
		bytes[p->from] -= (int64_t)page_bytes(p);
	}
}

static bool exceeds(int64_t need, uint64_t room)
{
	return need > 0 && (uint64_t)need > room;
}

bool demand_is_short(const struct demand *d)
{
	return (!d->shift || d->shift >= FIT_GIGANTIC_SHIFT) && exceeds(d->need, d->room);
}

size_t need_demands(const struct need *need, const struct headroom *room, int node,
		    free_huge_fn *free_huge, struct demand *demand)
{
	size_t n = 1;

	demand[0] = (struct demand){ 0, need->bytes[node], room->bytes[node] };
	for (size_t i = 0; i < FIT_SIZES && need->hugetlb[i].shift; i++) {
		unsigned int shift = need->hugetlb[i].shift;
		int64_t bytes = need->hugetlb[i].bytes[node];
		uint64_t pool = bytes ? free_huge(node, shift) << shift : 0;

		demand[n++] = (struct demand){ shift, bytes, pool };
		if (shift < FIT_GIGANTIC_SHIFT && exceeds(bytes, pool))
			demand[0].need += bytes - (int64_t)pool;
	}
	return n;
}

static struct shortage node_shortage(const struct need *need, const struct headroom *room, int node,
				     free_huge_fn *free_huge)
{
	struct demand d[DEMANDS_MAX];
	size_t n = need_demands(need, room, node, free_huge, d);

	for (size_t i = 0; i < n; i++)
		if (demand_is_short(&d[i]))
			return (struct shortage){ node, (uint64_t)d[i].need, d[i].room };
	return (struct shortage){ .node = -1 };
}

struct shortage need_shortage(const struct need *need, const struct headroom *room,
			      free_huge_fn *free_huge)
{
	struct shortage s = { .node = -1 };

	for (int node = 0; node < NODES_MAX && s.node < 0; node++)
		s = node_shortage(need, room, node, free_huge);
	return s;
}

/* ---- this machine ---- */

uint64_t fit_free_huge(int node, unsigned int shift)
{
	char path[128];
	uint64_t n;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/node/node%d/hugepages/hugepages-%llukB/free_hugepages", node,
		 (1ULL << shift) >> 10);
	return file_read_number(AT_FDCWD, path, UINT64_MAX >> shift, &n) ? 0 : n;
}

struct counting {
	struct need *need;
	const struct move *move;
	struct huge_headroom huge; /* what is free yet, for --huge=keep */
};

/* With --huge=keep, a huge page stays where the destination has no free one. */
static bool stays(struct counting *c, const struct page *p)
{
	const struct vma *m = &c->move->maps->at[p->vma];

	if (!c->move->keep_huge || p->outcome != OUTCOME_WOULD_MOVE ||
	    p->flags & (PAGE_TAIL | PAGE_AGAIN) || p->shift != c->move->means->huge_shift ||
	    m->kind == VMA_HUGETLB)
		return false;
	if (c->huge.pages[p->to] == 0)
		return true;
	c->huge.pages[p->to]--;
	return false;
}

static int count_need(void *context, const struct page *pages, size_t n)
{
	struct counting *c = context;

	for (size_t i = 0; i < n; i++)
		if (!stays(c, &pages[i]))
			need_add(c->need, &pages[i], 1, c->move);
	return 0;
}

static bool fits_anyhow(const struct move *move, const struct fit_list *list,
			const struct headroom *room)
{
	uint64_t bytes = process_resident(move->process);

	for (int n = list ? nodeset_next(list->to, 0) : -1; n >= 0;
	     n = nodeset_next(list->to, n + 1))
		if (bytes > room->bytes[n])
			return false;

	for (int s = 0; s < NODES_MAX; s++) {
		int to = move->route ? move->route->to[s] : NODE_NONE;

		if (to != NODE_NONE && to != s && bytes > room->bytes[to])
			return false;
	}
	for (size_t i = 0; move->spread && i < move->spread->n; i++)
		if (bytes > room->bytes[move->spread->node[i]])
			return false;
	for (size_t i = 0; i < move->plan->n; i++)
		if (move->plan->range[i].to != RANGE_BY_MAP &&
		    bytes > room->bytes[move->plan->range[i].to])
			return false;
	return true;
}

int fit_check(const struct move *move, const struct fit_list *list, struct shortage *shortage)
{
	struct need *need = calloc(1, sizeof(*need));
	struct headroom room;
	int rc = need ? headroom_now(move->room, &room) : -ENOMEM;

	*shortage = (struct shortage){ .node = -1 };
	if (!rc && !fits_anyhow(move, list, &room)) {
		struct counting counting = { .need = need, .move = move };
		const struct sink sink = { .pages = count_need, .context = &counting };
		struct move dry = *move;

		dry.mode = ENGINE_DRY_RUN;
		if (move->keep_huge)
			huge_headroom_read(&counting.huge,
					   move->means->huge_shift - move->means->base_shift);
		rc = list ? list->run(list->context, &dry, &sink) : engine_run(&dry, &sink);
		if (!rc)
			*shortage = need_shortage(need, &room, fit_free_huge);
	}
	free(need);
	return rc;
}
