/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "proc/address_space.h"
#include "unit.h"

struct row {
	const char *line;
	const char *kind; /* NULL: invalid */
	const char *name;
	bool shared;
};

static const struct row rows[] = {
	{ "00400000-00401000 r-xp 00000000 fe:00 12 /bin/cat\n", "file", "/bin/cat", false },
	{ "7f00-8000 rw-p 00000000 00:00 0 \n", "anon", "", false },
	{ "7f00-8000 rw-p 00000000 00:00 0", NULL, "", false },
	{ "7f00-8000 rw-p 00000000 00:00 0                    [heap]\n", "heap", "[heap]", false },
	{ "7f00-8000 rw-p 00000000 00:00 0  [stack]\n", "stack", "[stack]", false },
	{ "7f00-8000 rw-p 00000000 00:00 0  [stack:77]\n", "stack", "[stack:77]", false },
	{ "7f00-8000 rw-p 00000000 00:00 0  [anon:java heap]\n", "anon", "[anon:java heap]",
	  false },
	{ "7f00-8000 rw-s 00000000 00:01 9  [anon_shmem:x]\n", "shm", "[anon_shmem:x]", true },
	{ "7f00-8000 rw-s 00000000 00:01 9  /dev/zero (deleted)\n", "shm", "/dev/zero (deleted)",
	  true },
	{ "7f00-8000 rw-s 00000000 00:01 9  /memfd:a b (deleted)\n", "shm", "/memfd:a b (deleted)",
	  true },
	{ "7f00-8000 rw-s 00000000 00:01 9  /SYSV00000000 (deleted)\n", "shm",
	  "/SYSV00000000 (deleted)", true },
	{ "7f00-8000 rw-s 00000000 00:1a 9  /dev/shm/x\n", "shm", "/dev/shm/x", true },
	{ "7f00-8000 rw-p 00000000 00:0f 9  /anon_hugepage (deleted)\n", "hugetlb",
	  "/anon_hugepage (deleted)", false },
	{ "7f00-8000 rw-s 00000000 00:01 9  /secretmem (deleted)\n", "special",
	  "/secretmem (deleted)", true },
	{ "7f00-8000 rw-s 00000000 00:01 0  /SYSV0000beef (deleted)\n", "shm",
	  "/SYSV0000beef (deleted)", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /SYSV0000beef\n", "file", "/SYSV0000beef", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /SYSV-logs/a (deleted)\n", "file",
	  "/SYSV-logs/a (deleted)", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /SYSV000000000 (deleted)\n", "file",
	  "/SYSV000000000 (deleted)", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /SYSV0000000 (deleted)\n", "file",
	  "/SYSV0000000 (deleted)", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /memfd:a\n", "file", "/memfd:a", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /secretmem/a\n", "file", "/secretmem/a", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9  /anon_hugepage\n", "file", "/anon_hugepage", true },
	{ "7f00-8000 rw-s 00000000 fe:00 9   (deleted)\n", "file", "(deleted)", true },
	{ "7f00-8000 rw-s 10000000 00:10 1  anon_inode:[io_uring]\n", "special",
	  "anon_inode:[io_uring]", true },
	{ "7f00-8000 rw-s 00000000 00:10 1  anon_inode:[perf_event]\n", "special",
	  "anon_inode:[perf_event]", true },
	{ "7f00-8000 rw-s 00000000 00:10 1  anon_inode:kvm-vcpu:0\n", "special",
	  "anon_inode:kvm-vcpu:0", true },
	{ "7f00-8000 rw-s 00000000 00:10 1  anon_inode:bpf-map\n", "special", "anon_inode:bpf-map",
	  true },
	{ "7f00-8000 rw-s 00000000 00:09 77  socket:[77]\n", "special", "socket:[77]", true },
	{ "7f00-8000 rw-s 00000000 00:06 77  /dev/dri/renderD128\n", "special",
	  "/dev/dri/renderD128", true },
	{ "7f00-8000 rw-s 00000000 00:06 77  /dev/video0 (deleted)\n", "special",
	  "/dev/video0 (deleted)", true },
	{ "7f00-8000 rw-s 00000000 00:16 77  /sys/devices/pci0000:00/0000:00:02.0/resource0\n",
	  "special", "/sys/devices/pci0000:00/0000:00:02.0/resource0", true },
	{ "7f00-8000 rw-s 00000000 00:15 77  /proc/bus/pci/00/02.0\n", "special",
	  "/proc/bus/pci/00/02.0", true },
	{ "7f00-8000 rw-s 00000000 00:0c 77  /dmabuf:\n", "special", "/dmabuf:", true },
	{ "7f00-8000 rw-s 00000000 00:0c 77  /[kvm-gmem] (deleted)\n", "special",
	  "/[kvm-gmem] (deleted)", true },
	{ "7f00-8000 rw-s 00000000 00:0c 77  /[aio] (deleted)\n", "file", "/[aio] (deleted)",
	  true },
	{ "7f00-8000 rw-p 00000000 00:06 7  /dev/zero\n", "anon", "/dev/zero", false },
	{ "7f00-8000 rw-s 00000000 00:01 7  /dev/ashmem/dalvik (deleted)\n", "shm",
	  "/dev/ashmem/dalvik (deleted)", true },
	{ "7f00-8000 rw-s 00000000 00:30 7  /dev/hugepages/rtemap_0\n", "file",
	  "/dev/hugepages/rtemap_0", true },
	{ "7f00-8000 rw-s 00000000 00:06 7  /dev/dax0.0\n", "file", "/dev/dax0.0", true },
	{ "7f00-8000 rw-s 00000000 fe:00 7  /device/x\n", "file", "/device/x", true },
	{ "7f00-8000 r-xp 00000000 00:00 0  [vdso]\n", "special", "[vdso]", false },
	{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n", "special",
	  "[vsyscall]", false },
	{ "7f00-8000 r--p 00000000 fe:00 12 /a b\\012c\001\377\n", "file", "/a b\\012c\001\377",
	  false },
	{ "", NULL, "", false },
	{ "\n", NULL, "", false },
	{ "7f00", NULL, "", false },
	{ "7f00-", NULL, "", false },
	{ "8000-7f00 r--p 00000000 fe:00 12 /x\n", NULL, "", false },
	{ "7f00-7f00 r--p 00000000 fe:00 12 /x\n", NULL, "", false },
	{ "7f00-8000 r-p 00000000 fe:00 12 /x\n", NULL, "", false },
	{ "7f00-8000 r--p 0000000g fe:00 12 /x\n", NULL, "", false },
	{ "7f00-8000 r--p 00000000 fe00 12 /x\n", NULL, "", false },
	{ "7f00-8000 r--p 00000000 fe:00 0x12 /x\n", NULL, "", false },
	{ "7f00-8000 r--p 00000000 100000000:00 12 /x\n", NULL, "", false },
	{ "7f00-8000 r--p 00000000 fe:100000000 12 /x\n", NULL, "", false },
	{ "11111111111111111-8000 r--p 00000000 fe:00 12 /x\n", NULL, "", false },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct vma m;
	size_t len = 0;
	int rc = vma_parse(row->line, strlen(row->line), &m, &len);

	assert_int_equal(rc, row->kind ? 0 : -EINVAL);
	if (rc)
		return;
	assert_string_equal(vma_kind_name(m.kind), row->kind);
	assert_int_equal(len, strlen(row->name));
	assert_memory_equal(m.name, row->name, len);
	assert_int_equal(m.shared, row->shared);
}

/* Every prefix of a valid line is rejected or parsed, and not read past its end. */
static void test_prefixes(void **state)
{
	static const char line[] = "7f0000000000-7f0000001000 rw-p 00000000 fe:00 12 /x\n";

	(void)state;
	for (size_t n = 0; n < sizeof(line); n++) {
		char *copy = malloc(n + !n);
		struct vma m;
		size_t len;

		assert_non_null(copy);
		memcpy(copy, line, n);
		if (vma_parse(copy, n, &m, &len) == 0)
			assert_true(m.name + len <= copy + n);
		free(copy);
	}
}

/* Arguments of --kind. */
static const struct {
	const char *text;
	const char *kinds; /* in the order of the enum; NULL: rejected */
	const char *bad;
} kind_rows[] = {
	{ "heap", "heap", NULL },
	{ "hugetlb,anon,shm,file,stack,heap", "anon heap stack file shm hugetlb", NULL },
	{ "anon,anon", "anon", NULL },
	{ "", NULL, "" },
	{ "heap,", NULL, "" },
	{ ",heap", NULL, "" },
	{ "heap,hep,x", NULL, "hep" },
	{ "special", NULL, "special" },
	{ "hea", NULL, "hea" },
	{ "heaps", NULL, "heaps" },
	{ "Heap", NULL, "Heap" },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(kind_rows); i++) {
		const char *text = kind_rows[i].text;
		unsigned int kinds;
		size_t at, len;
		char got[64] = "";
		int rc = vma_kinds_parse(text, strlen(text), &kinds, &at, &len);

		assert_int_equal(rc, kind_rows[i].kinds ? 0 : -EINVAL);
		if (rc) {
			assert_int_equal(len, strlen(kind_rows[i].bad));
			assert_memory_equal(text + at, kind_rows[i].bad, len);
			continue;
		}
		for (int kind = 0; kind < VMA_KINDS; kind++)
			if (kinds & 1U << kind)
				sprintf(got + strlen(got), "%s%s", *got ? " " : "",
					vma_kind_name(kind));
		assert_string_equal(got, kind_rows[i].kinds);
	}
}

