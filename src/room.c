/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "room.h"

#include "kernel.h"
#include "number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the lines of a node add up to, in pages. */
struct sums {
	uint64_t free, high;		/* over its zones; free is capped zone by zone */
	uint64_t inactive, unclean;	/* of the node */
	uint64_t zone_free;
};

struct word {
	const char *at;
	size_t len;
};

/* Split a line into at most three words. */
static size_t split(const char *line, size_t len, struct word *words)
{
	size_t n = 0, i = 0;

	while (n < 3) {
		while (i < len && line[i] == ' ')
			i++;
		if (i == len)
			break;
		words[n].at = line + i;
		while (i < len && line[i] != ' ')
			i++;
		words[n].len = (size_t)(line + i - words[n].at);
		n++;
	}
	return n;
}

static bool is_word(struct word w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

/* A zone's free pages count as far as they are above its high watermark. */
static void end_zone(struct sums *s, uint64_t high)
{
	if (s->zone_free > high)
		s->free += s->zone_free - high;
	s->zone_free = 0;
}

static void add_value(struct sums *s, struct word key, uint64_t value)
{
	if (is_word(key, "high"))
		end_zone(s, value);
	else if (is_word(key, "nr_inactive_file"))
		s->inactive += value;
	else if (is_word(key, "nr_dirty") || is_word(key, "nr_writeback"))
		s->unclean += value;
}

static void add_line(struct sums *s, const struct word *w, size_t n)
{
	uint64_t value;

	if (n == 3 && is_word(w[0], "pages") && is_word(w[1], "free") &&
	    number_parse(w[2].at, w[2].len, UINT64_MAX >> 20, &value) == 0)
		s->zone_free = value;
	else if (n == 2 && number_parse(w[1].at, w[1].len, UINT64_MAX >> 20, &value) == 0)
		add_value(s, w[0], value);
}

static uint64_t room_of(const struct sums *s)
{
	uint64_t clean = s->inactive > s->unclean ? s->inactive - s->unclean : 0;

	return s->free + clean / 2;
}

/* "Node 3, zone   Normal"; -1 for other lines. */
static int node_of(const struct word *w, size_t n)
{
	uint64_t node;

	if (n != 3 || !is_word(w[0], "Node") || w[1].len < 2 || w[1].at[w[1].len - 1] != ',' ||
	    number_parse(w[1].at, w[1].len - 1, NODES_MAX - 1, &node))
		return -1;
	return (int)node;
}

int room_parse(struct room *room, const char *text, size_t len, uint64_t page_bytes)
{
	struct sums sums[1] = { { 0 } };
	int node = -1;

	*room = (struct room){ { 0 } };
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t width = end ? (size_t)(end - text) : len, n;
		struct word words[3];
		int next;

		n = split(text, width, words);
		next = node_of(words, n);
		if (next >= 0 && next != node)
			*sums = (struct sums){ 0 };
		if (next >= 0)
			node = next;
		add_line(sums, words, n);
		if (node >= 0)
			room->bytes[node] = room_of(sums) * page_bytes;
		width += end != NULL;
		text += width;
		len -= width;
	}
	return node < 0 ? -EINVAL : 0;
}

int room_read(struct room *room)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int rc;

	if (!f)
		return -errno;
	len = getdelim(&text, &size, '\0', f);
	rc = len > 0 ? room_parse(room, text, (size_t)len, (uint64_t)sysconf(_SC_PAGESIZE)) : -EIO;
	free(text);
	fclose(f);
	return rc;
}

#define READ_EVERY 100000000ULL	/* nanoseconds */

void room_guard_start(struct room_guard *g, bool off)
{
	*g = (struct room_guard){ .off = off };
	pthread_mutex_init(&g->lock, NULL);
}

/* What cannot be read does not hold up the move: the kernel has the last word. */
static bool refresh(struct room_guard *g)
{
	g->read_at = kernel_time();
	return room_read(&g->room) == 0;
}

bool room_claim(struct room_guard *g, int node, uint64_t bytes)
{
	bool fits = true;

	if (g->off)
		return true;
	pthread_mutex_lock(&g->lock);
	if (g->read_at == 0 || kernel_time() - g->read_at > READ_EVERY ||
	    g->room.bytes[node] < bytes)
		fits = !refresh(g) || g->room.bytes[node] >= bytes;
	if (fits && g->room.bytes[node] >= bytes)
		g->room.bytes[node] -= bytes;
	pthread_mutex_unlock(&g->lock);
	return fits;
}
