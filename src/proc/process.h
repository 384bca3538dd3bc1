/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct cpuset;

/*
 * A process held fast while it is worked on.
 *
 * move_pages(2) knows a process by its number only, and numbers are used
 * again.  The descriptors held here belong to the process and to its memory:
 * they tell afterwards whether it still was the same one.
 */

struct process {
	pid_t pid;     /* of the process, also if a thread's id was given */
	pid_t thread;  /* for system calls: one that has memory, mostly the first */
	char name[16]; /* comm, bytes as they are: escape before printing */
	bool kernel_thread, zombie;
	uint64_t start_time; /* clock ticks since boot */
	int dir;	     /* /proc/PID, or that of the thread: openat(2) */
	int maps, pagemap;   /* both tied to the memory of this very program */
	int pidfd;	     /* < 0 before kernel 5.3, or where a filter forbids it */
};

/*
 * process_open - find a process and hold on to it
 *
 * A process whose first thread has ended has its memory in another one.
 *
 * Returns 0; -ESRCH no such process, -EINVAL a kernel thread or a zombie (@p
 * tells which), -EACCES or -EPERM not allowed to look at it, or what open(2)
 * gave.  @p may be closed in each case.
 */
int process_open(pid_t pid, struct process *p);
void process_close(struct process *p);

/* The process that thread @tid belongs to; -ESRCH, or what reading its status gave. */
int process_of(pid_t tid);

/*
 * process_vanished - is it gone, so that there is nothing of it to work on any more?
 * @rc: what process_open(), address_space_read() or a move returned
 *
 * A process that /proc does not show although it runs is not gone.
 */
bool process_vanished(const struct process *p, int rc);

/*
 * process_check - check that it still is the process that was opened
 *
 * Returns 0; -ESRCH if it has exited; -ESTALE if it runs another program now (execve(2)),
 * where its addresses mean nothing; -errno if its maps file cannot be read.
 */
int process_check(const struct process *p);

/* Parse the text of /proc/PID/stat.  Pure; 0 or -EINVAL. */
int process_parse_stat(const char *text, size_t len, struct process *p);

/* One of its numeric fields, from the third on, by its number in proc(5).  Pure. */
int process_parse_stat_field(const char *text, size_t len, int field, uint64_t *value);

/*
 * The bytes of the process that are in memory, hugetlb included: more than can
 * move.  UINT64_MAX if that cannot be told.
 */
uint64_t process_resident(const struct process *p);

/* Return whether pages of it are merged with others (KSM), or may be where it is not told. */
bool process_is_merged(const struct process *p);

/* Add the CPUs that its threads may run on, as far as the kernel tells. */
void process_add_cpus(const struct process *p, struct cpuset *cpus);

/* Open a file of /proc/PID for reading by lines; the caller closes it.  0 or -errno. */
int process_stream(const struct process *p, const char *file, FILE **stream);

/* Why getline(3) gave no more: 0 at the end of the file, or -errno. */
int process_stream_error(FILE *stream);

#endif
