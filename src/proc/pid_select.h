/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_PID_SELECT_H
#define PROC_PID_SELECT_H

#include "proc/pid_list.h"

/*
 * Which processes a request is about: those that are named, and those that are found on
 * standard input (PIDS is "-"), below the named ones (--tree), or in a cgroup.
 *
 * What is found is a snapshot, made once and before anything is looked at: a process that
 * starts later is not in it, and one that is in it may be gone when its turn comes.  The
 * process that looks is not found.
 */

enum { MEMBERS_WHY_MAX = 512 };

/* Where they come from. */
struct pid_source {
	struct pid_list pids; /* those that are named */
	bool input;	      /* and those on standard input */
	const char *cgroup;   /* and those in this cgroup; NULL: none.  Borrowed */
	bool tree;	      /* and all that descend from them */
};

struct members {
	struct pid_list all;   /* named ones first */
	struct pid_list named; /* the processes of threads as well */
	size_t unseen;	       /* those of a cgroup that this PID namespace does not have */
};

/*
 * members_find - who it is about
 * @why: receives, on an error, a line for the user; MEMBERS_WHY_MAX bytes
 *
 * That there is nobody is an error, too.  Returns 0 or -errno; the caller frees @m, in
 * each case.
 */
int members_find(const struct pid_source *from, struct members *m, char *why);

/*
 * members_order - those with the most shared memory first, else as they are
 *
 * Who has most of what is shared in its page table leaves the least of it to look for in
 * the others.  Returns 0 or -ENOMEM.
 */
int members_order(struct members *m);

void members_free(struct members *m);

struct kinship {
	pid_t parent, child;
};

/* Add all that descend from those in the list.  Sorts @kin.  Pure.  0 or -ENOMEM. */
int members_add_descendants(struct pid_list *list, struct kinship *kin, size_t n);

/*
 * members_cgroup_directory - where the hierarchy of one mount has the cgroup @path
 * @line: of /proc/PID/mountinfo
 * @path: as in /proc/PID/cgroup, "/system.slice/x.service"
 *
 * Pure.  Returns a path that the caller frees, or NULL where the line is about something
 * else, or the mount does not show that cgroup.
 */
char *members_cgroup_directory(const char *line, const char *path);

#endif
