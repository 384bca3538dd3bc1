/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_ACCESS_H
#define PROC_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pid_list;
struct process;

/*
 * Why the kernel denies access to a process, determined from /proc: "Ptrace access mode
 * checking" in ptrace(2), for PTRACE_MODE_READ, and capabilities(7).  Yama's ptrace_scope
 * applies to tracing only.
 */
enum refusal {
	REFUSAL_HIDDEN,	      /* /proc hides its files: hidepid=1 */
	REFUSAL_NAMESPACE,    /* the caller is root of another user namespace */
	REFUSAL_ROOT,	      /* the caller is root without CAP_SYS_PTRACE */
	REFUSAL_OWNER,	      /* another user's process */
	REFUSAL_GROUP,	      /* same user, different group ID */
	REFUSAL_PROTECTED,    /* not dumpable: PR_SET_DUMPABLE in prctl(2) */
	REFUSAL_CAPABILITIES, /* it has capabilities that the caller lacks */
	REFUSAL_PAGEMAP,      /* only to pagemap, which belongs to the owner */
	REFUSAL_MODULE,	      /* none of the above: a security module */
	REFUSALS
};

/* The credentials in the status file of a process. */
struct rights {
	uint64_t real_uid, uid, gid;   /* uid and gid: effective */
	uint64_t permitted, effective; /* capabilities, 1 << CAP_... */
};

struct access_facts {
	struct rights own, its;
	bool hidden;		/* none of its files could be read, not even status */
	bool all_but_pagemap;	/* its maps could be opened, its pagemap could not */
	bool own_files;		/* its files in /proc belong to its user: it is dumpable */
	bool in_user_namespace; /* the caller is not in the initial user namespace */
};

/* Parse the text of a status file.  Pure; 0 or -EINVAL. */
int access_parse(struct rights *r, const char *status);

/* Find the first check that fails, in the order of the kernel.  Pure. */
enum refusal access_judge(const struct access_facts *facts);

/* Do the same for a process that process_open() could not open completely. */
enum refusal access_find(const struct process *p);

/*
 * Return the capabilities, 1 << CAP_..., that the caller needs to access these processes: all
 * that any of them has; none if the caller has CAP_SYS_PTRACE.
 */
uint64_t access_capabilities(const struct pid_list *pids);

/* Return whether a seccomp filter is active: in the text of a status file (pure), or here. */
bool access_parse_filter(const char *status);
bool access_is_filtered(void);

/*
 * PID namespaces, pid_namespaces(7): a process in a container has a different PID outside.
 * /proc has the PIDs of the namespace it was mounted in; system calls take the caller's.
 */

/*
 * Check that /proc has the PIDs that the system calls take.  Return 0; -ENOENT: /proc is not
 * mounted; -EXDEV: it belongs to another namespace.
 */
int access_check_proc(void);

/* Return whether the caller is in the PID namespace of the host. */
bool access_is_on_host(void);

/*
 * Return the PID of a process in its own namespace, from the text of its status file.  Pure; 0
 * if that is the caller's namespace, or unknown (before kernel 4.1).
 */
pid_t access_inner_pid(const char *status);

/* Count the processes with PID @inner in descendant namespaces; @found: the PID here of one. */
unsigned int access_find_inner(pid_t inner, pid_t *found);

#endif
