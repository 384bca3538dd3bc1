/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weights (spread.h), over as many nodes as the first byte says: of each round, a node has
 * as many pages as it weighs, side by side.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/interleave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 8 };

static void check_round(const struct interleave *s)
{
	uint64_t index = 0;

	for (size_t i = 0; i < s->n; i++) {
		HOLDS(interleave_node(s, index) == s->node[i]);
		HOLDS(interleave_node(s, index + s->total) == s->node[i]);
		index += s->weight[i];
		HOLDS(interleave_node(s, index - 1) == s->node[i]);
	}
	HOLDS(index == s->total);
}

void fuzz_target(const char *text, size_t len)
{
	static struct interleave s;
	struct interleave_error err;
	struct nodeset set = { { 0 } };
	size_t wanted = len ? (unsigned char)text[0] % NODES : 0, commas = 0;
	char *weights = fuzz_string(text + !!len, len - !!len);
	int rc;

	for (size_t i = 0; i < wanted; i++)
		nodeset_add(&set, 3 * i);
	rc = interleave_make(&s, weights, wanted ? &set : NULL, &err);
	HOLDS(rc == 0 || rc == -EINVAL);
	for (const char *c = weights; *c; c++)
		commas += *c == ',';
	if (rc) {
		HOLDS(err.offset + err.length <= strlen(weights));
		HOLDS(!err.count || (err.given == commas + 1 && err.given != wanted));
	} else if (wanted) {
		HOLDS(s.n == wanted && commas + 1 == wanted);
		check_round(&s);
	}
	free(weights);
}
