/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weights (interleave.h); the first byte is the number of nodes: in each round, every node gets
 * as many consecutive pages as its weight.
 */
#include <config.h>

#include "fuzz.h"
#include "numa/interleave.h"

#include <errno.h>
#include <stdio.h>
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
	char line[256] = "", expected[64];
	struct text_line why = { line, sizeof(line), 0 };
	struct nodeset set = { { 0 } };
	size_t wanted = len ? (unsigned char)text[0] % NODES : 0, commas = 0;
	char *weights = fuzz_string(text + !!len, len - !!len);
	int rc;

	for (size_t i = 0; i < wanted; i++)
		nodeset_add(&set, 3 * i);
	rc = interleave_make(&s, weights, wanted ? &set : NULL, &why);
	HOLDS(rc == 0 || rc == -EINVAL);
	for (const char *c = weights; *c; c++)
		commas += *c == ',';
	if (rc) {
		snprintf(expected, sizeof(expected), "%zu weight%s for %zu node", commas + 1,
			 commas ? "s" : "", wanted);
		HOLDS(strstr(line, " is not a weight; ") ||
		      (strncmp(line, expected, strlen(expected)) == 0 && commas + 1 != wanted));
		HOLDS(why.full == strlen(line));
	} else if (wanted) {
		HOLDS(s.n == wanted && commas + 1 == wanted);
		check_round(&s);
	}
	free(weights);
}
