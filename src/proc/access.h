/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_ACCESS_H
#define PROC_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pid_list;
struct process;

/*
 * Why the kernel does not let us look at a process, told from what /proc says of both:
 * "Ptrace access mode checking" in ptrace(2), for PTRACE_MODE_READ, and capabilities(7).
 * Yama's ptrace_scope has no say in it: it is about tracing only.
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
	REFUSAL_MODULE,	      /* nothing of that: a security module */
	REFUSALS
};

/* What the status file of a process says of its rights. */
struct rights {
	uid_t real_uid, uid;	       /* real, effective */
	gid_t gid;		       /* effective */
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

/* What refused it, in the order in which the kernel checks.  Pure. */
enum refusal access_judge(const struct access_facts *facts);

/* The same of a process that could not be opened, or not in all of its parts. */
enum refusal access_find(const struct process *p);

/*
 * The capabilities that a caller must hold to look into these processes, 1 << CAP_...: all
 * that any of them has; none with CAP_SYS_PTRACE.
 */
uint64_t access_capabilities(const struct pid_list *pids);

/* Whether a seccomp filter is in force, by the text of a status file.  Pure. */
bool access_parse_filter(const char *status);

/* The same for the caller. */
bool access_is_filtered(void);

/*
 * PID namespaces, pid_namespaces(7): in a container processes have other numbers than
 * outside, /proc has those of the namespace that it was mounted in, and the system calls
 * take those of the caller's.
 */

/*
 * Whether /proc has the numbers that the system calls take: 0; -ENOENT, there is no /proc;
 * -EXDEV, it is that of another namespace.
 */
int access_check_proc(void);

/* Whether the caller is in the PID namespace of the host. */
bool access_is_on_host(void);

/*
 * access_inner_pid - the number that a process has in its own namespace
 * @status: the text of its status file
 *
 * Pure.  0 if that is the one we are in, or if the kernel does not tell (before 4.1).
 */
pid_t access_inner_pid(const char *status);

/*
 * access_find_inner - who has the number @inner in a namespace below this one?
 * @found: receives one of them
 *
 * Reads the status file of every process.  Returns how many there are.
 */
unsigned int access_find_inner(pid_t inner, pid_t *found);

#endif
