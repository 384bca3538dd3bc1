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
	pid_t *pid; /* owned; freed by pid_list_free() */
	size_t n;
	unsigned char *has; /* for a long list, one bit per possible PID; or NULL */
};

struct pid_error {
	size_t offset, length; /* the invalid part of the text */
	size_t line;	       /* line number, from 1 */
	bool too_large;	       /* a number above @max */
};

enum { PID_WHY_MAX = 256 };

/*
 * Parse "PID[,PID...]", plain decimal, 1 to @max; with @loose, any whitespace and commas separate
 * PIDs.  Pure, and linear in @len.  Return 0, -EINVAL with @err set, -ENODATA for a loose text
 * without a PID, or -ENOMEM.
 */
int pid_list_parse(const char *text, size_t len, pid_t max, bool loose, struct pid_list *list,
		   struct pid_error *err);

/* Format an error in @text into @why, of PID_WHY_MAX bytes.  Return @why. */
char *pid_error_format(const struct pid_error *err, const char *text, pid_t max, char *why);

/*
 * Add a PID unless the list has it, in constant time.  Return 0, -ENOMEM, or -ERANGE for a
 * number above the maximum PID of any kernel.
 */
int pid_list_add(struct pid_list *list, pid_t pid);
int pid_list_add_all(struct pid_list *list, const struct pid_list *more);
bool pid_list_has(const struct pid_list *list, pid_t pid);
void pid_list_free(struct pid_list *list);

/*
 * Compile a pattern for process names, as in pgrep -x: an extended regular expression that must
 * match the full name.  Return 0, or -EINVAL and a message in @why.
 */
int pid_pattern_compile(const char *pattern, regex_t *compiled, struct text_line *why);

/* Return the largest PID of this kernel, /proc/sys/kernel/pid_max. */
pid_t pid_max(void);

/*
 * The processes that a request selects.  Name, cgroup and tree are evaluated once, at the start:
 * processes started later are not included, and a process found may exit before it is
 * processed.  They never find the caller itself.
 */
struct pid_source {
	struct pid_list pids;	     /* those that are named */
	bool input;		     /* and those on standard input */
	const char *name;	     /* and those whose name matches; NULL: none.  Borrowed */
	struct cgroup_source cgroup; /* and those in this cgroup; its name is NULL: none */
	bool tree;		     /* and all that descend from them */
	bool all;		     /* and all that there are, except kernel threads */
	pid_t self;		     /* the command, which only a PID selects; or 0 */
};

struct members {
	struct pid_list all;   /* those given by PID come first */
	struct pid_list named; /* those given by PID, and the process of a thread ID */
	size_t unseen;	       /* processes of a cgroup outside of this PID namespace */
};

/*
 * Find the processes; the caller always frees @m.  Return 0, or -errno (-ENODATA: none found)
 * and a message in @why.
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

/* Add all descendants of the processes in the list.  Sorts @kin.  Pure.  Return 0 or -ENOMEM. */
int members_add_descendants(struct pid_list *list, struct kinship *kin, size_t n);

#endif
