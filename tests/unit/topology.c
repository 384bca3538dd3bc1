/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "numa/topology.h"
#include "proc/status.h"
#include "tree.h"
#include "unit.h"
#include "util/text.h"

/* --- the kernel's list format --- */

struct list_row {
	const char *text;
	size_t len;
	int ret;
	const char *set; /* the parsed set */
};

#define IS(text, set)                          \
	{                                      \
		text, sizeof(text) - 1, 0, set \
	}
#define NOT(text)                                     \
	{                                             \
		text, sizeof(text) - 1, -EINVAL, NULL \
	}
#define BIG(text)                                     \
	{                                             \
		text, sizeof(text) - 1, -ERANGE, NULL \
	}

static const struct list_row list_rows[] = {
	IS("", "none"),
	IS("\n", "none"),
	IS("0", "0"),
	IS("0\n", "0"),
	IS("0-3,8", "0-3,8"),
	IS("0-3,8\n", "0-3,8"),
	IS("0,7,1023\n", "0,7,1023"),
	IS("0-1023\n", "0-1023"),
	IS("0,1,2", "0-2"),
	IS("0-1,2-3,5", "0-3,5"),
	IS("63-64,127-128", "63-64,127-128"),
	IS("5-5", "5"),
	NOT(","),
	NOT("0,"),
	NOT(",0"),
	NOT("0,,1"),
	NOT("0-"),
	NOT("-0"),
	NOT("0-\n"),
	NOT("0--1"),
	NOT("0-1-2"),
	NOT("3-1"),
	NOT("1,0"),
	NOT("0,0"),
	NOT("0-2,2"),
	NOT("00"),
	NOT("01"),
	NOT("+1"),
	NOT("0x1"),
	NOT(" 0"),
	NOT("0 "),
	NOT("0, 1"),
	NOT("\n\n"),
	NOT("0\n\n"),
	NOT("\n0"),
	NOT("0\n1"),
	NOT("0\0"),
	NOT("all"),
	NOT("0-3:2"),
	NOT("0-3:1/2"),
	BIG("1024"),
	BIG("0-1024"),
	BIG("0-18446744073709551615"),
	BIG("18446744073709551616"),
};

