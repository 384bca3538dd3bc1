/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "host/selftest.h"
#include "numa/nodeset.h"
#include "unit.h"

#define M   1000000ULL
#define MIB (1ULL << 20)
#define MS  1000000ULL

/* ---- speeds, and the cells of the table ---- */

struct row {
	uint64_t bytes;
	uint64_t ms[MATRIX_ROUNDS];
	uint64_t median, lowest, highest;
	const char *cell;
};

static const struct row rows[] = {
	{ 100 * M, { 100, 100, 100, 100, 100 }, 1000 * M, 1000 * M, 1000 * M, "1000 (1000-1000)" },
	{ 100 * M, { 200, 100, 50, 1000, 250 }, 500 * M, 100 * M, 2000 * M, "500 (100-2000)" },
	{ 100 * M,
	  { 300, 100, 100, 300, 100 },
	  1000 * M,
	  100 * M * 1000 / 300,
	  1000 * M,
	  "1000 (333-1000)" },
	{ 16 * MIB,
	  { 16, 16, 16, 16, 16 },
	  1048576000,
	  1048576000,
	  1048576000,
	  "1048 (1048-1048)" },
	{ 10 * M,
	  { 1000, 1001, 900, 1001, 999 },
	  10 * M,
	  10 * M * 1000 / 1001,
	  10 * M * 1000 / 900,
	  "10 (9.9-11)" },
	{ 4096, { 1, 1, 1, 1, 1 }, 4096000, 4096000, 4096000, "4.0 (4.0-4.0)" },
	{ 4096, { 1000, 1000, 1000, 1000, 1000 }, 4096, 4096, 4096, "0.0 (0.0-0.0)" },
	{ 1ULL << 50,
	  { 1000, 1000, 1000, 1000, 1000 },
	  1ULL << 50,
	  1ULL << 50,
	  1ULL << 50,
	  "1125899906 (1125899906-1125899906)" },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct pair p = { .from = 0, .to = 1, .bytes = row->bytes };
	char cell[MATRIX_CELL_MAX];
	struct speed s;

	for (size_t i = 0; i < MATRIX_ROUNDS; i++) {
		assert_false(pair_speed(&p, &s));
		assert_string_equal(pair_format(&p, true, cell), "not done");
		pair_add(&p, row->ms[i] * MS);
	}
	assert_true(pair_speed(&p, &s));
	assert_int_equal(s.median, row->median);
	assert_int_equal(s.lowest, row->lowest);
	assert_int_equal(s.highest, row->highest);
	assert_string_equal(pair_format(&p, true, cell), row->cell);
	/* Without the range, the cell is the first word. */
	assert_true(strlen(pair_format(&p, false, cell)) == strcspn(row->cell, " "));
	assert_memory_equal(cell, row->cell, strlen(cell));
}

static void test_no_time(void **state)
{
	struct pair p = { .bytes = 1 };
	struct speed s;

	(void)state;
	for (int i = 0; i < MATRIX_ROUNDS; i++)
		pair_add(&p, 0);
	assert_true(pair_speed(&p, &s));
	assert_int_equal(s.median, 1000000000);
}

/* ---- results ---- */

struct result_row {
	enum pair_result result;
	const char *text;
};

static const struct result_row result_rows[] = {
	{ PAIR_OPEN, "not done" },   { PAIR_NOTHING, "-" },
	{ PAIR_NO_ROOM, "no room" }, { PAIR_NO_HUGE, "no huge page" },
	{ PAIR_STAYED, "stayed" },   { PAIR_MISPLACED, "wrong place" },
	{ PAIR_SPLIT, "split" },     { PAIR_CORRUPT, "wrong content" },
	{ PAIR_FAILED, "failed" },
};

/* These results have no speed, even if moves were measured before. */
static void test_result(void **state)
{
	const struct result_row *row = *state;
	struct pair p = { .from = 0, .to = 1, .bytes = MIB };
	char cell[MATRIX_CELL_MAX];
	struct speed s;

	for (int i = 0; i < MATRIX_ROUNDS; i++)
		pair_add(&p, MS);
	p.result = row->result;
	assert_false(pair_speed(&p, &s));
	assert_string_equal(pair_format(&p, true, cell), row->text);
}

static void test_keys(void **state)
{
	(void)state;
	for (int r = 0; r < PAIR_RESULTS; r++) {
		const struct pair p = { .result = (enum pair_result)r };

		assert_true(strlen(pair_key(&p)) > 0);
		assert_int_equal(strspn(pair_key(&p), "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(pair_key(&p)));
	}
}

static void test_rounds(void **state)
{
	struct pair p = { 0 };

	(void)state;
	for (int i = 0; i < 2 * MATRIX_ROUNDS; i++)
		pair_add(&p, MS);
	assert_int_equal(p.times, MATRIX_ROUNDS);
}

/* ---- pairs ---- */

static void test_pairs(void **state)
{
	static const int nodes[] = { 0, 2, 8 };
	struct nodeset set;
	struct matrix *m;
	size_t i = 0;

	(void)state;
	set = nodeset_range(0, 0);
	nodeset_add(&set, 2);
	nodeset_add(&set, 8);
	m = matrix_new(&set, 4096, MIB);
	assert_non_null(m);
	assert_int_equal(m->page_bytes, 4096);
	assert_int_equal(m->bytes, MIB);
	assert_int_equal(m->nodes, 3);
	for (size_t from = 0; from < 3; from++)
		for (size_t to = 0; to < 3; to++, i++) {
			assert_int_equal(m->pair[i].from, nodes[from]);
			assert_int_equal(m->pair[i].to, nodes[to]);
			assert_int_equal(m->pair[i].bytes, MIB);
			assert_int_equal(m->pair[i].result, from == to ? PAIR_NOTHING : PAIR_OPEN);
		}
	free(m);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "matrix: '%s' after all rounds", rows[i].cell);
	unit_add(&suite, test_no_time, NULL, "matrix: a move that takes no time");
	for (size_t i = 0; i < UNIT_ROWS(result_rows); i++)
		unit_add(&suite, test_result, &result_rows[i], "matrix: '%s' has no speed",
			 result_rows[i].text);
	unit_add(&suite, test_keys, NULL, "matrix: every result has a key for JSON");
	unit_add(&suite, test_rounds, NULL, "matrix: further moves are ignored");
	unit_add(&suite, test_pairs, NULL, "matrix: every ordered pair once, with sparse nodes");
	return unit_run(&suite, "matrix");
}
