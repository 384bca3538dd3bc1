/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan.h"

#include "array.h"
#include "mappings.h"

#include <errno.h>
#include <stdlib.h>

static int add_range(struct plan *plan, struct range r)
{
	struct range *grown = array_room(plan->range, plan->n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	plan->range = grown;
	plan->range[plan->n++] = r;
	return 0;
}

/* Whether its pages can be asked for: [vsyscall] is no part of the address space. */
static bool is_of_user(const struct mapping *m)
{
	return m->start >> 63 == 0;
}

int plan_whole(struct plan *plan, const struct mapping_list *maps, bool special)
{
	*plan = (struct plan){ .whole = true };
	for (size_t i = 0; i < maps->n; i++) {
		const struct mapping *m = &maps->at[i];
		int rc = 0;

		plan->whole &= !m->left_out;
		if (!m->left_out && (m->kind != MAPPING_SPECIAL || (special && is_of_user(m))))
			rc = add_range(plan, (struct range){ .start = m->start, .end = m->end,
							     .mapping = (uint32_t)i,
							     .to = RANGE_BY_ROUTE });
		if (rc)
			return rc;
	}
	return 0;
}

/* The part of @o that lies in mapping @i, in whole pages. */
static struct range clip(const struct operand *o, const struct mapping *m, uint32_t i)
{
	uint64_t mask = (1ULL << m->page_shift) - 1;
	struct range r = { .start = m->start, .end = m->end, .mapping = i,
			   .to = (int16_t)o->node, .single = o->single };

	if (o->start > m->start)
		r.start = o->start & ~mask;
	if (o->end < m->end)
		r.end = ((o->end - 1) | mask) + 1;
	return r;
}

static int add_operand(struct plan *plan, const struct mapping_list *maps,
		       const struct operand *o)
{
	size_t i = mappings_find(maps, o->start), first = i;
	int rc = 0;

	for (; !rc && i < maps->n && maps->at[i].start < o->end; i++)
		if (o->single || !maps->at[i].left_out)
			rc = add_range(plan, clip(o, &maps->at[i], (uint32_t)i));
	if (rc || i > first)
		return rc;
	if (!o->single)
		return -ENXIO;
	return add_range(plan, (struct range){ .start = o->start, .end = o->end,
					       .mapping = RANGE_NOT_MAPPED,
					       .to = (int16_t)o->node, .single = true });
}

static int by_address(const void *x, const void *y)
{
	const struct range *a = x, *b = y;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->asked < b->asked ? -1 : a->asked > b->asked;
}

/* The single pages that follow each other from @first on; returns how many. */
static size_t sort_singles(struct plan *plan, size_t first)
{
	struct range *r = &plan->range[first];
	bool ascending = true;
	size_t n = 0;

	for (; first + n < plan->n && r[n].single; n++)
		ascending &= n == 0 || r[n - 1].start <= r[n].start;
	if (ascending)
		return n;
	qsort(r, n, sizeof(*r), by_address);
	plan->reordered = true;
	return n;
}

int plan_operands(struct plan *plan, const struct mapping_list *maps,
		  const struct operand *operands, size_t n, size_t *bad)
{
	int rc = 0;

	*plan = (struct plan){ 0 };
	for (size_t i = 0; !rc && i < n; i++) {
		size_t first = plan->n;

		rc = add_operand(plan, maps, &operands[i]);
		while (first < plan->n)
			plan->range[first++].asked = (uint32_t)i;
		*bad = i;
	}
	for (size_t i = 0; i < plan->n; i++)
		i += sort_singles(plan, i);
	return rc;
}

void plan_free(struct plan *plan)
{
	free(plan->range);
	*plan = (struct plan){ 0 };
}
