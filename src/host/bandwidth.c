/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/selftest.h"

#include "numa/nodeset.h"
#include "plan/request.h"
#include "report/report.h"
#include "report/table.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEGA UINT64_C(1000000)

static const struct {
	const char *text, *key;
} words[PAIR_RESULTS] = {
	[PAIR_OPEN] = { "not done", "not_done" },
	[PAIR_NOTHING] = { "-", "nothing_to_move" },
	[PAIR_MOVED] = { "moved", "moved" },
	[PAIR_NO_ROOM] = { "no room", "no_room" },
	[PAIR_NO_HUGE] = { "no huge page", "no_huge_page" },
	[PAIR_STAYED] = { "stayed", "stayed" },
	[PAIR_MISPLACED] = { "wrong place", "wrong_place" },
	[PAIR_SPLIT] = { "split", "split" },
	[PAIR_CORRUPT] = { "wrong content", "wrong_content" },
	[PAIR_FAILED] = { "failed", "failed" },
};

struct matrix *matrix_new(const struct nodeset *nodes, uint64_t page_bytes, uint64_t bytes)
{
	size_t n = nodeset_count(nodes);
	struct matrix *m = calloc(1, sizeof(*m) + n * n * sizeof(m->pair[0]));
	struct pair *p;

	if (!m)
		return NULL;
	m->page_bytes = page_bytes;
	m->bytes = bytes;
	m->nodes = n;
	p = m->pair;
	for (int from = nodeset_next(nodes, 0); from >= 0; from = nodeset_next(nodes, from + 1))
		for (int to = nodeset_next(nodes, 0); to >= 0; to = nodeset_next(nodes, to + 1))
			*p++ = (struct pair){
				.from = from,
				.to = to,
				.bytes = bytes,
				.result = from == to ? PAIR_NOTHING : PAIR_OPEN,
			};
	return m;
}

void pair_add(struct pair *p, uint64_t nanoseconds)
{
	if (p->times < MATRIX_ROUNDS)
		p->time[p->times++] = nanoseconds;
	if (p->times == MATRIX_ROUNDS)
		p->result = PAIR_MOVED;
}

static uint64_t speed_of(uint64_t bytes, uint64_t nanoseconds)
{
	return (uint64_t)((double)bytes * 1e9 / (double)(nanoseconds ? nanoseconds : 1));
}

bool pair_speed(const struct pair *p, struct speed *speed)
{
	uint64_t time[MATRIX_ROUNDS];

	*speed = (struct speed){ 0 };
	if (p->result != PAIR_MOVED)
		return false;
	for (size_t i = 0, at; i < MATRIX_ROUNDS; time[at] = p->time[i++])
		for (at = i; at > 0 && time[at - 1] > p->time[i]; at--)
			time[at] = time[at - 1];
	*speed = (struct speed){
		.median = speed_of(p->bytes, time[MATRIX_ROUNDS / 2]),
		.lowest = speed_of(p->bytes, time[MATRIX_ROUNDS - 1]),
		.highest = speed_of(p->bytes, time[0]),
	};
	return true;
}

const char *pair_key(const struct pair *p)
{
	return words[p->result].key;
}

static void add_speed(struct text_line *line, uint64_t speed)
{
	text_add(line, "%" PRIu64, speed / MEGA);
	if (speed < 10 * MEGA)
		text_add(line, ".%" PRIu64, speed % MEGA * 10 / MEGA);
}

char *pair_format(const struct pair *p, bool ranges, char *buf)
{
	struct text_line line = { .buf = buf, .size = MATRIX_CELL_MAX };
	struct speed s;

	if (!pair_speed(p, &s)) {
		text_add(&line, "%s", words[p->result].text);
		return buf;
	}
	add_speed(&line, s.median);
	if (ranges) {
		text_add(&line, " (");
		add_speed(&line, s.lowest);
		text_add(&line, "-");
		add_speed(&line, s.highest);
		text_add(&line, ")");
	}
	return buf;
}

const struct report_form matrix_table = {
	.columns =
		(const struct column_kind[]){
			{ "FROM\\TO", true, CELL_OWN, 0, NULL },
			{ COLUMN_NODES, true, CELL_OWN, 0, NULL },
			{ NULL },
		},
};

