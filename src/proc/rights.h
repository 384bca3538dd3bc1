/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_RIGHTS_H
#define PROC_RIGHTS_H

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

struct rights_facts {
	struct rights own, its;
	bool hidden;		/* nothing of it could be read, not even status */
	bool all_but_pagemap;	/* its maps could be opened, and pagemap could not */
	bool own_files;		/* its files in /proc belong to its user: it is dumpable */
	bool in_user_namespace; /* the caller: not the first one, that of the host */
};

/* Parse the text of /proc/PID/status, terminated.  Pure; 0 or -EINVAL. */
int rights_parse(struct rights *r, const char *text);

/* What refused it, in the order in which the kernel checks.  Pure. */
enum refusal rights_judge(const struct rights_facts *facts);

/* The same of a process that could not be opened, or not in all of its parts. */
enum refusal rights_find(const struct process *p);

/*
 * The capabilities that a caller must hold to look into these processes, 1 << CAP_...: all
 * that any of them has; none with CAP_SYS_PTRACE.
 */
uint64_t rights_of_all(const struct pid_list *pids);

bool rights_is_root(void); /* of whatever namespace, with or without capabilities */

/* Whether this runs in another user namespace than that of the host. */
bool rights_in_user_namespace(void);

/* Whether a seccomp filter is in force, by the text of a status file.  Pure. */
bool rights_parse_filter(const char *status);

/* Likewise for the caller. */
bool rights_are_filtered(void);

#endif
