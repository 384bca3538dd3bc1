/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/census.h"

#include "engine/finder.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <stdlib.h>

int census_parse(const char *line, size_t len, uint64_t *kib)
{
	static const char *const keys[] = { "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped" };
	struct text_part value = { line, len }, key, number;

	text_split(&value, ':', &key);
	for (size_t i = 0; value.at && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (text_part_is(key, keys[i]) && text_word(&value, " \n", &number))
			return number_parse(number.at, number.len, UINT64_MAX >> 10, kib) == 0;
	return 0;
}

int census_read(const struct process *p, const struct address_space *space, uint64_t *huge)
{
	struct file_lines smaps;
	size_t name_len, at = space->n;
	struct vma m;
	uint64_t kib = 0;

	file_lines_open(&smaps, p->dir, "smaps");
	while (file_lines_next(&smaps)) {
		if (vma_parse(smaps.line, smaps.len, &m, &name_len) == 0)
			at = address_space_find(space, m.start);
		else if (census_parse(smaps.line, smaps.len, &kib) && at < space->n)
			huge[at] += kib << 10;
	}
	return file_lines_close(&smaps, 0);
}

int census_take(const struct process *p, const struct finder_means *means,
		struct address_space *space, const struct limits *limits)
{
	struct finder *finder;
	struct page *pages;
	uint64_t *huge;
	int rc;

	if (means->has_ioctl || process_resident(p) > CENSUS_BYTES_MAX)
		return 0;
	huge = calloc(space->n + 1, sizeof(*huge));
	pages = reallocarray(NULL, FINDER_PAGES_MAX, sizeof(*pages));
	finder = malloc(sizeof(*finder));
	rc = huge && pages && finder ? census_read(p, space, huge) : -ENOMEM;
	for (size_t i = 0; !rc && i < space->n; i++) {
		struct vma *m = &space->at[i];
		struct range range = { .start = m->start, .end = m->end, .vma = (uint32_t)i };
		const struct plan plan = { .range = &range, .n = 1 };
		uint64_t blocks = 0;
		ssize_t n;

		m->huge = huge[i] ? HUGE_OPEN : HUGE_NONE;
		if (!huge[i])
			continue;
		/* Count the blocks of the mapping that may be huge pages. */
		finder_start(finder, means, &plan, space, limits);
		while ((n = finder_next(finder, pages, FINDER_ROOM)) > 0)
			for (ssize_t k = 0; k < n; k++)
				blocks += (pages[k].flags & PAGE_BLOCK) != 0;
		finder_end(finder);
		rc = (int)n;
		if (!rc && blocks << means->huge_shift == huge[i])
			m->huge = HUGE_ALL;
	}
	free(finder);
	free(pages);
	free(huge);
	return rc;
}
