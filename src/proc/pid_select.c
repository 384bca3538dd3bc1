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

enum {
	STAT_PARENT = 4,
	PIDS_SEARCHED = 64,
	PID_END = 4194304 /* PID_MAX_LIMIT of 64-bit kernels */
};

bool pid_list_has(const struct pid_list *list, pid_t pid)
{
	size_t i = 0;

	if (list->has)
		return pid <= PID_END && list->has[pid / CHAR_BIT] >> pid % CHAR_BIT & 1;
	while (i < list->n && list->pid[i] != pid)
		i++;
	return i < list->n;
}

int pid_list_add(struct pid_list *list, pid_t pid)
{
	pid_t *grown;

	if (pid > PID_END)
		return -ERANGE;
	if (pid_list_has(list, pid))
		return 0;
	grown = array_room(list->pid, list->n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->pid = grown;
	list->pid[list->n++] = pid;
	if (list->n < PIDS_SEARCHED)
		return 0;
	if (!list->has) {
		list->has = calloc(PID_END / CHAR_BIT + 1, 1);
		if (!list->has)
			return -ENOMEM;
		for (size_t i = 0; i < list->n; i++)
			list->has[list->pid[i] / CHAR_BIT] |= (unsigned char)(1U
									      << list->pid[i] %
											 CHAR_BIT);
	}
	list->has[pid / CHAR_BIT] |= (unsigned char)(1U << pid % CHAR_BIT);
	return 0;
}

void pid_list_free(struct pid_list *list)
{
	free(list->pid);
	free(list->has);
	*list = (struct pid_list){ 0 };
}

int pid_list_parse(const char *text, size_t len, pid_t max, bool loose, struct pid_list *list,
		   struct pid_error *err)
{
	struct text_part rest = { text, len }, word = { text, 0 };
	int rc = 0;

	*list = (struct pid_list){ 0 };
	while (!rc &&
	       (loose ? text_word(&rest, " \t\r\n,", &word) : text_split(&rest, ',', &word))) {
		uint64_t pid = 0;

		rc = number_parse(word.at, word.len, (uint64_t)max, &pid);
		err->too_large = rc == -ERANGE;
		rc = rc || pid == 0 ? -EINVAL : pid_list_add(list, (pid_t)pid);
	}
	if (rc)
		pid_list_free(list);
	if (rc == -EINVAL) {
		err->offset = (size_t)(word.at - text);
		err->length = word.len;
		err->line = 1;
		for (size_t i = 0; i < err->offset; i++)
			err->line += text[i] == '\n';
	}
	return !rc && list->n == 0 ? -ENODATA : rc;
}

char *pid_error_format(const struct pid_error *err, const char *text, pid_t max, char *why)
{
	char bad[TEXT_NAME_MAX];

	text_escape(text + err->offset, err->length, bad, sizeof(bad));
	snprintf(why, PID_WHY_MAX,
		 err->too_large ? "'%s' is out of range: PIDs of this machine end at %d" :
				  "'%s' is no PID: a plain decimal number from 1 to %d",
		 bad, max);
	return why;
}

pid_t pid_max(void)
{
	uint64_t max;

	return file_read_number(AT_FDCWD, "/proc/sys/kernel/pid_max", PID_END, &max) ? PID_END :
										       (pid_t)max;
}

static int add_all(struct pid_list *list, const struct pid_list *more)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < more->n; i++)
		rc = pid_list_add(list, more->pid[i]);
	return rc;
}

static int find_in_input(struct pid_list *list, struct text_line *why)
{
	pid_t max = pid_max();
	struct pid_error error = { 0 };
	char line[PID_WHY_MAX], *text;
	size_t len;
	int rc = file_read_fd(STDIN_FILENO, &text, &len);

	if (!rc)
		rc = pid_list_parse(text, len, max, true, list, &error);
	if (rc == -ENODATA)
		text_add(why, "standard input: there is no PID in it");
	else if (rc == -EINVAL && error.length)
		text_add(why, "standard input:%zu: %s", error.line,
			 pid_error_format(&error, text, max, line));
	else if (rc)
		text_add(why, "standard input: %s", strerror(-rc));
	free(text);
	return rc;
}

/* ---- descendants ---- */

