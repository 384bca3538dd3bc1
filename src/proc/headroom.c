/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/headroom.h"

#include "proc/syscalls.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the lines of a node add up to, in pages. */
struct sums {
	uint64_t free, high;	    /* over its zones; free is capped zone by zone */
	uint64_t inactive, unclean; /* of the node */
	uint64_t zone_free;
};

/* Split a line into at most three words. */
static size_t split(const char *line, size_t len, struct text_part *words)
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

/* A zone's free pages count as far as they are above its high watermark. */
static void end_zone(struct sums *s, uint64_t high)
{
	if (s->zone_free > high)
		s->free += s->zone_free - high;
	s->zone_free = 0;
}

static void add_value(struct sums *s, struct text_part key, uint64_t value)
{
	if (text_part_is(key, "high"))
		end_zone(s, value);
	else if (text_part_is(key, "nr_inactive_file"))
		s->inactive += value;
	else if (text_part_is(key, "nr_dirty") || text_part_is(key, "nr_writeback"))
		s->unclean += value;
}

static void add_line(struct sums *s, const struct text_part *w, size_t n)
{
	uint64_t value;

	if (n == 3 && text_part_is(w[0], "pages") && text_part_is(w[1], "free") &&
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
static int node_of(const struct text_part *w, size_t n)
{
	uint64_t node;

	if (n != 3 || !text_part_is(w[0], "Node") || !text_part_is(w[2], "zone") || w[1].len < 2 ||
	    w[1].at[w[1].len - 1] != ',' ||
	    number_parse(w[1].at, w[1].len - 1, NODES_MAX - 1, &node))
		return -1;
	return (int)node;
}

int headroom_parse(struct headroom *room, const char *text, size_t len, uint64_t page_bytes)
{
	struct sums sums[1] = { { 0 } };
	int node = -1;

	*room = (struct headroom){ { 0 } };
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t width = end ? (size_t)(end - text) : len, n;
		struct text_part words[3];
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

enum { ORDERS_MAX = 32 }; /* no kernel has more than half as many */

/* "Node 0, zone   Normal", and then the number of free blocks of each order. */
static int add_zone(struct huge_headroom *room, const char *line, size_t len, unsigned int order)
{
	struct text_part words[3];
	int node = node_of(words, split(line, len, words));
	const char *at, *end = line + len;

	if (node < 0)
		return -EINVAL;
	at = words[2].at + words[2].len;
	if (split(at, (size_t)(end - at), words))
		at = words[0].at + words[0].len; /* the name of the zone */
	for (unsigned int o = 0;; o++) {
		uint64_t blocks;

		if (split(at, (size_t)(end - at), words) == 0)
			return 0;
		if (o >= ORDERS_MAX ||
		    number_parse(words[0].at, words[0].len, UINT32_MAX, &blocks) ||
		    (o >= order && __builtin_add_overflow(room->pages[node], blocks << (o - order),
							  &room->pages[node])))
			return -EINVAL;
		at = words[0].at + words[0].len;
	}
}

int huge_headroom_parse(struct huge_headroom *room, const char *text, size_t len,
			unsigned int order)
{
	int rc = len ? 0 : -EINVAL;

	*room = (struct huge_headroom){ { 0 } };
	while (!rc && len) {
		const char *end = memchr(text, '\n', len);
		size_t width = end ? (size_t)(end - text) : len;

		rc = add_zone(room, text, width, order);
		width += end != NULL;
		text += width;
		len -= width;
	}
	return rc;
}

static int room_read(struct headroom *room)
{
	char *text;
	size_t len;
	int rc = file_read_all(AT_FDCWD, "/proc/zoneinfo", &text, &len);

	if (!rc)
		rc = headroom_parse(room, text, len, (uint64_t)sysconf(_SC_PAGESIZE));
	free(text);
	return rc;
}

int huge_headroom_read(struct huge_headroom *room, unsigned int order)
{
	char *text;
	size_t len;
	int rc = file_read_all(AT_FDCWD, "/proc/buddyinfo", &text, &len);

	if (!rc)
		rc = huge_headroom_parse(room, text, len, order);
	free(text);
	if (rc)
		*room = (struct huge_headroom){ { 0 } };
	return rc;
}

#define READ_EVERY 100000000ULL /* nanoseconds */

void headroom_guard_start(struct headroom_guard *g, bool off)
{
	*g = (struct headroom_guard){ .off = off };
	pthread_mutex_init(&g->lock, NULL);
}

static int refresh(struct headroom_guard *g)
{
	int rc = room_read(&g->room);

	g->read_at = rc ? 0 : sys_time();
	return rc;
}

static bool is_stale(uint64_t read_at)
{
	return read_at == 0 || sys_time() - read_at > READ_EVERY;
}

int headroom_now(struct headroom_guard *g, struct headroom *room)
{
	int rc;

	pthread_mutex_lock(&g->lock);
	rc = is_stale(g->read_at) ? refresh(g) : 0;
	*room = g->room;
	pthread_mutex_unlock(&g->lock);
	return rc;
}

/* What cannot be read does not hold up the move: the kernel has the last word. */
bool headroom_claim(struct headroom_guard *g, int node, uint64_t bytes)
{
	bool fits = true;

	if (g->off)
		return true;
	pthread_mutex_lock(&g->lock);
	if (is_stale(g->read_at) || g->room.bytes[node] < bytes)
		fits = refresh(g) || g->room.bytes[node] >= bytes;
	if (fits && g->room.bytes[node] >= bytes)
		g->room.bytes[node] -= bytes;
	pthread_mutex_unlock(&g->lock);
	return fits;
}

bool headroom_claim_huge(struct headroom_guard *g, int node, unsigned int order)
{
	bool fits;

	pthread_mutex_lock(&g->lock);
	if (is_stale(g->huge_read_at)) {
		g->huge_read_at = sys_time();
		huge_headroom_read(&g->huge, order);
	}
	fits = g->huge.pages[node] > 0;
	if (fits)
		g->huge.pages[node]--;
	pthread_mutex_unlock(&g->lock);
	return fits;
}
