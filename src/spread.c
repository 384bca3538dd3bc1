/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "spread.h"

#include "mapping.h"
#include "number.h"

#include <errno.h>
#include <string.h>

/* The weight of the next node; what is beyond the last is counted and not kept. */
static void put_weight(struct spread *s, size_t i, uint64_t weight)
{
	if (i < s->n)
		s->weight[i] = (uint32_t)weight;
}

static int parse_weights(struct spread *s, const char *text, struct spread_error *err)
{
	size_t at = 0;

	for (err->given = 0;; err->given++) {
		size_t len = strcspn(text + at, ",");
		uint64_t weight;

		if (number_parse(text + at, len, UINT32_MAX, &weight) || weight == 0) {
			err->offset = at;
			err->length = len;
			return -EINVAL;
		}
		put_weight(s, err->given, weight);
		at += len;
		if (text[at++] == '\0')
			break;
	}
	err->given++;
	return 0;
}

int spread_make(struct spread *s, const char *text, const struct bitmask *nodes,
		struct spread_error *err)
{
	*s = (struct spread){ 0 };
	*err = (struct spread_error){ 0 };
	for (int n = nodes ? nodes_next(nodes, 0) : -1; n >= 0; n = nodes_next(nodes, n + 1)) {
		s->weight[s->n] = 1;
		s->node[s->n++] = (int16_t)n;
	}
	if (text && parse_weights(s, text, err))
		return -EINVAL;
	err->count = text && nodes && err->given != s->n;
	if (err->count)
		return -EINVAL;
	for (size_t i = 0; i < s->n; i++)
		s->total += s->weight[i];
	return 0;
}

int spread_node(const struct spread *s, uint64_t index)
{
	uint64_t target = index % s->total;
	size_t i = 0;

	while (target >= s->weight[i])
		target -= s->weight[i++];
	return s->node[i];
}

static bool has_file(const struct mapping *m)
{
	return m->inode || m->major || m->minor;
}

uint64_t spread_index(const struct mapping *m, uint64_t address, unsigned int shift)
{
	uint64_t place = has_file(m) ? mapping_offset(m, address) : address;

	return place >> shift;
}
