/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/pid_select.h"

#include "util/array.h"
#include "util/number.h"
#include "util/text.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 64 << 20 }; /* more than the PIDs of any machine take */

static int add_all(struct pid_list *list, const struct pid_list *more)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < more->n; i++)
		rc = pid_list_add(list, more->pid[i]);
	return rc;
}

/* ---- standard input ---- */

static int read_input(char **text, size_t *len)
{
	size_t room = 0;
	ssize_t n = 1;

	for (*len = 0; n > 0 && *len < INPUT_MAX; *len += (size_t)n) {
		if (*len == room) {
			char *grown = realloc(*text, room = room ? 2 * room : 1 << 16);

			if (!grown)
				return -ENOMEM;
			*text = grown;
		}
		n = read(STDIN_FILENO, *text + *len, room - *len);
		if (n < 0)
			return -errno;
	}
	return *len < INPUT_MAX ? 0 : -EFBIG;
}

static int find_in_input(struct pid_list *list, char *why)
{
	pid_t max = process_pid_max();
	struct pid_error error = { 0 };
	char line[PID_WHY_MAX], *text = NULL;
	size_t len;
	int rc = read_input(&text, &len);

	if (!rc)
		rc = pid_list_parse_words(text, len, max, list, &error);
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

static size_t first_child(const struct kinship *kin, size_t n, pid_t parent)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (kin[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int members_add_descendants(struct pid_list *list, struct kinship *kin, size_t n)
{
	int rc = 0;

	if (n)
		qsort(kin, n, sizeof(*kin), by_parent);
	for (size_t i = 0; !rc && i < list->n; i++) {
		pid_t parent = list->pid[i];

		for (size_t k = first_child(kin, n, parent);
		     !rc && k < n && kin[k].parent == parent; k++)
			rc = pid_list_add(list, kin[k].child);
	}
	return rc;
}

/* Every process that /proc shows, with its parent.  Who exits meanwhile is passed over. */
static int read_kinship(struct kinship **kin, size_t *n)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	struct kinship *grown = NULL;
	uint64_t pid;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		pid_t parent;

		if (number_parse(entry->d_name, strlen(entry->d_name), INT_MAX, &pid) ||
		    process_parent((pid_t)pid, &parent))
			continue;
		grown = array_room(*kin, *n, sizeof(*grown));
		if (!grown)
			break;
		*kin = grown;
		grown[(*n)++] = (struct kinship){ parent, (pid_t)pid };
	}
	closedir(dir);
	return entry && !grown ? -ENOMEM : 0;
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
	bool is_cgroup = strstr(line, " - cgroup2 ") || strstr(line, " - cgroup ");
	size_t len;

	if (!is_cgroup || sscanf(line, "%*s %*s %*s %ms %ms", &root, &mount) != 2)
		goto out;
	root[text_unescape(root, strlen(root))] = '\0';
	mount[text_unescape(mount, strlen(mount))] = '\0';
	len = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0') &&
	    asprintf(&directory, "%s%s", mount, path + len) < 0)
		directory = NULL;
out:
	free(root);
	free(mount);
	return directory;
}

/* The PIDs in a file; 0 is one that this PID namespace does not have. */
static int add_from_file(struct members *m, const char *directory, const char *file)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	uint64_t pid;
	int rc = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	errno = 0;
	while (!rc && getline(&line, &size, f) > 0) {
		if (number_parse(line, strcspn(line, "\n"), INT_MAX, &pid))
			continue;
		if (pid)
			rc = pid_list_add(&m->all, (pid_t)pid);
		else
			m->unseen++;
	}
	if (!rc && ferror(f))
		rc = -errno;
	free(line);
	fclose(f);
	return rc;
}

/* A threaded cgroup lists no processes, but threads. */
static int add_cgroup(struct members *m, const char *directory)
{
	int rc = add_from_file(m, directory, "cgroup.procs");

	return rc == -EOPNOTSUPP ? add_from_file(m, directory, "cgroup.threads") : rc;
}

static bool is_cgroup(const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	return access(path, F_OK) == 0;
}

/* Below it cgroups come and go. */
static int add_cgroups(struct members *m, char *directory)
{
	FTS *walk = fts_open((char *[]){ directory, NULL }, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV,
			     NULL);
	const FTSENT *entry;
	int rc = walk ? 0 : -errno;

	while (!rc && (entry = fts_read(walk))) {
		if (entry->fts_info != FTS_D)
			continue;
		rc = add_cgroup(m, entry->fts_accpath);
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
	int rc = 0;

	text_name(cgroup, name, sizeof(name));
	if (!directory)
		rc = -ENOMEM;
	else
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

/* Its own pages come and go while it works: who means them has to name it. */
static void leave_out_self(struct members *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->all.n; i++)
		if (m->all.pid[i] != getpid() || pid_list_has(&m->named, getpid()))
			m->all.pid[kept++] = m->all.pid[i];
	m->all.n = kept;
}

int members_find(const struct pid_source *from, struct members *m, char *why)
{
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
	if (!rc)
		leave_out_self(m);
	if (!rc && m->all.n == 0) {
		snprintf(why, MEMBERS_WHY_MAX, "there is no process but this one");
		rc = -ENODATA;
	}
	return rc;
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
	for (size_t i = 0; i < m->all.n; i++)
		w[i] = (struct weighed){ process_shared(m->all.pid[i]), i, m->all.pid[i] };
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
