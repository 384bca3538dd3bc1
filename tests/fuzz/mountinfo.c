/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of mountinfo (address_space.h): an accepted line adds one device, if there is room, with
 * a possible page size.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/address_space.h"
#include "proc/vma.h"

#include <stdlib.h>
#include <string.h>

void fuzz_target(const char *text, size_t len)
{
	static struct hugetlb h = { .base_shift = 12 };
	const size_t before = h.n = HUGETLB_MAX - len % 65;
	char *line = fuzz_string(text, len);
	int rc = hugetlb_parse_mount(line, &h);
	const struct hugetlb_device *added = &h.device[before];

	HOLDS(rc == 0 || rc == 1);
	HOLDS(h.n == before || (rc == 1 && h.n == before + 1));
	HOLDS(h.n == before + (size_t)rc || before == HUGETLB_MAX);
	HOLDS(h.n <= HUGETLB_MAX);
	HOLDS(!rc || strstr(line, "pagesize=") || strstr(line, "tmpfs") || strstr(line, "ramfs"));
	if (h.n > before)
		HOLDS(added->page_shift < 64 &&
		      (added->page_shift > 0 || strstr(line, "tmpfs") || strstr(line, "ramfs")));
	free(line);
}
