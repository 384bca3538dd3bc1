/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares every list of up to four weights from 1 to 4, on nodes with gaps, with an explicit
 * pattern, and the index with the kernel's computation; parses texts.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "numa/interleave.h"
#include "proc/vma.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21, LISTS_MAX = 4, WEIGHT_MAX = 4 };

static const int gapped[LISTS_MAX] = { 0, 3, 8, 1023 };

struct listfile {
	unsigned int n, weight[LISTS_MAX];
};

static void make(struct interleave *s, const struct listfile *l)
{
	char line[256] = "";
	struct text_line why = { line, sizeof(line), 0 };
	struct nodeset set = { { 0 } };
	char text[64] = "";

	for (unsigned int i = 0; i < l->n; i++) {
		nodeset_add(&set, gapped[i]);
		sprintf(text + strlen(text), "%s%u", i ? "," : "", l->weight[i]);
	}
	assert_int_equal(interleave_make(s, text, &set, &why), 0);
	assert_int_equal(s->n, l->n);
}

/* The nodes of one period. */
static size_t write_out(const struct listfile *l, int *node)
{
	size_t n = 0;

	for (unsigned int i = 0; i < l->n; i++)
		for (unsigned int k = 0; k < l->weight[i]; k++)
			node[n++] = gapped[i];
	return n;
}

static void check_list(const struct listfile *l)
{
	int node[LISTS_MAX * WEIGHT_MAX];
	size_t period = write_out(l, node);
	static struct interleave s;

	make(&s, l);
	for (uint64_t i = 0; i < 3 * period; i++) {
		assert_int_equal(interleave_node(&s, i), node[i % period]);
		assert_int_equal(interleave_node(&s, (1ULL << 52) - 1 - i),
				 node[((1ULL << 52) - 1 - i) % period]);
	}
}

/* Call @check for every list that begins like @l. */
static void each_list(struct listfile l, void (*check)(const struct listfile *l))
{
	if (l.n)
		check(&l);
	if (l.n == LISTS_MAX)
		return;
	l.n++;
	for (unsigned int w = 1; w <= WEIGHT_MAX; w++) {
		l.weight[l.n - 1] = w;
		each_list(l, check);
	}
}

static void test_model(void **state)
{
	(void)state;
	each_list((struct listfile){ 0 }, check_list);
}

/* In any run of pages, each node has its share, within one page. */
static void check_shares(const struct listfile *l)
{
	static struct interleave s;
	unsigned int got[LISTS_MAX];

	if (l->n < 2)
		return;
	for (unsigned int i = 0; i < l->n; i++)
		if (l->weight[i] != 1)
			return;
	make(&s, l);
	for (uint64_t first = 0; first < 8; first++) {
		memset(got, 0, sizeof(got));
		for (uint64_t n = 1; n < 40; n++) {
			for (unsigned int i = 0; i < l->n; i++)
				got[i] += interleave_node(&s, first + n - 1) == gapped[i];
			for (unsigned int i = 0; i < l->n; i++)
				assert_true(got[i] * l->n + l->n > n && got[i] * l->n < n + l->n);
		}
	}
}

static void test_shares(void **state)
{
	(void)state;
	each_list((struct listfile){ 0 }, check_shares);
}

static void test_unweighted(void **state)
{
	char line[256] = "";
	struct text_line why = { line, sizeof(line), 0 };
	static struct interleave s;
	struct nodeset set = { { 0 } };

	(void)state;
	for (int i = 0; i < 3; i++)
		nodeset_add(&set, gapped[i]);
	assert_int_equal(interleave_make(&s, NULL, &set, &why), 0);
	for (uint64_t i = 0; i < 9; i++)
		assert_int_equal(interleave_node(&s, i), gapped[i % 3]);
}

/* ---- texts ---- */

struct text_row {
	const char *text;
	unsigned int nodes; /* 0: not yet known */
	int ret;
	const char *why;
};

