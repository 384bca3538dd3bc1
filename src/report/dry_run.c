/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/dry_run.h"

#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/address_space.h"
#include "util/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void dry_run_free(struct dry_run *f)
{
	free(f->rows.row);
	free(f->all.row);
	fit_free(&f->fit);
}

int dry_run_begin(struct dry_run *f, const struct engine *e, const struct target *target,
		  const struct node_map *map)
{
	free(f->rows.row);
	f->rows = (struct dry_run_rows){ 0 };
	return fit_begin(&f->fit, e, target, map);
}

/* The order of rows: by outcome, nodes and kind of mapping. */
static uint64_t row_key(const struct dry_run_row *row)
{
	return (uint64_t)row->outcome << 40 | (uint64_t)(row->from + 1) << 24 |
	       (uint64_t)(row->to + 1) << 8 | row->kind;
}

/* Find the row of pages such as @like, or make it; NULL without memory. */
static struct dry_run_row *row_find(struct dry_run_rows *f, const struct dry_run_row *like)
{
	size_t low = 0, high = f->n;
	struct dry_run_row *grown;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_key(&f->row[middle]) < row_key(like))
			low = middle + 1;
		else
			high = middle;
	}
	if (low < f->n && row_key(&f->row[low]) == row_key(like))
		return &f->row[low];
	grown = array_room(f->row, f->n, sizeof(*grown));
	if (!grown)
		return NULL;
	f->row = grown;
	memmove(&grown[low + 1], &grown[low], (f->n++ - low) * sizeof(*grown));
	grown[low] = *like;
	return &grown[low];
}

int dry_run_pages(struct dry_run *f, struct page *pages, size_t n)
{
	int rc = fit_pages(&f->fit.sink, pages, n);

	for (const struct page *p = pages; !rc && p < pages + n; p++) {
		bool huge = p->shift > f->fit.base_shift, moves = p->outcome == OUTCOME_WOULD_MOVE;
		struct dry_run_row *row, like = { .outcome = p->outcome,
						  .from = moves ? p->from : DRY_RUN_NO_NODE,
						  .to = moves ? p->to : DRY_RUN_NO_NODE };

		if (p->flags & (PAGE_TAIL | PAGE_AGAIN) ||
		    (!outcome_in_scope(p->outcome) && p->outcome != OUTCOME_EXCLUDED &&
		     p->outcome != OUTCOME_NOT_MOVABLE && p->outcome != OUTCOME_UNSEEN))
			continue;
		like.kind = f->fit.space->at[p->vma].kind;
		row = row_find(&f->rows, &like);
		if (!row)
			return -ENOMEM;
		row->count = count_add(row->count, (struct count){ !huge, huge, page_bytes(p) });
		row->split += moves && p->flags & PAGE_SPLIT;
	}
	return rc;
}

int dry_run_end(struct dry_run *f)
{
	for (size_t i = 0; i < f->rows.n; i++) {
		struct dry_run_row like = f->rows.row[i], *row;

		like.count = (struct count){ 0 };
		like.split = 0;
		row = row_find(&f->all, &like);
		if (!row)
			return -ENOMEM;
		row->count = count_add(row->count, f->rows.row[i].count);
		row->split += f->rows.row[i].split;
	}
	return 0;
}

size_t dry_run_comes_to(const struct dry_run *f, int node, struct demand *demand)
{
	size_t row = 0, kept = 1, n;

	while (row < f->rows.n && f->rows.row[row].to != node)
		row++;
	if (row == f->rows.n || !f->fit.knows_room)
		return 0;
	n = fit_demands(&f->fit, node, demand);
	for (size_t i = 1; i < n; i++)
		if (demand[i].need > 0)
			demand[kept++] = demand[i];
	return kept;
}
