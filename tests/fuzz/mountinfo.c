/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of mountinfo (hugetlb.h): one that is taken adds one device at most, of a page
 * size that there can be.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/hugetlb.h"
#include "proc/vma.h"

#include <stdlib.h>
#include <string.h>

void fuzz_target(const char *text, size_t len)
{
	struct hugetlb h = { .base_shift = 12, .n = len % (HUGETLB_MAX + 1) };
	const size_t before = h.n;
	char *line = fuzz_string(text, len);
	int rc = hugetlb_parse_mount(line, &h);

	HOLDS(rc == 0 || rc == 1);
	HOLDS(h.n == before || (rc == 1 && h.n == before + 1));
	HOLDS(h.n <= HUGETLB_MAX);
	HOLDS(!rc || strstr(line, "pagesize="));
	if (h.n > before)
		HOLDS(h.device[before].page_shift > 0 && h.device[before].page_shift < 64);
	free(line);
}
