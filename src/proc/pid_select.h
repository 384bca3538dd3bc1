/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_PID_SELECT_H
#define PROC_PID_SELECT_H

#include "proc/cgroup.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* PIDs, each once, in the order given; { 0 } is the empty list. */
struct pid_list {
	pid_t *pid; /* freed by pid_list_free() */
	size_t n;
	unsigned char *has; /* of a long list, a bit for each PID that there can be; or NULL */
};

struct pid_error {
	size_t offset, length; /* the part of the text that is wrong */
	size_t line;	       /* of the text, from 1 */
	bool too_large;	       /* a number, but not a PID of this machine */
};

enum { PID_WHY_MAX = 256 };

/*
 * Parse "PID[,PID...]", plain decimal, 1 to @max; with @loose any blanks, newlines and commas
 * between, as programs print PIDs.  Pure, and linear in @len.  Return 0, -EINVAL with @err
 * set, -ENODATA for a loose text without a PID, or -ENOMEM.
 */
int pid_list_parse(const char *text, size_t len, pid_t max, bool loose, struct pid_list *list,
		   struct pid_error *err);

/* Say what is wrong with a part of @text; @why holds PID_WHY_MAX bytes; returned. */
char *pid_error_format(const struct pid_error *err, const char *text, pid_t max, char *why);

/*
 * Add a PID unless it is in the list, in constant time.  Return 0, -ENOMEM, or -ERANGE for a
 * number that no kernel gives out.
 */
int pid_list_add(struct pid_list *list, pid_t pid);
int pid_list_add_all(struct pid_list *list, const struct pid_list *more);
bool pid_list_has(const struct pid_list *list, pid_t pid);
void pid_list_free(struct pid_list *list);

/*
 * Compile a pattern for the names of processes, as pgrep -x takes it: an extended regular
 * expression that matches a whole name.  Return 0, or -EINVAL and a line for the user in @why.
 */
int pid_pattern_compile(const char *pattern, regex_t *compiled, struct text_line *why);

/* The largest PID this kernel gives out (/proc/sys/kernel/pid_max). */
pid_t pid_max(void);

/*
 * Which processes a request is about.  What is found is a snapshot, made once before anything
 * else: a process that starts later is not in it, and one that is in it may be gone when its
 * turn comes.  The process that looks is not found.
 */
struct pid_source {
	struct pid_list pids;	     /* those that are named */
	bool input;		     /* and those on standard input */
	const char *name;	     /* and those whose name matches; NULL: none.  Borrowed */
	struct cgroup_source cgroup; /* and those in this cgroup; its name is NULL: none */
	bool tree;		     /* and all that descend from them */
	bool all;		     /* and all that there are, except kernel threads */
};

struct members {
	struct pid_list all;   /* named ones first */
	struct pid_list named; /* the processes of threads as well */
	size_t unseen;	       /* those of a cgroup that this PID namespace does not have */
};

/*
 * Find them; the caller frees @m, in each case.  Return 0, or -errno (-ENODATA: there is none)
 * and a line for the user in @why.
 */
int members_find(const struct pid_source *from, struct members *m, struct text_line *why);
void members_free(struct members *m);

/*
 * Put those with the most memory first, in these fields of the status file, "RssShmem
 * HugetlbPages".  Those with the most shared memory leave the least of it to look for in the
 * others.  Return 0 or -ENOMEM.
 */
int members_order(struct members *m, const char *fields);

struct kinship {
	pid_t parent, child;
};

/* Add all that descend from those in the list.  Sorts @kin.  Pure.  0 or -ENOMEM. */
int members_add_descendants(struct pid_list *list, struct kinship *kin, size_t n);

#endif