static const struct text_row text_rows[] = {
	{ "1", 1, 0, "" },
	{ "3,1", 2, 0, "" },
	{ "4294967295,1", 2, 0, "" },
	{ "3,1", 0, 0, "" },
	{ "3,1", 1, -EINVAL,
	  "2 weights for 1 node; give one for each node of --interleave, in ascending order" },
	{ "3,1", 3, -EINVAL,
	  "2 weights for 3 nodes; give one for each node of --interleave, in ascending order" },
	{ "1,1,1,1,1", 4, -EINVAL,
	  "5 weights for 4 nodes; give one for each node of --interleave, in ascending order" },
	{ "", 1, -EINVAL, "'' (at 1) is not a weight; expected a positive integer" },
	{ "0", 1, -EINVAL, "'0' (at 1) is not a weight; expected a positive integer" },
	{ "1,0", 2, -EINVAL, "'0' (at 3) is not a weight; expected a positive integer" },
	{ "1,,1", 3, -EINVAL, "'' (at 3) is not a weight; expected a positive integer" },
	{ "1,", 2, -EINVAL, "'' (at 3) is not a weight; expected a positive integer" },
	{ ",1", 2, -EINVAL, "'' (at 1) is not a weight; expected a positive integer" },
	{ "1,x", 2, -EINVAL, "'x' (at 3) is not a weight; expected a positive integer" },
	{ "1,-1", 2, -EINVAL, "'-1' (at 3) is not a weight; expected a positive integer" },
	{ "1,1.5", 2, -EINVAL, "'1.5' (at 3) is not a weight; expected a positive integer" },
	{ "1, 1", 2, -EINVAL, "' 1' (at 3) is not a weight; expected a positive integer" },
	{ "01,1", 2, -EINVAL, "'01' (at 1) is not a weight; expected a positive integer" },
	{ "1:1", 2, -EINVAL, "'1:1' (at 1) is not a weight; expected a positive integer" },
	{ "4294967296", 1, -EINVAL,
	  "'4294967296' (at 1) is not a weight; expected a positive integer" },
	{ "x", 0, -EINVAL, "'x' (at 1) is not a weight; expected a positive integer" },
};

static void test_text(void **state)
{
	const struct text_row *row = *state;
	char line[256] = "";
	struct text_line why = { line, sizeof(line), 0 };
	static struct interleave s;
	struct nodeset set = { { 0 } };

	for (unsigned int i = 0; i < row->nodes; i++)
		nodeset_add(&set, gapped[i]);
	assert_int_equal(interleave_make(&s, row->text, row->nodes ? &set : NULL, &why), row->ret);
	assert_string_equal(line, row->why);
}

/* ---- the index ---- */

struct index_row {
	const char *what;
	uint64_t start, offset, inode;
	uint64_t address;
	unsigned int shift;
	uint64_t index;
};

static const struct index_row index_rows[] = {
	{ "anonymous memory counts from address 0", 0x7000, 0, 0, 0x9000, BASE, 9 },
	{ "any address in a page is that page", 0x7000, 0, 0, 0x9fff, BASE, 9 },
	{ "a file counts from its beginning", 0x7000, 0, 5, 0x9000, BASE, 2 },
	{ "and not from that of the mapping", 0x7000, 0x3000, 5, 0x9000, BASE, 5 },
	{ "a huge page counts as one page", 0x400000, 0, 0, 0x600000, HUGE, 3 },
	{ "and so does any part of them", 0x400000, 0, 0, 0x7ff000, HUGE, 3 },
	{ "huge pages of a file too", 0x400000, 0x200000, 5, 0x800000, HUGE, 3 },
};

static void test_index(void **state)
{
	const struct index_row *row = *state;
	struct vma m = { .start = row->start,
			 .end = row->start + (1 << 24),
			 .offset = row->offset,
			 .inode = row->inode };

	assert_int_equal(vma_page_index(&m, row->address, row->shift), row->index);
}

/* mm/mempolicy.c:interleave_nid(), for mappings aligned to the page size. */
static void test_kernel(void **state)
{
	static const unsigned int shifts[] = { BASE, HUGE };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (uint64_t page = 0; page < 100; page++) {
			unsigned int shift = shifts[i];
			struct vma m = { .start = 77ULL << shift, .end = 177ULL << shift };
			uint64_t address = m.start + (page << shift);
			uint64_t pgoff = m.start >> BASE;

			assert_int_equal(vma_page_index(&m, address, shift),
					 (pgoff >> (shift - BASE)) +
						 ((address - m.start) >> shift));
			m.inode = 1;
			m.offset = 5ULL << shift;
			pgoff = m.offset >> BASE;
			assert_int_equal(vma_page_index(&m, address, shift),
					 (pgoff >> (shift - BASE)) +
						 ((address - m.start) >> shift));
		}
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	unit_add(&suite, test_model, NULL, "interleave: every list of weights gives its pattern");
	unit_add(&suite, test_shares, NULL, "interleave: shares are exact within one page");
	unit_add(&suite, test_unweighted, NULL,
		 "interleave: without weights all nodes have the same share");
	for (size_t i = 0; i < UNIT_ROWS(text_rows); i++)
		unit_add(&suite, test_text, &text_rows[i], "interleave: '%s' for %u nodes %s",
			 text_rows[i].text, text_rows[i].nodes,
			 text_rows[i].ret ? "is refused" : "is read");
	for (size_t i = 0; i < UNIT_ROWS(index_rows); i++)
		unit_add(&suite, test_index, &index_rows[i], "interleave: %s", index_rows[i].what);
	unit_add(&suite, test_kernel, NULL, "interleave: the index is the kernel's");
	return unit_run(&suite, "interleave");
}
