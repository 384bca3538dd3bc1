/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/vma.h"

#include "util/number.h"
#include "util/text.h"

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

static const struct kind_rule *find_kernel_rule(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(kernel_rules) / sizeof(kernel_rules[0]); i++)
		if (is_kernel_name(name, len, kernel_rules[i].text))
			return &kernel_rules[i];
	return NULL;
}

enum vma_kind vma_kind_of(const char *name, size_t len)
{
	const struct kind_rule *rule = find_kernel_rule(name, len);

	if (rule)
		return rule->kind;
	for (size_t i = 0; i < sizeof(kind_rules) / sizeof(kind_rules[0]); i++) {
		size_t n = strlen(kind_rules[i].text);

		if (n <= len && memcmp(name, kind_rules[i].text, n) == 0)
			return kind_rules[i].kind;
	}
	return len ? VMA_FILE : VMA_ANON;
}

bool vma_is_of_kernel(const struct vma *m)
{
	return find_kernel_rule(m->name, strlen(m->name)) != NULL;
}

int vma_kinds_parse(const char *text, size_t len, unsigned int *kinds, size_t *bad, size_t *bad_len)
{
	struct text_part rest = { text, len }, word;

	*kinds = 0;
	while (text_split(&rest, ',', &word)) {
		unsigned int kind = 0;

		*bad = (size_t)(word.at - text);
		*bad_len = word.len;
		while (kind < VMA_KINDS &&
		       (kind == VMA_SPECIAL || !text_part_is(word, kind_names[kind])))
			kind++;
		if (kind == VMA_KINDS)
			return -EINVAL;
		*kinds |= 1U << kind;
	}
	return 0;
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

/* The number up to @stop, which has to be there. */
static int take_number(struct text_part *rest, char stop, unsigned int base, uint64_t *out)
{
	struct text_part number;

	if (!text_split(rest, stop, &number) || !rest->at)
		return -EINVAL;
	return base == 16 ? number_parse_hex(number.at, number.len, out) :
			    number_parse(number.at, number.len, UINT64_MAX, out);
}

int vma_parse(const char *line, size_t len, struct vma *m, size_t *name_len)
{
	struct text_part rest = { line, len - (len && line[len - 1] == '\n') }, perms = { 0 };
	uint64_t major, minor;

	*m = (struct vma){ 0 };
	if (take_number(&rest, '-', 16, &m->start) || take_number(&rest, ' ', 16, &m->end) ||
	    m->end <= m->start || !text_split(&rest, ' ', &perms) || perms.len != 4 ||
	    take_number(&rest, ' ', 16, &m->offset) || take_number(&rest, ':', 16, &major) ||
	    take_number(&rest, ' ', 16, &minor) || take_number(&rest, ' ', 10, &m->inode) ||
	    major > UINT32_MAX || minor > UINT32_MAX)
		return -EINVAL;
	m->shared = perms.at[3] == 's';
	memcpy(m->perms, perms.at, perms.len);
	m->major = (uint32_t)major;
	m->minor = (uint32_t)minor;
	while (rest.len && *rest.at == ' ') {
		rest.at++;
		rest.len--;
	}
	m->name = (char *)rest.at;
	*name_len = rest.len;
	m->kind = (uint8_t)vma_kind_of(m->name, *name_len);
	return 0;
}

uint64_t vma_page_index(const struct vma *m, uint64_t address, unsigned int shift)
{
	bool has_file = m->inode || m->major || m->minor;

	return (has_file ? mapping_offset(m, address) : address) >> shift;
}
