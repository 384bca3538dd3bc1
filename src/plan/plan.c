/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/plan.h"

#include "plan/seen.h"
#include "proc/address_space.h"
#include "util/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_range(struct plan *plan, struct range r)
{
	struct range *grown = array_room(plan->range, plan->n, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	plan->range = grown;
	plan->range[plan->n++] = r;
	return 0;
}

/* [vsyscall] is outside of the address space of the process. */
static bool is_of_user(const struct vma *m)
{
	return m->start >> 63 == 0;
}

int plan_whole(struct plan *plan, const struct address_space *space, bool special)
{
	*plan = (struct plan){ .whole = true };
	for (size_t i = 0; i < space->n; i++) {
		const struct vma *m = &space->at[i];
		int rc = 0;

		plan->whole &= !m->left_out;
		if (!m->left_out && (m->kind != VMA_SPECIAL || (special && is_of_user(m))))
			rc = add_range(plan, (struct range){ .start = m->start,
							     .end = m->end,
							     .vma = (uint32_t)i,
							     .to = RANGE_BY_MAP });
		if (rc)
			return rc;
	}
	return 0;
}

/* Add the parts of mappings in @o, rounded to pages. */
static int add_operand(struct plan *plan, const struct address_space *space,
		       const struct operand *o, uint32_t asked)
{
	const size_t first = address_space_find(space, o->start);
	struct range r = { .asked = asked, .to = (int16_t)o->node, .single = o->single };
	size_t i = first;
	int rc = 0;

	for (; !rc && i < space->n && space->at[i].start < o->end; i++) {
		const struct vma *m = &space->at[i];
		uint64_t mask = (1ULL << m->page_shift) - 1;

		r.vma = (uint32_t)i;
		r.start = o->start > m->start ? o->start & ~mask : m->start;
		r.end = o->end < m->end ? ((o->end - 1) | mask) + 1 : m->end;
		if (o->single || (!m->left_out && is_of_user(m)))
			rc = add_range(plan, r);
	}
	if (rc || i > first)
		return rc;
	if (!o->single)
		return -ENXIO;
	r.vma = RANGE_NOT_MAPPED;
	r.start = o->start;
	r.end = o->end;
	return add_range(plan, r);
}

static int by_address(const void *x, const void *y)
{
	const struct range *a = x, *b = y;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->asked < b->asked ? -1 : a->asked > b->asked;
}

int plan_operands(struct plan *plan, const struct address_space *space,
		  const struct operand *operands, size_t n, size_t *bad)
{
	int rc = 0;

	*plan = (struct plan){ 0 };
	for (size_t i = 0; !rc && i < n; i++) {
		rc = add_operand(plan, space, &operands[i], (uint32_t)i);
		*bad = i;
	}
	/* Sort consecutive single pages. */
	for (size_t i = 0, end; i < plan->n; i = end + 1) {
		bool ascending = true;

		for (end = i; end < plan->n && plan->range[end].single; end++)
			ascending &= end == i ||
				     plan->range[end - 1].start <= plan->range[end].start;
		if (ascending)
			continue;
		qsort(&plan->range[i], end - i, sizeof(*plan->range), by_address);
		plan->reordered = true;
	}
	return rc;
}

/* A part of a file that a range maps. */
struct stretch {
	struct seen_file file;
	uint64_t start, end;
	struct range *range;
};

static int compare_stretches(const void *x, const void *y)
{
	const struct stretch *a = x, *b = y;
	int order = memcmp(&a->file, &b->file, sizeof(a->file));

	if (order)
		return order;
	return a->start < b->start ? -1 : a->start > b->start;
}

/* Record that another range also maps [@start, @end) of the file. */
static void add_twin(const struct stretch *piece, uint64_t start, uint64_t end)
{
	struct range *r = piece->range;
	uint64_t first = r->start + (start - piece->start), last = r->start + (end - piece->start);

	r->twin_start = r->twin_end && r->twin_start < first ? r->twin_start : first;
	r->twin_end = r->twin_end > last ? r->twin_end : last;
}

int plan_find_twins(struct plan *plan, const struct address_space *space)
{
	struct stretch *piece = calloc(plan->n + 1, sizeof(*piece)), *last = piece;
	size_t n = 0;

	if (!piece)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n; i++) {
		struct range *r = &plan->range[i];
		const struct vma *v = r->vma == RANGE_NOT_MAPPED ? NULL : &space->at[r->vma];

		if (v && seen_file(v, &piece[n].file)) {
			piece[n].start = vma_offset(v, r->start);
			piece[n].end = vma_offset(v, r->end);
			piece[n++].range = r;
		}
	}
	qsort(piece, n, sizeof(*piece), compare_stretches);
	/* @last is the previous piece with the highest end. */
	for (size_t i = 1; i < n; i++) {
		bool same = memcmp(&piece[i].file, &last->file, sizeof(last->file)) == 0;

		if (same && piece[i].start < last->end) {
			uint64_t end = piece[i].end < last->end ? piece[i].end : last->end;

			plan->twins = true;
			add_twin(&piece[i], piece[i].start, end);
			add_twin(last, piece[i].start, end);
		}
		if (!same || piece[i].end > last->end)
			last = &piece[i];
	}
	free(piece);
	return 0;
}

