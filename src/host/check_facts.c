/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check_facts.h"

#include "engine/finder.h"
#include "proc/headroom.h"
#include "proc/rights.h"
#include "proc/syscalls.h"
#include "util/file.h"
#include "util/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIERS_DIR "sys/devices/virtual/memory_tiering"

/* ---- files ---- */

/* A file that is not there means that the kernel has none only if its directory is there. */
static int why_unread(int root, const char *directory, int rc)
{
	return rc == -ENOENT && faccessat(root, directory, X_OK, AT_EACCESS) == 0 ? HOST_ABSENT :
										    HOST_UNREAD;
}

static void read_node(int root, int node, struct host_node *n)
{
	char path[64], text[8192];

	*n = (struct host_node){ HOST_UNKNOWN, HOST_UNKNOWN, HOST_UNKNOWN, -1 };
	snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", node);
	file_read(root, path, text, sizeof(text));
	number_find_kib(text, " MemTotal:", &n->total);
	number_find_kib(text, " MemFree:", &n->free);
}

static void read_nodes(int root, struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;

	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1))
		read_node(root, n, &h->node[n]);
}

static void read_rooms(int root, struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;
	struct headroom *room = malloc(sizeof(*room));
	char *text = NULL;
	size_t len;
	int rc = room ? file_read_all(root, "proc/zoneinfo", &text, &len) : -ENOMEM;

	if (!rc)
		rc = headroom_parse(room, text, len, (uint64_t)sysconf(_SC_PAGESIZE));
	for (int n = nodeset_next(memory, 0); !rc && n >= 0; n = nodeset_next(memory, n + 1))
		h->node[n].room = room->bytes[n];
	free(text);
	free(room);
}

/* "memory_tier4", with the nodes that are in it. */
static void read_tier(int dir, const char *name, struct host *h)
{
	static const char prefix[] = "memory_tier";
	char path[NAME_MAX + sizeof("/nodelist")], text[NODES_TEXT_MAX];
	const char *digits = name + strlen(prefix);
	struct nodeset set;
	uint64_t tier;

	if (strncmp(name, prefix, strlen(prefix)) != 0 ||
	    number_parse(digits, strlen(digits), INT_MAX, &tier))
		return;
	snprintf(path, sizeof(path), "%s/nodelist", name);
	file_read_line(dir, path, text, sizeof(text));
	set = (struct nodeset){ 0 };
	nodeset_parse_list(text, strlen(text), &set);
	for (int n = nodeset_next(&set, 0); n >= 0; n = nodeset_next(&set, n + 1))
		h->node[n].tier = (int)tier;
}

static void read_tiers(int root, struct host *h)
{
	int fd = openat(root, TIERS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	h->no_tiers = fd < 0 && why_unread(root, "sys/devices/virtual", -errno) == HOST_UNREAD;
	while (dir && (entry = readdir(dir)))
		read_tier(fd, entry->d_name, h);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

static int read_setting(int root, const char *path)
{
	uint64_t n;
	int rc = file_read_number(root, path, INT_MAX, &n);

	return rc ? why_unread(root, "proc/sys/kernel", rc) : (int)n;
}

static int read_demotion(int root)
{
	char text[16];
	int rc = file_read_line(root, "sys/kernel/mm/numa/demotion_enabled", text, sizeof(text));

	return rc ? why_unread(root, "sys/kernel/mm", rc) : strcmp(text, "true") == 0;
}

/* The word in brackets of "always [madvise] never". */
static void read_huge_pages(int root, struct host *h)
{
	char text[64];
	const char *word;
	int rc = file_read_line(root, "sys/kernel/mm/transparent_hugepage/enabled", text,
				sizeof(text));

	if (rc && why_unread(root, "sys/kernel/mm", rc) == HOST_UNREAD)
		strcpy(h->huge_pages, "?");
	word = text + strcspn(text, "[");
	if (*word)
		snprintf(h->huge_pages, sizeof(h->huge_pages), "%.*s", (int)strcspn(word + 1, "]"),
			 word + 1);
}

static void read_swap(int root, struct host *h)
{
	char text[8192];

	if (file_read(root, "proc/meminfo", text, sizeof(text)) <= 0)
		h->swap_total = HOST_UNKNOWN;
	number_find_kib(text, "\nSwapTotal:", &h->swap_total);
	number_find_kib(text, "\nSwapFree:", &h->swap_free);
}

static bool read_filtered(int root)
{
	char *text = file_read_text(root, "proc/self/status");
	bool filtered = text && rights_parse_filter(text);

	free(text);
	return filtered;
}

static void read_files(int root, struct host *h)
{
	read_nodes(root, h);
	read_rooms(root, h);
	read_tiers(root, h);
	read_huge_pages(root, h);
	read_swap(root, h);
	h->filtered = read_filtered(root);
	h->numa_balancing = read_setting(root, "proc/sys/kernel/numa_balancing");
	h->demotion = read_demotion(root);
}

int host_read(struct host *h, const char *root)
{
	bool no_nodes;
	int rc, dir;

	memset(h, 0, sizeof(*h));
	rc = topology_read(&h->topology, root);
	no_nodes = rc == -ENOSYS;
	if (rc && !no_nodes)
		return rc;
	dir = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	h->no_sys = no_nodes && why_unread(dir, "sys/devices/system", -ENOENT) == HOST_UNREAD;
	read_files(dir, h);
	close(dir);
	return 0;
}

/* ---- calls ---- */

/* From no node to one that is allowed. */
static int try_migrate(const struct host *h)
{
	const struct nodeset usable = nodeset_and(h->topology.memory, &h->topology.allowed);
	const struct nodeset from = { { 0 } };
	int first = nodeset_next(&usable, 0);
	const struct nodeset to = first < 0 ? from : nodeset_range(first, first);

	return (int)sys_migrate(0, &from, &to);
}

static int try_pidfd(void)
{
	int fd = sys_pidfd(getpid());

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int try_pagemap(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	struct finder_means means;

	if (fd < 0)
		return HOST_NO_PAGEMAP;
	finder_probe(&means, fd);
	close(fd);
	return means.has_ioctl ? HOST_SCAN : HOST_NO_SCAN;
}

void host_try(struct host *h)
{
	h->move_pages = sys_locate(0, 0, NULL, NULL);
	h->move_all = sys_move(0, 0, NULL, NULL, NULL, true);
	h->migrate_pages = try_migrate(h);
	h->pidfd_open = try_pidfd();
	h->pagemap = try_pagemap();
	h->sys_nice = sys_is_capable(CAP_SYS_NICE);
	h->sys_ptrace = sys_is_capable(CAP_SYS_PTRACE);
	h->dac_read_search = sys_is_capable(CAP_DAC_READ_SEARCH);
	h->dac_override = sys_is_capable(CAP_DAC_OVERRIDE);
}
