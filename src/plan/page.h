/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_PAGE_H
#define PLAN_PAGE_H

#include <stdbool.h>
#include <stdint.h>

/* One page on its way: found, placed, moved and judged by the engine, then counted and shown. */

enum page_flags {
	PAGE_PRESENT = 1 << 0,
	PAGE_SWAP = 1 << 1, /* in swap, or being migrated right now */
	/* Only from pagemap (finder_flags()), not from PAGEMAP_SCAN: */
	PAGE_FILE = 1 << 2,    /* page cache or shared memory, not anonymous */
	PAGE_ONCE = 1 << 3,    /* mapped exactly once */
	PAGE_BLOCK = 1 << 4,   /* with the pages behind it this may be one huge page */
	PAGE_TAIL = 1 << 5,    /* part of the huge page before it: not a page of its own */
	PAGE_TRIED = 1 << 6,   /* the kernel was asked to move it */
	PAGE_AGAIN = 1 << 7,   /* asked for before in the same batch: not counted twice */
	PAGE_SPLIT = 1 << 8,   /* the first of what was a huge page when it was found */
	PAGE_LUMP = 1 << 9,    /* may be part of a huge page: is interleaved as one */
	PAGE_MANY = 1 << 11,   /* in a dry run: others have it, too, since a fork(2) */
	PAGE_GUESS = 1 << 12,  /* taken for a huge page by its frames; moving it shows whether */
	PAGE_OPEN = 1 << 13,   /* to be replaced by its base pages */
	PAGE_SINGLE = 1 << 10, /* asked for by its address: gets its line present or not */
};

struct page {
	uint64_t address; /* of its first byte */
	uint32_t vma;	  /* index into the address space; RANGE_NOT_MAPPED: in none */
	uint32_t operand; /* index of the operand it was asked by; 0 where there are none */
	uint32_t range;	  /* of the plan it was found in: for the engine alone */
	int16_t from;	  /* node it was found on, or -errno of the query */
	int16_t to;	  /* destination, or NODE_NONE */
	int16_t node;	  /* node it is on as far as known, or -errno */
	uint16_t flags;	  /* enum page_flags */
	uint8_t shift;	  /* log2 of its size; a huge page is one page */
	uint8_t outcome;  /* enum outcome */
};

static inline uint64_t page_bytes(const struct page *p)
{
	return 1ULL << p->shift;
}

#endif
