/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_CGROUP_H
#define PROC_CGROUP_H

#include <stdbool.h>

struct members;
struct text_line;

/* Selects a cgroup, which may exist in several hierarchies. */
struct cgroup_source {
	/*
	 * A directory; a name as in /proc/PID/cgroup; or, without a leading slash, the end of
	 * such a name.  With @unit, a systemd system unit; ".service" is optional.  Borrowed.
	 */
	const char *name;
	bool unit;
	bool root; /* allow the root cgroup, which contains every process */
};

/*
 * Add the processes of a cgroup and of its descendants.  Return 0, or -errno and a message in
 * @why: -ENOENT; -ENOTUNIQ: several names match; -EPERM: the root cgroup; -ENODATA: no
 * processes.
 */
int cgroup_find(const struct cgroup_source *from, struct members *m, struct text_line *why);

/*
 * Find the directory of the cgroup @name, as in /proc/PID/cgroup, from a line of mountinfo.
 * Pure.  Return a path that the caller frees, or NULL if the line is not a mount that shows the
 * cgroup.
 */
char *cgroup_directory(const char *line, const char *name);

/*
 * Return whether the full name of a cgroup ends in @name; with @unit, whether it belongs to the
 * systemd unit @name.  Pure.
 */
bool cgroup_matches(const char *cgroup, const char *name, bool unit);

#endif
