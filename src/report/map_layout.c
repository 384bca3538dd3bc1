/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/map_layout.h"

#include "plan/plan.h"
#include "proc/address_space.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MERGE_STEP = 2 };

uint64_t map_layout_bytes(const struct map_layout *l, size_t range)
{
	return l->range[range].end - l->range[range].start;
}

/* As many bytes as a row has at the finest scale. */
static uint64_t finest_row(const struct map_layout *l)
{
	return (uint64_t)l->cells << l->base_shift;
}

static const struct vma *vma_of(const struct map_layout *l, size_t range)
{
	uint32_t i = l->range[range].mapping;

	return i == RANGE_NOT_MAPPED ? NULL : &l->maps->at[i];
}

/* What everybody looks for. */
static bool stands_out(const struct vma *m)
{
	return m && (m->kind == VMA_HEAP || m->kind == VMA_STACK);
}

/* Whether the range after a group belongs to it. */
static bool joins(const struct map_layout *l, const struct map_group *g)
{
	const struct vma *first = vma_of(l, g->first), *last = vma_of(l, g->end - 1);
	const struct vma *next = vma_of(l, g->end);
	uint64_t bytes = map_layout_bytes(l, g->end);

	if (bytes == 0)
		return true;
	if (g->bytes + bytes <= l->merged)
		return first == next || (!stands_out(first) && !stands_out(next));
	if (!first || !next || first->kind != VMA_FILE)
		return false;
	/* Zeroed data of a program or library: anonymous, and directly behind it. */
	if (next->kind == VMA_ANON)
		return last && last->end == next->start && next->end - next->start <= finest_row(l);
	return next->kind == VMA_FILE && first->inode == next->inode &&
	       first->major == next->major && first->minor == next->minor;
}

struct map_group map_layout_group(const struct map_layout *l, size_t first)
{
	const struct vma *m = vma_of(l, first);
	struct map_group g = { .first = first, .end = first + 1, .rows = 1 };

	g.bytes = map_layout_bytes(l, first);
	while (g.end < l->n && joins(l, &g))
		g.bytes += map_layout_bytes(l, g.end++);
	/* One row, and one more whenever the size doubles beyond a row of 16 pages a cell. */
	for (uint64_t rest = (g.bytes - 1) / (finest_row(l) << 4); rest && g.rows < l->rows_max;
	     rest /= 2)
		g.rows++;
	g.cell_shift = m && m->page_shift > l->base_shift ? m->page_shift : l->base_shift;
	while ((g.bytes - 1) >> g.cell_shift >= g.rows * l->cells)
		g.cell_shift++;
	g.cells = ((g.bytes - 1) >> g.cell_shift) + 1;
	g.rows = (g.cells + l->cells - 1) / l->cells;
	return g;
}

uint64_t map_layout_address(const struct map_layout *l, const struct map_group *g, uint64_t offset)
{
	size_t i = g->first;

	for (; i + 1 < g->end && offset >= map_layout_bytes(l, i); i++)
		offset -= map_layout_bytes(l, i);
	return l->range[i].start + offset;
}

int map_layout_choose(struct map_layout *l, const struct plan *plan,
		      const struct address_space *maps, unsigned int base_shift, size_t cells)
{
	*l = (struct map_layout){
		.maps = maps, .base_shift = base_shift, .cells = cells, .rows_max = MAP_GROUP_ROWS
	};
	l->range = reallocarray(NULL, plan->n + 1, sizeof(*l->range));
	if (!l->range)
		return -ENOMEM;
	for (; l->n < plan->n; l->n++) {
		l->range[l->n] = plan->range[l->n];
		if (plan_repeats(plan, l->n))
			l->range[l->n].end = l->range[l->n].start;
	}
	while (l->merged < UINT64_MAX / MERGE_STEP) {
		struct map_group g;
		uint64_t rows = 0;

		for (size_t i = 0; i < l->n; i = g.end) {
			g = map_layout_group(l, i);
			rows += g.rows;
		}
		if (rows <= MAP_LAYOUT_ROWS)
			break;
		if (l->merged && l->rows_max > 1)
			l->rows_max /= 2;
		l->merged = l->merged ? l->merged * MERGE_STEP : finest_row(l);
	}
	return 0;
}

void map_layout_free(struct map_layout *l)
{
	free(l->range);
	l->range = NULL;
	l->n = 0;
}
