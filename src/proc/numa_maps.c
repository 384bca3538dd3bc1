/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/numa_maps.h"

#include "proc/process.h"
#include "proc/vma.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next blank-separated word of @line at *@at; NULL at its end. */
static const char *next_word(const char *line, size_t len, size_t *at, size_t *width)
{
	size_t start;

	while (*at < len && (line[*at] == ' ' || line[*at] == '\n'))
		++*at;
	start = *at;
	while (*at < len && line[*at] != ' ' && line[*at] != '\n')
		++*at;
	*width = *at - start;
	return *width ? line + start : NULL;
}

static int page_kib(const char *line, size_t len, uint64_t *kib)
{
	static const char key[] = "kernelpagesize_kB=";
	const size_t n = sizeof(key) - 1;
	size_t at = 0, width;
	const char *word;

	*kib = 0; /* a mapping without pages does not say */
	while ((word = next_word(line, len, &at, &width)))
		if (width > n && memcmp(word, key, n) == 0)
			return number_parse(word + n, width - n, 1 << 30, kib);
	return 0;
}

/* "N<node>=<pages>"; returns 1 for such a word, 0 for another, or -EINVAL. */
static int parse_count(const char *word, size_t width, uint64_t pages_max, uint64_t *node,
		       uint64_t *pages)
{
	const char *equals = memchr(word, '=', width);
	size_t digits = equals ? (size_t)(equals - word) - 1 : 0;

	if (word[0] != 'N' || !equals || number_parse(word + 1, digits, NODES_MAX - 1, node))
		return 0;
	if (number_parse(equals + 1, width - digits - 2, pages_max, pages))
		return -EINVAL;
	return 1;
}

/* @p: NULL if the line is only to be checked */
static int add_counts(struct numa_maps *p, const char *line, size_t len, uint64_t kib)
{
	const uint64_t pages_max = kib ? (UINT64_MAX >> 10) / kib : UINT64_MAX;
	uint64_t node = 0, pages = 0;
	size_t at = 0, width;
	const char *word;

	while ((word = next_word(line, len, &at, &width))) {
		int rc = parse_count(word, width, pages_max, &node, &pages);

		if (rc < 0)
			return rc;
		if (rc && p)
			p->bytes[node] += pages * kib << 10;
	}
	return 0;
}

/* Whether the pages are not the process's, but the kernel's: those do not move. */
static bool is_special(const char *line, size_t len)
{
	static const char key[] = "file=";
	const size_t n = sizeof(key) - 1;
	char name[64]; /* the names that matter are shorter */
	size_t at = 0, width;
	const char *word;

	while ((word = next_word(line, len, &at, &width)) &&
	       (width <= n || memcmp(word, key, n) != 0))
		;
	if (!word)
		return false;
	width = width - n < sizeof(name) ? width - n : sizeof(name);
	memcpy(name, word + n, width);
	return vma_kind_of(name, text_unescape(name, width)) == VMA_SPECIAL;
}

int numa_maps_parse(struct numa_maps *p, const char *line, size_t len)
{
	uint64_t kib;

	if (page_kib(line, len, &kib) || add_counts(NULL, line, len, kib))
		return -EINVAL;
	return is_special(line, len) ? 0 : add_counts(p, line, len, kib);
}

int numa_maps_read(struct numa_maps *p, const struct process *process)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f;
	int rc = process_stream(process, "numa_maps", &f);

	*p = (struct numa_maps){ 0 };
	if (rc)
		return rc;
	while (!rc && (len = getline(&line, &size, f)) > 0)
		rc = numa_maps_parse(p, line, (size_t)len) ? -EPROTO : 0;
	if (!rc)
		rc = process_stream_error(f);
	free(line);
	fclose(f);
	return rc;
}

uint64_t numa_maps_on(const struct numa_maps *p, const struct nodeset *nodes)
{
	uint64_t sum = 0;

	for (int n = nodeset_next(nodes, 0); n >= 0; n = nodeset_next(nodes, n + 1))
		sum += p->bytes[n];
	return sum;
}
