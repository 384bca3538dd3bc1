/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/account.h"

#include "plan/page.h"

#include <string.h>

struct count count_add(struct count a, struct count b)
{
	return (struct count){ a.pages + b.pages, a.huge + b.huge, a.bytes + b.bytes };
}

bool count_is_zero(struct count c)
{
	return c.bytes == 0;
}

/*
 * Count pages that move from one node to another.  Keep the flows sorted, because batches come
 * in any order.
 */
static void add_flow(struct account *a, int from, int to, struct count c)
{
	struct flow *f = a->flow;

	while (f < a->flow + a->flows && (f->from != from ? f->from < from : f->to < to))
		f++;
	if (f < a->flow + a->flows && f->from == from && f->to == to) {
		f->count = count_add(f->count, c);
		return;
	}
	if (f == a->flow + ACCOUNT_FLOWS_MAX) {
		a->other_flows = count_add(a->other_flows, c);
		return;
	}
	if (a->flows == ACCOUNT_FLOWS_MAX)
		a->other_flows = count_add(a->other_flows, a->flow[--a->flows].count);
	memmove(f + 1, f, (size_t)(a->flow + a->flows++ - f) * sizeof(*f));
	*f = (struct flow){ from, to, c };
}

static void add(struct account *a, enum outcome o, int from, int to, struct count c)
{
	a->by[o] = count_add(a->by[o], c);
	if (o == OUTCOME_MOVED || o == OUTCOME_WOULD_MOVE)
		add_flow(a, from, to, c);
}

/* Keep the names of the first pages that are left; names are in order of operands and addresses. */
static void name_left(struct account *a, const struct page *p)
{
	struct left_page *at = a->named + a->nameds;

	if (!outcome_is_left(p->outcome) || p->outcome == OUTCOME_UNREACHED)
		return;
	while (at > a->named && (p->operand != at[-1].operand ? p->operand < at[-1].operand :
								p->address < at[-1].address))
		at--;
	if (at == a->named + ACCOUNT_NAMED_MAX)
		return;
	a->nameds += a->nameds < ACCOUNT_NAMED_MAX;
	memmove(at + 1, at, (size_t)(a->named + a->nameds - 1 - at) * sizeof(*at));
	*at = (struct left_page){ p->address, p->operand, p->node, p->shift, p->outcome };
}

static bool is_alike(const struct page *p, const struct page *q)
{
	return p->outcome == q->outcome && p->from == q->from && p->to == q->to;
}

void account_pages(struct account *a, const struct page *pages, size_t n)
{
	/* Pages side by side that are alike are added together. */
	for (size_t i = 0, k; i < n; i = k) {
		struct count run = { 0 };

		for (k = i; k < n && is_alike(&pages[k], &pages[i]); k++) {
			const struct page *p = &pages[k];
			bool huge = p->shift > a->base_shift;

			if (p->flags & (PAGE_TAIL | PAGE_AGAIN))
				continue;
			run = count_add(run, (struct count){ !huge, huge, page_bytes(p) });
			a->split += (p->flags & PAGE_SPLIT) != 0;
			name_left(a, p);
		}
		if (!count_is_zero(run))
			add(a, pages[i].outcome, pages[i].from, pages[i].to, run);
	}
}

void account_bytes(struct account *a, enum outcome o, int from, int to, uint64_t bytes)
{
	if (bytes)
		add(a, o, from, to, (struct count){ bytes >> a->base_shift, 0, bytes });
}

void account_add(struct account *a, const struct account *more)
{
	for (int o = 0; o < OUTCOMES; o++)
		a->by[o] = count_add(a->by[o], more->by[o]);
	a->fresh = count_add(a->fresh, more->fresh);
	a->along = count_add(a->along, more->along);
	a->split += more->split;
	for (size_t i = 0; i < more->flows; i++)
		add_flow(a, more->flow[i].from, more->flow[i].to, more->flow[i].count);
	a->other_flows = count_add(a->other_flows, more->other_flows);
}

void account_withdraw(struct account *a, enum outcome o, uint64_t bytes)
{
	uint64_t pages = bytes >> a->base_shift;
	struct count *c = &a->by[o];
	size_t kept = 0;

	c->pages -= pages < c->pages ? pages : c->pages;
	c->bytes -= bytes < c->bytes ? bytes : c->bytes;
	if (c->bytes)
		return;
	for (size_t i = 0; i < a->nameds; i++)
		if (a->named[i].outcome != o)
			a->named[kept++] = a->named[i];
	a->nameds = kept;
}

static struct count sum(const struct account *a, bool (*counts)(enum outcome))
{
	struct count total = { 0 };

	for (int o = 0; o < OUTCOMES; o++)
		if (counts((enum outcome)o))
			total = count_add(total, a->by[o]);
	return total;
}

struct count account_in_scope(const struct account *a)
{
	return sum(a, outcome_in_scope);
}

struct count account_left(const struct account *a)
{
	return sum(a, outcome_is_left);
}

void account_renew(struct account *a)
{
	for (int o = 0; o < OUTCOMES; o++)
		if (o != OUTCOME_MOVED && o != OUTCOME_GONE)
			a->by[o] = (struct count){ 0 };
	a->fresh = (struct count){ 0 };
	a->nameds = 0;
}
