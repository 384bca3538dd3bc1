/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/address_space.h"

#include "proc/process.h"
#include "proc/syscalls.h"
#include "util/array.h"
#include "util/file.h"
#include "util/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- memory file systems ---- */

static void add_device(struct hugetlb *h, uint32_t major, uint32_t minor, unsigned int shift)
{
	if (h->n < HUGETLB_MAX)
		h->device[h->n++] = (struct hugetlb_device){ major, minor, (uint8_t)shift };
}

int hugetlb_parse_mount(const char *line, struct hugetlb *h)
{
	const char *type = strstr(line, " - hugetlbfs ");
	const char *size = type ? strstr(type, "pagesize=") : NULL;
	unsigned int major, minor;
	uint64_t bytes = 1;

	if (!size && !strstr(line, " - tmpfs ") && !strstr(line, " - ramfs "))
		return 0;
	if (size) {
		size += strlen("pagesize=");
		if (number_parse_size(size, strcspn(size, ", \n"), &bytes) || bytes < 2 ||
		    bytes & (bytes - 1))
			return 0;
	}
	if (sscanf(line, "%*u %*u %u:%u ", &major, &minor) != 2)
		return 0;
	add_device(h, major, minor, (unsigned int)__builtin_ctzll(bytes));
	return 1;
}

/*
 * Map and unmap a page of this size, without touching it, to see its device.  If the kernel
 * lists a size but cannot map it, no process has a mapping of it.
 */
static int probe(struct hugetlb *h, int flags, unsigned int shift)
{
	void *page = mmap(NULL, (size_t)1 << shift, PROT_NONE, MAP_ANONYMOUS | flags, -1, 0);
	struct file_lines maps;
	size_t name_len;
	struct vma m = { 0 };

	if (page == MAP_FAILED)
		return flags & MAP_HUGETLB ? 0 : -errno;
	file_lines_open(&maps, AT_FDCWD, "/proc/self/maps");
	while (m.start != (uintptr_t)page && file_lines_next(&maps))
		vma_parse(maps.line, maps.len, &m, &name_len);
	if (m.start == (uintptr_t)page)
		add_device(h, m.major, m.minor, shift);
	munmap(page, (size_t)1 << shift);
	return file_lines_close(&maps, 0);
}

int hugetlb_read(const struct process *p, struct hugetlb *h)
{
	/* The device of shmem: shared anonymous memory, System V, memfd. */
	int rc = probe(h, MAP_SHARED, h->base_shift);
	DIR *dir = rc ? NULL : opendir("/sys/kernel/mm/hugepages");
	const struct dirent *entry;
	struct file_lines mounts;

	if (!rc && !dir && errno != ENOENT)
		rc = -errno;
	while (dir && !rc && (errno = 0, entry = readdir(dir))) {
		const int flags = MAP_PRIVATE | MAP_NORESERVE | MAP_HUGETLB;
		unsigned long kib, shift;

		if (sscanf(entry->d_name, "hugepages-%lukB", &kib) != 1 || !kib)
			continue;
		shift = 10 + (unsigned long)__builtin_ctzl(kib);
		rc = probe(h, flags | (int)(shift << MAP_HUGE_SHIFT), (unsigned int)shift);
	}
	if (dir && !rc)
		rc = -errno;
	if (dir)
		closedir(dir);
	if (rc)
		return rc;
	file_lines_open(&mounts, p->dir, "mountinfo");
	while (file_lines_next(&mounts))
		hugetlb_parse_mount(mounts.line, h);
	rc = file_lines_close(&mounts, 0);
	/* If its mountinfo cannot be read, assume no hugetlb mounts. */
	return rc == -EACCES || rc == -EINVAL || rc == -ENOENT ? 0 : rc;
}

void hugetlb_apply(const struct hugetlb *h, struct vma *m)
{
	const struct hugetlb_device *d = h->device, *end = d + h->n;

	while (d < end && (d->major != m->major || d->minor != m->minor))
		d++;
	m->in_memory = d < end && !d->page_shift;
	m->page_shift = d < end && d->page_shift ? d->page_shift : (uint8_t)h->base_shift;
	if (m->page_shift > h->base_shift)
		m->kind = VMA_HUGETLB;
	else if (h->n && (d == end || m->in_memory) && vma_is_of_kernel(m))
		m->kind = VMA_FILE; /* a file with such a name on another file system */
}

/* ---- mappings ---- */

/*
 * Set the IPC namespace of SysV shared memory.  The inode of a segment is its shmid, which is
 * unique only within its namespace (ipc_namespaces(7)).
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
	struct hugetlb known = { .base_shift = sys_page_shift() };
	bool possible = false; /* at least one mapping may be on one of the devices */
	struct file_lines maps;
	size_t name_len;
	int rc = 0;

	*list = (struct address_space){ 0 };
	file_lines_open(&maps, p->dir, "maps");
	while (file_lines_next(&maps)) {
		struct vma *grown = array_room(list->at, list->n, sizeof(*grown)), m;

		list->at = grown ? grown : list->at;
		if (vma_parse(maps.line, maps.len, &m, &name_len))
			rc = -EPROTO;
		else if (!grown || !(m.name = strndup(m.name, name_len)))
			rc = -ENOMEM;
		if (rc)
			break;
		list->at[list->n++] = m;
		possible |= hugetlb_is_possible(&m) || vma_is_of_kernel(&m);
	}
	rc = file_lines_close(&maps, rc);
	if (!rc && possible)
		rc = hugetlb_read(p, &known);
	for (size_t i = 0; !rc && i < list->n; i++)
		hugetlb_apply(&known, &list->at[i]);
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