static const struct {
	const char *name, *pattern;
	bool matches;
} path_rows[] = {
	{ "/usr/lib/libc.so.6", "/usr/lib/libc.so.6", true },
	{ "/usr/lib/libc.so.6", "*libc*", true },
	{ "/usr/lib/libc.so.6", "/usr/*", true },
	{ "/usr/lib/libc.so.6", "libc.so.6", false },
	{ "/usr/lib/libc.so.6", "/usr/lib/lib[a-d].so.?", true },
	{ "/usr/lib/libc.so.6 (deleted)", "/usr/lib/libc.so.6", true },
	{ "/usr/lib/libc.so.6 (deleted)", "*(deleted)", true },
	{ "/usr/lib/libc.so.6 (deleted) ", "/usr/lib/libc.so.6", false },
	{ " (deleted)", "", false },
	{ "/memfd:x (deleted)", "/memfd:*", true },
	{ "/SYSV00000000 (deleted)", "/SYSV*", true },
	{ "[heap]", "*", false },
	{ "", "*", false },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_ROWS(path_rows); i++) {
		const struct vma m = { .name = (char *)path_rows[i].name };

		if (vma_has_path(&m, path_rows[i].pattern) != path_rows[i].matches)
			fail_msg("'%s' and '%s'", m.name, path_rows[i].pattern);
	}
}

