/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "readfile.h"
#include "topology.h"

#define NODE_DIR "/sys/devices/system/node"

static int root_read(const char *root, const char *name, char **text, size_t *len)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s", root, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return readfile_all(AT_FDCWD, path, text, len);
}

static int list_read(const char *root, const char *name, struct bitmask *set)
{
	char *text;
	size_t len;
	int ret = root_read(root, name, &text, &len);

	if (ret)
		return ret;
	if (nodes_parse_list(text, len, set))
		ret = -EBADMSG;
	free(text);
	return ret;
}

static int status_sets(const char *text, size_t len, struct bitmask *mems,
		       struct bitmask *cpus)
{
	int ret = mems ? status_parse_list(text, len, "Mems_allowed_list", mems) : 0;

	if (ret == -ENOENT)
		nodes_fill(mems);
	else if (ret)
		return -EBADMSG;
	if (cpus && status_parse_list(text, len, "Cpus_allowed_list", cpus))
		return -EBADMSG;
	return 0;
}

int status_read(int dirfd, struct bitmask *mems, struct bitmask *cpus)
{
	char *text;
	size_t len;
	int ret = readfile_all(dirfd, "status", &text, &len);

	if (ret)
		return ret;
	ret = status_sets(text, len, mems, cpus);
	free(text);
	return ret;
}

/* --- this machine --- */

static int topology_alloc(struct topology *t)
{
	t->online = nodes_alloc();
	t->memory = nodes_alloc();
	t->cpu = nodes_alloc();
	t->allowed = nodes_alloc();
	return t->online && t->memory && t->cpu && t->allowed ? 0 : -ENOMEM;
}

static int nodes_read(struct topology *t, const char *root)
{
	const struct {
		const char *name;
		struct bitmask *set;
		bool needed; /* lists at least one node */
	} files[] = {
		{ NODE_DIR "/online", t->online, true },
		{ NODE_DIR "/has_memory", t->memory, true },
		{ NODE_DIR "/has_cpu", t->cpu, false },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int ret = list_read(root, files[i].name, files[i].set);

		t->failed = files[i].name;
		if (ret)
			return ret == -ENOENT || ret == -ENOTDIR ? -ENOSYS : ret;
		nodes_and(files[i].set, t->online);
		if (files[i].needed && nodes_empty(files[i].set))
			return -EBADMSG;
	}
	return 0;
}

static int allowed_read(struct topology *t, const char *root)
{
	char *text;
	size_t len;
	int ret;

	t->failed = "/proc/self/status";
	ret = root_read(root, t->failed, &text, &len);
	if (ret)
		return ret;
	ret = status_sets(text, len, t->allowed, NULL);
	free(text);
	return ret;
}

int topology_read(struct topology *t, const char *root)
{
	const char *failed;
	int ret;

	memset(t, 0, sizeof(*t));
	ret = topology_alloc(t);
	if (!ret)
		ret = nodes_read(t, root);
	if (!ret)
		ret = allowed_read(t, root);
	failed = ret ? t->failed : NULL;
	if (ret)
		topology_free(t);
	t->failed = failed;
	return ret;
}

int topology_none(struct topology *t)
{
	int ret;

	memset(t, 0, sizeof(*t));
	ret = topology_alloc(t);
	if (ret)
		topology_free(t);
	return ret;
}

void topology_free(struct topology *t)
{
	numa_bitmask_free(t->online);
	numa_bitmask_free(t->memory);
	numa_bitmask_free(t->cpu);
	numa_bitmask_free(t->allowed);
	memset(t, 0, sizeof(*t));
}

/* Whether cpus holds a CPU of the node; a node that has just gone has none. */
static int node_has_cpu(const char *root, int node, const struct bitmask *cpus,
			struct bitmask *scratch)
{
	char name[sizeof(NODE_DIR) + 32];
	int ret;

	snprintf(name, sizeof(name), NODE_DIR "/node%d/cpulist", node);
	ret = list_read(root, name, scratch);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return nodes_intersect(scratch, cpus);
}

int topology_cpu_nodes(const struct topology *t, const char *root,
		       const struct bitmask *cpus, struct bitmask *nodes)
{
	struct bitmask *scratch = cpus_alloc();
	int ret = 0;

	if (!scratch)
		return -ENOMEM;
	numa_bitmask_clearall(nodes);
	for (int n = nodes_next(t->memory, 0); n >= 0; n = nodes_next(t->memory, n + 1)) {
		ret = node_has_cpu(root, n, cpus, scratch);
		if (ret < 0)
			goto out;
		if (ret)
			numa_bitmask_setbit(nodes, (unsigned int)n);
	}
	ret = 0;
out:
	numa_bitmask_free(scratch);
	return ret;
}
