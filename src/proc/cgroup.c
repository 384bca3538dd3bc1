/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/cgroup.h"

#include "proc/pid_select.h"
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
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

/* Parse a line of mountinfo: the cgroup at the root of the mount ("" for /), and the mount point. */
static bool parse_mount(const char *line, char **root, char **mount)
{
	bool is_mount = strstr(line, " - cgroup2 ") || strstr(line, " - cgroup ");

	*root = *mount = NULL;
	if (!is_mount || sscanf(line, "%*s %*s %*s %ms %ms", root, mount) != 2)
		return false;
	(*root)[text_unescape(*root, strlen(*root))] = '\0';
	(*mount)[text_unescape(*mount, strlen(*mount))] = '\0';
	if (strcmp(*root, "/") == 0)
		**root = '\0';
	return true;
}

char *cgroup_directory(const char *line, const char *name)
{
	char *root, *mount, *directory = NULL;

	if (parse_mount(line, &root, &mount)) {
		size_t len = strlen(root);

		if (strncmp(name, root, len) == 0 && (name[len] == '/' || name[len] == '\0') &&
		    asprintf(&directory, "%s%s", mount, name + len) < 0)
			directory = NULL;
	}
	free(root);
	free(mount);
	return directory;
}

bool cgroup_matches(const char *cgroup, const char *name, bool unit)
{
	size_t len = strlen(cgroup), n = strlen(name);
	const char *end = cgroup + len - n;

	if (n == 0 || len <= n || strcmp(end, name) != 0)
		return false;
	/* systemd prefixes names that may clash with the kernel's files with a _: _memory.slice */
	if (unit && end - cgroup > 1 && end[-1] == '_')
		end--;
	return end[-1] == '/';
}

static bool ends_in(const char *text, const char *const ends[], size_t n)
{
	const char *dot = strrchr(text, '.');

	while (dot && n && strcmp(dot, ends[n - 1]) != 0)
		n--;
	return dot && n;
}

/* ---- members ---- */

/* Add the PIDs in a file; 0 denotes a process outside of this PID namespace. */
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

/* Return whether a directory is the root of a hierarchy, as visible here. */
static bool is_root_cgroup(const char *directory)
{
	char path[PATH_MAX];
	struct stat here, above;

	snprintf(path, sizeof(path), "%s/..", directory);
	return stat(directory, &here) == 0 && stat(path, &above) == 0 &&
	       here.st_dev != above.st_dev;
}