/* A path in maps can be longer than PATH_MAX. */
static void test_long_path(void **state)
{
	static char name[9000];
	const struct vma m = { .name = name };

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	memcpy(name, "/a", 2);
	strcpy(name + sizeof(name) - 11, " (deleted)");
	assert_true(vma_has_path(&m, "/ax*"));
	assert_false(vma_has_path(&m, "/b*"));
}

static void test_select(void **state)
{
	static struct vma at[] = {
		{ .kind = VMA_HEAP, .name = (char *)"[heap]" },
		{ .kind = VMA_FILE, .name = (char *)"/a" },
		{ .kind = VMA_SHM, .name = (char *)"/a" },
	};
	struct address_space list = { at, 3 };

	(void)state;
	address_space_select(&list, 0, NULL);
	assert_false(at[0].left_out || at[1].left_out || at[2].left_out);
	address_space_select(&list, 1U << VMA_HEAP | 1U << VMA_SHM, NULL);
	assert_true(!at[0].left_out && at[1].left_out && !at[2].left_out);
	address_space_select(&list, 1U << VMA_HEAP | 1U << VMA_SHM, "/a");
	assert_true(at[0].left_out && at[1].left_out && !at[2].left_out);
}

static void test_find(void **state)
{
	static struct vma at[] = {
		{ .start = 0x1000, .end = 0x2000 },
		{ .start = 0x2000, .end = 0x3000 },
		{ .start = 0x8000, .end = 0x9000 },
	};
	const struct address_space list = { at, 3 };

	(void)state;
	assert_int_equal(address_space_find(&list, 0), 0);
	assert_int_equal(address_space_find(&list, 0x1fff), 0);
	assert_int_equal(address_space_find(&list, 0x2000), 1);
	assert_int_equal(address_space_find(&list, 0x5000), 2);
	assert_int_equal(address_space_find(&list, 0x9000), 3);
}

