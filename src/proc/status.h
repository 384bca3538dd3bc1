/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdint.h>
#include <sys/types.h>

struct cpuset;
struct nodeset;

/* Parse /proc/PID/status, proc(5).  @status is the terminated text of the file. */

/* Read the file of a process or thread; the caller frees *@status.  Return 0 or -errno (-ESRCH). */
int status_text(pid_t pid, char **status);

/*
 * Parse word @word (from 0) of the field @name, in @base 10 or 16.  Pure.  Return 0, -ENOENT (no
 * such field or word), -EINVAL, or -ERANGE.
 */
int status_number(const char *status, const char *name, int word, unsigned int base,
		  uint64_t *value);

/*
 * Add up fields in KiB, "VmRSS HugetlbPages".  Return the sum in bytes; UINT64_MAX: a malformed
 * field.  A missing field counts as 0: kernels without hugetlb or swap omit it.  Pure.
 */
uint64_t status_sum(const char *status, const char *names);

/* Do the same for the process with directory @dir in /proc; UINT64_MAX: it cannot be read. */
uint64_t status_read_sum(int dir, const char *names);

/*
 * Read the nodes and CPUs that the process or thread with directory @dir in /proc may use;
 * either may be NULL.  Return 0 or -errno (-ESRCH, -ENOENT: it exited; -EBADMSG).
 */
int status_allowed(int dir, struct nodeset *mems, struct cpuset *cpus);

#endif
