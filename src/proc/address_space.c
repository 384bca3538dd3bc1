/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/address_space.h"

#include "proc/hugetlb.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "util/array.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_lines(FILE *f, struct address_space *list)
{
	char *line = NULL;
	size_t size = 0, name_len;
	ssize_t len;
	int rc = 0;

	while (!rc && (len = getline(&line, &size, f)) > 0) {
		struct vma *grown = array_room(list->at, list->n, sizeof(*grown)), m;

		rc = grown ? 0 : -ENOMEM;
		list->at = grown ? grown : list->at;
		if (!rc && vma_parse(line, (size_t)len, &m, &name_len))
			rc = -EPROTO;
		if (rc)
			break;
		m.name = strndup(m.name, name_len);
		rc = m.name ? 0 : -ENOMEM;
		if (m.name)
			list->at[list->n++] = m;
	}
	if (!rc)
		rc = process_stream_error(f);
	free(line);
	return rc;
}

/* The devices are learned only if one of the mappings can be on one of them. */
static int set_page_sizes(const struct process *p, struct address_space *list)
{
	struct hugetlb huge = { .base_shift = sys_page_shift() };
	size_t i = 0;
	int rc = 0;

	while (i < list->n && !hugetlb_is_possible(&list->at[i]) && !vma_is_of_kernel(&list->at[i]))
		i++;
	if (i < list->n)
		rc = hugetlb_read(p, &huge);
	for (i = 0; !rc && i < list->n; i++) {
		struct vma *m = &list->at[i];

		m->page_shift = hugetlb_page_shift(&huge, m);
		if (m->page_shift > huge.base_shift)
			m->kind = VMA_HUGETLB;
		else if (vma_is_of_kernel(m) && !hugetlb_knows(&huge, m))
			m->kind = VMA_FILE;
		m->in_memory = hugetlb_is_memory(&huge, m);
	}
	return rc;
}

/*
 * The inode number of SysV shared memory is its shmid, and each IPC namespace counts its
 * own (ipc_namespaces(7)): only with the namespace it tells segments apart.
 */
static void set_spaces(const struct process *p, struct address_space *list)
{
	uint64_t space = 0;
	char text[64] = "";

	for (size_t i = 0; i < list->n; i++) {
		struct vma *m = &list->at[i];

		if (m->kind == VMA_FILE || strncmp(m->name, "/SYSV", strlen("/SYSV")) != 0)
			continue;
		if (!space && (readlinkat(p->dir, "ns/ipc", text, sizeof(text) - 1) < 0 ||
			       sscanf(text, "ipc:[%" SCNu64 "]", &space) != 1))
			space = VMA_NO_SPACE;
		m->space = space;
	}
}

int address_space_read(const struct process *p, struct address_space *list)
{
	FILE *f;
	int rc;

	*list = (struct address_space){ 0 };
	rc = process_stream(p, "maps", &f);
	if (rc)
		return rc;
	rc = read_lines(f, list);
	fclose(f);
	if (!rc)
		rc = set_page_sizes(p, list);
	set_spaces(p, list);
	return !rc && list->n == 0 ? -ESRCH : rc;
}

void address_space_free(struct address_space *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i].name);
	free(list->at);
	*list = (struct address_space){ 0 };
}

void address_space_select(struct address_space *list, unsigned int kinds, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		struct vma *m = &list->at[i];

		m->left_out = (kinds && !(kinds & 1U << m->kind)) ||
			      (path && !vma_has_path(m, path));
	}
}

size_t address_space_find(const struct address_space *list, uint64_t address)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->at[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