/* Copy without room for a NUL, so memory checkers detect a read past the end. */
static char *copy_exact(const char *text, size_t len)
{
	char *copy = malloc(len + !len);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static void expect_set(const struct nodeset *set, const char *expected)
{
	char text[NODES_TEXT_MAX];

	assert_int_equal(nodeset_format(set, text, sizeof(text)), strlen(expected));
	assert_string_equal(text, expected);
}

static void expect_cpus(const struct cpuset *set, const char *expected)
{
	char text[NODES_TEXT_MAX];

	assert_int_equal(bits_format(BITS(set), text, sizeof(text)), strlen(expected));
	assert_string_equal(text, expected);
}

static void test_list(void **state)
{
	const struct list_row *row = *state;
	char *text = copy_exact(row->text, row->len);
	struct nodeset set;

	set = nodeset_range(42, 42);
	assert_int_equal(nodeset_parse_list(text, row->len, &set), row->ret);
	expect_set(&set, row->ret ? "42" : row->set);
	free(text);
}

static void test_list_of_cpus(void **state)
{
	struct cpuset cpus = { { 0 } };

	(void)state;
	assert_int_equal(bits_parse_list(BITS(&cpus), "1,1024-16383", 12), 0);
	expect_cpus(&cpus, "1,1024-16383");
	assert_int_equal(bits_parse_list(BITS(&cpus), "16384", 5), -ERANGE);
}

/* --- status of a process --- */

struct status_row {
	const char *name; /* of the test */
	const char *text;
	int ret;
	const char *set;
};

#define MEMS "Mems_allowed_list"

static const struct status_row status_rows[] = {
	{ "a line is found", "Name:\tcat\n" MEMS ":\t0-3,8\nThreads:\t1\n", 0, "0-3,8" },
	{ "the last line is found without its newline", "Name:\tcat\n" MEMS ":\t2", 0, "2" },
	{ "the first line is found", MEMS ":\t2\nName:\tcat\n", 0, "2" },
	{ "an empty list is an empty set", MEMS ":\t\nName:\tcat\n", 0, "none" },
	{ "a list at the very end may be empty", MEMS ":", 0, "none" },
	{ "a line that only ends in the name is ignored", "Name:\t" MEMS ":\t1\n" MEMS ":\t2\n", 0,
	  "2" },
	{ "a line that only begins with the name is ignored", MEMS "s:\t1\n" MEMS ":\t2\n", 0,
	  "2" },
	{ "no line with the name", "Name:\tcat\nMems_allowed:\t1\n", -ENOENT, NULL },
	{ "an empty text", "", -ENOENT, NULL },
	{ "a name without a colon is ignored", MEMS, -ENOENT, NULL },
	{ "garbage is an error", MEMS ":\t0-\n", -EINVAL, NULL },
	{ "text after the list is an error", MEMS ":\t0 1\n", -EINVAL, NULL },
	{ "a number that is too large is an error", MEMS ":\t0-1024\n", -ERANGE, NULL },
};

static void test_status(void **state)
{
	const struct status_row *row = *state;
	size_t len = strlen(row->text);
	char *text = copy_exact(row->text, len);
	struct nodeset set;

	set = nodeset_range(42, 42);
	assert_int_equal(bits_parse_field(BITS(&set), text, len, MEMS), row->ret);
	expect_set(&set, row->ret ? "42" : row->set);
	free(text);
}

/* --- sets --- */

static const char *const set_lists[] = {
	"none",
	"0",
	"63",
	"64",
	"0-1023",
	"0,8",
	"62-65",
	"1023",
	"31-32,127-128,511",
	"0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32",
};

static struct nodeset *set_make(struct nodeset *set, const char *list)
{
	*set = (struct nodeset){ 0 };
	if (strcmp(list, "none"))
		assert_int_equal(nodeset_parse_list(list, strlen(list), set), 0);
	return set;
}

static bool has(const struct nodeset *set, int node)
{
	return nodeset_has(set, node);
}

/* Compare walking and counting with a test of every bit. */
static void test_set_walk(void **state)
{
	struct nodeset set;
	const struct nodeset *mask = set_make(&set, *state);
	unsigned int rank = 0;
	int expected = -1;

	for (int n = NODES_MAX - 1; n >= 0; n--) {
		expected = has(mask, n) ? n : expected;
		assert_int_equal(nodeset_next(mask, n), expected);
	}
	for (int n = 0; n < NODES_MAX; n++) {
		if (has(mask, n))
			assert_int_equal(nodeset_nth(mask, rank++), n);
	}
	assert_int_equal(nodeset_nth(mask, rank), -1);
	assert_int_equal(nodeset_nth(mask, UINT_MAX), -1);
	assert_int_equal(nodeset_next(mask, NODES_MAX), -1);
	assert_int_equal(nodeset_count(mask), rank);
	assert_int_equal(nodeset_empty(mask), rank == 0);
}

/* Compare every operation on two sets with the operation on single bits. */
static void expect_operations(const struct nodeset *a, const struct nodeset *b)
{
	const struct nodeset both = nodeset_and(*a, b), either = nodeset_or(*a, b);
	const struct nodeset only = nodeset_minus(*a, b), copy = *a;
	bool meet = false, within = true;

	for (int n = 0; n < NODES_MAX; n++) {
		assert_int_equal(has(&copy, n), has(a, n));
		assert_int_equal(has(&both, n), has(a, n) && has(b, n));
		assert_int_equal(has(&either, n), has(a, n) || has(b, n));
		assert_int_equal(has(&only, n), has(a, n) && !has(b, n));
		meet |= has(a, n) && has(b, n);
		within &= !has(a, n) || has(b, n);
	}
	assert_int_equal(nodeset_intersect(a, b), meet);
	assert_int_equal(nodeset_subset(a, b), within);
}

static void test_set_operations(void **state)
{
	struct nodeset a, b;

	set_make(&a, *state);
	for (size_t i = 0; i < UNIT_ROWS(set_lists); i++)
		expect_operations(&a, set_make(&b, set_lists[i]));
}

static void expect_range(const struct nodeset *set, int first, int last)
{
	const struct nodeset seven_hundred = nodeset_range(700, 700);
	struct nodeset part = nodeset_range(first, last);

	part = nodeset_and(part, set);
	part = nodeset_or(part, &seven_hundred);
	for (int n = 0; n < NODES_MAX; n++)
		assert_int_equal(has(&part, n),
				 n == 700 || (n >= first && n <= last && has(set, n)));
}

static void test_set_ranges(void **state)
{
	static const int ends[] = { 0, 1, 31, 32, 62, 63, 64, 65, 127, 128, 511, 1022, 1023 };
	struct nodeset set;

	set_make(&set, *state);
	for (size_t i = 0; i < UNIT_ROWS(ends); i++)
		for (size_t j = i; j < UNIT_ROWS(ends); j++)
			expect_range(&set, ends[i], ends[j]);
}

/* With any buffer size: no overflow, terminated, and cut after an item. */
static void expect_cut(const char *whole, const struct nodeset *set, size_t size)
{
	char part[NODES_TEXT_MAX];
	size_t len = strlen(whole);
	char *dots;

	memset(part, 'x', sizeof(part));
	assert_int_equal(nodeset_format(set, part, size), len);
	assert_int_equal(part[size], 'x');
	if (!size)
		return;
	assert_true(strlen(part) < size);
	dots = strstr(part, "...");
	if (size > len)
		assert_string_equal(part, whole);
	else if (dots)
		assert_true(dots == part || dots[-1] == ',');
	else
		assert_string_equal(part, "");
	if (dots)
		assert_memory_equal(part, whole, (size_t)(dots - part));
}

static void test_set_format(void **state)
{
	struct nodeset set;
	const struct nodeset *mask = set_make(&set, *state);

	expect_set(mask, *state);
	for (size_t size = 0; size < 80; size++)
		expect_cut(*state, mask, size);
}

static void test_format_cut(void **state)
{
	struct nodeset set;
	char text[16];

	(void)state;
	set_make(&set, "0-3,8,100,200,300");
	assert_int_equal(nodeset_format(&set, text, sizeof(text)), 17);
	assert_string_equal(text, "0-3,8,100,...");
}

/* The longest list: pairs of nodes with a gap of one in between. */
static void test_format_longest(void **state)
{
	struct nodeset set;
	char text[NODES_TEXT_MAX];

	(void)state;
	set = (struct nodeset){ 0 };
	for (int n = 0; n < NODES_MAX; n++)
		if (n % 3)
			nodeset_add(&set, n);
	assert_in_range(nodeset_format(&set, text, sizeof(text)), 2000, sizeof(text) - 1);
	assert_null(strstr(text, "..."));
}

static void test_fill(void **state)
{
	struct nodeset set;

	(void)state;
	set = nodeset_all();
	expect_set(&set, "0-1023");
}

/* --- machines in a directory --- */

#define FILES_MAX 8
#define NODES	  "sys/devices/system/node/"
#define STATUS	  "proc/self/status"
#define ALLOW(list)                                                                \
	{                                                                          \
		STATUS, "Name:\tx\nCpus_allowed_list:\t0-7\n" MEMS ":\t" list "\n" \
	}

struct tree_row {
	const char *name;
	struct tree_file files[FILES_MAX];
	int ret;
	const char *found; /* online, memory, cpu and allowed; or the file that failed */
};

#define MACHINE(online, memory, cpu)                                \
	{ NODES "online", online }, { NODES "has_memory", memory }, \
	{                                                           \
		NODES "has_cpu", cpu                                \
	}

static const struct tree_row tree_rows[] = {
	{ "a machine with one node", { MACHINE("0\n", "0\n", "0\n"), ALLOW("0") }, 0, "0 0 0 0" },
	{ "a machine with four nodes",
	  { MACHINE("0-3\n", "0-3\n", "0-3\n"), ALLOW("2-3") },
	  0,
	  "0-3 0-3 0-3 2-3" },
	{ "sparse nodes up to the last",
	  { MACHINE("0,7,1023\n", "0,7,1023\n", "0\n"), ALLOW("0,1023") },
	  0,
	  "0,7,1023 0,7,1023 0 0,1023" },
	{ "a thousand nodes",
	  { MACHINE("0-1023\n", "0-1023\n", "0-1023\n"), ALLOW("0-1023") },
	  0,
	  "0-1023 0-1023 0-1023 0-1023" },
	{ "a node without memory and one without CPUs",
	  { MACHINE("0-2\n", "0,2\n", "0-1\n"), ALLOW("0-2") },
	  0,
	  "0-2 0,2 0-1 0-2" },
	{ "64 nodes, eight of them without memory and eight without CPUs",
	  { MACHINE("0-63\n", "0-47,56-63\n", "0-55\n"), ALLOW("0-63") },
	  0,
	  "0-63 0-47,56-63 0-55 0-63" },
	{ "nodes with gaps, four of them memory-only",
	  { MACHINE("0,8,252-255\n", "0,8,252-255\n", "0,8\n"), ALLOW("0,8,252-255") },
	  0,
	  "0,8,252-255 0,8,252-255 0,8 0,8,252-255" },
	{ "no CPUs at all", { MACHINE("0\n", "0\n", "\n"), ALLOW("0") }, 0, "0 0 none 0" },
	{ "allowed nodes that do not exist",
	  { MACHINE("0-1\n", "0-1\n", "0-1\n"), ALLOW("0-7") },
	  0,
	  "0-1 0-1 0-1 0-7" },
	{ "a node that went offline has no memory",
	  { MACHINE("0-1\n", "0-2\n", "0-2\n"), ALLOW("0-2") },
	  0,
	  "0-1 0-1 0-1 0-2" },
	{ "a kernel without cpusets allows all",
	  { MACHINE("0\n", "0\n", "0\n"), { STATUS, "Name:\tx\n" } },
	  0,
	  "0 0 0 0-1023" },
	{ "no sysfs means no NUMA", { ALLOW("0") }, -ENOSYS, "/" NODES "online" },
	{ "an empty node directory means no NUMA",
	  { { NODES, NULL }, ALLOW("0") },
	  -ENOSYS,
	  "/" NODES "online" },
	{ "a missing has_memory means no NUMA",
	  { { NODES "online", "0\n" }, ALLOW("0") },
	  -ENOSYS,
	  "/" NODES "has_memory" },
	{ "a file instead of a directory means no NUMA",
	  { { "sys", "x" }, ALLOW("0") },
	  -ENOSYS,
	  "/" NODES "online" },
	{ "no node online is an error",
	  { MACHINE("\n", "0\n", "0\n"), ALLOW("0") },
	  -EBADMSG,
	  "/" NODES "online" },
	{ "an empty file is an error",
	  { MACHINE("", "0\n", "0\n"), ALLOW("0") },
	  -EBADMSG,
	  "/" NODES "online" },
	{ "half a range is an error",
	  { MACHINE("0-", "0\n", "0\n"), ALLOW("0") },
	  -EBADMSG,
	  "/" NODES "online" },
	{ "no node with memory is an error",
	  { MACHINE("0\n", "\n", "0\n"), ALLOW("0") },
	  -EBADMSG,
	  "/" NODES "has_memory" },
	{ "garbage in has_cpu is an error",
	  { MACHINE("0\n", "0\n", "zero\n"), ALLOW("0") },
	  -EBADMSG,
	  "/" NODES "has_cpu" },
	{ "a thousand and one nodes are too many",
	  { MACHINE("0-1024\n", "0\n", "0\n"), ALLOW("0") },
	  -EBADMSG,
	  "/" NODES "online" },
	{ "a directory instead of a file is an error",
	  { { NODES "online/x", NULL }, ALLOW("0") },
	  -EISDIR,
	  "/" NODES "online" },
	{ "no proc is an error", { MACHINE("0\n", "0\n", "0\n") }, -ENOENT, "/" STATUS },
	{ "garbage in status is an error",
	  { MACHINE("0\n", "0\n", "0\n"), { STATUS, MEMS ":\tx\n" } },
	  -EBADMSG,
	  "/" STATUS },
};

static void expect_topology(const struct tree_row *row, const struct topology *t)
{
	const struct nodeset *sets[] = { &t->online, &t->memory, &t->cpu, &t->allowed };
	char found[4 * NODES_TEXT_MAX] = "", text[NODES_TEXT_MAX];

	assert_null(t->failed);
	for (size_t i = 0; i < UNIT_ROWS(sets); i++) {
		nodeset_format(sets[i], text, sizeof(text));
		if (i)
			strcat(found, " ");
		strcat(found, text);
	}
	assert_string_equal(found, row->found);
}

static void expect_failure(const struct tree_row *row, const struct topology *t)
{
	expect_set(&t->online, "none");
	expect_set(&t->memory, "none");
	expect_set(&t->cpu, "none");
	expect_set(&t->allowed, "none");
	assert_string_equal(t->failed, row->found);
}

static void test_tree(void **state)
{
	const struct tree_row *row = *state;
	char root[] = TREE_TEMPLATE;
	struct topology t;

	tree_make(root, row->files, FILES_MAX);
	assert_int_equal(topology_read(&t, root), row->ret);
	if (row->ret)
		expect_failure(row, &t);
	else
		expect_topology(row, &t);
	tree_remove(root);
}

static void test_long_root(void **state)
{
	char root[PATH_MAX + 1];
	struct topology t;

	(void)state;
	memset(root, '/', sizeof(root) - 1);
	root[sizeof(root) - 1] = '\0';
	assert_int_equal(topology_read(&t, root), -ENAMETOOLONG);
}

/* --- CPUs to nodes --- */

static const struct tree_file cpu_files[] = {
	MACHINE("0-3\n", "0-1,3\n", "0-2\n"),	 ALLOW("0-3"),
	{ NODES "node0/cpulist", "0-3,8-11\n" }, { NODES "node1/cpulist", "4-7\n" },
	{ NODES "node2/cpulist", "12-15\n" },	 { NODES "node3/cpulist", "\n" },
};

struct cpu_row {
	const char *cpus;
	const char *nodes;
};

static const struct cpu_row cpu_rows[] = {
	{ "0", "0" },	   { "11", "0" },    { "4", "1" },    { "3-4", "0-1" },
	{ "0-15", "0-1" }, { "12", "none" }, { "7,12", "1" }, { "16-63", "none" },
};

static void cpu_nodes(const struct tree_file *files, size_t count, const char *cpus, int ret,
		      const char *nodes)
{
	struct nodeset found = nodeset_all();
	char root[] = TREE_TEMPLATE;
	struct cpuset set;
	struct topology t;

	assert_int_equal(bits_parse_list(BITS(&set), cpus, strlen(cpus)), 0);
	tree_make(root, files, count);
	assert_int_equal(topology_read(&t, root), 0);
	assert_int_equal(topology_cpu_nodes(&t, root, &set, &found), ret);
	if (!ret)
		expect_set(&found, nodes);
	tree_remove(root);
}

static void test_cpu_nodes(void **state)
{
	const struct cpu_row *row = *state;

	cpu_nodes(cpu_files, UNIT_ROWS(cpu_files), row->cpus, 0, row->nodes);
}

/* A machine where 1,024 CPUs are possible, and node numbers have gaps. */
static const struct tree_file wide_files[] = {
	MACHINE("0,8,252\n", "0,8,252\n", "0,8\n"),
	{ STATUS, "Cpus_allowed_list:\t0-1023\n" MEMS ":\t0,8,252\n" },
	{ NODES "node0/cpulist", "0-511\n" },
	{ NODES "node8/cpulist", "512-1023\n" },
	{ NODES "node252/cpulist", "\n" },
};

static void test_cpu_nodes_wide(void **state)
{
	const struct cpu_row *row = *state;

	cpu_nodes(wide_files, UNIT_ROWS(wide_files), row->cpus, 0, row->nodes);
}

static const struct cpu_row wide_rows[] = {
	{ "0-1023", "0,8" },
	{ "511-512", "0,8" },
	{ "1023", "8" },
	{ "0-511", "0" },
};

static void test_cpu_nodes_gone(void **state)
{
	(void)state;
	cpu_nodes(cpu_files, UNIT_ROWS(cpu_files) - 3, "0-7", 0, "0");
}

static void test_cpu_nodes_garbage(void **state)
{
	static const struct tree_file files[] = {
		MACHINE("0\n", "0\n", "0\n"),
		ALLOW("0"),
		{ NODES "node0/cpulist", "0-x\n" },
	};

	(void)state;
	cpu_nodes(files, UNIT_ROWS(files), "0-7", -EBADMSG, NULL);
}

/* --- nodes to CPUs --- */

static const struct cpu_row node_rows[] = {
	{ "0-3,8-11", "0" }, { "0-11", "0-1" },	 { "12-15", "2" }, { "4-7", "1,3" },
	{ "none", "3" },     { "none", "none" }, { "4-7", "1,9" },
};

static void node_cpus(const struct tree_file *files, size_t count, const struct cpu_row *row)
{
	const char *nodes = strcmp(row->nodes, "none") ? row->nodes : "";
	char root[] = TREE_TEMPLATE;
	struct cpuset found;
	struct nodeset set;

	memset(&found, 0xff, sizeof(found));
	assert_int_equal(nodeset_parse_list(nodes, strlen(nodes), &set), 0);
	tree_make(root, files, count);
	assert_int_equal(topology_node_cpus(root, &set, &found), 0);
	expect_cpus(&found, row->cpus);
	tree_remove(root);
}

static void test_node_cpus(void **state)
{
	node_cpus(cpu_files, UNIT_ROWS(cpu_files), *state);
}

static void test_node_cpus_wide(void **state)
{
	static const struct cpu_row all = { "0-1023", "0,8,252" };

	(void)state;
	node_cpus(wide_files, UNIT_ROWS(wide_files), &all);
}

/* --- another process --- */

struct process_row {
	const char *name;
	const char *text; /* NULL: no such file */
	int ret;
	const char *mems, *cpus;
};

static const struct process_row process_rows[] = {
	{ "reads both sets of a process", "Cpus_allowed_list:\t4-7\n" MEMS ":\t1\n", 0, "1",
	  "4-7" },
	{ "1,024 CPUs, and nodes with gaps", "Cpus_allowed_list:\t0-1023\n" MEMS ":\t0,8,252-255\n",
	  0, "0,8,252-255", "0-1023" },
	{ "without cpusets every node is allowed", "Cpus_allowed_list:\t0\n", 0, "0-1023", "0" },
	{ "a status file without CPUs is an error", MEMS ":\t1\n", -EBADMSG, NULL, NULL },
	{ "garbage for nodes is an error", "Cpus_allowed_list:\t0\n" MEMS ":\t?\n", -EBADMSG, NULL,
	  NULL },
	{ "garbage for CPUs is an error", "Cpus_allowed_list:\t?\n" MEMS ":\t1\n", -EBADMSG, NULL,
	  NULL },
	{ "a process that exited is an error", NULL, -ENOENT, NULL, NULL },
};

static void test_process(void **state)
{
	const struct process_row *row = *state;
	const struct tree_file file = { row->text ? "status" : "gone", row->text ? row->text : "" };
	struct nodeset mems;
	struct cpuset cpus;
	char root[] = TREE_TEMPLATE;
	int fd;

	tree_make(root, &file, 1);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(status_allowed(fd, &mems, &cpus), row->ret);
	if (!row->ret) {
		expect_set(&mems, row->mems);
		expect_cpus(&cpus, row->cpus);
		assert_int_equal(status_allowed(fd, &mems, NULL), 0);
		assert_int_equal(status_allowed(fd, NULL, &cpus), 0);
	}
	close(fd);
	tree_remove(root);
}

/* A status file longer than the initial buffers: 100,000 lines precede the one needed. */
static void test_long_status(void **state)
{
	const size_t lines = 100000;
	const char tail[] = MEMS ":\t5\n";
	char *text = malloc(2 * lines + sizeof(tail));
	const struct tree_file file = { "status", text };
	char root[] = TREE_TEMPLATE;
	struct nodeset mems;
	int fd;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < lines; i++)
		memcpy(text + 2 * i, "x\n", 2);
	memcpy(text + 2 * lines, tail, sizeof(tail));
	tree_make(root, &file, 1);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(status_allowed(fd, &mems, NULL), 0);
	expect_set(&mems, "5");
	close(fd);
	tree_remove(root);
	free(text);
}

