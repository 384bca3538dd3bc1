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
 * The processes asked for, and one of them held fast while it is worked on.
 *
 * move_pages(2) knows a process by its number only, and numbers are used
 * again.  The descriptors held here belong to the process and to its memory:
 * they tell afterwards whether it still was the same one.
 */

/* PIDs as given, each once, in the order given. */
struct pid_list {
	pid_t *pid; /* freed by pid_list_free() */
	size_t n;
	unsigned char *has; /* a bit for each PID below room: so that each is once */
	size_t room;
};

struct pid_error {
	size_t offset, length; /* the part of the text that is wrong */
	size_t line;	       /* of the text, from 1 */
	bool too_large;	       /* a number, but no PID of this machine */
};

/*
 * pid_list_parse - "PID[,PID...]", plain decimal, 1 to @pid_max
 *
 * Pure.  Returns 0, -EINVAL with @err filled in, or -ENOMEM.
 */
int pid_list_parse(const char *text, size_t len, pid_t pid_max, struct pid_list *list,
		   struct pid_error *err);

/*
 * pid_list_parse_words - the same with blanks, newlines and commas between, as many as
 * there are, as programs print PIDs
 *
 * Pure, and linear in @len.  A text without a PID is -ENODATA.
 */
int pid_list_parse_words(const char *text, size_t len, pid_t pid_max, struct pid_list *list,
			 struct pid_error *err);
void pid_list_free(struct pid_list *list);

/* Add a PID that is not in the list yet, in constant time.  Returns 0 or -ENOMEM. */
int pid_list_add(struct pid_list *list, pid_t pid);
bool pid_list_has(const struct pid_list *list, pid_t pid);

enum { PID_WHY_MAX = 256 };

/* One line on what is wrong with a part of @text; @why holds PID_WHY_MAX bytes; returned. */
char *pid_error_format(const struct pid_error *err, const char *text, pid_t pid_max, char *why);

/* The largest PID this kernel gives out (/proc/sys/kernel/pid_max). */
pid_t process_pid_max(void);

struct process {
	pid_t pid;     /* of the process, also if a thread's id was given */
	pid_t thread;  /* for system calls: one that has memory, mostly the first */
	char name[16]; /* comm, bytes as they are: escape before printing */
	bool kernel_thread, zombie;
	uint64_t start_time; /* clock ticks since boot */
	int dir;	     /* /proc/PID, or that of the thread */
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

/* The parent of a process, 0 where it has none here; as process_of(). */
int process_parent(pid_t pid, pid_t *parent);

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
 * process_sum - the sum of lines "KEY: N kB" in the text of a status file, in bytes
 *
 * A line that is missing is 0: kernels without hugetlb or swap have none for it.  Pure;
 * UINT64_MAX for a line of another form.
 */
uint64_t process_sum(const char *status, const char *const *keys, size_t n);

/*
 * process_read - the whole of a small file of /proc/PID, or of one with a full path
 *
 * Returns the bytes read, at most @size - 1 and terminated, or -errno.
 */
ssize_t process_read(const struct process *p, const char *file, char *buf, size_t size);

/*
 * The bytes of the process that are in memory, hugetlb included: more than can
 * move.  UINT64_MAX if that cannot be told.
 */
uint64_t process_resident(const struct process *p);

/* The bytes of its page tables: 4 KiB for each 2 MiB that hold a page.  UINT64_MAX likewise. */
uint64_t process_page_tables(const struct process *p);

/* Return whether pages of it are merged with others (KSM), or may be where it is not told. */
bool process_is_merged(const struct process *p);

/* Whether no memory of its own is in swap; false if that cannot be told. */
bool process_is_unswapped(const struct process *p);

/* Add the CPUs that its threads may run on, as far as the kernel tells. */
void process_add_cpus(const struct process *p, struct cpuset *cpus);

/* The number of its IPC namespace, ipc_namespaces(7).  Returns 0 or -errno. */
int process_ipc_namespace(const struct process *p, uint64_t *number);

/*
 * The bytes of memory in the process that others can map, too: shm, and all of hugetlb.
 * 0 if that cannot be told.
 */
uint64_t process_shared(pid_t pid);

/* Open a file of /proc/PID for reading by lines; the caller closes it.  0 or -errno. */
int process_stream(const struct process *p, const char *file, FILE **stream);

/* Why getline(3) gave no more: 0 at the end of the file, or -errno. */
int process_stream_error(FILE *stream);

#endif
