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

	*text = NULL;
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return file_read_all(AT_FDCWD, path, text, len);
}

static int list_read(const char *root, const char *name, unsigned long *word, size_t words)
{
	char *text;
	size_t len;
	int rc = root_read(root, name, &text, &len);

	if (rc)
		return rc;
	rc = bits_parse_list(word, words, text, len) ? -EBADMSG : 0;
	free(text);
	return rc;
}

int topology_parse_allowed(const char *status, size_t len, struct nodeset *nodes)
{
	int rc = bits_parse_field(BITS(nodes), status, len, "Mems_allowed_list");

	if (rc == -ENOENT)
		*nodes = nodeset_all();
	return rc && rc != -ENOENT ? -EBADMSG : 0;
}

int topology_read(struct topology *t, const char *root)
{
	const struct {
		const char *name;
		struct nodeset *set;
		bool needed; /* must list at least one node */
	} files[] = {
		{ NODE_DIR "/online", &t->online, true },
		{ NODE_DIR "/has_memory", &t->memory, true },
		{ NODE_DIR "/has_cpu", &t->cpu, false },
	};
	char *text;
	size_t len;
	int rc = 0;

	*t = (struct topology){ .failed = NULL };
	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(files[0]); i++) {
		t->failed = files[i].name;
		rc = list_read(root, files[i].name, BITS(files[i].set));
		if (rc == -ENOENT || rc == -ENOTDIR)
			rc = -ENOSYS;
		*files[i].set = nodeset_and(*files[i].set, &t->online);
		if (!rc && files[i].needed && nodeset_empty(files[i].set))
			rc = -EBADMSG;
	}
	if (!rc) {
		t->failed = "/proc/self/status";
		rc = root_read(root, t->failed, &text, &len);
		if (!rc)
			rc = topology_parse_allowed(text, len, &t->allowed);
		free(text);
	}
	*t = rc ? (struct topology){ .failed = t->failed } : *t;
	t->failed = rc ? t->failed : NULL;
	return rc;
}

/* Read the CPUs of a node; a node that went offline has none. */
static int node_cpus(const char *root, int node, struct cpuset *cpus)
{
	char name[sizeof(NODE_DIR) + 32];
	int rc;

	snprintf(name, sizeof(name), NODE_DIR "/node%d/cpulist", node);
	*cpus = (struct cpuset){ 0 };
	rc = list_read(root, name, BITS(cpus));
	return rc == -ENOENT ? 0 : rc;
}

int topology_cpu_nodes(const struct topology *t, const char *root, const struct cpuset *cpus,
		       struct nodeset *nodes)
{
	struct cpuset near;

	*nodes = (struct nodeset){ 0 };
	for (int n = nodeset_next(&t->memory, 0); n >= 0; n = nodeset_next(&t->memory, n + 1)) {
		int rc = node_cpus(root, n, &near);

		if (rc)
			return rc;
		if (bits_intersect(BITS(&near), cpus->word))
			nodeset_add(nodes, n);
	}
	return 0;
}

int topology_node_cpus(const char *root, const struct nodeset *nodes, struct cpuset *cpus)
{
	struct cpuset near;
	int rc = 0;

	*cpus = (struct cpuset){ 0 };
	for (int n = nodeset_next(nodes, 0); !rc && n >= 0; n = nodeset_next(nodes, n + 1)) {
		rc = node_cpus(root, n, &near);
		if (!rc)
			bits_or(BITS(cpus), near.word);
	}
	return rc;
}
