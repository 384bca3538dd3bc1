/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cpuset;
struct nodeset;

/* /proc/PID/status, proc(5): by the text of the file, terminated, or read by these. */

/* The text of that of a process that is not held, to be freed: 0; -ESRCH, -errno. */
int status_text(pid_t pid, char **status);

/*
 * status_number - a number of the field @name
 * @word: which of its words, from 0
 * @base: 10 or 16
 *
 * Pure.  Returns 0, -ENOENT where there is no such field or word, -EINVAL, -ERANGE.
 */
int status_number(const char *status, const char *name, int word, unsigned int base,
		  uint64_t *value);

/*
 * status_sum - the sum of fields in KiB, "VmRSS HugetlbPages", in bytes
 *
 * One that is missing is 0: kernels without hugetlb or swap have none for it.  Pure;
 * UINT64_MAX for a field of another form.
 */
uint64_t status_sum(const char *status, const char *names);

/* The same of the process with this directory in /proc; UINT64_MAX if it cannot be read. */
uint64_t status_read_sum(int dir, const char *names);

/*
 * status_allowed - the nodes and the CPUs that a process, or a thread, may use
 * @dir: its directory in /proc
 *
 * Either may be NULL.  Returns 0, -errno (-ESRCH, -ENOENT: it is gone), or -EBADMSG.
 */
int status_allowed(int dir, struct nodeset *mems, struct cpuset *cpus);

#endif