static void sets_add(struct unit_suite *suite)
{
	for (size_t i = 0; i < UNIT_ROWS(set_lists); i++) {
		const char *list = set_lists[i];

		unit_add(suite, test_set_walk, list, "{%s} is walked, counted and ranked", list);
		unit_add(suite, test_set_operations, list, "{%s} is combined with other sets",
			 list);
		unit_add(suite, test_set_ranges, list, "{%s} is cut to ranges", list);
		unit_add(suite, test_set_format, list, "{%s} is written to buffers of any size",
			 list);
	}
	unit_add(suite, test_format_cut, NULL, "a truncated list ends after an item");
	unit_add(suite, test_format_longest, NULL, "the longest list of nodes fits");
	unit_add(suite, test_fill, NULL, "a full set has all nodes");
}

static void lists_add(struct unit_suite *suite)
{
	char text[64];

	for (size_t i = 0; i < UNIT_ROWS(list_rows); i++) {
		const struct list_row *row = &list_rows[i];

		text_escape(row->text, row->len, text, sizeof(text));
		unit_add(suite, test_list, row, "kernel list \"%s\" %s%s", text,
			 row->ret == -ERANGE ? "is too wide" :
			 row->ret	     ? "is refused" :
					       "is ",
			 row->ret ? "" : row->set);
	}
	unit_add(suite, test_list_of_cpus, NULL, "a list of CPUs may be wider than nodes");
}

