/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of maps, and --kind (vma.h): the result is that of sscanf(3), and survives a round trip.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/vma.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const struct vma *a, const struct vma *b)
{
	return a->start == b->start && a->end == b->end && a->offset == b->offset &&
	       a->inode == b->inode && a->major == b->major && a->minor == b->minor &&
	       a->kind == b->kind && a->shared == b->shared &&
	       memcmp(a->perms, b->perms, sizeof(a->perms)) == 0;
}

static void there_and_back(const struct vma *m, size_t name_len)
{
	struct vma again;
	char *line = NULL;
	size_t len = 0, again_len;
	FILE *f = open_memstream(&line, &len);

	HOLDS(f != NULL);
	fprintf(f, "%08" PRIx64 "-%08" PRIx64 " ", m->start, m->end);
	fwrite(m->perms, 1, 4, f);
	fprintf(f, " %08" PRIx64 " %02x:%02x %" PRIu64 " ", m->offset, m->major, m->minor,
		m->inode);
	fwrite(m->name, 1, name_len, f);
	putc('\n', f);
	fclose(f);
	HOLDS(vma_parse(line, len, &again, &again_len) == 0);
	HOLDS(same(m, &again));
	HOLDS(again_len == name_len && memcmp(again.name, m->name, name_len) == 0);
	free(line);
}

/* The numbers, parsed independently. */
static void check_numbers(const struct vma *m, const char *text, size_t len)
{
	char *line = fuzz_string(text, len);
	struct vma n;

	if (strspn(m->perms, "rwxps-") == 4 && strlen(line) == len) {
		HOLDS(sscanf(line,
			     "%" SCNx64 "-%" SCNx64 " %*4c %" SCNx64 " %" SCNx32 ":%" SCNx32
			     " %" SCNu64,
			     &n.start, &n.end, &n.offset, &n.major, &n.minor, &n.inode) == 6);
		HOLDS(m->start == n.start && m->end == n.end && m->offset == n.offset);
		HOLDS(m->major == n.major && m->minor == n.minor && m->inode == n.inode);
	}
	free(line);
}

static void check_line(const char *text, size_t len)
{
	const char *newline = len ? memchr(text, '\n', len) : NULL;
	struct vma m;
	size_t name_len = 0;

	if (newline)
		len = (size_t)(newline - text) + 1;
	if (vma_parse(text, len, &m, &name_len))
		return;
	HOLDS(m.start < m.end && m.kind < VMA_KINDS);
	HOLDS(m.name >= text && m.name + name_len <= text + len);
	there_and_back(&m, name_len);
	check_numbers(&m, text, len);
}

static void check_kinds(const char *text, size_t len)
{
	unsigned int kinds, again;
	size_t bad, bad_len, n = 0;
	char list[128];

	if (vma_kinds_parse(text, len, &kinds, &bad, &bad_len)) {
		HOLDS(bad + bad_len <= len);
		return;
	}
	HOLDS(kinds && kinds < 1U << VMA_KINDS && !(kinds & 1U << VMA_SPECIAL));
	for (unsigned int kind = 0; kind < VMA_KINDS; kind++)
		if (kinds & 1U << kind)
			n += (size_t)sprintf(list + n, "%s%s", n ? "," : "", vma_kind_name(kind));
	HOLDS(vma_kinds_parse(list, n, &again, &bad, &bad_len) == 0 && again == kinds);
}

void fuzz_target(const char *text, size_t len)
{
	check_line(text, len);
	check_kinds(text, len);
}
