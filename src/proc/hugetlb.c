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
	const char *size = type ? strstr(type, "pagesize=") : NULL;
	unsigned int major, minor;
	uint64_t bytes;

	if (!size || sscanf(line, "%*u %*u %u:%u ", &major, &minor) != 2)
		return 0;
	size += strlen("pagesize=");
	if (number_parse_size(size, strcspn(size, ", \n"), &bytes))
		return 0;
	add_device(h, major, minor, bytes);
	return 1;
}

/* A process without mounts that can be read has none of hugetlb. */
static int read_mounts(const struct process *p, struct hugetlb *h)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f;
	int rc = process_stream(p, "mountinfo", &f);

	if (rc)
		return rc == -EACCES || rc == -EINVAL || rc == -ENOENT ? 0 : rc;
	while (getline(&line, &size, f) > 0)
		hugetlb_parse_mount(line, h);
	rc = process_stream_error(f);
	free(line);
	fclose(f);
	return rc;
}

/* The device of this process's own mapping at @address. */
static int own_device(const void *address, uint64_t page_size, struct hugetlb *h)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t size = 0, name_len;
	struct vma m;
	ssize_t len;
	int rc;

	if (!f)
		return -errno;
	while ((len = getline(&line, &size, f)) > 0) {
		if (vma_parse(line, (size_t)len, &m, &name_len) == 0 &&
		    m.start == (uintptr_t)address) {
			add_device(h, m.major, m.minor, page_size);
			break;
		}
	}
	rc = len > 0 ? 0 : process_stream_error(f);
	free(line);
	fclose(f);
	return rc;
}

/* The device of memory in small pages: shared anonymous, System V, memfd. */
static int probe_small(struct hugetlb *h)
{
	size_t size = (size_t)1 << h->base_shift;
	void *page = mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (page == MAP_FAILED)
		return -errno;
	rc = own_device(page, size, h);
	munmap(page, size);
	return rc;
}

static int probe_size(uint64_t page_size, struct hugetlb *h)
{
	void *page = sys_hugetlb_map(page_size);
	int rc;

	if (page == MAP_FAILED)
		return 0; /* a size the kernel lists and cannot map holds no pages */
	rc = own_device(page, page_size, h);
	munmap(page, page_size);
	return rc;
}

static const struct dirent *next_entry(DIR *dir, int *rc)
{
	const struct dirent *entry;

	errno = 0;
	entry = readdir(dir);
	if (!entry)
		*rc = -errno;
	return entry;
}

static int probe_sizes(struct hugetlb *h)
{
	static const char prefix[] = "hugepages-";
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	const struct dirent *entry;
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (!rc && (entry = next_entry(dir, &rc))) {
		const char *digits = entry->d_name + strlen(prefix);
		uint64_t kib;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    number_parse(digits, strspn(digits, "0123456789"), 1 << 30, &kib) == 0)
			rc = probe_size(kib << 10, h);
	}
	closedir(dir);
	return rc;
}

void hugetlb_init(struct hugetlb *h)
{
	*h = (struct hugetlb){ .base_shift = sys_page_shift() };
}

bool hugetlb_is_possible(const struct vma *m)
{
	return m->major == 0 && m->minor != 0;
}

int hugetlb_read(const struct process *p, struct hugetlb *h)
{
	int rc;

	hugetlb_init(h);
	rc = probe_small(h);
	if (!rc)
		rc = read_mounts(p, h);
	return rc ? rc : probe_sizes(h);
}

bool hugetlb_knows(const struct hugetlb *h, const struct vma *m)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->device[i].major == m->major && h->device[i].minor == m->minor)
			return true;
	return h->n == 0;
}

uint8_t hugetlb_page_shift(const struct hugetlb *h, const struct vma *m)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->device[i].major == m->major && h->device[i].minor == m->minor)
			return h->device[i].page_shift;
	return (uint8_t)h->base_shift;
}