/* @row: the first pair of the source */
static const char *matrix_cell(const void *row, int node, char *buf, bool ranges)
{
	const struct pair *p = row;

	if (node == COLUMN_NO_NODE) {
		snprintf(buf, TABLE_CELL_MAX, "N%d", p->from);
		return buf;
	}
	while (p->to != node)
		p++;
	return pair_format(p, ranges, buf);
}

static const char *cell_of_medians(const void *row, int node, char *buf)
{
	return matrix_cell(row, node, buf, false);
}

static const char *cell_of_ranges(const void *row, int node, char *buf)
{
	return matrix_cell(row, node, buf, true);
}

int matrix_print(const struct matrix *m, struct report *r)
{
	const bool ranges = r->request->output.verbose;
	char page[TEXT_SIZE_MAX], size[TEXT_SIZE_MAX];
	struct table t;
	int rc;

	table_begin(&t, r, NULL);
	t.own = ranges ? cell_of_ranges : cell_of_medians;
	for (size_t i = 0; i < m->nodes; i++)
		table_add(&t, m->pair + i * m->nodes);
	fprintf(r->out, "%s pages, %d moves of %s: median%s in MB/s, from row to column\n",
		text_size(m->page_bytes, page), MATRIX_ROUNDS, text_size(m->bytes, size),
		ranges ? " (lowest-highest)" : " speed");
	rc = table_end(&t);
	fputc('\n', r->out);
	/* The next table may take long. */
	return fflush(r->out) ? -errno : rc;
}

/* Find the worst result of a pair over all page sizes. */
static enum pair_result worst_result(struct matrix *const *m, size_t n, size_t pair)
{
	enum pair_result worst = PAIR_MOVED;

	for (size_t i = 0; i < n; i++) {
		enum pair_result result = m[i] ? m[i]->pair[pair].result : PAIR_MOVED;

		if (result == PAIR_NOTHING || result > worst)
			return result;
		if (result == PAIR_OPEN)
			worst = PAIR_OPEN;
	}
	return worst;
}

void matrix_put_verdict(struct matrix *const *m, size_t n, const struct report *r)
{
	size_t pairs = 0, passed = 0, open = 0;
	char text[128];

	for (size_t i = 0; m[0] && i < m[0]->nodes * m[0]->nodes; i++) {
		enum pair_result result = worst_result(m, n, i);

		pairs += result != PAIR_NOTHING;
		passed += result == PAIR_MOVED;
		open += result == PAIR_OPEN;
	}
	if (passed == pairs)
		snprintf(text, sizeof(text), "all %zu pairs passed, contents verified", pairs);
	else
		snprintf(text, sizeof(text), "%zu of %zu pairs passed, %zu failed, %zu not done",
			 passed, pairs, pairs - passed - open, open);
	report_verdict(r, passed == pairs ? TONE_GOOD : TONE_BAD, text);
	fputc('\n', r->out);
}

json_t *matrix_json(const struct matrix *m)
{
	json_t *pairs = json_array();
	int rc = 0;

	for (size_t i = 0; !rc && i < m->nodes * m->nodes; i++) {
		const struct pair *p = &m->pair[i];
		json_t *times = json_array();
		struct speed s;
		bool known = pair_speed(p, &s);

		for (size_t k = 0; k < p->times; k++)
			rc |= json_array_append_new(times, json_known(true, p->time[k]));
		rc |= json_array_append_new(
			pairs, json_pack("{s:i,s:i,s:s,s:o,s:o,s:o,s:o}", "from", p->from, "to",
					 p->to, "result", pair_key(p), "nanoseconds", times,
					 "median", json_known(known, s.median), "lowest",
					 json_known(known, s.lowest), "highest",
					 json_known(known, s.highest)));
	}
	if (!rc)
		return json_pack("{s:I,s:I,s:o}", "page_size", (json_int_t)m->page_bytes, "bytes",
				 (json_int_t)m->bytes, "pairs", pairs);
	json_decref(pairs);
	return NULL;
}
