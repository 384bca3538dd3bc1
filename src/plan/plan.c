/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/plan.h"

#include "plan/seen.h"
#include "plan/source.h"
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

/* Whether its pages can be asked for: [vsyscall] is no part of the address space. */
static bool is_of_user(const struct vma *m)
{
	return m->start >> 63 == 0;
}

int plan_whole(struct plan *plan, const struct address_space *maps, bool special)
{
	*plan = (struct plan){ .whole = true };
	for (size_t i = 0; i < maps->n; i++) {
		const struct vma *m = &maps->at[i];
		int rc = 0;

		plan->whole &= !m->left_out;
		if (!m->left_out && (m->kind != VMA_SPECIAL || (special && is_of_user(m))))
			rc = add_range(plan, (struct range){ .start = m->start,
							     .end = m->end,
							     .mapping = (uint32_t)i,
							     .to = RANGE_BY_MAP });
		if (rc)
			return rc;
	}
	return 0;
}

/* The part of @o that lies in mapping @i, in whole pages. */
static struct range clip(const struct operand *o, const struct vma *m, uint32_t i)
{
	uint64_t mask = (1ULL << m->page_shift) - 1;
	struct range r = { .start = m->start,
			   .end = m->end,
			   .mapping = i,
			   .to = (int16_t)o->node,
			   .single = o->single };

	if (o->start > m->start)
		r.start = o->start & ~mask;
	if (o->end < m->end)
		r.end = ((o->end - 1) | mask) + 1;
	return r;
}

static int add_operand(struct plan *plan, const struct address_space *maps, const struct operand *o)
{
	size_t i = address_space_find(maps, o->start), first = i;
	int rc = 0;

	for (; !rc && i < maps->n && maps->at[i].start < o->end; i++)
		if (o->single || (!maps->at[i].left_out && is_of_user(&maps->at[i])))
			rc = add_range(plan, clip(o, &maps->at[i], (uint32_t)i));
	if (rc || i > first)
		return rc;
	if (!o->single)
		return -ENXIO;
	return add_range(plan, (struct range){ .start = o->start,
					       .end = o->end,
					       .mapping = RANGE_NOT_MAPPED,
					       .to = (int16_t)o->node,
					       .single = true });
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

int plan_operands(struct plan *plan, const struct address_space *maps,
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

/* A piece of a file that a range maps. */
struct stretch {
	struct seen_file file;
	uint64_t start, end;
	struct range *range;
};

static int by_place(const void *x, const void *y)
{
	const struct stretch *a = x, *b = y;
	int order = memcmp(&a->file, &b->file, sizeof(a->file));

	return order ? order : a->start < b->start ? -1 : a->start > b->start;
}

int plan_find_twins(struct plan *plan, const struct address_space *space)
{
	struct stretch *piece = calloc(plan->n + 1, sizeof(*piece)), *last = piece;
	size_t n = 0;

	if (!piece)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n; i++) {
		struct range *r = &plan->range[i];
		const struct vma *v = &space->at[r->mapping];

		if (seen_file(v, &piece[n].file)) {
			piece[n].start = mapping_offset(v, r->start);
			piece[n].end = mapping_offset(v, r->end);
			piece[n++].range = r;
		}
	}
	qsort(piece, n, sizeof(*piece), by_place);
	/* @last is the one that reaches furthest of those before. */
	for (size_t i = 1; i < n; i++) {
		bool same = memcmp(&piece[i].file, &last->file, sizeof(last->file)) == 0;

		if (same && piece[i].start < last->end)
			piece[i].range->twin = last->range->twin = true;
		if (!same || piece[i].end > last->end)
			last = &piece[i];
	}
	free(piece);
	return 0;
}

/* A range is cut up: what is before @at has been dealt with. */
struct cutting {
	struct plan *plan; /* receives what is left */
	const struct vma *mapping;
	struct range rest; /* not in the plan yet */
	uint64_t block;	   /* what is cut out begins and ends with one, or with the range */
};

static int leave_out(struct cutting *c, uint64_t start, uint64_t end, const struct range *whole)
{
	uint64_t mask = c->block - 1;
	struct range kept = c->rest;

	if (start > whole->start)
		start = (start + mask) & ~mask;
	if (end < whole->end)
		end &= ~mask;
	if (start >= end)
		return 0;
	kept.end = start;
	c->rest.start = end;
	return kept.start < kept.end ? add_range(c->plan, kept) : 0;
}

/* Adds up, in @bytes, what was visited before; private pages need not be those. */
static int cut_range(struct cutting *c, const struct seen_file *f, uint64_t *bytes)
{
	const struct range whole = c->rest;
	const struct vma *m = c->mapping;
	uint64_t at = whole.start, stop;
	int rc = 0;

	for (; !rc && at < whole.end; at = stop) {
		bool seen;

		stop = at +
		       seen_run(c->plan->before, f, mapping_offset(m, at),
				mapping_offset(m, whole.end), &seen) -
		       mapping_offset(m, at);
		c->plan->whole &= !seen;
		if (!seen || !m->shared)
			continue;
		*bytes += stop - at;
		rc = leave_out(c, at, stop, &whole);
	}
	return rc;
}

int plan_cut(struct plan *plan, const struct address_space *maps, struct seen *before,
	     unsigned int shift, uint64_t *bytes)
{
	struct plan left = { .whole = plan->whole, .before = before };
	int rc = 0;

	*bytes = 0;
	for (size_t i = 0; !rc && i < plan->n; i++) {
		const struct vma *m = &maps->at[plan->range[i].mapping];
		struct cutting c = {
			.plan = &left,
			.mapping = m,
			.rest = plan->range[i],
			.block = 1ULL << (m->page_shift > shift ? m->page_shift : shift),
		};
		struct seen_file f;

		if (seen_file(m, &f))
			rc = cut_range(&c, &f, bytes);
		if (!rc && c.rest.start < c.rest.end)
			rc = add_range(&left, c.rest);
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
