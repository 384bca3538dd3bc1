/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/interleave.h"

#include "util/number.h"

#include <errno.h>
#include <string.h>

/* The weight of the next node; what is beyond the last is counted and not kept. */
static void put_weight(struct interleave *s, size_t i, uint64_t weight)
{
	if (i < s->n)
		s->weight[i] = (uint32_t)weight;
}

static int parse_weights(struct interleave *s, const char *text, struct interleave_error *err)
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

int interleave_make(struct interleave *s, const char *text, const struct nodeset *nodes,
		    struct interleave_error *err)
{
	*s = (struct interleave){ 0 };
	*err = (struct interleave_error){ 0 };
	for (int n = nodes ? nodeset_next(nodes, 0) : -1; n >= 0; n = nodeset_next(nodes, n + 1)) {
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

int interleave_node(const struct interleave *s, uint64_t index)
{
	uint64_t target = index % s->total;
	size_t i = 0;

	while (target >= s->weight[i])
		target -= s->weight[i++];
	return s->node[i];
}
