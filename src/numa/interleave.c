/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/interleave.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <string.h>

int interleave_make(struct interleave *s, const char *text, const struct nodeset *nodes,
		    struct interleave_error *err)
{
	struct text_part rest = { text, text ? strlen(text) : 0 }, word;

	*s = (struct interleave){ 0 };
	*err = (struct interleave_error){ 0 };
	for (int n = nodes ? nodeset_next(nodes, 0) : -1; n >= 0; n = nodeset_next(nodes, n + 1)) {
		s->weight[s->n] = 1;
		s->node[s->n++] = (int16_t)n;
	}
	for (; text_split(&rest, ',', &word); err->given++) {
		uint64_t weight;

		if (number_parse(word.at, word.len, UINT32_MAX, &weight) || weight == 0) {
			err->offset = (size_t)(word.at - text);
			err->length = word.len;
			return -EINVAL;
		}
		if (err->given < s->n)
			s->weight[err->given] = (uint32_t)weight;
	}
	err->count = text && nodes && err->given != s->n;
	for (size_t i = 0; i < s->n; i++)
		s->total += s->weight[i];
	return err->count ? -EINVAL : 0;
}

int interleave_node(const struct interleave *s, uint64_t index)
{
	uint64_t target = index % s->total;
	size_t i = 0;

	while (target >= s->weight[i])
		target -= s->weight[i++];
	return s->node[i];
}
