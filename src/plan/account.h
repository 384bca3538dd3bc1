/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_ACCOUNT_H
#define PLAN_ACCOUNT_H

#include "plan/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;

/*
 * The account of what happened to the pages of one process.  Pure.  Pages are counted one
 * by one, each with one outcome: the sums of outcome.h hold.
 */

struct count {
	uint64_t pages; /* base pages */
	uint64_t huge;	/* huge pages, of whatever size, each once */
	uint64_t bytes; /* of both */
};

enum { ACCOUNT_NAMED_MAX = 64, ACCOUNT_FLOWS_MAX = 256 };

/* A page that stayed. */
struct left_page {
	uint64_t address;
	uint32_t operand;
	int16_t node;
	uint8_t shift;
	uint8_t outcome;
};

/* Pages that went, or would go, from one node to another. */
struct flow {
	int from, to;
	struct count count;
};

struct account {
	unsigned int base_shift;
	struct count by[OUTCOMES];
	struct count fresh;		     /* on a source node afterwards, and not left */
	struct count along;		     /* not selected, and moved in the same folio */
	uint64_t split;			     /* huge pages that the kernel split to move them */
	struct flow flow[ACCOUNT_FLOWS_MAX]; /* the first pairs, in their order */
	size_t flows;
	struct count other_flows;		   /* all further pairs together */
	struct left_page named[ACCOUNT_NAMED_MAX]; /* the first that stayed */
	size_t nameds;
};

/* Count judged pages, in any order; not tails of huge pages, nor pages asked for again. */
void account_pages(struct account *a, const struct page *pages, size_t n);

/* Count @bytes of base pages that were not looked at one by one. */
void account_bytes(struct account *a, enum outcome o, int from, int to, uint64_t bytes);

/* Add all of another account but the names of its pages. */
void account_add(struct account *a, const struct account *more);

/* Take @bytes of base pages, or all, out of one outcome; pages of an empty one lose their names. */
void account_withdraw(struct account *a, enum outcome o, uint64_t bytes);

/* Forget all but moved and gone pages: the others are visited again. */
void account_renew(struct account *a);

struct count account_in_scope(const struct account *a);
struct count account_left(const struct account *a);
struct count count_add(struct count a, struct count b);
bool count_is_zero(struct count c);

#endif
