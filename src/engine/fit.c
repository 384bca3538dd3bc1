/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/fit.h"

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

static uint64_t read_free_huge(int node, unsigned int shift)
{
	char path[128];
	uint64_t n;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/node/node%d/hugepages/hugepages-%llukB/free_hugepages", node,
		 (1ULL << shift) >> 10);
	return file_read_number(AT_FDCWD, path, UINT64_MAX >> shift, &n) ? 0 : n;
}

static void forget_met(struct fit_met *met)
{
	seen_free(&met->files);
	origins_free(&met->others);
}

/* Move the pages met in the current process into another set. */
static int keep_met(struct fit *f, struct fit_met *to)
{
	int rc;

	f->met.files.base_shift = to->files.base_shift = f->base_shift;
	rc = seen_add_all(&to->files, &f->met.files);
	if (!rc)
		rc = origins_take(&to->others, &f->met.others);
	forget_met(&f->met);
	return rc;
}

int fit_begin(struct fit *f, const struct engine *e, const struct target *target,
	      const struct node_map *map)
{
	const struct finder_means *means = target->means;

	if (!f->huge_shift) {
		f->free_huge = read_free_huge;
		f->knows_room = headroom_now(e->room, &f->room) == 0;
		f->huge_shift = means->huge_shift;
		huge_headroom_read(&f->taken.huge, means->huge_shift - means->base_shift);
	}
	f->sink = (struct sink){ fit_pages, .in_order = true };
	f->space = target->space;
	f->map = map;
	f->base_shift = means->base_shift;
	f->keep_huge = e->keep_huge;
	f->merged = process_is_merged(target->process);
	f->before = f->taken;
	return keep_met(f, &f->met_before);
}

int fit_refuse(struct fit *f, int node)
{
	nodeset_add(&f->refused, node);
	f->taken = f->before;
	return keep_met(f, &f->met_refused);
}

void fit_free(struct fit *f)
{
	forget_met(&f->met);
	forget_met(&f->met_before);
	forget_met(&f->met_refused);
}

static bool has_met(struct fit_met *met, const struct vma *m, const struct page *p)
{
	uint64_t start = vma_offset(m, p->address);
	struct seen_file file;

	if (seen_is_of_file(m, p) && seen_file(m, &file))
		return seen_has(&met->files, &file, start, start + page_bytes(p));
	return p->flags & PAGE_MANY && origins_has(&met->others, p->address, p->from);
}

/* Return 1 if the page was counted by another of its entries, in any process; 0; or -ENOMEM. */
static int was_met(struct fit *f, const struct page *p)
{
	const struct vma *m = &f->space->at[p->vma];
	uint64_t start = vma_offset(m, p->address);
	struct seen_file file;

	if (has_met(&f->met_before, m, p))
		return 1;
	if (!seen_is_of_file(m, p) || !seen_file(m, &file))
		return p->flags & PAGE_MANY ? origins_add(&f->met.others, p, p->from) : 0;
	if (seen_has(&f->met.files, &file, start, start + page_bytes(p)))
		return 1;
	return seen_add(&f->met.files, &file, start, start + page_bytes(p));
}

/* hugetlb pages are counted separately, by size. */
static void need_add(struct need *n, const struct vma *m, const struct page *p)
{
	int64_t *need = n->bytes;

	for (size_t k = 0; m->kind == VMA_HUGETLB && k < FIT_SIZES; k++) {
		if (n->hugetlb[k].shift == 0)
			n->hugetlb[k].shift = m->page_shift;
		if (n->hugetlb[k].shift == m->page_shift) {
			need = n->hugetlb[k].bytes;
			break;
		}
	}
	need[p->to] += (int64_t)page_bytes(p);
	need[p->from] -= (int64_t)page_bytes(p);
}

