/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/pid_select.h"

#include "proc/cgroup.h"
#include "proc/process.h"
#include "proc/status.h"
#include "util/array.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <regex.h>
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
	struct text_line line = { why, PID_WHY_MAX, 0 };
	char bad[TEXT_NAME_MAX];

	text_escape(text + err->offset, err->length, bad, sizeof(bad));
	if (err->too_large)
		text_add(&line, "PID out of range: '%s' (the largest is %d)", bad, max);
	else
		text_add(&line, "invalid PID: '%s'", bad);
	return why;
}

pid_t pid_max(void)
{
	uint64_t max;

	return file_read_number(AT_FDCWD, "/proc/sys/kernel/pid_max", PID_END, &max) ? PID_END :
										       (pid_t)max;
}

int pid_list_add_all(struct pid_list *list, const struct pid_list *more)
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
	struct pid_list found = { 0 };
	char *text;
	size_t len;
	int rc = file_read_fd(STDIN_FILENO, &text, &len);

	if (!rc)
		rc = pid_list_parse(text, len, max, true, &found, &error);
	if (!rc)
		rc = pid_list_add_all(list, &found);
	if (rc == -ENODATA)
		text_add(why, "no PIDs on standard input");
	else if (rc == -EINVAL && error.length)
		text_add(why, "standard input:%zu: %s", error.line,
			 error.too_large ? "PID out of range" : "invalid PID");
	else if (rc)
		text_add(why, "standard input: %s", strerror(-rc));
	pid_list_free(&found);
	free(text);
	return rc;
}

/*
 * Read /proc/PID/stat into @buf, of @size bytes.  Return its length; 0 for a process that exited
 * or is hidden; or -errno: with any other error a process could be missed.
 */
static ssize_t read_stat(pid_t pid, char *buf, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	len = file_read(AT_FDCWD, path, buf, size);
	return len == -ENOENT || len == -ESRCH || len == -EACCES || len == -EPERM ? 0 : len;
}

/* ---- a name ---- */

int pid_pattern_compile(const char *pattern, regex_t *compiled, struct text_line *why)
{
	char name[TEXT_NAME_MAX], buf[128];
	int rc = regcomp(compiled, pattern, REG_EXTENDED);

	if (rc) {
		regerror(rc, compiled, buf, sizeof(buf));
		text_add(why, "--name: invalid pattern: '%s' (%s)",
			 text_name(pattern, name, sizeof(name)), buf);
	}
	return rc ? -EINVAL : 0;
}

/* regexec() finds the longest match, so a shorter one means that the full name does not match. */
static bool is_named(const struct process *p, const regex_t *pattern)
{
	regmatch_t at;

	return !p->kernel_thread && regexec(pattern, p->name, 1, &at, 0) == 0 && at.rm_so == 0 &&
	       p->name[at.rm_eo] == '\0';
}

