/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The findings on other machines: their files are read from a directory, and the results of
 * system calls are simulated.
 */
#include <config.h>

#include "host/check.h"
#include "tree.h"
#include "unit.h"

#define NODES "sys/devices/system/node/"
#define TIERS "sys/devices/virtual/memory_tiering/memory_tier"
#define ALLOWED(list)                                                                       \
	{                                                                                   \
		"proc/self/status", "Name:\tx\nSeccomp:\t0\nMems_allowed_list:\t" list "\n" \
	}
#define FILTERED                                                                       \
	{                                                                              \
		"proc/self/status", "Name:\tx\nSeccomp:\t2\nMems_allowed_list:\t0-1\n" \
	}
#define MEMORY(node, total, free)                                                               \
	{                                                                                       \
		NODES "node" #node "/meminfo", "Node " #node " MemTotal:       " #total " kB\n" \
					       "Node " #node " MemFree:        " #free " kB\n"  \
	}
#define SWAP(total, free)                                                         \
	{                                                                         \
		"proc/meminfo", "MemTotal: 9 kB\nSwapTotal:      " #total " kB\n" \
				"SwapFree:   " #free " kB\n"                      \
	}
#define DEMOTION(word)                                           \
	{                                                        \
		"sys/kernel/mm/numa/demotion_enabled", word "\n" \
	}
#define BALANCING(mode)                                     \
	{                                                   \
		"proc/sys/kernel/numa_balancing", mode "\n" \
	}
#define HUGE(words)                                                      \
	{                                                                \
		"sys/kernel/mm/transparent_hugepage/enabled", words "\n" \
	}

#define KDAMONDS(n)                                                      \
	{                                                                \
		"sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", n "\n" \
	}
#define DAMON_STAT(word)                                              \
	{                                                             \
		"sys/module/damon_stat/parameters/enabled", word "\n" \
	}
#define ROOM_EVERYWHERE                                                                        \
	{                                                                                      \
		"proc/zoneinfo",                                                               \
			"Node 0, zone   Normal\n  pages free     1280\n        high     256\n" \
			"Node 1, zone   Normal\n  pages free     1280\n        high     256\n" \
	}

/* A file or directory to remove. */
static const char gone[] = "gone";
#define GONE(path)         \
	{                  \
		path, gone \
	}

/* Two sockets, a kernel with all features, no restrictions. */
static const struct tree_file usual[] = {
	{ NODES "online", "0-1\n" },
	{ NODES "has_memory", "0-1\n" },
	{ NODES "has_cpu", "0-1\n" },
	MEMORY(0, 786432, 524288),
	MEMORY(1, 786432, 1024),
	ALLOWED("0-1"),
	{ "proc/zoneinfo", "Node 0, zone   Normal\n  pages free     1280\n        high     256\n"
			   "Node 1, zone   Normal\n  pages free     256\n        high     256\n" },
	SWAP(0, 0),
	{ TIERS "4/nodelist", "0-1\n" },
	HUGE("always [madvise] never"),
	BALANCING("0"),
	DEMOTION("false"),
	KDAMONDS("0"),
	DAMON_STAT("N"),
	{ NODES "node0/cpulist", "0-3,8\n" },
	{ NODES "node1/cpulist", "\n" },
};

/* A socket, and CXL memory. */
#define SOCKET_AND_CXL                                             \
	{ NODES "has_cpu", "0\n" }, { TIERS "4/nodelist", "0\n" }, \
	{                                                          \
		TIERS "22/nodelist", "1\n"                         \
	}

enum lack { NICE = 1, PTRACE = 2, SEARCH = 4, BUT_OVERRIDE = 8 };

struct row {
	const char *name;
	struct tree_file files[5]; /* different from the usual ones */
	struct {
		int move_pages, move_all, migrate_pages, pidfd_open;
		int less_pagemap; /* subtracted from HOST_SCAN */
		int lacks;
	} tried; /* different results */
	const char *key, *state;
	enum verdict verdict;
	const char *meaning; /* a part of it */
	enum verdict whole;
};

