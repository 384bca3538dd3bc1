/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numa/topology.h"
#include "util/file.h"

#define NODE_DIR "/sys/devices/system/node"

static int root_read(const char *root, const char *name, char **text, size_t *len)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s", root, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return file_read_all(AT_FDCWD, path, text, len);
}

static int list_read(const char *root, const char *name, struct bitmask *set)
{
	char *text;
	size_t len;
	int ret = root_read(root, name, &text, &len);

	if (ret)
		return ret;
	if (nodeset_parse_list(text, len, set))
		ret = -EBADMSG;
	free(text);
	return ret;
}

static int status_sets(const char *text, size_t len, struct bitmask *mems, struct bitmask *cpus)
{
	int ret = mems ? status_parse_list(text, len, "Mems_allowed_list", mems) : 0;

	if (ret == -ENOENT)
		nodeset_fill(mems);
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
	int ret = file_read_all(dirfd, "status", &text, &len);

	if (ret)
		return ret;
	ret = status_sets(text, len, mems, cpus);
	free(text);
	return ret;
}

/* --- this machine --- */

static int topology_alloc(struct topology *t)
{
	t->online = nodeset_alloc();
	t->memory = nodeset_alloc();
	t->cpu = nodeset_alloc();
	t->allowed = nodeset_alloc();
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
		nodeset_and(files[i].set, t->online);
		if (files[i].needed && nodeset_empty(files[i].set))
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

/* The CPUs of the node; a node that has just gone has none. */
static int node_cpus(const char *root, int node, struct bitmask *cpus)
{
	char name[sizeof(NODE_DIR) + 32];
	int ret;

	snprintf(name, sizeof(name), NODE_DIR "/node%d/cpulist", node);
	ret = list_read(root, name, cpus);
	if (ret == -ENOENT)
		numa_bitmask_clearall(cpus);
	return ret == -ENOENT ? 0 : ret;
}

/* Whether cpus holds a CPU of the node. */
static int node_has_cpu(const char *root, int node, const struct bitmask *cpus,
			struct bitmask *scratch)
{
	int ret = node_cpus(root, node, scratch);

	return ret ? ret : nodeset_intersect(scratch, cpus);
}

int topology_cpu_nodes(const struct topology *t, const char *root, const struct bitmask *cpus,
		       struct bitmask *nodes)
{
	struct bitmask *scratch = cpus_alloc();
	int ret = 0;

	if (!scratch)
		return -ENOMEM;
	numa_bitmask_clearall(nodes);
	for (int n = nodeset_next(t->memory, 0); n >= 0; n = nodeset_next(t->memory, n + 1)) {
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

int topology_node_cpus(const char *root, const struct bitmask *nodes, struct bitmask *cpus)
{
	struct bitmask *scratch = cpus_alloc();
	int ret = scratch ? 0 : -ENOMEM;

	numa_bitmask_clearall(cpus);
	for (int n = nodeset_next(nodes, 0); !ret && n >= 0; n = nodeset_next(nodes, n + 1)) {
		ret = node_cpus(root, n, scratch);
		if (!ret)
			nodeset_or(cpus, scratch);
	}
	numa_bitmask_free(scratch);
	return ret;
}
