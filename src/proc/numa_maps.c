/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/numa_maps.h"

#include "proc/process.h"
#include "proc/vma.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <string.h>

/* Pages of the kernel do not move. */
static bool is_special(const struct text_part *file)
{
	char name[64]; /* special names are shorter */
	size_t width = file->len < sizeof(name) ? file->len : sizeof(name);

	memcpy(name, file->at, width);
	return vma_kind_of(name, text_unescape(name, width)) == VMA_SPECIAL;
}

int numa_maps_parse(struct numa_maps *p, const char *line, size_t len)
{
	struct text_part rest = { line, len }, value, key;
	uint64_t kib = 0, node, pages, max; /* kib 0: a mapping without pages */
	bool sized = false, special = false, memory = false;

	while (text_word(&rest, " \n", &value)) {
		text_split(&value, '=', &key);
		if (!sized && value.len && text_part_is(key, "kernelpagesize_kB")) {
			sized = true;
			if (number_parse(value.at, value.len, 1 << 30, &kib))
				return -EINVAL;
		} else if (value.len && text_part_is(key, "file")) {
			memory = true;
			special = is_special(&value);
		} else if (value.len && text_part_is(key, "anon")) {
			memory = true;
		}
	}
	max = kib ? (UINT64_MAX >> 10) / kib : UINT64_MAX;
	for (int adds = 0; adds < 2; adds++) {
		rest = (struct text_part){ line, len };
		while (text_word(&rest, " \n", &value)) {
			text_split(&value, '=', &key);
			if (key.at[0] != 'N' || !value.at ||
			    number_parse(key.at + 1, key.len - 1, NODES_MAX - 1, &node))
				continue;
			if (number_parse(value.at, value.len, max, &pages))
				return -EINVAL;
			/* Since 7.2, vvar has pages here, although no file= and no anon=. */
			if (adds && memory && !special)
				p->bytes[node] += pages * kib << 10;
		}
	}
	return 0;
}

int numa_maps_read(struct numa_maps *p, const struct process *process)
{
	struct file_lines lines;
	int rc = 0;

	*p = (struct numa_maps){ 0 };
	file_lines_open(&lines, process->dir, "numa_maps");
	while (!rc && file_lines_next(&lines))
		rc = numa_maps_parse(p, lines.line, lines.len) ? -EPROTO : 0;
	return file_lines_close(&lines, rc);
}

uint64_t numa_maps_on(const struct numa_maps *p, const struct nodeset *nodes)
{
	uint64_t sum = 0;

	for (int n = nodeset_next(nodes, 0); n >= 0; n = nodeset_next(nodes, n + 1))
		sum += p->bytes[n];
	return sum;
}
