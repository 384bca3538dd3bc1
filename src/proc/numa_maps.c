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

/* "N<node>=<pages>"; returns 1 for such a word, 0 for another, or -EINVAL. */
static int parse_count(struct text_part word, uint64_t pages_max, uint64_t *node, uint64_t *pages)
{
	struct text_part name;

	text_split(&word, '=', &name);
	if (name.at[0] != 'N' || !word.at ||
	    number_parse(name.at + 1, name.len - 1, NODES_MAX - 1, node))
		return 0;
	return number_parse(word.at, word.len, pages_max, pages) ? -EINVAL : 1;
}

int numa_maps_parse(struct numa_maps *p, const char *line, size_t len)
{
	static const char size[] = "kernelpagesize_kB=", file[] = "file=";
	const size_t size_len = strlen(size), file_len = strlen(file);
	struct text_part rest = { line, len }, word;
	uint64_t kib = 0, node = 0, pages = 0, pages_max; /* no size: a mapping without pages */
	bool sized = false, special = false;
	int rc = 0;

	while (text_word(&rest, " \n", &word)) {
		if (!sized && word.len > size_len && text_part_begins(word, size)) {
			sized = true;
			rc = number_parse(word.at + size_len, word.len - size_len, 1 << 30, &kib);
		} else if (word.len > file_len && text_part_begins(word, file)) {
			char name[64]; /* the names that matter are shorter */
			size_t width = word.len - file_len;

			/* Pages that are not the process's, but the kernel's, do not move. */
			width = width < sizeof(name) ? width : sizeof(name);
			memcpy(name, word.at + file_len, width);
			special |= vma_kind_of(name, text_unescape(name, width)) == VMA_SPECIAL;
		}
	}
	pages_max = kib ? (UINT64_MAX >> 10) / kib : UINT64_MAX;
	for (int adds = 0; !rc && adds < 2; adds++) {
		rest = (struct text_part){ line, len };
		while (rc >= 0 && text_word(&rest, " \n", &word)) {
			rc = parse_count(word, pages_max, &node, &pages);
			if (rc > 0 && adds && !special)
				p->bytes[node] += pages * kib << 10;
		}
		rc = rc < 0 ? rc : 0;
	}
	return rc ? -EINVAL : 0;
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