static int find_by_name(struct pid_list *list, const char *pattern, struct text_line *why)
{
	regex_t compiled;
	struct process p;
	char name[TEXT_NAME_MAX], buf[1024];
	int pid, rc = pid_pattern_compile(pattern, &compiled, why);
	DIR *dir;

	if (rc)
		return rc;
	dir = opendir("/proc");
	rc = dir ? 0 : -errno;
	while (!rc && (pid = pid_next(dir))) {
		ssize_t len = read_stat(pid, buf, sizeof(buf));

		if (len < 0)
			rc = (int)len;
		else if (len > 0 && pid != getpid() && !process_parse_stat(buf, (size_t)len, &p) &&
			 is_named(&p, &compiled))
			rc = pid_list_add(list, pid);
	}
	if (!rc)
		rc = -errno; /* of pid_next() */
	if (dir)
		closedir(dir);
	regfree(&compiled);
	text_name(pattern, name, sizeof(name));
	if (rc)
		text_add(why, "--name: /proc: %s", strerror(-rc));
	else if (list->n == 0)
		text_add(why, "no process is named '%s'%s", name,
			 strlen(pattern) < sizeof(p.name) ?
				 "" :
				 " (the kernel keeps 15 characters of a name)");
	return !rc && list->n == 0 ? -ENODATA : rc;
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

/* Add the descendants of all members, from the parents of all processes in /proc. */
static int find_trees(struct members *m, struct text_line *why)
{
	DIR *dir = opendir("/proc");
	struct kinship *kin = NULL, *grown;
	size_t n = 0;
	int pid, rc = dir ? 0 : -errno;

	/* A thread ID selects its process; a process that exited is reported when it is opened. */
	for (size_t i = 0; !rc && i < m->all.n; i++) {
		pid = process_of(m->all.pid[i]);
		rc = pid > 0 ? pid_list_add(&m->named, pid) : 0;
	}
	if (!rc)
		rc = pid_list_add_all(&m->all, &m->named);
	while (!rc && (pid = pid_next(dir))) {
		char buf[1024];
		uint64_t parent;
		ssize_t len = read_stat(pid, buf, sizeof(buf));

		if (len < 0)
			rc = (int)len;
		if (len <= 0 || process_parse_stat_field(buf, (size_t)len, STAT_PARENT, &parent) ||
		    parent > INT_MAX)
			continue;
		grown = array_room(kin, n, sizeof(*grown));
		rc = grown ? 0 : -ENOMEM;
		if (!grown)
			break;
		kin = grown;
		kin[n++] = (struct kinship){ (pid_t)parent, pid };
	}
	if (!rc)
		rc = -errno; /* of pid_next() */
	if (dir)
		closedir(dir);
	if (!rc)
		rc = members_add_descendants(&m->all, kin, n);
	if (rc)
		text_add(why, "--tree: /proc: %s", strerror(-rc));
	free(kin);
	return rc;
}

/* ---- all of them ---- */

/* Kernel threads, which have no memory, are skipped later. */
static int find_all(struct members *m, struct text_line *why)
{
	DIR *dir = opendir("/proc");
	int pid, rc = dir ? 0 : -errno;

	while (!rc && (pid = pid_next(dir)))
		rc = pid_list_add(&m->all, pid);
	if (dir)
		closedir(dir);
	if (rc)
		text_add(why, "/proc: %s", strerror(-rc));
	return rc;
}

/* ---- all together ---- */

int members_find(const struct pid_source *from, struct members *m, struct text_line *why)
{
	size_t kept = 0;
	int rc = pid_list_add_all(&m->named, &from->pids);

	if (!rc)
		rc = pid_list_add_all(&m->all, &from->pids);
	if (rc)
		text_add(why, "%s", strerror(-rc));
	if (!rc && from->input)
		rc = find_in_input(&m->all, why);
	if (!rc && from->name)
		rc = find_by_name(&m->all, from->name, why);
	if (!rc && from->cgroup.name)
		rc = cgroup_find(&from->cgroup, m, why);
	if (!rc && from->all)
		rc = find_all(m, why);
	if (!rc && from->tree)
		rc = find_trees(m, why);
	if (rc)
		return rc;
	/* The caller's own pages change while it works: only a PID selects it. */
	for (size_t i = 0; i < m->all.n; i++)
		if ((m->all.pid[i] != getpid() && m->all.pid[i] != from->self) ||
		    pid_list_has(&m->named, m->all.pid[i]))
			m->all.pid[kept++] = m->all.pid[i];
	m->all.n = kept;
	if (kept)
		return 0;
	text_add(why, "no other processes");
	return -ENODATA;
}

/* A process and its memory that other processes may share. */
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

int members_order(struct members *m, const char *fields)
{
	struct weighed *w = calloc(m->all.n + 1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	for (size_t i = 0; i < m->all.n; i++) {
		uint64_t shared = UINT64_MAX;
		char *status;

		if (status_text(m->all.pid[i], &status) == 0)
			shared = status_sum(status, fields);
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