static int by_parent(const void *x, const void *y)
{
	const struct kinship *a = x, *b = y;

	return a->parent != b->parent ? a->parent - b->parent : a->child - b->child;
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

/* Add the descendants of all members, by the parent of every process that /proc shows. */
static int find_trees(struct members *m, struct text_line *why)
{
	DIR *dir = opendir("/proc");
	struct kinship *kin = NULL, *grown;
	size_t n = 0;
	int pid, rc = dir ? 0 : -errno;

	/* The id of a thread denotes its process; one that is gone is reported in its turn. */
	for (size_t i = 0; !rc && i < m->all.n; i++) {
		pid = process_of(m->all.pid[i]);
		rc = pid > 0 ? pid_list_add(&m->named, pid) : 0;
	}
	if (!rc)
		rc = add_all(&m->all, &m->named);
	while (!rc && (pid = pid_next(dir))) {
		char path[64], buf[1024];
		uint64_t parent;
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		len = file_read(AT_FDCWD, path, buf, sizeof(buf));
		if (len < 0 || process_parse_stat_field(buf, (size_t)len, STAT_PARENT, &parent) ||
		    parent > INT_MAX)
			continue;
		grown = array_room(kin, n, sizeof(*grown));
		rc = grown ? 0 : -ENOMEM;
		if (!grown)
			break;
		kin = grown;
		kin[n++] = (struct kinship){ (pid_t)parent, pid };
	}
	if (dir)
		closedir(dir);
	if (!rc)
		rc = members_add_descendants(&m->all, kin, n);
	if (rc)
		text_add(why, "--tree: /proc: %s", strerror(-rc));
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

static int find_in_cgroup(struct members *m, const char *cgroup, struct text_line *why)
{
	char name[TEXT_NAME_MAX], *directory = strdup(cgroup);
	bool found = is_cgroup(cgroup);
	struct file_lines mounts = { 0 };
	int rc = directory ? 0 : -ENOMEM;

	text_name(cgroup, name, sizeof(name));
	if (found && !rc)
		rc = add_cgroups(m, directory);
	else /* A name, which may be that of a cgroup in several hierarchies. */
		file_lines_open(&mounts, AT_FDCWD, "/proc/self/mountinfo");
	while (!rc && file_lines_next(&mounts)) {
		free(directory);
		directory = members_cgroup_directory(mounts.line, cgroup);
		if (directory && is_cgroup(directory)) {
			found = true;
			rc = add_cgroups(m, directory);
		}
	}
	rc = file_lines_close(&mounts, rc);
	free(directory);
	if (!rc && !found)
		rc = -ENOENT;
	if (rc == -ENOENT)
		text_add(why,
			 "--cgroup: '%s' is no cgroup: give its directory, /sys/fs/cgroup/..., or "
			 "its name as in /proc/PID/cgroup, /system.slice/...",
			 name);
	else if (rc)
		text_add(why, "--cgroup: '%s': %s", name, strerror(-rc));
	else if (m->all.n == 0 && m->unseen)
		text_add(
			why,
			"--cgroup: there is no process in '%s' that can be seen from here; outside "
			"of this PID namespace: %zu; run this on the host",
			name, m->unseen);
	else if (m->all.n == 0)
		text_add(why, "--cgroup: there is no process in '%s'", name);
	return !rc && m->all.n == 0 ? -ENODATA : rc;
}

/* ---- all together ---- */

int members_find(const struct pid_source *from, struct members *m, struct text_line *why)
{
	size_t kept = 0;
	int rc = add_all(&m->named, &from->pids);

	if (!rc)
		rc = add_all(&m->all, &from->pids);
	if (rc)
		text_add(why, "%s", strerror(-rc));
	if (!rc && from->input)
		rc = find_in_input(&m->all, why);
	if (!rc && from->cgroup)
		rc = find_in_cgroup(m, from->cgroup, why);
	if (!rc && from->tree)
		rc = find_trees(m, why);
	if (rc)
		return rc;
	/* The pages of this process come and go while it works: only a PID selects them. */
	for (size_t i = 0; i < m->all.n; i++)
		if (m->all.pid[i] != getpid() || pid_list_has(&m->named, getpid()))
			m->all.pid[kept++] = m->all.pid[i];
	m->all.n = kept;
	if (kept)
		return 0;
	text_add(why, "there is no process but this one");
	return -ENODATA;
}

/* A process and its memory that others can map, too. */
struct weighed {
	uint64_t shared;
	size_t place;
	pid_t pid;
};

static int by_weight(const void *x, const void *y)
{
	const struct weighed *a = x, *b = y;
	bool first = a->shared != b->shared ? a->shared > b->shared : a->place < b->place;

	return first ? -1 : 1;
}

int members_order(struct members *m)
{
	struct weighed *w = calloc(m->all.n + 1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	for (size_t i = 0; i < m->all.n; i++) {
		uint64_t shared = UINT64_MAX;
		char *status;

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
