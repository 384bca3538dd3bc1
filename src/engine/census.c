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

int census_parse(const char *line, size_t len, uint64_t *kib)
{
	static const char *const keys[] = { "AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t at = strlen(keys[i]), width = 0;

		if (len <= at || memcmp(line, keys[i], at) != 0)
			continue;
		while (at < len && line[at] == ' ')
			at++;
		while (at + width < len && line[at + width] != ' ' && line[at + width] != '\n')
			width++;
		return number_parse(line + at, width, UINT64_MAX >> 10, kib) == 0;
	}
	return 0;
}

int census_read(const struct process *p, const struct address_space *space, uint64_t *huge)
{
	char *line = NULL;
	size_t size = 0, name_len, at = space->n;
	struct vma m;
	uint64_t kib = 0;
	ssize_t len;
	FILE *f;
	int rc = process_stream(p, "smaps", &f);

	if (rc)
		return rc;
	while ((len = getline(&line, &size, f)) > 0) {
		if (vma_parse(line, (size_t)len, &m, &name_len) == 0)
			at = address_space_find(space, m.start);
		else if (census_parse(line, (size_t)len, &kib) && at < space->n)
			huge[at] += kib << 10;
	}
	rc = process_stream_error(f);
	free(line);
	fclose(f);
	return rc;
}

/* How many places of the mapping look like a huge page, or -errno. */
static ssize_t count_blocks(const struct finder_means *means, struct page *pages,
			    const struct address_space *space, size_t mapping,
			    const struct limits *limits)
{
	struct range range = { .start = space->at[mapping].start,
			       .end = space->at[mapping].end,
			       .mapping = (uint32_t)mapping };
	const struct plan plan = { .range = &range, .n = 1 };
	struct finder *finder = malloc(sizeof(*finder));
	ssize_t n, blocks = 0;

	if (!finder)
		return -ENOMEM;
	finder_start(finder, means, &plan, space, limits);
	while ((n = finder_next(finder, pages, FINDER_ROOM)) > 0)
		for (ssize_t i = 0; i < n; i++)
			blocks += (pages[i].flags & PAGE_BLOCK) != 0;
	finder_end(finder);
	free(finder);
	return n < 0 ? n : blocks;
}

int census_take(const struct process *p, const struct finder_means *means,
		struct address_space *space, const struct limits *limits)
{
	uint64_t *huge;
	struct page *pages;
	int rc;

	if (means->has_ioctl || process_resident(p) > CENSUS_BYTES_MAX)
		return 0;
	huge = calloc(space->n + 1, sizeof(*huge));
	pages = reallocarray(NULL, FINDER_PAGES_MAX, sizeof(*pages));
	rc = huge && pages ? census_read(p, space, huge) : -ENOMEM;
	for (size_t i = 0; !rc && i < space->n; i++) {
		struct vma *m = &space->at[i];
		ssize_t blocks;

		m->huge = huge[i] ? HUGE_OPEN : HUGE_NONE;
		blocks = huge[i] ? count_blocks(means, pages, space, i, limits) : 0;
		if (blocks < 0)
			rc = (int)blocks;
		else if (huge[i] && (uint64_t)blocks << means->huge_shift == huge[i])
			m->huge = HUGE_ALL;
	}
	free(pages);
	free(huge);
	return rc;
}
