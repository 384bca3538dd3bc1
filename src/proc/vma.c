/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/vma.h"

#include "util/number.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

enum { MAPPING_PATH_MAX = 4096 }; /* PATH_MAX of Linux */

static const char *const kind_names[VMA_KINDS] = {
	[VMA_ANON] = "anon",	   [VMA_HEAP] = "heap", [VMA_STACK] = "stack",
	[VMA_FILE] = "file",	   [VMA_SHM] = "shm",	[VMA_HUGETLB] = "hugetlb",
	[VMA_SPECIAL] = "special",
};

/*
 * Names that the kernel gives: the text, and " (deleted)" at the end, for such a file is in
 * no directory.  In the text, "?" is a hexadecimal digit, and "*" the rest.
 */
static const struct kind_rule {
	const char *text;
	enum vma_kind kind;
} kernel_rules[] = {
	{ "/dev/zero", VMA_SHM },	   { "/memfd:*", VMA_SHM },
	{ "/anon_hugepage", VMA_HUGETLB }, { "/SYSV????????", VMA_SHM },
	{ "/secretmem", VMA_SPECIAL },	   { "/[kvm-gmem]", VMA_SPECIAL },
};

/* The first row whose text the name begins with decides. */
static const struct kind_rule kind_rules[] = {
	{ "[heap]", VMA_HEAP },
	{ "[stack", VMA_STACK },
	{ "[anon_shmem:", VMA_SHM },
	{ "[anon:", VMA_ANON },
	{ "[", VMA_SPECIAL },
	/* Of the files in /dev, these are memory; hugetlb and DAX have checks of their own. */
	{ "/dev/zero", VMA_ANON },
	{ "/dev/shm/", VMA_SHM },
	{ "/dev/ashmem/", VMA_SHM },
	{ "/dev/hugepages", VMA_FILE },
	{ "/dev/dax", VMA_FILE },
	/* Pages that drivers, and the kernel itself, have for themselves. */
	{ "/dev/", VMA_SPECIAL },
	{ "/proc/", VMA_SPECIAL },
	{ "/sys/", VMA_SPECIAL },
	{ "/dmabuf:", VMA_SPECIAL },
	{ "anon_inode:", VMA_SPECIAL },
	{ "socket:", VMA_SPECIAL },
};

const char *vma_kind_name(enum vma_kind kind)
{
	return kind_names[kind];
}

static bool is_kernel_name(const char *name, size_t len, const char *text)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	size_t i = 0;

	if (len < tail || memcmp(name + len - tail, deleted, tail) != 0)
		return false;
	for (len -= tail; text[i] && text[i] != '*'; i++)
		if (i >= len ||
		    (text[i] == '?' ? !isxdigit((unsigned char)name[i]) : name[i] != text[i]))
			return false;
	return text[i] == '*' || i == len;
}

enum vma_kind vma_kind_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(kernel_rules) / sizeof(kernel_rules[0]); i++)
		if (is_kernel_name(name, len, kernel_rules[i].text))
			return kernel_rules[i].kind;
	for (size_t i = 0; i < sizeof(kind_rules) / sizeof(kind_rules[0]); i++) {
		size_t n = strlen(kind_rules[i].text);

		if (n <= len && memcmp(name, kind_rules[i].text, n) == 0)
			return kind_rules[i].kind;
	}
	return len ? VMA_FILE : VMA_ANON;
}

bool vma_is_of_kernel(const struct vma *m)
{
	for (size_t i = 0; i < sizeof(kernel_rules) / sizeof(kernel_rules[0]); i++)
		if (is_kernel_name(m->name, strlen(m->name), kernel_rules[i].text))
			return true;
	return false;
}

static int find_kind(const char *text, size_t len)
{
	for (int kind = 0; kind < VMA_KINDS; kind++)
		if (kind != VMA_SPECIAL && strlen(kind_names[kind]) == len &&
		    memcmp(kind_names[kind], text, len) == 0)
			return kind;
	return -1;
}

int vma_kinds_parse(const char *text, size_t len, unsigned int *kinds, size_t *bad, size_t *bad_len)
{
	size_t at = 0;

	for (*kinds = 0;; at += *bad_len + 1) {
		const char *comma = memchr(text + at, ',', len - at);
		int kind;

		*bad = at;
		*bad_len = comma ? (size_t)(comma - (text + at)) : len - at;
		kind = find_kind(text + at, *bad_len);
		if (kind < 0)
			return -EINVAL;
		*kinds |= 1U << kind;
		if (!comma)
			return 0;
	}
}

bool vma_has_path(const struct vma *m, const char *pattern)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(m->name), tail = sizeof(deleted) - 1;
	char path[MAPPING_PATH_MAX];

	if (m->name[0] != '/')
		return false;
	if (fnmatch(pattern, m->name, 0) == 0)
		return true;
	if (len <= tail || len - tail >= sizeof(path) || strcmp(m->name + len - tail, deleted) != 0)
		return false;
	memcpy(path, m->name, len - tail);
	path[len - tail] = '\0';
	return fnmatch(pattern, path, 0) == 0;
}

struct cursor {
	const char *at, *end;
};

/* The text up to @stop, which is skipped; NULL if there is none. */
static const char *take(struct cursor *c, char stop, size_t *len)
{
	const char *start = c->at;
	const char *found = memchr(start, stop, (size_t)(c->end - start));

	if (!found)
		return NULL;
	*len = (size_t)(found - start);
	c->at = found + 1;
	return start;
}

static int take_hex(struct cursor *c, char stop, uint64_t *out)
{
	size_t len = 0;
	const char *s = take(c, stop, &len);

	return s ? number_parse_hex(s, len, out) : -EINVAL;
}

static int take_number(struct cursor *c, uint64_t *out)
{
	size_t len = 0;
	const char *s = take(c, ' ', &len);

	return s ? number_parse(s, len, UINT64_MAX, out) : -EINVAL;
}

int vma_parse(const char *line, size_t len, struct vma *m, size_t *name_len)
{
	struct cursor c = { line, line + len };
	uint64_t major, minor;
	const char *perms;
	size_t width = 0;

	if (len && line[len - 1] == '\n')
		c.end--;
	*m = (struct vma){ 0 };
	if (take_hex(&c, '-', &m->start) || take_hex(&c, ' ', &m->end) || m->end <= m->start)
		return -EINVAL;
	perms = take(&c, ' ', &width);
	if (!perms || width != 4)
		return -EINVAL;
	m->shared = perms[3] == 's';
	memcpy(m->perms, perms, width);
	if (take_hex(&c, ' ', &m->offset) || take_hex(&c, ':', &major) ||
	    take_hex(&c, ' ', &minor) || take_number(&c, &m->inode) || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return -EINVAL;
	m->major = (uint32_t)major;
	m->minor = (uint32_t)minor;
	while (c.at < c.end && *c.at == ' ')
		c.at++;
	m->name = (char *)c.at;
	*name_len = (size_t)(c.end - c.at);
	m->kind = (uint8_t)vma_kind_of(m->name, *name_len);
	return 0;
}

static bool has_file(const struct vma *m)
{
	return m->inode || m->major || m->minor;
}

uint64_t vma_page_index(const struct vma *m, uint64_t address, unsigned int shift)
{
	uint64_t place = has_file(m) ? mapping_offset(m, address) : address;

	return place >> shift;
}
