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
#include <stdio.h>
#include <stdlib.h>

enum { ORDERS_MAX = 32 }; /* more than twice as many as any kernel has */

/* Split off the first words of a line, at most three.  Return the node of "Node 3, zone", or -1. */
static int take_words(struct text_part *line, struct text_part *w, size_t *n)
{
	uint64_t node;

	for (*n = 0; *n < 3 && text_word(line, " ,", &w[*n]);)
		++*n;
	if (*n != 3 || !text_part_is(w[0], "Node") || !text_part_is(w[2], "zone") ||
	    number_parse(w[1].at, w[1].len, NODES_MAX - 1, &node))
		return -1;
	return (int)node;
}

int headroom_parse(struct headroom *room, const char *text, size_t len, uint64_t page_bytes)
{
	uint64_t zone = 0, free = 0, inactive = 0, unclean = 0, value; /* pages */
	struct text_part rest = { text, len }, line, w[3];
	bool kernel = false;
	int node = -1;

	*room = (struct headroom){ .kernel = { { 0 } } };
	while (rest.len && text_split(&rest, '\n', &line)) {
		size_t n;
		int next = take_words(&line, w, &n);

		if (next >= 0) {
			if (next != node)
				zone = free = inactive = unclean = 0;
			node = next;
			kernel = text_word(&line, " ", &w[0]) && !text_part_is(w[0], "Movable") &&
				 !text_part_is(w[0], "Device");
		} else if (n < 2 ||
			   number_parse(w[n - 1].at, w[n - 1].len, UINT64_MAX >> 20, &value)) {
			continue;
		} else if (n == 3) {
			if (text_part_is(w[0], "pages") && text_part_is(w[1], "free"))
				zone = value;
		} else if (text_part_is(w[0], "high")) {
			free += number_minus(zone, value);
			zone = 0;
		} else if (text_part_is(w[0], "managed")) {
			if (kernel && value > 0 && node >= 0)
				nodeset_add(&room->kernel, node);
		} else if (text_part_is(w[0], "nr_inactive_file")) {
			inactive += value;
		} else if (text_part_is(w[0], "nr_dirty") || text_part_is(w[0], "nr_writeback")) {
			unclean += value;
		}
		if (node >= 0)
			room->bytes[node] = (free + number_minus(inactive, unclean) / 2) *
					    page_bytes;
	}
	return node < 0 ? -EINVAL : 0;
}

int headroom_read(struct headroom *room, int dir, const char *path)
{
	char *text;
	size_t len;
	int rc = file_read_all(dir, path, &text, &len);

	if (!rc)
		rc = headroom_parse(room, text, len, 1ULL << sys_page_shift());
	free(text);
	return rc;
}

/* Lines are "Node 0, zone   Normal", then the number of free blocks of each order. */
int huge_headroom_parse(struct huge_headroom *room, const char *text, size_t len,
			unsigned int order)
{
	struct text_part rest = { text, len }, line, w[3];
	int rc = len ? 0 : -EINVAL;
	size_t n;

	*room = (struct huge_headroom){ { 0 } };
	while (!rc && rest.len && text_split(&rest, '\n', &line)) {
		int node = take_words(&line, w, &n);

		rc = node < 0 ? -EINVAL : 0;
		text_word(&line, " ", &w[0]); /* the name of the zone */
		for (unsigned int o = 0; !rc && text_word(&line, " ", &w[0]); o++) {
			uint64_t blocks, *pages = &room->pages[node];

			if (o >= ORDERS_MAX ||
			    number_parse(w[0].at, w[0].len, UINT32_MAX, &blocks) ||
			    (o >= order &&
			     __builtin_add_overflow(*pages, blocks << (o - order), pages)))
				rc = -EINVAL;
		}
	}
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

static bool is_stale(uint64_t read_at)
{
	return read_at == 0 || sys_time() - read_at > READ_EVERY;
}

/* Read the room again if it is outdated or @used up.  Return 0 or -errno. */
static int refresh(struct headroom_guard *g, bool used)
{
	int rc;

	if (!used && !is_stale(g->read_at))
		return 0;
	rc = headroom_read(&g->room, AT_FDCWD, "/proc/zoneinfo");
	g->read_at = rc ? 0 : sys_time();
	return rc;
}

uint64_t headroom_free(int node)
{
	char path[64], text[4096];
	uint64_t bytes = 0;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
	file_read(AT_FDCWD, path, text, sizeof(text));
	snprintf(path, sizeof(path), "Node %d MemFree", node);
	number_find_kib(text, path, &bytes);
	return bytes;
}

int headroom_now(struct headroom_guard *g, struct headroom *room)
{
	int rc;

	pthread_mutex_lock(&g->lock);
	rc = refresh(g, false);
	*room = g->room;
	pthread_mutex_unlock(&g->lock);
	return rc;
}

/* An unreadable zoneinfo does not block the move: the kernel decides. */
bool headroom_claim(struct headroom_guard *g, int node, uint64_t bytes)
{
	uint64_t *room = &g->room.bytes[node];
	bool fits;

	if (g->off)
		return true;
	pthread_mutex_lock(&g->lock);
	fits = refresh(g, *room < bytes) || *room >= bytes;
	*room -= *room >= bytes ? bytes : 0;
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
