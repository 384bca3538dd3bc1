/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/check.h"

#include "engine/finder.h"
#include "proc/headroom.h"
#include "proc/access.h"
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

/* A file that is not there means that the kernel has none only if its directory is there. */
static int why_unread(int root, const char *directory, int rc)
{
	return rc == -ENOENT && faccessat(root, directory, X_OK, AT_EACCESS) == 0 ? HOST_ABSENT :
										    HOST_UNREAD;
}

static void read_nodes(int root, struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;
	char path[64], meminfo[8192], *zoneinfo;
	struct headroom headroom;
	size_t len;
	int rc = file_read_all(root, "proc/zoneinfo", &zoneinfo, &len);

	if (!rc)
		rc = headroom_parse(&headroom, zoneinfo, len, (uint64_t)sysconf(_SC_PAGESIZE));
	free(zoneinfo);
	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		struct host_node *node = &h->node[n];

		node->total = node->free = HOST_UNKNOWN;
		node->room = rc ? HOST_UNKNOWN : headroom.bytes[n];
		node->tier = HOST_ABSENT;
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", n);
		file_read(root, path, meminfo, sizeof(meminfo));
		snprintf(path, sizeof(path), "Node %d MemTotal", n);
		number_find_kib(meminfo, path, &node->total);
		snprintf(path, sizeof(path), "Node %d MemFree", n);
		number_find_kib(meminfo, path, &node->free);
	}
}

/* Each tier is a directory, "memory_tier4", with the list of its nodes. */
static void read_tiers(int root, struct host *h)
{
	static const char prefix[] = "memory_tier";
	int fd = openat(root, "sys/devices/virtual/memory_tiering",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	h->no_tiers = fd < 0 && why_unread(root, "sys/devices/virtual", -errno) == HOST_UNREAD;
	while (dir && (entry = readdir(dir))) {
		char path[NAME_MAX + sizeof("/nodelist")], text[NODES_TEXT_MAX];
		const char *digits = entry->d_name + strlen(prefix);
		struct nodeset set = { 0 };
		uint64_t tier;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    number_parse(digits, strlen(digits), INT_MAX - 1, &tier))
			continue;
		snprintf(path, sizeof(path), "%s/nodelist", entry->d_name);
		file_read_line(fd, path, text, sizeof(text));
		nodeset_parse_list(text, strlen(text), &set);
		for (int n = nodeset_next(&set, 0); n >= 0; n = nodeset_next(&set, n + 1))
			h->node[n].tier = (int)tier;
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

int host_read(struct host *h, const char *root)
{
	char text[8192], *status;
	const char *word;
	uint64_t n;
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

	rc = file_read_number(dir, "proc/sys/kernel/numa_balancing", INT_MAX, &n);
	h->numa_balancing = rc ? why_unread(dir, "proc/sys/kernel", rc) : (int)n;

	rc = file_read_line(dir, "sys/kernel/mm/numa/demotion_enabled", text, sizeof(text));
	h->demotion = rc ? why_unread(dir, "sys/kernel/mm", rc) : strcmp(text, "true") == 0;

	/* The word in brackets of "always [madvise] never". */
	rc = file_read_line(dir, "sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
	if (rc && why_unread(dir, "sys/kernel/mm", rc) == HOST_UNREAD)
		strcpy(h->huge_pages, "?");
	word = text + strcspn(text, "[");
	if (*word)
		snprintf(h->huge_pages, sizeof(h->huge_pages), "%.*s", (int)strcspn(word + 1, "]"),
			 word + 1);

	if (file_read(dir, "proc/meminfo", text, sizeof(text)) <= 0)
		h->swap_total = HOST_UNKNOWN;
	number_find_kib(text, "SwapTotal", &h->swap_total);
	number_find_kib(text, "SwapFree", &h->swap_free);

	status = file_read_text(dir, "proc/self/status");
	h->filtered = status && access_parse_filter(status);
	free(status);
	close(dir);
	return 0;
}

void host_try(struct host *h)
{
	const struct nodeset usable = nodeset_and(h->topology.memory, &h->topology.allowed);
	struct nodeset from = { 0 }, to = { 0 };
	int fd, node = nodeset_next(&usable, 0);
	struct finder_means means;

	h->call.move_pages = sys_locate(0, 0, NULL, NULL);
	h->call.move_all = sys_move(0, 0, NULL, NULL, NULL, true);
	/* From no node to one that is allowed. */
	if (node >= 0)
		nodeset_add(&to, node);
	h->call.migrate_pages = (int)sys_migrate(0, &from, &to);
	fd = sys_pidfd(getpid());
	h->call.pidfd_open = fd < 0 ? fd : 0;
	if (fd >= 0)
		close(fd);
	h->pagemap = HOST_NO_PAGEMAP;
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		finder_probe(&means, fd);
		h->pagemap = means.has_ioctl ? HOST_SCAN : HOST_NO_SCAN;
		close(fd);
	}
	h->held.sys_nice = sys_is_capable(CAP_SYS_NICE);
	h->held.sys_ptrace = sys_is_capable(CAP_SYS_PTRACE);
	h->held.dac_read_search = sys_is_capable(CAP_DAC_READ_SEARCH);
	h->held.dac_override = sys_is_capable(CAP_DAC_OVERRIDE);
}