static FTS *walk_open(char *directory)
{
	return fts_open((char *[]){ directory, NULL }, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
}

/*
 * Return the next directory, or NULL and *@rc: 0 at the end, or -errno.  A cgroup that vanished
 * is skipped; any other error is reported, so no process is missed.
 */
static FTSENT *walk_next(FTS *walk, int *rc)
{
	FTSENT *entry;

	while ((entry = fts_read(walk)) && entry->fts_info != FTS_D) {
		bool bad = entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
			   entry->fts_info == FTS_NS;

		if (bad && entry->fts_errno != ENOENT && entry->fts_errno != ENODEV) {
			*rc = -entry->fts_errno;
			return NULL;
		}
	}
	if (!entry)
		*rc = -errno;
	return entry;
}

/* Add the processes of a cgroup and of all its descendants. */
static int add_cgroups(struct members *m, char *directory)
{
	FTS *walk = walk_open(directory);
	const FTSENT *entry;
	int rc = walk ? 0 : -errno;

	while (!rc && (entry = walk_next(walk, &rc))) {
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

/* ---- the search ---- */

/* A search in all hierarchies.  A cgroup has one name, and a directory in each hierarchy. */
struct search {
	const struct cgroup_source *from;
	struct members *members;
	const char *name; /* with the suffix of a unit */
	bool found, ambiguous;
	char first[PATH_MAX];	/* the first name found */
	struct text_line names; /* quoted: all found; before, units whose names begin like it */
};

static void add_name(struct search *s, const char *cgroup)
{
	char name[512], quoted[520];

	text_escape(cgroup, strlen(cgroup), name, sizeof(name));
	snprintf(quoted, sizeof(quoted), " '%s'", name);
	if (!strstr(s->names.buf, quoted))
		text_add(&s->names, "%s", quoted);
}

static int take_cgroup(struct search *s, const char *cgroup, char *directory)
{
	if (!s->found) {
		snprintf(s->first, sizeof(s->first), "%s", cgroup);
		s->names.full = 0;
		*s->names.buf = '\0';
	}
	add_name(s, cgroup);
	s->found = true;
	s->ambiguous |= strcmp(s->first, cgroup) != 0;
	return is_root_cgroup(directory) && !s->from->root ? -EPERM :
							     add_cgroups(s->members, directory);
}

/* Search below a mount.  System units are only in slices. */
static int search_mount(struct search *s, const char *root, char *mount)
{
	static const char *const slice[] = { ".slice" };
	const size_t stem = s->from->unit ? strcspn(s->name, ".") : 0;
	FTS *walk = walk_open(mount);
	char cgroup[PATH_MAX];
	int rc = walk ? 0 : -errno;
	FTSENT *entry;

	while (!rc && (entry = walk_next(walk, &rc))) {
		if (entry->fts_level == FTS_ROOTLEVEL)
			continue;
		snprintf(cgroup, sizeof(cgroup), "%s%s", root, entry->fts_path + strlen(mount));
		if (cgroup_matches(cgroup, s->name, s->from->unit))
			rc = take_cgroup(s, cgroup, entry->fts_path);
		else if (stem && !s->found && strncmp(entry->fts_name, s->name, stem) == 0)
			add_name(s, entry->fts_name);
		if (s->from->unit && !ends_in(entry->fts_name, slice, 1))
			fts_set(walk, entry, FTS_SKIP);
	}
	if (walk)
		fts_close(walk);
	return rc;
}

static int search_mounts(struct search *s)
{
	struct file_lines mounts;
	char *root, *mount, *directory;
	int rc = 0;

	file_lines_open(&mounts, AT_FDCWD, "/proc/self/mountinfo");
	while (!rc && file_lines_next(&mounts)) {
		if (*s->name == '/') {
			directory = cgroup_directory(mounts.line, s->name);
			if (directory && is_cgroup(directory))
				rc = take_cgroup(s, s->name, directory);
			free(directory);
			continue;
		}
		if (parse_mount(mounts.line, &root, &mount))
			rc = search_mount(s, root, mount);
		free(root);
		free(mount);
	}
	return file_lines_close(&mounts, rc);
}

/* Explain why no process was found. */
static int explain(const struct search *s, int rc, struct text_line *why)
{
	const char *what = s->from->unit ? "unit" : "cgroup";
	char name[TEXT_NAME_MAX];

	text_name(s->name, name, sizeof(name));
	if (!rc && !s->found)
		rc = -ENOENT;
	else if (!rc && s->ambiguous)
		rc = -ENOTUNIQ;
	else if (!rc && s->members->all.n == 0)
		rc = -ENODATA;
	if (rc == -ENOENT && s->from->unit)
		text_add(why, "no active unit: '%s'%s%s", name,
			 *s->names.buf ? "; similar names:" : "", s->names.buf);
	else if (rc == -ENOENT)
		text_add(why, "no such cgroup: '%s'", name);
	else if (rc == -ENOTUNIQ)
		text_add(why, "cgroup '%s' is ambiguous; possibilities:%s", name, s->names.buf);
	else if (rc == -EPERM)
		text_add(why,
			 "'%s' is the root cgroup, which holds every process; --force selects it",
			 name);
	else if (rc == -ENODATA && s->members->unseen)
		text_add(why,
			 "no process of %s '%s' is visible here (%zu are outside of this PID "
			 "namespace); run this on the host",
			 what, name, s->members->unseen);
	else if (rc == -ENODATA)
		text_add(why, "%s '%s' has no processes", what, name);
	else if (rc)
		text_add(why, "%s '%s': %s", what, name, strerror(-rc));
	return rc;
}

int cgroup_find(const struct cgroup_source *from, struct members *m, struct text_line *why)
{
	static const char *const units[] = { ".service", ".scope", ".slice",
					     ".socket",	 ".mount", ".swap" };
	bool bare = from->unit && !ends_in(from->name, units, sizeof(units) / sizeof(*units));
	char *name, names[768] = "";
	struct search s = { .from = from, .members = m, .names = { names, sizeof(names), 0 } };
	int rc;

	if (asprintf(&name, "%s%s", from->name, bare ? ".service" : "") < 0) {
		text_add(why, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (size_t n = strlen(name); n > 1 && name[n - 1] == '/'; n--)
		name[n - 1] = '\0';
	s.name = name;
	rc = !from->unit && is_cgroup(name) ? take_cgroup(&s, name, name) : search_mounts(&s);
	rc = explain(&s, rc, why);
	free(name);
	return rc;
}