/* Add the parts of a file range that plan_cut() keeps.  @block: in bytes, the unit to remove. */
static int add_unseen(struct plan *plan, const struct vma *m, const struct seen_file *f,
		      const struct range *whole, uint64_t block, uint64_t *bytes)
{
	struct range rest = *whole;
	uint64_t at = whole->start, stop;
	int rc = 0;

	for (; !rc && at < whole->end; at = stop) {
		struct range kept = rest;
		uint64_t start = at, end;
		bool seen;

		end = stop = at +
			     seen_run(plan->before, f, vma_offset(m, at), vma_offset(m, whole->end),
				      &seen) -
			     vma_offset(m, at);
		plan->whole &= !seen;
		if (!seen || !m->shared)
			continue;
		*bytes += stop - at;
		/* Round the part to remove to blocks, except at the ends of the range. */
		if (start > whole->start)
			start = (start + block - 1) & ~(block - 1);
		if (end < whole->end)
			end &= ~(block - 1);
		if (start >= end)
			continue;
		kept.end = start;
		rest.start = end;
		if (kept.start < kept.end)
			rc = add_range(plan, kept);
	}
	return !rc && rest.start < rest.end ? add_range(plan, rest) : rc;
}

int plan_cut(struct plan *plan, const struct address_space *space, struct seen *before,
	     unsigned int shift, uint64_t *bytes)
{
	struct plan left = { .whole = plan->whole, .before = before };
	int rc = 0;

	*bytes = 0;
	for (size_t i = 0; !rc && i < plan->n; i++) {
		const struct range *r = &plan->range[i];
		const struct vma *m = &space->at[r->vma];
		uint64_t block = 1ULL << (m->page_shift > shift ? m->page_shift : shift);
		struct seen_file f;

		rc = seen_file(m, &f) ? add_unseen(&left, m, &f, r, block, bytes) :
					add_range(&left, *r);
	}
	plan_free(plan);
	*plan = left;
	return rc;
}

bool plan_repeats(const struct plan *plan, size_t range)
{
	const struct range *r = &plan->range[range];

	return range && r->single && r[-1].single && r->start == r[-1].start;
}

void plan_free(struct plan *plan)
{
	free(plan->range);
	*plan = (struct plan){ 0 };
}

static int give_plan(struct source *s, const struct address_space *space, struct plan **plan)
{
	struct plan_source *p = (struct plan_source *)s;

	(void)space;
	if (p->given)
		return 0;
	p->given = true;
	*plan = p->plan;
	return 1;
}

static int give_again(struct source *s)
{
	((struct plan_source *)s)->given = false;
	return 0;
}

struct plan_source plan_source_of(struct plan *plan)
{
	return (struct plan_source){ { .next = give_plan, .rewind = give_again }, plan, false };
}