/* Return the page shift of a mapping on the device 0:@minor. */
static int page_shift(const struct hugetlb *h, uint32_t minor)
{
	struct vma m = { .minor = minor, .name = (char *)"/mnt/a" };

	hugetlb_apply(h, &m);
	return m.page_shift;
}

static void test_mount(void **state)
{
	static struct hugetlb h = { .base_shift = 12 };

	(void)state;
	assert_int_equal(hugetlb_parse_mount("36 1 0:32 / /proc rw - proc proc rw\n", &h), 0);
	assert_int_equal(hugetlb_parse_mount("36 1 0:50 / /a - hugetlbfs b rw shared:1 - "
					     "hugetlbfs none rw,pagesize=1024M\n",
					     &h),
			 1);
	assert_int_equal(page_shift(&h, 50), 30);
	assert_int_equal(page_shift(&h, 51), 12);
	hugetlb_parse_mount("36 1 0:51 / /a - hugetlbfs none rw,pagesize=5\n", &h);
	assert_int_equal(page_shift(&h, 51), 12);
}

static void test_memory(void **state)
{
	static struct hugetlb h = { .base_shift = 12 };
	struct vma m = { .minor = 52, .name = (char *)"/tmp/a" };

	(void)state;
	assert_int_equal(hugetlb_parse_mount("37 1 0:52 / /tmp rw - tmpfs tmpfs rw\n", &h), 1);
	hugetlb_apply(&h, &m);
	assert_true(m.in_memory);
	assert_int_equal(m.page_shift, 12);
	m.major = 8;
	hugetlb_apply(&h, &m);
	assert_false(m.in_memory);
}

/* Return whether a file on 0:@minor, with a name of the kernel, is classified as memory. */
static bool is_known(const struct hugetlb *h, uint32_t minor)
{
	struct vma m = { .minor = minor, .kind = VMA_SHM, .name = (char *)"/memfd:a (deleted)" };

	hugetlb_apply(h, &m);
	return m.kind != VMA_FILE;
}

/* The inode of System V memory is its shmid, and the first shmid is 0. */
static void test_possible(void **state)
{
	static struct hugetlb h = { .base_shift = 12 };

	(void)state;
	assert_true(hugetlb_is_possible(&(struct vma){ .minor = 50, .inode = 9 }));
	assert_true(hugetlb_is_possible(&(struct vma){ .minor = 50, .inode = 0 }));
	assert_false(hugetlb_is_possible(&(struct vma){ .minor = 0, .inode = 0 }));
	assert_false(hugetlb_is_possible(&(struct vma){ .major = 8, .minor = 1, .inode = 9 }));
	assert_true(is_known(&h, 50));
	hugetlb_parse_mount("36 1 0:50 / /a - hugetlbfs b rw,pagesize=2M\n", &h);
	assert_true(is_known(&h, 50));
	assert_false(is_known(&h, 51));
	hugetlb_parse_mount("36 1 0:51 / /a - tmpfs b rw\n", &h);
	assert_false(is_known(&h, 51));
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "line %zu of maps is %s", i + 1,
			 rows[i].kind ? rows[i].kind : "rejected");
	unit_add(&suite, test_prefixes, NULL, "no prefix of a line is read past its end");
	unit_add(&suite, test_kinds, NULL, "kinds are a list of words");
	unit_add(&suite, test_paths, NULL, "paths match as in fnmatch(3); other names never match");
	unit_add(&suite, test_long_path, NULL, "a path longer than PATH_MAX is matched");
	unit_add(&suite, test_select, NULL, "a mapping must match both kind and path");
	unit_add(&suite, test_find, NULL, "finds the mapping of an address, or the next one");
	unit_add(&suite, test_possible, NULL, "a file with inode 0 can be hugetlb");
	unit_add(&suite, test_memory, NULL, "tmpfs is a memory file system");
	unit_add(&suite, test_mount, NULL, "a hugetlb mount determines the page size of its files");
	return unit_run(&suite, "address space");
}
