/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/hugetlb.h"

#include "proc/process.h"
#include "proc/syscalls.h"
#include "proc/vma.h"
#include "util/number.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void add_device(struct hugetlb *h, uint32_t major, uint32_t minor, uint64_t page_size)
{
	if (h->n == HUGETLB_MAX || page_size < 2 || page_size & (page_size - 1))
		return;
	h->device[h->n].major = major;
	h->device[h->n].minor = minor;
	h->device[h->n].page_shift = (uint8_t)__builtin_ctzll(page_size);
	h->n++;
}

int hugetlb_parse_mount(const char *line, struct hugetlb *h)
{
	const char *type = strstr(line, " - hugetlbfs ");
	bool in_memory = strstr(line, " - tmpfs ") || strstr(line, " - ramfs ");
	const char *size = type ? strstr(type, "pagesize=") : NULL;
	unsigned int major, minor;
	uint64_t bytes;

	if ((!size && !in_memory) || sscanf(line, "%*u %*u %u:%u ", &major, &minor) != 2)
		return 0;
	if (in_memory) {
		if (h->memories < HUGETLB_MAX)
			h->memory[h->memories++] = minor;
		return 0;
	}
	size += strlen("pagesize=");
	if (number_parse_size(size, strcspn(size, ", \n"), &bytes))
		return 0;
	add_device(h, major, minor, bytes);
	return 1;
}

/* The device of a mapping of this process's own, of one page, which is unmapped. */
static int probe(void *page, uint64_t page_size, struct hugetlb *h)
{
	FILE *f = fopen("/proc/self/maps", "re");
	int rc = f ? 0 : -errno;
	char *line = NULL;
	size_t size = 0, name_len;
	bool found = false;
	struct vma m;
	ssize_t len;

	while (f && !found && (len = getline(&line, &size, f)) > 0)
		found = vma_parse(line, (size_t)len, &m, &name_len) == 0 &&
			m.start == (uintptr_t)page;
	if (found)
		add_device(h, m.major, m.minor, page_size);
	else if (f)
		rc = process_stream_error(f);
	free(line);
	if (f)
		fclose(f);
	munmap(page, page_size);
	return rc;
}

/* The kernel's own devices, one for each size of huge pages. */
static int probe_sizes(struct hugetlb *h)
{
	static const char prefix[] = "hugepages-";
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	const struct dirent *entry;
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	for (errno = 0; !rc && (entry = readdir(dir)); errno = 0) {
		const char *digits = entry->d_name + strlen(prefix);
		uint64_t kib;
		void *page;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    number_parse(digits, strspn(digits, "0123456789"), 1 << 30, &kib))
			continue;
		/* A size the kernel lists and cannot map holds no pages. */
		page = sys_hugetlb_map(kib << 10);
		if (page != MAP_FAILED)
			rc = probe(page, kib << 10, h);
	}
	if (!rc)
		rc = -errno;
	closedir(dir);
	return rc;
}

bool hugetlb_is_possible(const struct vma *m)
{
	return m->major == 0 && m->minor != 0;
}

int hugetlb_read(const struct process *p, struct hugetlb *h)
{
	/* The device of memory in small pages: shared anonymous, System V, memfd. */
	size_t size = (size_t)1 << h->base_shift, room = 0;
	void *page = mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc = page == MAP_FAILED ? -errno : probe(page, size, h);
	char *line = NULL;
	FILE *f;

	if (rc)
		return rc;
	rc = process_stream(p, "mountinfo", &f);
	/* A process without mounts that can be read has none of hugetlb. */
	if (rc)
		return rc == -EACCES || rc == -EINVAL || rc == -ENOENT ? probe_sizes(h) : rc;
	while (getline(&line, &room, f) > 0)
		hugetlb_parse_mount(line, h);
	rc = process_stream_error(f);
	free(line);
	fclose(f);
	return rc ? rc : probe_sizes(h);
}

/* The page shift of the mapping's device; 0 if that is not known. */
static uint8_t find_shift(const struct hugetlb *h, const struct vma *m)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->device[i].major == m->major && h->device[i].minor == m->minor)
			return h->device[i].page_shift;
	return 0;
}

bool hugetlb_knows(const struct hugetlb *h, const struct vma *m)
{
	return h->n == 0 || find_shift(h, m);
}

bool hugetlb_is_memory(const struct hugetlb *h, const struct vma *m)
{
	for (size_t i = 0; m->major == 0 && i < h->memories; i++)
		if (h->memory[i] == m->minor)
			return true;
	return false;
}

uint8_t hugetlb_page_shift(const struct hugetlb *h, const struct vma *m)
{
	uint8_t shift = find_shift(h, m);

	return shift ? shift : (uint8_t)h->base_shift;
}
