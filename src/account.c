/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "account.h"

#include "page.h"

struct count count_add(struct count a, struct count b)
{
	return (struct count){ a.pages + b.pages, a.huge + b.huge, a.bytes + b.bytes };
}

bool count_is_zero(struct count c)
{
	return c.bytes == 0;
}

static struct flow *flow_of(struct account *a, int from, int to)
{
	size_t i = 0;

	while (i < a->flows && (a->flow[i].from != from || a->flow[i].to != to))
		i++;
	if (i == ACCOUNT_FLOWS_MAX)
		return &a->flow[ACCOUNT_FLOWS_MAX - 1];
	if (i == a->flows)
		a->flow[a->flows++] = (struct flow){ .from = from, .to = to };
	return &a->flow[i];
}

static void add(struct account *a, enum outcome o, int from, int to, struct count c)
{
	a->by[o] = count_add(a->by[o], c);
	if (o == OUTCOME_MOVED || o == OUTCOME_WOULD_MOVE) {
		struct flow *f = flow_of(a, from, to);

		f->count = count_add(f->count, c);
	}
}

static void name_page(struct account *a, const struct page *p)
{
	if (a->nameds == ACCOUNT_NAMED_MAX)
		return;
	a->named[a->nameds++] = (struct left_page){
		.address = p->address, .range = p->range, .node = p->node,
		.shift = p->shift, .outcome = p->outcome,
	};
}

void account_pages(struct account *a, const struct page *pages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct page *p = &pages[i];
		bool huge = p->shift > a->base_shift;

		if (p->flags & (PAGE_TAIL | PAGE_AGAIN))
			continue;
		a->split += (p->flags & PAGE_SPLIT) != 0;
		add(a, p->outcome, p->from, p->to,
		    (struct count){ !huge, huge, page_bytes(p) });
		if (outcome_is_left(p->outcome))
			name_page(a, p);
	}
}

void account_bytes(struct account *a, enum outcome o, int from, int to, uint64_t bytes)
{
	if (bytes)
		add(a, o, from, to, (struct count){ bytes >> a->base_shift, 0, bytes });
}

static void forget_names(struct account *a, enum outcome o)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->nameds; i++)
		if (a->named[i].outcome != o)
			a->named[kept++] = a->named[i];
	a->nameds = kept;
}

void account_withdraw(struct account *a, enum outcome o, uint64_t bytes)
{
	uint64_t pages = bytes >> a->base_shift;
	struct count *c = &a->by[o];

	c->pages -= pages < c->pages ? pages : c->pages;
	c->bytes -= bytes < c->bytes ? bytes : c->bytes;
	if (c->bytes == 0)
		forget_names(a, o);
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
