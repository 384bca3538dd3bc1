/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/lumps.h"

#include "engine/batch.h"
#include "plan/plan.h"
#include "proc/address_space.h"

static bool is_like(const struct batch *b, const struct page *p, const struct page *first)
{
	return p->range == first->range && p->from == first->from &&
	       p->shift == b->job->base_shift &&
	       !((p->flags ^ first->flags) & (PAGE_PRESENT | PAGE_FILE | PAGE_ONCE));
}

/* How many pages from @i on lie side by side and are alike, up to @until. */
static size_t count_alike(const struct batch *b, size_t i, uint64_t until)
{
	const struct page *first = &b->page[i];
	uint64_t address = first->address;
	size_t n = 0;

	while (i + n < b->n && address < until && b->page[i + n].address == address &&
	       is_like(b, &b->page[i + n], first)) {
		address += 1ULL << b->job->base_shift;
		n++;
	}
	return n;
}

/* The selected part of the place of a huge page that @p is in; false if there cannot be one. */
static bool find_place(const struct batch *b, const struct page *p, uint64_t *start, uint64_t *end)
{
	const struct vma *m = batch_mapping(b, p);
	const struct range *r = &b->job->move->plan->range[p->range];
	uint64_t size = 1ULL << b->job->huge_shift;

	if (!m || m->huge != HUGE_OPEN || m->page_shift > b->job->base_shift)
		return false;
	*start = p->address & ~(size - 1);
	*end = *start + size;
	if (*start < m->start || *end > m->end)
		return false;
	if (*start < r->start)
		*start = r->start;
	if (*end > r->end)
		*end = r->end;
	return true;
}

/* Returns how many pages were looked at. */
static size_t mark_lump(struct batch *b, size_t i)
{
	uint64_t start, end;
	size_t n;

	if (!find_place(b, &b->page[i], &start, &end) || b->page[i].address != start)
		return 1;
	n = count_alike(b, i, end);
	if (n == 0 || start + ((uint64_t)n << b->job->base_shift) != end)
		return 1;
	for (size_t k = 0; k < n; k++)
		b->page[i + k].flags |= PAGE_LUMP;
	return n;
}

void lumps_mark(struct batch *b)
{
	if (!b->job->move->spread || b->job->sees_huge)
		return;
	for (size_t i = 0; i < b->n;)
		i += mark_lump(b, i);
}
