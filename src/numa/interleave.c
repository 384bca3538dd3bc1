/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/interleave.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <string.h>

int interleave_make(struct interleave *s, const char *text, const struct nodeset *nodes,
		    struct text_line *why)
{
	struct text_part rest = { text, text ? strlen(text) : 0 }, word;
	char quoted[TEXT_NAME_MAX];
	size_t given = 0;

	*s = (struct interleave){ 0 };
	for (int n = nodes ? nodeset_next(nodes, 0) : -1; n >= 0; n = nodeset_next(nodes, n + 1)) {
		s->weight[s->n] = 1;
		s->node[s->n++] = (int16_t)n;
	}
	for (; text_split(&rest, ',', &word); given++) {
		uint64_t weight;

		if (number_parse(word.at, word.len, UINT32_MAX, &weight) || weight == 0) {
			text_escape(word.at, word.len, quoted, sizeof(quoted));
			text_add(why, "'%s' (at %zu) is not a weight; expected a positive integer",
				 quoted, (size_t)(word.at - text) + 1);
			return -EINVAL;
		}
		if (given < s->n)
			s->weight[given] = (uint32_t)weight;
	}
	for (size_t i = 0; i < s->n; i++)
		s->total += s->weight[i];
	if (!text || !nodes || given == s->n)
		return 0;
	text_add(why,
		 "%zu weight%s for %zu node%s; give one for each node of --interleave, in "
		 "ascending order",
		 given, given == 1 ? "" : "s", s->n, s->n == 1 ? "" : "s");
	return -EINVAL;
}

int interleave_node(const struct interleave *s, uint64_t index)
{
	uint64_t target = index % s->total;
	size_t i = 0;

	while (target >= s->weight[i])
		target -= s->weight[i++];
	return s->node[i];
}
