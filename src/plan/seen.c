/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/seen.h"

#include "plan/page.h"
#include "proc/vma.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

enum { PIECE_SHIFT = 15, PIECE_PAGES = 1 << PIECE_SHIFT, WORD = 64 };

struct piece {
	struct seen_file file;
	uint64_t number;    /* of the piece in its file */
	unsigned int pages; /* visited */
	uint64_t *bits;	    /* NULL: all of them are */
	struct piece *next; /* of all pieces of the set, in no order */
};

void seen_init(struct seen *v, unsigned int base_shift)
{
	*v = (struct seen){ .base_shift = base_shift };
}

static void free_piece(struct piece *piece)
{
	if (piece)
		free(piece->bits);
	free(piece);
}

static void leave_piece(void *piece)
{
	(void)piece; /* the list has them, too */
}

void seen_free(struct seen *v)
{
	struct piece *next;

	tdestroy(v->tree, leave_piece);
	for (struct piece *piece = v->pieces; piece; piece = next) {
		next = piece->next;
		free_piece(piece);
	}
	seen_init(v, v->base_shift);
}

bool seen_file(const struct vma *m, struct seen_file *f)
{
	bool in_memory = m->in_memory || m->kind == VMA_SHM || m->kind == VMA_HUGETLB;

	*f = (struct seen_file){ m->major, m->minor, m->inode, m->space };
	return m->kind != VMA_SPECIAL && m->space != VMA_NO_SPACE && (m->major || in_memory);
}

bool seen_is_of_file(const struct vma *m, const struct page *p)
{
	return m->shared || p->flags & PAGE_FILE;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_place(const void *x, const void *y)
{
	const struct piece *a = x, *b = y;
	int order = compare(a->number, b->number);

	if (!order)
		order = compare(a->file.inode, b->file.inode);
	if (!order)
		order = compare(a->file.minor, b->file.minor);
	if (!order)
		order = compare(a->file.major, b->file.major);
	return order ? order : compare(a->file.space, b->file.space);
}

/* The piece that a page is in, or NULL. */
static struct piece *find_piece(struct seen *v, const struct seen_file *f, uint64_t page)
{
	const struct piece key = { .file = *f, .number = page >> PIECE_SHIFT };
	struct piece *const *found;

	if (v->last && by_place(v->last, &key) == 0)
		return v->last;
	found = tfind(&key, &v->tree, by_place);
	if (found)
		v->last = *found;
	return found ? *found : NULL;
}

static struct piece *make_piece(struct seen *v, const struct seen_file *f, uint64_t page)
{
	struct piece *piece = calloc(1, sizeof(*piece));

	if (!piece)
		return NULL;
	*piece = (struct piece){ .file = *f, .number = page >> PIECE_SHIFT, .next = v->pieces };
	piece->bits = calloc(PIECE_PAGES / WORD, sizeof(*piece->bits));
	if (!piece->bits || !tsearch(piece, &v->tree, by_place)) {
		free_piece(piece);
		return NULL;
	}
	return v->pieces = piece;
}

static struct piece *need_piece(struct seen *v, const struct seen_file *f, uint64_t page)
{
	struct piece *piece = find_piece(v, f, page);

	return piece ? piece : make_piece(v, f, page);
}

/* The bits [first, end) of one word. */
static uint64_t mask_of(unsigned int first, unsigned int end)
{
	return (end == WORD ? ~0ULL : (1ULL << end) - 1) & ~0ULL << first;
}

static void add_bits(struct piece *piece, unsigned int word, uint64_t mask)
{
	if (!piece->bits)
		return;
	piece->pages += (unsigned int)__builtin_popcountll(mask & ~piece->bits[word]);
	piece->bits[word] |= mask;
	if (piece->pages < PIECE_PAGES)
		return;
	free(piece->bits);
	piece->bits = NULL;
}

int seen_add(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end)
{
	uint64_t page = start >> v->base_shift, last = end >> v->base_shift;

	while (page < last) {
		struct piece *piece = need_piece(v, f, page);
		unsigned int first = page % WORD;
		uint64_t n = last - page < WORD - first ? last - page : WORD - first;

		if (!piece)
			return -ENOMEM;
		add_bits(piece, page % PIECE_PAGES / WORD, mask_of(first, first + (unsigned int)n));
		page += n;
	}
	return 0;
}

int seen_add_all(struct seen *v, const struct seen *from)
{
	for (const struct piece *piece = from->pieces; piece; piece = piece->next) {
		struct piece *to = need_piece(v, &piece->file, piece->number << PIECE_SHIFT);

		if (!to)
			return -ENOMEM;
		for (unsigned int i = 0; i < PIECE_PAGES / WORD; i++)
			add_bits(to, i, piece->bits ? piece->bits[i] : ~0ULL);
	}
	return 0;
}

static bool is_seen(const struct piece *piece, uint64_t page)
{
	unsigned int at = page % PIECE_PAGES;

	return piece && (!piece->bits || piece->bits[at / WORD] >> at % WORD & 1);
}

/* Up to where the pages of one piece are like @page, which is @seen or not. */
static uint64_t run_in_piece(const struct piece *piece, uint64_t page, uint64_t last, bool seen)
{
	uint64_t end = (page | (PIECE_PAGES - 1)) + 1;

	if (end > last)
		end = last;
	if (!piece || !piece->bits)
		return end;
	while (page < end) {
		uint64_t word = piece->bits[page % PIECE_PAGES / WORD];
		uint64_t other = (seen ? ~word : word) >> page % WORD;

		page += other ? (unsigned int)__builtin_ctzll(other) : WORD - page % WORD;
		if (other)
			break;
	}
	return page < end ? page : end;
}

uint64_t seen_run(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end,
		  bool *seen)
{
	uint64_t page = start >> v->base_shift, last = end >> v->base_shift;
	const struct piece *piece = find_piece(v, f, page);

	*seen = is_seen(piece, page);
	do {
		page = run_in_piece(piece, page, last, *seen);
		piece = page < last ? find_piece(v, f, page) : NULL;
	} while (page < last && is_seen(piece, page) == *seen);
	return page << v->base_shift;
}

bool seen_has(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end)
{
	bool seen;

	return seen_run(v, f, start, end, &seen) == end && seen;
}
