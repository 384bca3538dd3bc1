/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/map_layout.h"

#include "plan/plan.h"
#include "proc/address_space.h"

#include <stdbool.h>

enum { ROWS_OF_ONE_MAX = 16, MERGE_STEP = 2 };

static uint64_t range_bytes(const struct range *r)
{
	return r->end - r->start;
}

uint64_t map_layout_bytes(const struct map_layout *l, size_t range)
{
	return plan_repeats(l->plan, range) ? 0 : range_bytes(&l->plan->range[range]);
}

static const struct vma *mapping_of(const struct map_layout *l, const struct range *r)
{
	return r->mapping == RANGE_NOT_MAPPED ? NULL : &l->maps->at[r->mapping];
}

/* As many bytes as a row has at the finest scale. */
static uint64_t finest_row(const struct map_layout *l)
{
	return (uint64_t)l->cells << l->base_shift;
}

static bool is_same_file(const struct vma *a, const struct vma *b)
{
	return a->kind == VMA_FILE && b->kind == VMA_FILE && a->inode == b->inode &&
	       a->major == b->major && a->minor == b->minor;
}

/* Zeroed data of a program or library: anonymous, and directly behind it. */
static bool is_its_bss(const struct map_layout *l, const struct vma *file, const struct vma *before,
		       const struct vma *m)
{
	return file->kind == VMA_FILE && m->kind == VMA_ANON && before && before->end == m->start &&
	       m->end - m->start <= finest_row(l);
}

/* What everybody looks for. */
static bool stands_out(const struct vma *m)
{
	return m && (m->kind == VMA_HEAP || m->kind == VMA_STACK);
}

static bool joins(const struct map_layout *l, const struct group *g, const struct range *r)
{
	const struct vma *first = mapping_of(l, &l->plan->range[g->first]);
	const struct vma *last = mapping_of(l, &l->plan->range[g->end - 1]);
	const struct vma *next = mapping_of(l, r);

	if (plan_repeats(l->plan, g->end))
		return true;
	if (g->bytes + range_bytes(r) <= l->merged)
		return first == next || (!stands_out(first) && !stands_out(next));
	return first && next && (is_same_file(first, next) || is_its_bss(l, first, last, next));
}

/* One, and one more whenever the size doubles beyond a row of 16 pages a cell. */
static uint64_t rows_wanted(const struct map_layout *l, uint64_t bytes)
{
	uint64_t rows = 1;

	for (bytes = (bytes - 1) / (finest_row(l) << 4); bytes && rows < l->rows_max; bytes /= 2)
		rows++;
	return rows;
}

static unsigned int page_shift(const struct map_layout *l, const struct group *g)
{
	const struct vma *m = mapping_of(l, &l->plan->range[g->first]);

	return m && m->page_shift > l->base_shift ? m->page_shift : l->base_shift;
}

struct group map_layout_group(const struct map_layout *l, size_t first)
{
	const struct range *range = l->plan->range;
	struct group g = { first, first + 1, range_bytes(&range[first]), 0 };
	uint64_t cells;

	while (g.end < l->plan->n && joins(l, &g, &range[g.end]))
		g.bytes += map_layout_bytes(l, g.end++);
	cells = rows_wanted(l, g.bytes) * l->cells;
	g.cell_shift = page_shift(l, &g);
	while (map_layout_cells(&g) > cells)
		g.cell_shift++;
	return g;
}

uint64_t map_layout_cells(const struct group *g)
{
	return ((g->bytes - 1) >> g->cell_shift) + 1;
}

uint64_t map_layout_rows(const struct map_layout *l, const struct group *g)
{
	return (map_layout_cells(g) + l->cells - 1) / l->cells;
}

uint64_t map_layout_address(const struct map_layout *l, const struct group *g, uint64_t offset)
{
	const struct range *r = &l->plan->range[g->first];

	for (size_t i = g->first; i + 1 < g->end && offset >= map_layout_bytes(l, i); i++) {
		offset -= map_layout_bytes(l, i);
		r = &l->plan->range[i + 1];
	}
	return r->start + offset;
}

static uint64_t rows_of_all(const struct map_layout *l)
{
	uint64_t rows = 0;
	struct group g;

	for (size_t i = 0; i < l->plan->n; i = g.end) {
		g = map_layout_group(l, i);
		rows += map_layout_rows(l, &g);
	}
	return rows;
}

void map_layout_choose(struct map_layout *l, const struct plan *plan,
		       const struct address_space *maps, unsigned int base_shift, size_t cells)
{
	*l = (struct map_layout){ .plan = plan,
				  .maps = maps,
				  .base_shift = base_shift,
				  .cells = cells,
				  .rows_max = ROWS_OF_ONE_MAX };
	while (l->merged < UINT64_MAX / MERGE_STEP && rows_of_all(l) > MAP_LAYOUT_ROWS) {
		if (l->merged && l->rows_max > 1)
			l->rows_max /= 2;
		l->merged = l->merged ? l->merged * MERGE_STEP : finest_row(l);
	}
}
