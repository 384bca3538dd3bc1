/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_PAGE_H
#define PLAN_PAGE_H

#include <stdbool.h>
#include <stdint.h>

/* A page. The engine finds, places, moves and classifies it; then it is counted and shown. */

enum page_flags {
	PAGE_PRESENT = 1 << 0,
	PAGE_SWAP = 1 << 1, /* in swap, or under migration */
	/* From pagemap only (finder_flags()), not from PAGEMAP_SCAN: */
	PAGE_FILE = 1 << 2,    /* page cache or shared memory, not anonymous */
	PAGE_ONCE = 1 << 3,    /* mapped exactly once */
	PAGE_BLOCK = 1 << 4,   /* may be one huge page, with the pages after it */
	PAGE_TAIL = 1 << 5,    /* part of the huge page before it, not counted */
	PAGE_TRIED = 1 << 6,   /* passed to the kernel to move */
	PAGE_AGAIN = 1 << 7,   /* repeated in the same batch, not counted */
	PAGE_SPLIT = 1 << 8,   /* the first page of a huge page that has been split */
	PAGE_LUMP = 1 << 9,    /* may be part of a huge page, interleaved as one */
	PAGE_MANY = 1 << 11,   /* in a dry run: shared with other processes since fork(2) */
	PAGE_GUESS = 1 << 12,  /* a huge page, judging by its frames; a move confirms it */
	PAGE_OPEN = 1 << 13,   /* to be replaced by its base pages */
	PAGE_SINGLE = 1 << 10, /* selected by its address: listed even if not present */
};

struct page {
	uint64_t address; /* of the first byte */
	uint32_t vma;	  /* index in the address space, or RANGE_NOT_MAPPED */
	uint32_t operand; /* index of the operand that selects it; 0: no operands */
	uint32_t range;	  /* index in the plan, used only by the engine */
	int16_t from;	  /* node on which it was found, or -errno */
	int16_t to;	  /* destination, or NODE_NONE */
	int16_t node;	  /* last known node, or -errno */
	uint16_t flags;	  /* enum page_flags */
	uint8_t shift;	  /* log2 of the size; a huge page is one page */
	uint8_t outcome;  /* enum outcome */
};

static inline uint64_t page_bytes(const struct page *p)
{
	return 1ULL << p->shift;
}

#endif