int fit_pages(struct sink *sink, struct page *pages, size_t n)
{
	struct fit *f = (struct fit *)sink;

	for (size_t i = 0; i < n; i++) {
		struct page *p = &pages[i];
		const struct vma *m;
		int met;

		if (p->outcome != OUTCOME_WOULD_MOVE || p->flags & (PAGE_TAIL | PAGE_AGAIN))
			continue;
		met = was_met(f, p);
		if (met < 0)
			return met;
		if (met) {
			p->outcome = !f->map || f->map->to[p->to] == p->to ? OUTCOME_ALREADY_THERE :
									     OUTCOME_NOT_SELECTED;
			continue;
		}
		m = &f->space->at[p->vma];
		if (p->shift == f->huge_shift && m->kind != VMA_HUGETLB) {
			if (f->taken.huge.pages[p->to])
				f->taken.huge.pages[p->to]--;
			else if (f->keep_huge)
				p->outcome = OUTCOME_NO_HUGE;
			else
				p->flags |= PAGE_SPLIT;
		}
		if (p->outcome == OUTCOME_NO_HUGE || (f->merged && p->flags & PAGE_MANY))
			continue;
		need_add(&f->taken.need, m, p);
		if (!has_met(&f->met_refused, m, p))
			need_add(&f->asked, m, p);
	}
	return 0;
}

static bool exceeds(int64_t need, uint64_t room)
{
	return need > 0 && (uint64_t)need > room;
}

bool demand_is_short(const struct demand *d)
{
	return (!d->shift || d->shift >= FIT_GIGANTIC_SHIFT) && exceeds(d->need, d->room);
}

static size_t demands_of(const struct fit *f, const struct need *need, int node,
			 struct demand *demand)
{
	size_t n = 1;

	demand[0] = (struct demand){ 0, need->bytes[node], f->room.bytes[node] };
	for (size_t i = 0; i < FIT_SIZES && need->hugetlb[i].shift; i++) {
		unsigned int shift = need->hugetlb[i].shift;
		int64_t bytes = need->hugetlb[i].bytes[node];
		uint64_t pool = bytes ? f->free_huge(node, shift) << shift : 0;

		demand[n++] = (struct demand){ shift, bytes, pool };
		if (shift < FIT_GIGANTIC_SHIFT && exceeds(bytes, pool))
			demand[0].need += bytes - (int64_t)pool;
	}
	return n;
}

/* Sizes of hugetlb pages are in order of appearance, so the same indexes are valid for before. */
size_t fit_demands(const struct fit *f, int node, struct demand *demand)
{
	struct demand before[DEMANDS_MAX] = { { 0 } };
	size_t n = demands_of(f, &f->taken.need, node, demand);

	demands_of(f, &f->before.need, node, before);
	for (size_t i = 0; i < n; i++) {
		int64_t left = (int64_t)demand[i].room - before[i].need;

		demand[i].need -= before[i].need;
		demand[i].room = left > 0 ? (uint64_t)left : 0;
	}
	return n;
}

size_t fit_total(const struct fit *f, int node, struct demand *demand)
{
	return demands_of(f, &f->asked, node, demand);
}

struct shortage fit_shortage(const struct fit *f)
{
	struct demand d[DEMANDS_MAX];

	for (int node = 0; f->knows_room && node < NODES_MAX; node++)
		for (size_t i = 0, n = fit_demands(f, node, d); i < n; i++)
			if (demand_is_short(&d[i]))
				return (struct shortage){ node, (uint64_t)d[i].need, d[i].room };
	return (struct shortage){ .node = -1 };
}

int fit_check(const struct engine *e, const struct target *target, const struct aim *aim,
	      const struct nodeset *nodes, struct shortage *shortage)
{
	uint64_t bytes = target->process->resident;
	struct nodeset to = *nodes;
	struct aim counting = *aim;
	struct headroom room;
	bool fits = true;
	struct fit *f;
	int rc;

	*shortage = (struct shortage){ .node = -1 };
	if (headroom_now(e->room, &room))
		return 0;
	/* It fits if each possible destination has room for all memory of the process. */
	for (int s = 0; aim->map && s < NODES_MAX; s++)
		if (aim->map->to[s] != NODE_NONE && aim->map->to[s] != s)
			nodeset_add(&to, aim->map->to[s]);
	for (size_t i = 0; aim->interleave && i < aim->interleave->n; i++)
		nodeset_add(&to, aim->interleave->node[i]);
	for (int n = nodeset_next(&to, 0); n >= 0; n = nodeset_next(&to, n + 1))
		fits &= bytes <= room.bytes[n];
	if (fits)
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	rc = fit_begin(f, e, target, aim->map);
	counting.flags_many = f->merged;
	if (!rc)
		rc = engine_run(e, target, &counting, ENGINE_DRY_RUN, &f->sink);
	if (!rc)
		*shortage = fit_shortage(f);
	fit_free(f);
	free(f);
	return rc;
}