static void machines_add(struct unit_suite *suite)
{
	for (size_t i = 0; i < UNIT_ROWS(status_rows); i++)
		unit_add(suite, test_status, &status_rows[i], "status: %s", status_rows[i].name);
	for (size_t i = 0; i < UNIT_ROWS(tree_rows); i++)
		unit_add(suite, test_tree, &tree_rows[i], "machine: %s", tree_rows[i].name);
	for (size_t i = 0; i < UNIT_ROWS(cpu_rows); i++)
		unit_add(suite, test_cpu_nodes, &cpu_rows[i], "CPUs %s have their memory on %s",
			 cpu_rows[i].cpus, cpu_rows[i].nodes);
	for (size_t i = 0; i < UNIT_ROWS(wide_rows); i++)
		unit_add(suite, test_cpu_nodes_wide, &wide_rows[i],
			 "of 1,024 CPUs, %s have their memory on %s", wide_rows[i].cpus,
			 wide_rows[i].nodes);
	for (size_t i = 0; i < UNIT_ROWS(process_rows); i++)
		unit_add(suite, test_process, &process_rows[i], "process: %s",
			 process_rows[i].name);
	unit_add(suite, test_long_root, NULL, "a root longer than any path is an error");
	unit_add(suite, test_cpu_nodes_gone, NULL, "a node that went offline has no CPUs");
	unit_add(suite, test_cpu_nodes_garbage, NULL, "garbage for the CPUs of a node is an error");
	for (size_t i = 0; i < UNIT_ROWS(node_rows); i++)
		unit_add(suite, test_node_cpus, &node_rows[i], "nodes %s have the CPUs %s",
			 node_rows[i].nodes, node_rows[i].cpus);
	unit_add(suite, test_node_cpus_wide, NULL, "nodes with gaps have 1,024 CPUs");
	unit_add(suite, test_long_status, NULL, "reads a long status file to the end");
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	lists_add(&suite);
	sets_add(&suite);
	machines_add(&suite);
	return unit_run(&suite, "topology");
}
