/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_CGROUP_H
#define PROC_CGROUP_H

#include <stdbool.h>

struct members;
struct text_line;

/* A cgroup, which may be in several hierarchies. */
struct cgroup_source {
	/*
	 * A directory; a name as in /proc/PID/cgroup; or, without a slash at the beginning, the
	 * end of one such name.  With @unit, a systemd unit of the system, whose ".service" may
	 * be missing.  Borrowed.
	 */
	const char *name;
	bool unit;
	bool root; /* it may be the root cgroup, which has every process */
};

/*
 * Add the processes of a cgroup and of those below it.  Return 0, or -errno and a line for the
 * user in @why: -ENOENT; -ENOTUNIQ: several names end so; -EPERM: the root cgroup; -ENODATA: it
 * is empty.
 */
int cgroup_find(const struct cgroup_source *from, struct members *m, struct text_line *why);

/*
 * Find the directory of the cgroup @name, as in /proc/PID/cgroup, by a line of mountinfo.  Pure.
 * Return a path that the caller frees; NULL if the line is about something else, or the mount
 * does not show that cgroup.
 */
char *cgroup_directory(const char *line, const char *name);

/*
 * Return whether the full name of a cgroup ends in @name.  With @unit, whether it is that of
 * this systemd unit.  Pure.
 */
bool cgroup_matches(const char *cgroup, const char *name, bool unit);

#endif
