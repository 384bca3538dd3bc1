/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/vma.h"

#include "util/number.h"
#include "util/text.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { MAPPING_PATH_MAX = 4096 }; /* PATH_MAX of Linux */

static const char *const kind_names[VMA_KINDS] = {
	[VMA_ANON] = "anon",	   [VMA_HEAP] = "heap", [VMA_STACK] = "stack",
	[VMA_FILE] = "file",	   [VMA_SHM] = "shm",	[VMA_HUGETLB] = "hugetlb",
	[VMA_SPECIAL] = "special",
};

/* The suffix of a file that is not, or no longer, in any directory. */
static const char deleted[] = " (deleted)";
enum { DELETED_LEN = sizeof(deleted) - 1 };

/*
 * The first row whose text begins the name decides.  Names of the kernel's own files are
 * deleted ones and must match in full: "?" is a hexadecimal digit, "*" any rest.
 */
static const struct kind_rule {
	const char *text;
	enum vma_kind kind;
	bool of_kernel;
} kind_rules[] = {
	{ "/dev/zero", VMA_SHM, true },
	{ "/memfd:*", VMA_SHM, true },
	{ "/anon_hugepage", VMA_HUGETLB, true },
	{ "/SYSV????????", VMA_SHM, true },
	{ "/secretmem", VMA_SPECIAL, true },
	{ "/[kvm-gmem]", VMA_SPECIAL, true },
	{ "[heap]", VMA_HEAP, false },
	{ "[stack", VMA_STACK, false },
	{ "[anon_shmem:", VMA_SHM, false },
	{ "[anon:", VMA_ANON, false },
	{ "[", VMA_SPECIAL, false },
	/* These files in /dev are memory; hugetlb and DAX have separate checks. */
	{ "/dev/zero", VMA_ANON, false },
	{ "/dev/shm/", VMA_SHM, false },
	{ "/dev/ashmem/", VMA_SHM, false },
	{ "/dev/hugepages", VMA_FILE, false },
	{ "/dev/dax", VMA_FILE, false },
	/* Pages of drivers and of the kernel itself. */
	{ "/dev/", VMA_SPECIAL, false },
	{ "/proc/", VMA_SPECIAL, false },
	{ "/sys/", VMA_SPECIAL, false },
	{ "/dmabuf:", VMA_SPECIAL, false },
	{ "anon_inode:", VMA_SPECIAL, false },
	{ "socket:", VMA_SPECIAL, false },
};

const char *vma_kind_name(enum vma_kind kind)
{
	return kind_names[kind];
}

static const struct kind_rule *find_rule(const char *name, size_t len)
{
	bool is_deleted = len >= DELETED_LEN &&
			  memcmp(name + len - DELETED_LEN, deleted, DELETED_LEN) == 0;

	for (size_t i = 0; i < sizeof(kind_rules) / sizeof(kind_rules[0]); i++) {
		const struct kind_rule *rule = &kind_rules[i];
		const size_t n = len - (rule->of_kernel ? DELETED_LEN : 0);
		const char *text = rule->text;
		size_t k = 0;

		if (rule->of_kernel && !is_deleted)
			continue;
		while (k < n && text[k] != '*' &&
		       (text[k] == '?' ? isxdigit((unsigned char)name[k]) != 0 :
					 text[k] == name[k] && name[k]))
			k++;
		if (rule->of_kernel ? (text[k] == '*' || (k == n && !text[k])) : !text[k])
			return rule;
	}
	return NULL;
}

enum vma_kind vma_kind_of(const char *name, size_t len)
{
	const struct kind_rule *rule = find_rule(name, len);

	if (rule)
		return rule->kind;
	return len ? VMA_FILE : VMA_ANON;
}

bool vma_is_of_kernel(const struct vma *m)
{
	const struct kind_rule *rule = find_rule(m->name, strlen(m->name));

	return rule && rule->of_kernel;
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
	size_t len = strlen(m->name);
	char path[MAPPING_PATH_MAX];

	if (m->name[0] != '/')
		return false;
	if (fnmatch(pattern, m->name, 0) == 0)
		return true;
	if (len <= DELETED_LEN || len - DELETED_LEN >= sizeof(path) ||
	    strcmp(m->name + len - DELETED_LEN, deleted) != 0)
		return false;
	snprintf(path, sizeof(path), "%.*s", (int)(len - DELETED_LEN), m->name);
	return fnmatch(pattern, path, 0) == 0;
}

/* Parse the number up to @stop, which must follow. */
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
	for (; rest.len && *rest.at == ' '; rest.len--)
		rest.at++;
	m->name = (char *)rest.at;
	*name_len = rest.len;
	m->kind = (uint8_t)vma_kind_of(m->name, *name_len);
	return 0;
}

uint64_t vma_page_index(const struct vma *m, uint64_t address, unsigned int shift)
{
	bool has_file = m->inode || m->major || m->minor;

	return (has_file ? vma_offset(m, address) : address) >> shift;
}
