/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdint.h>
#include <sys/types.h>

struct cpuset;
struct nodeset;

/* /proc/PID/status, proc(5): @status is the terminated text of the file. */

/* Read that of a process, or a thread, by its number; the caller frees it.  Return 0, -ESRCH, or -errno. */
int status_text(pid_t pid, char **status);

/*
 * Parse word number @word (from 0) of the field @name, in @base 10 or 16.  Pure.  Return 0,
 * -ENOENT where there is no such field or word, -EINVAL, or -ERANGE.
 */
int status_number(const char *status, const char *name, int word, unsigned int base,
		  uint64_t *value);

/*
 * Add up fields in KiB, "VmRSS HugetlbPages", in bytes.  A missing field is 0: kernels
 * without hugetlb or swap have none for it.  Pure; UINT64_MAX for a field of another form.
 */
uint64_t status_sum(const char *status, const char *names);

/* The same for the process with this directory in /proc; UINT64_MAX if it cannot be read. */
uint64_t status_read_sum(int dir, const char *names);

/*
 * Read the nodes and the CPUs that the process, or thread, of the directory @dir of /proc may
 * use; either may be NULL.  Return 0, -errno (-ESRCH, -ENOENT: it is gone), or -EBADMSG.
 */
int status_allowed(int dir, struct nodeset *mems, struct cpuset *cpus);

#endif
