/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/pid_select.h"

#include "proc/process.h"
#include "proc/status.h"
#include "util/array.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAT_PARENT = 4 };

static int add_all(struct pid_list *list, const struct pid_list *more)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < more->n; i++)
		rc = pid_list_add(list, more->pid[i]);
	return rc;
}

static int find_in_input(struct pid_list *list, char *why)
{
	pid_t max = pid_max();
	struct pid_error error = { 0 };
	char line[PID_WHY_MAX], *text;
	size_t len;
	int rc = file_read_fd(STDIN_FILENO, &text, &len);

	if (!rc)
		rc = pid_list_parse(text, len, max, true, list, &error);
	if (rc == -ENODATA)
		snprintf(why, MEMBERS_WHY_MAX, "standard input: there is no PID in it");
	else if (rc == -EINVAL && error.length)
		snprintf(why, MEMBERS_WHY_MAX, "standard input:%zu: %s", error.line,
			 pid_error_format(&error, text, max, line));
	else if (rc)
		snprintf(why, MEMBERS_WHY_MAX, "standard input: %s", strerror(-rc));
	free(text);
	return rc;
}

/* ---- descendants ---- */

static int by_parent(const void *x, const void *y)
{
	const struct kinship *a = x, *b = y;

	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	return a->child < b->child ? -1 : a->child > b->child;
}

int members_add_descendants(struct pid_list *list, struct kinship *kin, size_t n)
{
	int rc = 0;

	if (n)
		qsort(kin, n, sizeof(*kin), by_parent);
	for (size_t i = 0; !rc && i < list->n; i++) {
		const pid_t parent = list->pid[i];
		size_t low = 0, high = n;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (kin[middle].parent < parent)
				low = middle + 1;
			else
				high = middle;
		}
		for (; !rc && low < n && kin[low].parent == parent; low++)
			rc = pid_list_add(list, kin[low].child);
	}
	return rc;
}

/* Every process that /proc shows, with its parent.  Who exits meanwhile is passed over. */
static int read_kinship(struct kinship **kin, size_t *n)
{
	DIR *dir = opendir("/proc");
	int rc = dir ? 0 : -errno;
	pid_t pid;

	while (!rc && (pid = pid_next(dir))) {
		struct kinship *grown;
		char path[64], buf[1024];
		uint64_t parent;
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		len = file_read(AT_FDCWD, path, buf, sizeof(buf));
		if (len < 0 || process_parse_stat_field(buf, (size_t)len, STAT_PARENT, &parent) ||
		    parent > INT_MAX)
			continue;
		grown = array_room(*kin, *n, sizeof(*grown));
		rc = grown ? 0 : -ENOMEM;
		if (!rc) {
			*kin = grown;
			grown[(*n)++] = (struct kinship){ (pid_t)parent, pid };
		}
	}
	if (dir)
		closedir(dir);
	return rc;
}

/* A thread's id stands for its process; who is gone already is told so when it is its turn. */
static int find_trees(struct members *m, char *why)
{
	struct kinship *kin = NULL;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < m->all.n; i++) {
		int pid = process_of(m->all.pid[i]);

		rc = pid > 0 ? pid_list_add(&m->named, pid) : 0;
	}
	if (!rc)
		rc = add_all(&m->all, &m->named);
	if (!rc)
		rc = read_kinship(&kin, &n);
	if (!rc)
		rc = members_add_descendants(&m->all, kin, n);
	if (rc)
		snprintf(why, MEMBERS_WHY_MAX, "--tree: /proc: %s", strerror(-rc));
	free(kin);
	return rc;
}

/* ---- a cgroup ---- */

char *members_cgroup_directory(const char *line, const char *path)
{
	char *root = NULL, *mount = NULL, *directory = NULL;
	bool is_mount = strstr(line, " - cgroup2 ") || strstr(line, " - cgroup ");

	if (is_mount && sscanf(line, "%*s %*s %*s %ms %ms", &root, &mount) == 2) {
		size_t len;

		root[text_unescape(root, strlen(root))] = '\0';
		mount[text_unescape(mount, strlen(mount))] = '\0';
		len = strcmp(root, "/") == 0 ? 0 : strlen(root);
		if (strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0') &&
		    asprintf(&directory, "%s%s", mount, path + len) < 0)
			directory = NULL;
	}
	free(root);
	free(mount);
	return directory;
}

/* The PIDs in a file; 0 is one that this PID namespace does not have. */
static int add_from_file(struct members *m, const char *directory, const char *file)
{
	struct text_part rest = { 0 }, line;
	char path[PATH_MAX], *text;
	uint64_t pid;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	rc = file_read_all(AT_FDCWD, path, &text, &rest.len);
	rest.at = text;
	while (!rc && rest.len && text_split(&rest, '\n', &line)) {
		if (number_parse(line.at, line.len, INT_MAX, &pid))
			continue;
		if (pid)
			rc = pid_list_add(&m->all, (pid_t)pid);
		else
			m->unseen++;
	}
	free(text);
	return rc;
}

