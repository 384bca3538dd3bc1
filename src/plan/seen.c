/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/seen.h"

#include "plan/page.h"
#include "proc/vma.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_SHIFT = 15, PIECE_PAGES = 1 << PIECE_SHIFT, WORD = 64 };

struct piece_key {
	struct seen_file file;
	uint64_t number; /* index of the piece in the file */
};

struct piece {
	struct piece_key key;
	unsigned int pages; /* visited */
	uint64_t *bits;	    /* NULL: all pages are visited */
	struct piece *next; /* list of all pieces, unordered */
};

void seen_init(struct seen *v, unsigned int base_shift)
{
	*v = (struct seen){ .base_shift = base_shift };
}

static void free_piece(void *piece)
{
	free(((struct piece *)piece)->bits);
	free(piece);
}

void seen_free(struct seen *v)
{
	tdestroy(v->tree, free_piece);
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

static int compare_keys(const void *x, const void *y)
{
	return memcmp(x, y, sizeof(struct piece_key));
}

/* Find the piece of a page, or @make it.  Return NULL if there is none, or no memory. */
static struct piece *find_piece(struct seen *v, const struct seen_file *f, uint64_t page, bool make)
{
	const struct piece_key key = { *f, page >> PIECE_SHIFT };
	struct piece *const *found, *piece;

	if (v->last && compare_keys(v->last, &key) == 0)
		return v->last;
	found = tfind(&key, &v->tree, compare_keys);
	if (found)
		return v->last = *found;
	piece = make ? calloc(1, sizeof(*piece)) : NULL;
	if (!piece)
		return NULL;
	*piece = (struct piece){ .key = key, .next = v->pieces };
	piece->bits = calloc(PIECE_PAGES / WORD, sizeof(*piece->bits));
	if (!piece->bits || !tsearch(piece, &v->tree, compare_keys)) {
		free_piece(piece);
		return NULL;
	}
	return v->last = v->pieces = piece;
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
		struct piece *piece = find_piece(v, f, page, true);
		unsigned int first = page % WORD;
		uint64_t n = last - page < WORD - first ? last - page : WORD - first;

		if (!piece)
			return -ENOMEM;
		add_bits(piece, page % PIECE_PAGES / WORD, ~0ULL >> (WORD - n) << first);
		page += n;
	}
	return 0;
}

int seen_add_all(struct seen *v, const struct seen *from)
{
	for (const struct piece *piece = from->pieces; piece; piece = piece->next) {
		const struct piece_key *key = &piece->key;
		struct piece *to = find_piece(v, &key->file, key->number << PIECE_SHIFT, true);

		if (!to)
			return -ENOMEM;
		for (unsigned int i = 0; i < PIECE_PAGES / WORD; i++)
			add_bits(to, i, piece->bits ? piece->bits[i] : ~0ULL);
	}
	return 0;
}

uint64_t seen_run(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end,
		  bool *seen)
{
	const uint64_t first = start >> v->base_shift, last = end >> v->base_shift;
	uint64_t page = first, other = 0;

	while (!other && page < last) {
		const struct piece *piece = find_piece(v, f, page, false);
		uint64_t word = piece ? ~0ULL : 0, alike = PIECE_PAGES;

		if (piece && piece->bits) {
			word = piece->bits[page % PIECE_PAGES / WORD];
			alike = WORD;
		}
		if (page == first)
			*seen = word >> page % WORD & 1;
		other = (*seen ? ~word : word) >> page % WORD;
		page += other ? (unsigned int)__builtin_ctzll(other) : alike - page % alike;
	}
	return (page < last ? page : last) << v->base_shift;
}

bool seen_has(struct seen *v, const struct seen_file *f, uint64_t start, uint64_t end)
{
	bool seen;

	return seen_run(v, f, start, end, &seen) == end && seen;
}