static const struct row rows[] = {
	{ "two nodes",
	  { { NULL, NULL } },
	  { 0 },
	  "nodes",
	  "0-1",
	  VERDICT_OK,
	  "between these 2 nodes",
	  VERDICT_NOTE },
	{ "one node",
	  { { NODES "has_memory", "0\n" } },
	  { 0 },
	  "nodes",
	  "0",
	  VERDICT_CANNOT,
	  "no other node",
	  VERDICT_CANNOT },
	{ "sparse nodes",
	  { { NODES "online", "0,8\n" }, { NODES "has_memory", "0,8\n" }, ALLOWED("0,8") },
	  { 0 },
	  "nodes",
	  "0,8",
	  VERDICT_OK,
	  "2 nodes",
	  VERDICT_UNKNOWN },
	{ "CPUs everywhere",
	  { { NULL, NULL } },
	  { 0 },
	  "cpu_nodes",
	  "0-1",
	  VERDICT_OK,
	  "every node with memory",
	  VERDICT_NOTE },
	{ "memory without CPUs",
	  { SOCKET_AND_CXL },
	  { 0 },
	  "cpu_nodes",
	  "0",
	  VERDICT_OK,
	  "memory-only nodes (such as CXL, HBM): 1",
	  VERDICT_NOTE },
	{ "CPUs without memory",
	  { { NODES "has_memory", "1\n" } },
	  { 0 },
	  "cpu_nodes",
	  "0-1",
	  VERDICT_OK,
	  "nodes without memory, not usable as destinations: 0",
	  VERDICT_CANNOT },

	{ "a cpuset with every node",
	  { { NULL, NULL } },
	  { 0 },
	  "allowed_nodes",
	  "0-1",
	  VERDICT_OK,
	  "every node",
	  VERDICT_NOTE },
	{ "a cpuset with one node",
	  { ALLOWED("1") },
	  { 0 },
	  "allowed_nodes",
	  "1",
	  VERDICT_PROBLEM,
	  "does not allow 0: widen it",
	  VERDICT_PROBLEM },
	{ "a cpuset with two nodes of three",
	  { ALLOWED("1-2"), { NODES "online", "0-2\n" }, { NODES "has_memory", "0-2\n" } },
	  { 0 },
	  "allowed_nodes",
	  "1-2",
	  VERDICT_NOTE,
	  "does not allow 0:",
	  VERDICT_NOTE },
	{ "a cpuset is not to blame on a machine with one node",
	  { ALLOWED("0"), { NODES "has_memory", "0\n" } },
	  { 0 },
	  "allowed_nodes",
	  "0",
	  VERDICT_OK,
	  "every node",
	  VERDICT_CANNOT },
	{ "a kernel without cpusets",
	  { { "proc/self/status", "Name:\tx\n" } },
	  { 0 },
	  "allowed_nodes",
	  "0-1",
	  VERDICT_OK,
	  "every node",
	  VERDICT_NOTE },

	{ "a node with room",
	  { { NULL, NULL } },
	  { 0 },
	  "node0",
	  "512M free",
	  VERDICT_OK,
	  "of 768M; 4M are available",
	  VERDICT_NOTE },
	{ "a full node",
	  { { NULL, NULL } },
	  { 0 },
	  "node1",
	  "1M free",
	  VERDICT_NOTE,
	  "no memory is available: moves are refused",
	  VERDICT_NOTE },
	{ "an empty meminfo",
	  { { NODES "node0/meminfo", "" } },
	  { 0 },
	  "node0",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot read the node's meminfo",
	  VERDICT_NOTE },
	{ "no zoneinfo",
	  { GONE("proc/zoneinfo") },
	  { 0 },
	  "node1",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "or /proc/zoneinfo",
	  VERDICT_UNKNOWN },
	{ "an empty zoneinfo",
	  { { "proc/zoneinfo", "" } },
	  { 0 },
	  "node1",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "or /proc/zoneinfo",
	  VERDICT_UNKNOWN },
	{ "no /sys",
	  { GONE("sys") },
	  { 0 },
	  "nodes",
	  "unknown",
	  VERDICT_PROBLEM,
	  "/sys cannot be read",
	  VERDICT_PROBLEM },

	{ "one tier",
	  { { NULL, NULL } },
	  { 0 },
	  "tiers",
	  "1",
	  VERDICT_OK,
	  "all nodes are in the same memory tier",
	  VERDICT_NOTE },
	{ "two tiers",
	  { SOCKET_AND_CXL },
	  { 0 },
	  "tiers",
	  "2",
	  VERDICT_OK,
	  "fastest first: 0, then 1",
	  VERDICT_NOTE },
	{ "tiers go by their numbers, not by those of the nodes",
	  { { TIERS "4/nodelist", "1\n" }, { TIERS "22/nodelist", "0\n" } },
	  { 0 },
	  "tiers",
	  "2",
	  VERDICT_OK,
	  "1, then 0",
	  VERDICT_NOTE },
	{ "no tiers before 6.1",
	  { GONE("sys/devices/virtual/memory_tiering") },
	  { 0 },
	  "tiers",
	  "not reported",
	  VERDICT_OK,
	  "6.1",
	  VERDICT_NOTE },
	{ "tiers that cannot be read",
	  { GONE("sys/devices/virtual") },
	  { 0 },
	  "tiers",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_NOTE },

	{ "move_pages permitted",
	  { { NULL, NULL } },
	  { 0 },
	  "move_pages",
	  "permitted",
	  VERDICT_OK,
	  "moved",
	  VERDICT_NOTE },
	{ "move_pages filtered",
	  { FILTERED },
	  { .move_pages = -EPERM },
	  "move_pages",
	  "filtered",
	  VERDICT_PROBLEM,
	  "a seccomp filter blocks the call",
	  VERDICT_PROBLEM },
	{ "move_pages filtered as if absent",
	  { FILTERED },
	  { .move_pages = -ENOSYS },
	  "move_pages",
	  "filtered",
	  VERDICT_PROBLEM,
	  "a seccomp filter",
	  VERDICT_PROBLEM },
	{ "move_pages absent",
	  { { NULL, NULL } },
	  { .move_pages = -ENOSYS },
	  "move_pages",
	  "absent",
	  VERDICT_CANNOT,
	  "without page migration",
	  VERDICT_CANNOT },
	{ "move_pages refused without a filter",
	  { { NULL, NULL } },
	  { .move_pages = -EACCES },
	  "move_pages",
	  "refused",
	  VERDICT_PROBLEM,
	  "(Permission denied)",
	  VERDICT_PROBLEM },
	{ "migrate_pages filtered",
	  { FILTERED },
	  { .migrate_pages = -EPERM },
	  "migrate_pages",
	  "filtered",
	  VERDICT_NOTE,
	  "--method=process fails",
	  VERDICT_NOTE },
	{ "migrate_pages absent",
	  { { NULL, NULL } },
	  { .migrate_pages = -ENOSYS },
	  "migrate_pages",
	  "absent",
	  VERDICT_NOTE,
	  "no migratepages",
	  VERDICT_NOTE },
	{ "pidfd_open filtered",
	  { FILTERED },
	  { .pidfd_open = -EPERM },
	  "pidfd_open",
	  "filtered",
	  VERDICT_PROBLEM,
	  "no process can be opened",
	  VERDICT_PROBLEM },
	{ "pidfd_open before 5.3",
	  { { NULL, NULL } },
	  { .pidfd_open = -ENOSYS },
	  "pidfd_open",
	  "absent",
	  VERDICT_OK,
	  "before 5.3",
	  VERDICT_NOTE },
	{ "pidfd_open filtered as if absent",
	  { FILTERED },
	  { .pidfd_open = -ENOSYS },
	  "pidfd_open",
	  "absent",
	  VERDICT_OK,
	  "through /proc only",
	  VERDICT_NOTE },
	{ "PAGEMAP_SCAN present",
	  { { NULL, NULL } },
	  { 0 },
	  "pagemap_scan",
	  "present",
	  VERDICT_OK,
	  "only resident pages",
	  VERDICT_NOTE },
	{ "PAGEMAP_SCAN absent",
	  { { NULL, NULL } },
	  { .less_pagemap = 1 },
	  "pagemap_scan",
	  "absent",
	  VERDICT_NOTE,
	  "before 6.7",
	  VERDICT_NOTE },
	{ "pagemap absent",
	  { { NULL, NULL } },
	  { .less_pagemap = 2 },
	  "pagemap_scan",
	  "no pagemap",
	  VERDICT_PROBLEM,
	  "CONFIG_PROC_PAGE_MONITOR",
	  VERDICT_PROBLEM },

	{ "CAP_SYS_NICE held",
	  { { NULL, NULL } },
	  { 0 },
	  "cap_sys_nice",
	  "held",
	  VERDICT_OK,
	  "can be moved",
	  VERDICT_NOTE },
	{ "CAP_SYS_NICE lacking",
	  { { NULL, NULL } },
	  { .move_all = -EPERM, .lacks = NICE },
	  "cap_sys_nice",
	  "lacking",
	  VERDICT_NOTE,
	  "cannot be moved; run as root or with",
	  VERDICT_NOTE },
	{ "CAP_SYS_NICE of a user namespace",
	  { { NULL, NULL } },
	  { .move_all = -EPERM },
	  "cap_sys_nice",
	  "without effect",
	  VERDICT_NOTE,
	  "user namespace",
	  VERDICT_NOTE },
	{ "CAP_SYS_NICE where calls are filtered",
	  { FILTERED },
	  { .move_pages = -EPERM, .move_all = -EPERM },
	  "cap_sys_nice",
	  "held",
	  VERDICT_OK,
	  "can be moved",
	  VERDICT_PROBLEM },
	{ "CAP_SYS_PTRACE held",
	  { { NULL, NULL } },
	  { 0 },
	  "cap_sys_ptrace",
	  "held",
	  VERDICT_OK,
	  "every user",
	  VERDICT_NOTE },
	{ "CAP_SYS_PTRACE lacking",
	  { { NULL, NULL } },
	  { .lacks = PTRACE },
	  "cap_sys_ptrace",
	  "lacking",
	  VERDICT_NOTE,
	  "only processes of this user",
	  VERDICT_NOTE },
	{ "CAP_DAC_READ_SEARCH held",
	  { { NULL, NULL } },
	  { 0 },
	  "cap_dac_read_search",
	  "held",
	  VERDICT_OK,
	  "pagemap",
	  VERDICT_NOTE },
	{ "CAP_DAC_READ_SEARCH lacking",
	  { { NULL, NULL } },
	  { .lacks = SEARCH },
	  "cap_dac_read_search",
	  "lacking",
	  VERDICT_NOTE,
	  "cannot be read",
	  VERDICT_NOTE },
	{ "CAP_DAC_OVERRIDE in its place",
	  { { NULL, NULL } },
	  { .lacks = SEARCH | BUT_OVERRIDE },
	  "cap_dac_read_search",
	  "lacking",
	  VERDICT_OK,
	  "CAP_DAC_OVERRIDE",
	  VERDICT_NOTE },

	{ "huge pages where asked for",
	  { { NULL, NULL } },
	  { 0 },
	  "huge_pages",
	  "madvise",
	  VERDICT_OK,
	  "--huge=keep",
	  VERDICT_NOTE },
	{ "huge pages never",
	  { HUGE("always madvise [never]") },
	  { 0 },
	  "huge_pages",
	  "never",
	  VERDICT_OK,
	  "no new huge pages",
	  VERDICT_NOTE },
	{ "no huge pages",
	  { GONE("sys/kernel/mm/transparent_hugepage") },
	  { 0 },
	  "huge_pages",
	  "absent",
	  VERDICT_OK,
	  "no new huge pages",
	  VERDICT_NOTE },
	{ "huge pages that cannot be read",
	  { GONE("sys/kernel") },
	  { 0 },
	  "huge_pages",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_NOTE },

	{ "NUMA balancing off",
	  { { NULL, NULL } },
	  { 0 },
	  "numa_balancing",
	  "off",
	  VERDICT_OK,
	  "nothing moves pages back",
	  VERDICT_NOTE },
	{ "NUMA balancing on",
	  { BALANCING("1") },
	  { 0 },
	  "numa_balancing",
	  "on",
	  VERDICT_NOTE,
	  "back to the node whose CPUs use them",
	  VERDICT_NOTE },
	{ "NUMA balancing of tiers",
	  { BALANCING("2") },
	  { 0 },
	  "numa_balancing",
	  "tiering",
	  VERDICT_NOTE,
	  "back to a faster tier",
	  VERDICT_NOTE },
	{ "NUMA balancing of both kinds",
	  { BALANCING("3") },
	  { 0 },
	  "numa_balancing",
	  "on, tiering",
	  VERDICT_NOTE,
	  "and to a faster tier",
	  VERDICT_NOTE },
	{ "no NUMA balancing",
	  { GONE("proc/sys/kernel/numa_balancing") },
	  { 0 },
	  "numa_balancing",
	  "absent",
	  VERDICT_OK,
	  "nothing moves pages back",
	  VERDICT_NOTE },
	{ "NUMA balancing in a /proc of processes only",
	  { GONE("proc/sys") },
	  { 0 },
	  "numa_balancing",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "/proc/sys/kernel cannot be read",
	  VERDICT_NOTE },
	{ "NUMA balancing that is not a number",
	  { BALANCING("") },
	  { 0 },
	  "numa_balancing",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_NOTE },
	{ "no demotion",
	  { GONE("sys/kernel/mm/numa") },
	  { 0 },
	  "demotion",
	  "absent",
	  VERDICT_OK,
	  "nothing moves",
	  VERDICT_NOTE },
	{ "demotion that cannot be read",
	  { GONE("sys/kernel") },
	  { 0 },
	  "demotion",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "/sys/kernel/mm cannot be read",
	  VERDICT_NOTE },
	{ "demotion off",
	  { SOCKET_AND_CXL },
	  { 0 },
	  "demotion",
	  "off",
	  VERDICT_OK,
	  "nothing moves",
	  VERDICT_NOTE },
	{ "demotion on, with a slower tier",
	  { DEMOTION("true"), SOCKET_AND_CXL },
	  { 0 },
	  "demotion",
	  "on",
	  VERDICT_NOTE,
	  "to a slower tier",
	  VERDICT_NOTE },
	{ "demotion on, without one",
	  { DEMOTION("true") },
	  { 0 },
	  "demotion",
	  "on",
	  VERDICT_OK,
	  "no effect",
	  VERDICT_NOTE },

	{ "no swap",
	  { { NULL, NULL } },
	  { 0 },
	  "swap",
	  "none",
	  VERDICT_OK,
	  "no swapped-out pages",
	  VERDICT_NOTE },
	{ "swap that cannot be read",
	  { GONE("proc/meminfo") },
	  { 0 },
	  "swap",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "/proc/meminfo cannot be read",
	  VERDICT_NOTE },
	{ "swap in use",
	  { SWAP(2097152, 1048576) },
	  { 0 },
	  "swap",
	  "1G of 2G used",
	  VERDICT_OK,
	  "cannot be moved",
	  VERDICT_NOTE },

	{ "DAMON free",
	  { { NULL, NULL } },
	  { 0 },
	  "idle_looks",
	  "free",
	  VERDICT_OK,
	  "idle pages can be listed",
	  VERDICT_NOTE },
	{ "no DAMON",
	  { GONE("sys/kernel/mm/damon") },
	  { 0 },
	  "idle_looks",
	  "absent",
	  VERDICT_OK,
	  "CONFIG_DAMON_SYSFS",
	  VERDICT_NOTE },
	{ "no DAMON in sysfs, but in a kernel module",
	  { GONE("sys/kernel/mm/damon"), DAMON_STAT("Y") },
	  { 0 },
	  "idle_looks",
	  "absent",
	  VERDICT_OK,
	  "CONFIG_DAMON_SYSFS",
	  VERDICT_NOTE },
	{ "a kernel without damon_stat",
	  { GONE("sys/module/damon_stat") },
	  { 0 },
	  "idle_looks",
	  "free",
	  VERDICT_OK,
	  "idle pages can be listed",
	  VERDICT_NOTE },
	{ "DAMON in use by damon_stat",
	  { DAMON_STAT("Y") },
	  { 0 },
	  "idle_looks",
	  "taken by damon_stat",
	  VERDICT_NOTE,
	  "echo N >/sys/module/damon_stat/parameters/enabled",
	  VERDICT_NOTE },
	{ "DAMON in use by damon_reclaim",
	  { { "sys/module/damon_reclaim/parameters/enabled", "Y\n" } },
	  { 0 },
	  "idle_looks",
	  "taken by damon_reclaim",
	  VERDICT_NOTE,
	  "echo N >/sys/module/damon_reclaim/parameters/enabled",
	  VERDICT_NOTE },
	{ "DAMON in use by a tool",
	  { KDAMONDS("2") },
	  { 0 },
	  "idle_looks",
	  "taken by another tool",
	  VERDICT_NOTE,
	  "/kdamonds is 2;",
	  VERDICT_NOTE },
	{ "DAMON in use by damon_stat, sysfs unreadable",
	  { DAMON_STAT("Y"), KDAMONDS("") },
	  { 0 },
	  "idle_looks",
	  "taken by damon_stat",
	  VERDICT_NOTE,
	  "echo N",
	  VERDICT_NOTE },
	{ "DAMON unreadable",
	  { KDAMONDS("") },
	  { 0 },
	  "idle_looks",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_NOTE },
	{ "DAMON, without /sys/kernel",
	  { GONE("sys/kernel") },
	  { 0 },
	  "idle_looks",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_NOTE },
	{ "DAMON, without /sys/module",
	  { GONE("sys/module") },
	  { 0 },
	  "idle_looks",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_NOTE },
	{ "unknown is the verdict if nothing else is wrong",
	  { ROOM_EVERYWHERE, KDAMONDS("") },
	  { 0 },
	  "idle_looks",
	  "unknown",
	  VERDICT_UNKNOWN,
	  "cannot be read",
	  VERDICT_UNKNOWN },
	{ "a host without restrictions",
	  { ROOM_EVERYWHERE },
	  { 0 },
	  "nodes",
	  "0-1",
	  VERDICT_OK,
	  "between these 2 nodes",
	  VERDICT_OK },
};

