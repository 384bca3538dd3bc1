/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_ACCOUNT_H
#define PLAN_ACCOUNT_H

#include "plan/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;

/*
 * Counts the outcomes of the pages of one process.  Pure.  Every page is classified and counted
 * once, so the totals of outcome.h add up.
 */

struct count {
	uint64_t pages; /* base pages */
	uint64_t huge;	/* huge pages of any size, one each */
	uint64_t bytes; /* of all of them */
};

enum { ACCOUNT_NAMED_MAX = 64, ACCOUNT_FLOWS_MAX = 256 };

/* A page that was not moved. */
struct left_page {
	uint64_t address;
	uint32_t operand;
	int16_t node;
	uint8_t shift;
	uint8_t outcome;
};

/* Pages moved, or that would move, from one node to another. */
struct flow {
	int from, to;
	struct count count;
};

struct account {
	unsigned int base_shift;
	struct count by[OUTCOMES];
	struct count fresh;		     /* new on a source node after the move */
	struct count along;		     /* not selected, but moved with a folio */
	uint64_t split;			     /* huge pages that the kernel split to move them */
	struct flow flow[ACCOUNT_FLOWS_MAX]; /* the first pairs of nodes, in order */
	size_t flows;
	struct count other_flows;		   /* the sum of all further pairs */
	struct left_page named[ACCOUNT_NAMED_MAX]; /* the first pages not moved */
	size_t nameds;
};

/* Count classified pages, in any order, except tails of huge pages and repeated pages. */
void account_pages(struct account *a, const struct page *pages, size_t n);

/* Count @bytes of base pages that were not examined one by one. */
void account_bytes(struct account *a, enum outcome o, int from, int to, uint64_t bytes);

/* Add another account, except its list of pages not moved. */
void account_add(struct account *a, const struct account *more);

/* Subtract up to @bytes of base pages from an outcome; if it is then empty, unlist its pages. */
void account_withdraw(struct account *a, enum outcome o, uint64_t bytes);

/* Reset all counts except moved and gone: the other pages are visited again. */
void account_renew(struct account *a);

struct count account_in_scope(const struct account *a);
struct count account_left(const struct account *a);
struct count count_add(struct count a, struct count b);
bool count_is_zero(struct count c);

#endif
