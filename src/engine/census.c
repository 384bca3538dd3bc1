/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/census.h"

#include "engine/finder.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "  2048 kB" */
static int parse_kib(const char *s, const char *end, uint64_t *kib)
{
	size_t width = 0;

	while (s < end && *s == ' ')
		s++;
	while (s + width < end && s[width] != ' ' && s[width] != '\n')
		width++;
	return number_parse(s, width, UINT64_MAX >> 10, kib);
}

int census_parse(const char *line, size_t len, uint64_t *kib)
{
	static const char *const keys[] = { "AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i]);

		if (len <= n || memcmp(line, keys[i], n) != 0)
			continue;
		return parse_kib(line + n, line + len, kib) == 0;
	}
	return 0;
}

int census_read(const struct process *p, const struct address_space *maps, uint64_t *huge)
{
	char *line = NULL;
	size_t size = 0, name_len, at = maps->n;
	struct vma m;
	uint64_t kib = 0;
	ssize_t len;
	FILE *f;
	int rc = process_stream(p, "smaps", &f);

	if (rc)
		return rc;
	while ((len = getline(&line, &size, f)) > 0) {
		if (vma_parse(line, (size_t)len, &m, &name_len) == 0)
			at = address_space_find(maps, m.start);
		else if (census_parse(line, (size_t)len, &kib) && at < maps->n)
			huge[at] += kib << 10;
	}
	rc = process_stream_error(f);
	free(line);
	fclose(f);
	return rc;
}

/* How many places of the mapping look like a huge page. */
static ssize_t count_blocks(struct finder *s, struct page *pages, struct address_space *maps,
			    size_t mapping)
{
	struct range range = { .start = maps->at[mapping].start,
			       .end = maps->at[mapping].end,
			       .mapping = (uint32_t)mapping };
	const struct plan plan = { .range = &range, .n = 1 };
	ssize_t n, blocks = 0;

	s->plan = &plan;
	s->range = 0;
	s->at = 0;
	while ((n = finder_next(s, pages, FINDER_ROOM)) > 0)
		for (ssize_t i = 0; i < n; i++)
			blocks += (pages[i].flags & PAGE_BLOCK) != 0;
	return n < 0 ? n : blocks;
}

static int settle(struct finder *s, struct address_space *maps, const uint64_t *huge)
{
	struct page *pages = reallocarray(NULL, FINDER_PAGES_MAX, sizeof(*pages));
	int rc = pages ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < maps->n; i++) {
		struct vma *m = &maps->at[i];
		ssize_t blocks;

		m->huge = HUGE_NONE;
		if (huge[i] == 0)
			continue;
		m->huge = HUGE_OPEN;
		blocks = count_blocks(s, pages, maps, i);
		if (blocks < 0)
			rc = (int)blocks;
		else if ((uint64_t)blocks << s->means.huge_shift == huge[i])
			m->huge = HUGE_ALL;
	}
	free(pages);
	return rc;
}

int census_take(const struct process *p, const struct finder_means *means,
		struct address_space *maps, const struct limits *control)
{
	static const struct plan nothing;
	struct finder *scan = calloc(1, sizeof(*scan));
	uint64_t *huge = calloc(maps->n + 1, sizeof(*huge));
	int rc = scan && huge ? 0 : -ENOMEM;

	if (!rc)
		finder_start(scan, means, &nothing, maps, control);
	if (rc || means->has_ioctl || process_resident(p) > CENSUS_BYTES_MAX)
		goto out;
	rc = census_read(p, maps, huge);
	if (!rc)
		rc = settle(scan, maps, huge);
out:
	free(huge);
	free(scan);
	return rc;
}
