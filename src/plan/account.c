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

static bool flow_is_before(const struct flow *f, int from, int to)
{
	return f->from != from ? f->from < from : f->to < to;
}

/*
 * Where pages that go from one node to another are counted.  Flows are kept sorted, because
 * batches come in any order.
 */
static struct count *flow_of(struct account *a, int from, int to)
{
	size_t i = 0;

	while (i < a->flows && flow_is_before(&a->flow[i], from, to))
		i++;
	if (i < a->flows && a->flow[i].from == from && a->flow[i].to == to)
		return &a->flow[i].count;
	if (i == ACCOUNT_FLOWS_MAX)
		return &a->other_flows;
	if (a->flows == ACCOUNT_FLOWS_MAX)
		a->other_flows = count_add(a->other_flows, a->flow[--a->flows].count);
	memmove(&a->flow[i + 1], &a->flow[i], (a->flows++ - i) * sizeof(a->flow[0]));
	a->flow[i] = (struct flow){ .from = from, .to = to };
	return &a->flow[i].count;
}

static void add(struct account *a, enum outcome o, int from, int to, struct count c)
{
	a->by[o] = count_add(a->by[o], c);
	if (o == OUTCOME_MOVED || o == OUTCOME_WOULD_MOVE) {
		struct count *flow = flow_of(a, from, to);

		*flow = count_add(*flow, c);
	}
}

static bool is_before(const struct page *p, const struct left_page *named)
{
	return p->operand != named->operand ? p->operand < named->operand :
					      p->address < named->address;
}

static void name_page(struct account *a, const struct page *p)
{
	size_t i = a->nameds;

	while (i > 0 && is_before(p, &a->named[i - 1]))
		i--;
	if (i == ACCOUNT_NAMED_MAX)
		return;
	if (a->nameds < ACCOUNT_NAMED_MAX)
		a->nameds++;
	memmove(&a->named[i + 1], &a->named[i], (a->nameds - 1 - i) * sizeof(a->named[0]));
	a->named[i] = (struct left_page){
		.address = p->address,
		.operand = p->operand,
		.node = p->node,
		.shift = p->shift,
		.outcome = p->outcome,
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
		add(a, p->outcome, p->from, p->to, (struct count){ !huge, huge, page_bytes(p) });
		if (outcome_is_left(p->outcome) && p->outcome != OUTCOME_UNREACHED)
			name_page(a, p);
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
	for (size_t i = 0; i < more->flows; i++) {
		struct count *flow = flow_of(a, more->flow[i].from, more->flow[i].to);

		*flow = count_add(*flow, more->flow[i].count);
	}
	a->other_flows = count_add(a->other_flows, more->other_flows);
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
