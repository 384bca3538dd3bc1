/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check.h"

#include "engine/finder.h"
#include "proc/access.h"
#include "proc/headroom.h"
#include "proc/syscalls.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel lacks a setting only if the directory exists and the file does not. */
static int why_unread(int root, const char *directory, int rc)
{
	return rc == -ENOENT && faccessat(root, directory, X_OK, AT_EACCESS) == 0 ? HOST_ABSENT :
										    HOST_UNREAD;
}

#define NODE_DIR "sys/devices/system/node"
#define TIER_DIR "sys/devices/virtual/memory_tiering"

static void read_node(int root, int n, struct host_node *node)
{
	char path[sizeof(NODE_DIR) + 32], text[8192];

	*node = (struct host_node){ HOST_UNKNOWN, HOST_UNKNOWN, HOST_UNKNOWN, HOST_ABSENT, "" };
	snprintf(path, sizeof(path), NODE_DIR "/node%d/meminfo", n);
	file_read(root, path, text, sizeof(text));
	snprintf(path, sizeof(path), "Node %d MemTotal", n);
	number_find_kib(text, path, &node->total);
	snprintf(path, sizeof(path), "Node %d MemFree", n);
	number_find_kib(text, path, &node->free);
	snprintf(path, sizeof(path), NODE_DIR "/node%d/cpulist", n);
	if (!file_read_line(root, path, text, sizeof(text)))
		text_escape(*text ? text : "-", *text ? strlen(text) : 1, node->cpus,
			    sizeof(node->cpus));
}

static void read_nodes(int root, struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;
	struct headroom headroom;
	int rc = headroom_read(&headroom, root, "proc/zoneinfo");

	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		read_node(root, n, &h->node[n]);
		if (!rc)
			h->node[n].available = headroom.bytes[n];
	}
}

/* Set the tier of the nodes that a directory "memory_tierN" lists. */
static void read_tier(int dir, const char *name, struct host *h)
{
	static const char prefix[] = "memory_tier";
	const char *digits = name + strlen(prefix);
	char path[NAME_MAX + sizeof("/nodelist")], text[8192];
	struct nodeset set = { 0 };
	uint64_t tier;

	if (strncmp(name, prefix, strlen(prefix)) != 0 ||
	    number_parse(digits, strlen(digits), INT_MAX - 1, &tier))
		return;
	snprintf(path, sizeof(path), "%s/nodelist", name);
	if (file_read_line(dir, path, text, sizeof(text)))
		h->no_tiers = true;
	nodeset_parse_list(text, strlen(text), &set);
	for (int n = nodeset_next(&set, 0); n >= 0; n = nodeset_next(&set, n + 1))
		h->node[n].tier = (int)tier;
}

static void read_tiers(int root, struct host *h)
{
	int fd = openat(root, TIER_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *dir;

	h->no_tiers = fd < 0 && why_unread(root, "sys/devices/virtual", -errno) == HOST_UNREAD;
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir)))
		read_tier(fd, entry->d_name, h);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/* Read the settings that may move pages later, or that affect how pages move. */
static void read_settings(int root, struct host *h)
{
	char text[8192], *status;
	const char *word;
	uint64_t n;
	int rc = file_read_number(root, "proc/sys/kernel/numa_balancing", INT_MAX, &n);

	h->numa_balancing = rc ? why_unread(root, "proc/sys/kernel", rc) : (int)n;

	rc = file_read_line(root, "sys/kernel/mm/numa/demotion_enabled", text, sizeof(text));
	h->demotion = rc ? why_unread(root, "sys/kernel/mm", rc) : strcmp(text, "true") == 0;

	/* The word in brackets of "always [madvise] never". */
	rc = file_read_line(root, "sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
	if (rc && why_unread(root, "sys/kernel/mm", rc) == HOST_ABSENT)
		strcpy(h->huge_pages, "absent");
	word = text + strcspn(text, "[");
	if (*word)
		snprintf(h->huge_pages, sizeof(h->huge_pages), "%.*s", (int)strcspn(word + 1, "]"),
			 word + 1);

	if (file_read(root, "proc/meminfo", text, sizeof(text)) <= 0)
		h->swap_total = HOST_UNKNOWN;
	number_find_kib(text, "SwapTotal", &h->swap_total);
	number_find_kib(text, "SwapFree", &h->swap_free);

	status = file_read_text(root, "proc/self/status");
	h->filtered = status && access_parse_filter(status);
	free(status);
}

/* DAMON has one user at a time: one of these kernel modules, or a tool through sysfs. */
static void read_damon(int root, struct host *h)
{
	static const char *const modules[] = { "damon_stat", "damon_reclaim", "damon_lru_sort" };
	char path[64], text[8];
	uint64_t n;
	int rc = file_read_number(root, "sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", INT_MAX,
				  &n);

	h->kdamonds = rc ? why_unread(root, "sys/kernel/mm", rc) : (int)n;
	for (size_t i = 0; h->kdamonds != HOST_ABSENT && i < sizeof(modules) / sizeof(modules[0]);
	     i++) {
		snprintf(path, sizeof(path), "sys/module/%s/parameters/enabled", modules[i]);
		rc = file_read_line(root, path, text, sizeof(text));
		if (!rc && *text == 'Y')
			h->damon_module = modules[i];
		else if (rc && why_unread(root, "sys/module", rc) == HOST_UNREAD)
			h->kdamonds = HOST_UNREAD;
	}
}

/* Make system calls that do nothing, to see whether they are permitted. */
static void try_calls(struct host *h)
{
	struct nodeset none = { 0 }, to = nodeset_and(h->topology.memory, &h->topology.allowed);
	struct finder_means means;
	int fd;

	h->call.move_pages = sys_locate(0, 0, NULL, NULL);
	h->call.move_all = sys_move(0, 0, NULL, NULL, NULL, true);
	/* From no node to an allowed one. */
	if (!nodeset_empty(&to))
		to = nodeset_range(nodeset_next(&to, 0), nodeset_next(&to, 0));
	h->call.migrate_pages = (int)sys_migrate(0, &none, &to);
	fd = sys_pidfd(getpid());
	h->call.pidfd_open = fd < 0 ? fd : 0;
	if (fd >= 0)
		close(fd);
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	h->pagemap = HOST_NO_PAGEMAP;
	if (fd >= 0) {
		finder_probe(&means, fd);
		h->pagemap = means.has_ioctl ? HOST_SCAN : HOST_NO_SCAN;
		close(fd);
	}
}

int host_read(struct host *h, const char *root)
{
	int rc, dir;

	memset(h, 0, sizeof(*h));
	rc = topology_read(&h->topology, root);
	if (rc && rc != -ENOSYS)
		return rc;
	dir = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	h->no_sys = rc && why_unread(dir, "sys/devices/system", -ENOENT) == HOST_UNREAD;
	read_nodes(dir, h);
	read_tiers(dir, h);
	read_settings(dir, h);
	read_damon(dir, h);
	close(dir);

	try_calls(h);
	h->held.sys_nice = sys_is_capable(CAP_SYS_NICE);
	h->held.sys_ptrace = sys_is_capable(CAP_SYS_PTRACE);
	h->held.dac_read_search = sys_is_capable(CAP_DAC_READ_SEARCH);
	h->held.dac_override = sys_is_capable(CAP_DAC_OVERRIDE);
	return 0;
}