static char root[] = TREE_TEMPLATE;
static struct host host;

static void try(const struct row *row)
{
	host.call.move_pages = row->tried.move_pages;
	host.call.move_all = row->tried.move_all;
	host.call.migrate_pages = row->tried.migrate_pages;
	host.call.pidfd_open = row->tried.pidfd_open;
	host.pagemap = HOST_SCAN - row->tried.less_pagemap;
	host.held.sys_nice = !(row->tried.lacks & NICE);
	host.held.sys_ptrace = !(row->tried.lacks & PTRACE);
	host.held.dac_read_search = !(row->tried.lacks & SEARCH);
	host.held.dac_override = row->tried.lacks & BUT_OVERRIDE;
}

static const struct finding *find(const struct findings *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->at[i].key, key) == 0)
			return &f->at[i];
	fail_msg("finding '%s' is missing", key);
	return NULL;
}

static void change(const struct tree_file *file)
{
	char path[128];

	if (file->text != gone) {
		tree_add(root, file);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", root, file->path);
	tree_remove(path);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	const struct finding *f;
	struct findings all;

	strcpy(root, TREE_TEMPLATE);
	tree_make(root, usual, UNIT_ROWS(usual));
	for (size_t i = 0; i < UNIT_ROWS(row->files) && row->files[i].path; i++)
		change(&row->files[i]);
	assert_int_equal(host_read(&host, root), 0);
	tree_remove(root);
	try(row);
	assert_int_equal(findings_of(&all, &host), 0);
	f = find(&all, row->key);
	assert_string_equal(f->state, row->state);
	assert_string_equal(verdicts[f->verdict].name, verdicts[row->verdict].name);
	if (!strstr(f->meaning, row->meaning))
		fail_msg("'%s' is not in '%s'", row->meaning, f->meaning);
	assert_string_equal(verdicts[all.verdict].name, verdicts[row->whole].name);
	free(all.at);
}

/* Without nodes there is one finding about nodes, and all of the others. */
static void test_no_numa(void **state)
{
	static const struct tree_file files[] = { ALLOWED("0"), { "sys/devices/system/x", NULL } };
	struct findings all;

	(void)state;
	strcpy(root, TREE_TEMPLATE);
	tree_make(root, files, UNIT_ROWS(files));
	assert_int_equal(host_read(&host, root), 0);
	tree_remove(root);
	assert_int_equal(findings_of(&all, &host), 0);
	assert_string_equal(all.at[0].key, "nodes");
	assert_string_equal(all.at[0].state, "none");
	assert_int_equal(all.verdict, VERDICT_CANNOT);
	assert_string_equal(all.at[1].key, "move_pages");
	free(all.at);
}

/* CPUs of a node: a list, none, or unknown. */
static void test_cpus(void **state)
{
	(void)state;
	strcpy(root, TREE_TEMPLATE);
	tree_make(root, usual, UNIT_ROWS(usual));
	assert_int_equal(host_read(&host, root), 0);
	assert_string_equal(host.node[0].cpus, "0-3,8");
	assert_string_equal(host.node[1].cpus, "-");
	change(&(struct tree_file)GONE(NODES "node0/cpulist"));
	change(&(struct tree_file){ NODES "node1/cpulist",
				    "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30\n" });
	assert_int_equal(host_read(&host, root), 0);
	assert_string_equal(host.node[0].cpus, "");
	assert_string_equal(host.node[1].cpus, "0,2,4,6,8,10,12,14,16,18,20,...");
	tree_remove(root);
}

/* A malformed file is an error. */
static void test_garbage(void **state)
{
	(void)state;
	strcpy(root, TREE_TEMPLATE);
	tree_make(root, usual, UNIT_ROWS(usual));
	tree_add(root, &(struct tree_file){ NODES "has_memory", "x\n" });
	assert_int_equal(host_read(&host, root), -EBADMSG);
	assert_string_equal(host.topology.failed, "/" NODES "has_memory");
	tree_remove(root);
}

/* States and meanings are never truncated, however many nodes there are. */
static void test_many_nodes(void **state)
{
	static const struct tree_file many[] = {
		{ NODES "online", "0-1023\n" },
		{ NODES "has_memory", "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,"
				      "40,42,44,46,48,50,52,54,56\n" },
		ALLOWED("0"),
	};
	struct findings all;

	(void)state;
	strcpy(root, TREE_TEMPLATE);
	tree_make(root, usual, UNIT_ROWS(usual));
	for (size_t i = 0; i < UNIT_ROWS(many); i++)
		tree_add(root, &many[i]);
	assert_int_equal(host_read(&host, root), 0);
	tree_remove(root);
	assert_int_equal(findings_of(&all, &host), 0);
	for (size_t i = 0; i < all.n; i++)
		assert_true(strlen(all.at[i].meaning) + 1 < sizeof(all.at[i].meaning));
	assert_non_null(strstr(find(&all, "nodes")->state, "..."));
	assert_non_null(strstr(find(&all, "allowed_nodes")->meaning, "...: widen it"));
	find(&all, "node56");
	free(all.at);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "%s: %s is %s", rows[i].name, rows[i].key,
			 rows[i].state);
	unit_add(&suite, test_no_numa, NULL, "a kernel without NUMA is a finding, not an error");
	unit_add(&suite, test_garbage, NULL, "a malformed list of nodes is an error");
	unit_add(&suite, test_cpus, NULL, "the CPUs of a node: a list, none, or unknown");
	unit_add(&suite, test_many_nodes, NULL, "only long lists of nodes are truncated");
	return unit_run(&suite, "finding");
}