static bool is_cgroup(const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	return access(path, F_OK) == 0;
}

/* A cgroup and all below it, where cgroups come and go. */
static int add_cgroups(struct members *m, char *directory)
{
	FTS *walk = fts_open((char *[]){ directory, NULL }, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV,
			     NULL);
	const FTSENT *entry;
	int rc = walk ? 0 : -errno;

	while (!rc && (entry = fts_read(walk))) {
		if (entry->fts_info != FTS_D)
			continue;
		rc = add_from_file(m, entry->fts_accpath, "cgroup.procs");
		if (rc == -EOPNOTSUPP) /* a threaded one */
			rc = add_from_file(m, entry->fts_accpath, "cgroup.threads");
		if (entry->fts_level > FTS_ROOTLEVEL && (rc == -ENOENT || rc == -ENODEV))
			rc = 0;
	}
	if (walk)
		fts_close(walk);
	return rc;
}

/* By its name, which may be that of a cgroup in several hierarchies. */
static int add_by_name(struct members *m, const char *name, bool *found)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;
	int rc = f ? 0 : -errno;

	while (!rc && getline(&line, &size, f) > 0) {
		char *directory = members_cgroup_directory(line, name);

		if (directory && is_cgroup(directory)) {
			*found = true;
			rc = add_cgroups(m, directory);
		}
		free(directory);
	}
	free(line);
	if (f)
		fclose(f);
	return rc;
}

static int find_in_cgroup(struct members *m, const char *cgroup, char *why)
{
	char name[TEXT_NAME_MAX], *directory = strdup(cgroup);
	bool found = is_cgroup(cgroup);
	int rc = -ENOMEM;

	text_name(cgroup, name, sizeof(name));
	if (directory)
		rc = found ? add_cgroups(m, directory) : add_by_name(m, cgroup, &found);
	free(directory);
	if (!rc && !found)
		rc = -ENOENT;
	if (rc == -ENOENT)
		snprintf(why, MEMBERS_WHY_MAX,
			 "--cgroup: '%s' is no cgroup: give its directory, "
			 "/sys/fs/cgroup/..., or its name as in /proc/PID/cgroup, "
			 "/system.slice/...",
			 name);
	else if (rc)
		snprintf(why, MEMBERS_WHY_MAX, "--cgroup: '%s': %s", name, strerror(-rc));
	else if (m->all.n == 0 && m->unseen)
		snprintf(why, MEMBERS_WHY_MAX,
			 "--cgroup: there is no process in '%s' that can be "
			 "seen from here; outside of this PID namespace: %zu; run this on the host",
			 name, m->unseen);
	else if (m->all.n == 0)
		snprintf(why, MEMBERS_WHY_MAX, "--cgroup: there is no process in '%s'", name);
	return !rc && m->all.n == 0 ? -ENODATA : rc;
}

/* ---- all together ---- */

int members_find(const struct pid_source *from, struct members *m, char *why)
{
	size_t kept = 0;
	int rc = add_all(&m->named, &from->pids);

	if (!rc)
		rc = add_all(&m->all, &from->pids);
	if (rc)
		snprintf(why, MEMBERS_WHY_MAX, "%s", strerror(-rc));
	if (!rc && from->input)
		rc = find_in_input(&m->all, why);
	if (!rc && from->cgroup)
		rc = find_in_cgroup(m, from->cgroup, why);
	if (!rc && from->tree)
		rc = find_trees(m, why);
	if (rc)
		return rc;
	/* Its own pages come and go while it works: who means them has to name it. */
	for (size_t i = 0; i < m->all.n; i++)
		if (m->all.pid[i] != getpid() || pid_list_has(&m->named, getpid()))
			m->all.pid[kept++] = m->all.pid[i];
	m->all.n = kept;
	if (kept)
		return 0;
	snprintf(why, MEMBERS_WHY_MAX, "there is no process but this one");
	return -ENODATA;
}

struct weighed {
	uint64_t bytes;
	size_t place;
	pid_t pid;
};

static int by_weight(const void *x, const void *y)
{
	const struct weighed *a = x, *b = y;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

int members_order(struct members *m)
{
	struct weighed *w = calloc(m->all.n + 1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	for (size_t i = 0; i < m->all.n; i++) {
		uint64_t shared = UINT64_MAX;
		char *status;

		/* What others can map, too. */
		if (status_text(m->all.pid[i], &status) == 0)
			shared = status_sum(status, "RssShmem HugetlbPages");
		free(status);
		w[i] = (struct weighed){ shared == UINT64_MAX ? 0 : shared, i, m->all.pid[i] };
	}
	qsort(w, m->all.n, sizeof(*w), by_weight);
	for (size_t i = 0; i < m->all.n; i++)
		m->all.pid[i] = w[i].pid;
	free(w);
	return 0;
}

void members_free(struct members *m)
{
	pid_list_free(&m->all);
	pid_list_free(&m->named);
}
