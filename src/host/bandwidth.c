/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/bandwidth.h"

#include "numa/nodeset.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1e9
#define MEGA   UINT64_C(1000000)

enum { TENTHS_BELOW = 10 };

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

int matrix_init(struct matrix *m, const struct nodeset *nodes, uint64_t page_bytes, uint64_t bytes)
{
	size_t n = nodeset_count(nodes);
	struct pair *p;

	*m = (struct matrix){ .page_bytes = page_bytes, .bytes = bytes, .nodes = n };
	p = m->pair = calloc(n * n + 1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	for (int from = nodeset_next(nodes, 0); from >= 0; from = nodeset_next(nodes, from + 1))
		for (int to = nodeset_next(nodes, 0); to >= 0; to = nodeset_next(nodes, to + 1))
			*p++ = (struct pair){
				.from = from,
				.to = to,
				.result = from == to ? PAIR_NOTHING : PAIR_OPEN,
			};
	return 0;
}

void matrix_free(struct matrix *m)
{
	free(m->pair);
	*m = (struct matrix){ 0 };
}

void pair_add(struct pair *p, uint64_t nanoseconds)
{
	if (p->times < MATRIX_ROUNDS)
		p->time[p->times++] = nanoseconds;
	if (p->times == MATRIX_ROUNDS)
		p->result = PAIR_MOVED;
}

static int by_length(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static uint64_t speed_of(uint64_t bytes, uint64_t nanoseconds)
{
	return (uint64_t)((double)bytes * SECOND / (double)(nanoseconds ? nanoseconds : 1));
}

bool pair_speed(const struct pair *p, uint64_t bytes, struct speed *speed)
{
	uint64_t time[MATRIX_ROUNDS];

	if (p->result != PAIR_MOVED)
		return false;
	memcpy(time, p->time, sizeof(time));
	qsort(time, MATRIX_ROUNDS, sizeof(time[0]), by_length);
	*speed = (struct speed){
		.median = speed_of(bytes, time[MATRIX_ROUNDS / 2]),
		.lowest = speed_of(bytes, time[MATRIX_ROUNDS - 1]),
		.highest = speed_of(bytes, time[0]),
	};
	return true;
}

const char *pair_key(const struct pair *p)
{
	return words[p->result].key;
}

static void put_speed(uint64_t speed, char *buf, size_t size)
{
	if (speed < TENTHS_BELOW * MEGA)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64, speed / MEGA, speed % MEGA * 10 / MEGA);
	else
		snprintf(buf, size, "%" PRIu64, speed / MEGA);
}

char *pair_format(const struct pair *p, uint64_t bytes, char *buf)
{
	char median[24], lowest[24], highest[24];
	struct speed s;

	if (!pair_speed(p, bytes, &s)) {
		snprintf(buf, MATRIX_CELL_MAX, "%s", words[p->result].text);
		return buf;
	}
	put_speed(s.median, median, sizeof(median));
	put_speed(s.lowest, lowest, sizeof(lowest));
	put_speed(s.highest, highest, sizeof(highest));
	snprintf(buf, MATRIX_CELL_MAX, "%s (%s-%s)", median, lowest, highest);
	return buf;
}
