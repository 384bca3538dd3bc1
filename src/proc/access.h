/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_ACCESS_H
#define PROC_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pid_list;
struct process;

/*
 * Why the kernel refuses access to a process, found from what /proc says of both: "Ptrace
 * access mode checking" in ptrace(2), for PTRACE_MODE_READ, and capabilities(7).  Yama's
 * ptrace_scope is about tracing only.
 */
enum refusal {
	REFUSAL_HIDDEN,	      /* /proc keeps its files back: hidepid=1 */
	REFUSAL_NAMESPACE,    /* root, but of a user namespace that it is not in */
	REFUSAL_ROOT,	      /* root without CAP_SYS_PTRACE */
	REFUSAL_OWNER,	      /* of another user */
	REFUSAL_GROUP,	      /* of the same user, in another group */
	REFUSAL_PROTECTED,    /* not dumpable: PR_SET_DUMPABLE in prctl(2) */
	REFUSAL_CAPABILITIES, /* it has some that the caller has not */
	REFUSAL_PAGEMAP,      /* all but pagemap, which is its owner's */
	REFUSAL_MODULE,	      /* none of these: a security module */
	REFUSALS
};

/* What the status file of a process says of its rights. */
struct rights {
	uint64_t real_uid, uid, gid;   /* uid and gid are the effective ones */
	uint64_t permitted, effective; /* capabilities, 1 << CAP_... */
};

struct access_facts {
	struct rights own, its;
	bool hidden;		/* nothing of it could be read, not even status */
	bool all_but_pagemap;	/* its maps could be opened, and pagemap could not */
	bool own_files;		/* its files in /proc belong to its user: it is dumpable */
	bool in_user_namespace; /* the caller: not the first one, that of the host */
};

/* Parse the text of a status file.  Pure; 0 or -EINVAL. */
int access_parse(struct rights *r, const char *status);

/* Find the first check that refuses it, in the order of the kernel.  Pure. */
enum refusal access_judge(const struct access_facts *facts);

/* The same for a process that could not be opened, or not in all of its parts. */
enum refusal access_find(const struct process *p);

/*
 * The capabilities, 1 << CAP_..., without which the kernel refuses access to some of these
 * processes: all that any of them has; none with CAP_SYS_PTRACE.
 */
uint64_t access_capabilities(const struct pid_list *pids);

/* Return whether a seccomp filter is in force, by the text of a status file (pure), or here. */
bool access_parse_filter(const char *status);
bool access_is_filtered(void);

/*
 * PID namespaces, pid_namespaces(7): processes in a container have other numbers outside.
 * /proc has those of the namespace it was mounted in; system calls take the caller's.
 */

/*
 * Check that /proc has the numbers that the system calls take.  Return 0; -ENOENT, there is
 * no /proc; -EXDEV, it is that of another namespace.
 */
int access_check_proc(void);

/* Return whether the caller is in the PID namespace of the host. */
bool access_is_on_host(void);

/*
 * The number of a process in its own namespace, by the text of its status file.  Pure; 0 if
 * that is the caller's namespace, or if the kernel does not tell (before 4.1).
 */
pid_t access_inner_pid(const char *status);

/* Count the processes with the number @inner in a namespace below this; @found: one of them. */
unsigned int access_find_inner(pid_t inner, pid_t *found);

#endif
