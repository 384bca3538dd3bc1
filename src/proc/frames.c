/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/frames.h"

#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static int compare_starts(const void *x, const void *y)
{
	const struct frame_span *a = x, *b = y;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* The zones of a node are consecutive. */
static int add_zone(struct frames *f, int node, uint64_t start, uint64_t frames)
{
	struct frame_span *last = f->n ? &f->span[f->n - 1] : NULL;

	if (frames == 0)
		return 0;
	if (frames > UINT64_MAX - start)
		return -EINVAL;
	if (last && last->node == node) {
		last->start = start < last->start ? start : last->start;
		last->end = start + frames > last->end ? start + frames : last->end;
		return 0;
	}
	if (f->n == NODES_MAX)
		return -EINVAL;
	f->span[f->n++] = (struct frame_span){ start, start + frames, node };
	return 0;
}

/* Parse "NAME NUMBER" or "NAME: NUMBER". */
static bool read_value(struct text_part line, const char *name, uint64_t *value)
{
	struct text_part word, number;

	return text_word(&line, " :,", &word) && text_part_is(word, name) &&
	       text_word(&line, " :,", &number) &&
	       number_parse(number.at, number.len, UINT64_MAX, value) == 0;
}

int frames_parse(struct frames *f, const char *text, size_t len)
{
	struct text_part rest = { text, len }, line;
	uint64_t node = NODES_MAX, spanned = 0, start;
	int rc = 0;

	f->n = 0;
	while (!rc && rest.len && text_split(&rest, '\n', &line)) {
		if (read_value(line, "Node", &node))
			spanned = 0;
		else if (read_value(line, "start_pfn", &start))
			rc = node < NODES_MAX ? add_zone(f, (int)node, start, spanned) : -EINVAL;
		else
			read_value(line, "spanned", &spanned);
	}
	if (!rc && f->n == 0)
		rc = -EINVAL;
	qsort(f->span, f->n, sizeof(f->span[0]), compare_starts);
	for (size_t i = 1; !rc && i < f->n; i++)
		if (f->span[i].start < f->span[i - 1].end)
			rc = -EINVAL;
	if (rc)
		f->n = 0;
	return rc;
}

int frames_read(struct frames *f)
{
	char *text;
	size_t len;
	int rc = file_read_all(AT_FDCWD, "/proc/zoneinfo", &text, &len);

	f->n = 0;
	if (!rc)
		rc = frames_parse(f, text, len);
	free(text);
	return rc;
}

const struct frame_span *frames_find(const struct frames *f, uint64_t frame)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->span[middle].end <= frame)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->n && frame >= f->span[low].start ? &f->span[low] : NULL;
}
