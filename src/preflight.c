/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "preflight.h"

#include "mappings.h"
#include "move.h"
#include "outcome.h"
#include "page.h"
#include "plan.h"
#include "process.h"
#include "readfile.h"
#include "route.h"
#include "scan.h"
#include "spread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t *hugetlb_need(struct need *need, unsigned int shift)
{
	for (size_t i = 0; i < PREFLIGHT_SIZES; i++) {
		if (need->hugetlb[i].shift == 0)
			need->hugetlb[i].shift = shift;
		if (need->hugetlb[i].shift == shift)
			return need->hugetlb[i].bytes;
	}
	return need->bytes;	/* no machine has so many sizes */
}

static int64_t *need_of(struct need *need, const struct page *p, const struct move *move)
{
	const struct mapping *m = &move->maps->at[move->plan->range[p->range].mapping];

	return m->kind == MAPPING_HUGETLB ? hugetlb_need(need, m->page_shift) : need->bytes;
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
	return (!d->shift || d->shift >= PREFLIGHT_GIGANTIC_SHIFT) && exceeds(d->need, d->room);
}

size_t need_demands(const struct need *need, const struct room *room, int node,
		    free_huge_fn *free_huge, struct demand *demand)
{
	size_t n = 1;

	demand[0] = (struct demand){ 0, need->bytes[node], room->bytes[node] };
	for (size_t i = 0; i < PREFLIGHT_SIZES && need->hugetlb[i].shift; i++) {
		unsigned int shift = need->hugetlb[i].shift;
		int64_t bytes = need->hugetlb[i].bytes[node];
		uint64_t pool = bytes ? free_huge(node, shift) << shift : 0;

		demand[n++] = (struct demand){ shift, bytes, pool };
		if (shift < PREFLIGHT_GIGANTIC_SHIFT && exceeds(bytes, pool))
			demand[0].need += bytes - (int64_t)pool;
	}
	return n;
}

static struct shortage node_shortage(const struct need *need, const struct room *room, int node,
				     free_huge_fn *free_huge)
{
	struct demand d[DEMANDS_MAX];
	size_t n = need_demands(need, room, node, free_huge, d);

	for (size_t i = 0; i < n; i++)
		if (demand_is_short(&d[i]))
			return (struct shortage){ node, (uint64_t)d[i].need, d[i].room };
	return (struct shortage){ .node = -1 };
}

struct shortage need_shortage(const struct need *need, const struct room *room,
			      free_huge_fn *free_huge)
{
	struct shortage s = { .node = -1 };

	for (int node = 0; node < NODES_MAX && s.node < 0; node++)
		s = node_shortage(need, room, node, free_huge);
	return s;
}

/* ---- this machine ---- */

uint64_t preflight_free_huge(int node, unsigned int shift)
{
	char path[128];
	uint64_t n;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/node/node%d/hugepages/hugepages-%llukB/free_hugepages", node,
		 (1ULL << shift) >> 10);
	return readfile_number(AT_FDCWD, path, UINT64_MAX >> shift, &n) ? 0 : n;
}

struct counting {
	struct need *need;
	const struct move *move;
	struct huge_room huge;	/* what is free yet, for --huge=keep */
};

/* With --huge=keep, a huge page stays where the destination has no free one. */
static bool stays(struct counting *c, const struct page *p)
{
	const struct mapping *m = &c->move->maps->at[c->move->plan->range[p->range].mapping];

	if (!c->move->keep_huge || p->outcome != OUTCOME_WOULD_MOVE ||
	    p->flags & (PAGE_TAIL | PAGE_AGAIN) || p->shift != c->move->means->huge_shift ||
	    m->kind == MAPPING_HUGETLB)
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

static bool fits_anyhow(const struct move *move, const struct preflight_list *list,
			const struct room *room)
{
	uint64_t bytes = process_resident(move->process);

	for (int n = list ? nodes_next(list->to, 0) : -1; n >= 0; n = nodes_next(list->to, n + 1))
		if (bytes > room->bytes[n])
			return false;

	for (int s = 0; s < NODES_MAX; s++) {
		int to = move->route ? move->route->to[s] : ROUTE_NONE;

		if (to != ROUTE_NONE && to != s && bytes > room->bytes[to])
			return false;
	}
	for (size_t i = 0; move->spread && i < move->spread->n; i++)
		if (bytes > room->bytes[move->spread->node[i]])
			return false;
	for (size_t i = 0; i < move->plan->n; i++)
		if (move->plan->range[i].to != RANGE_BY_ROUTE &&
		    bytes > room->bytes[move->plan->range[i].to])
			return false;
	return true;
}

int preflight(const struct move *move, const struct preflight_list *list,
	      struct shortage *shortage)
{
	struct need *need = calloc(1, sizeof(*need));
	struct room room;
	int rc = need ? room_now(move->room, &room) : -ENOMEM;

	*shortage = (struct shortage){ .node = -1 };
	if (!rc && !fits_anyhow(move, list, &room)) {
		struct counting counting = { .need = need, .move = move };
		const struct sink sink = { .pages = count_need, .context = &counting };
		struct move dry = *move;

		dry.mode = MOVE_DRY_RUN;
		if (move->keep_huge)
			huge_room_read(&counting.huge,
				       move->means->huge_shift - move->means->base_shift);
		rc = list ? list->run(list->context, &dry, &sink) : move_run(&dry, &sink);
		if (!rc)
			*shortage = need_shortage(need, &room, preflight_free_huge);
	}
	free(need);
	return rc;
}
