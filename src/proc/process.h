/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cpuset;

/*
 * A handle that pins the identity of a process.  move_pages(2) takes a PID, and PIDs are reused:
 * the descriptors show afterwards whether it still was the same process.
 */
struct process {
	pid_t pid;     /* of the process, even if a thread ID was given */
	pid_t thread;  /* for system calls: one that has memory, usually the first */
	char name[16]; /* comm, any bytes: escape before printing */
	bool kernel_thread, zombie;
	uint64_t resident;   /* process_resident() when it was opened */
	uint64_t start_time; /* clock ticks since boot */
	int dir;	     /* /proc/PID, or the thread's directory, for openat(2) */
	int maps, pagemap;   /* both bound to the memory of the current program */
	bool shows_frames;   /* pagemap shows page frames: opened with CAP_SYS_ADMIN */
	int pidfd;	     /* < 0 before kernel 5.3, or if seccomp forbids it */
};

/*
 * Open a process; the caller always closes @p.  If its first thread has exited, another thread
 * gives access to its memory.
 *
 * Return 0; -ESRCH: no such process; -EINVAL: a kernel thread or a zombie (see @p); -EACCES or
 * -EPERM: access denied; or another -errno of open(2).
 */
int process_open(pid_t pid, struct process *p);
void process_close(struct process *p);

/* Return the PID of the process of thread @tid; -ESRCH, or another -errno. */
int process_of(pid_t tid);

/* Return the ID of the next process or thread in a directory of /proc; 0 at the end, or errno. */
pid_t pid_next(DIR *dir);

/*
 * Return whether the process has exited, after process_open(), address_space_read() or a move
 * returned @rc.  A running process that /proc hides has not.
 */
bool process_vanished(const struct process *p, int rc);

/*
 * Check that it still is the process that was opened.  Return 0; -ESRCH: it has exited;
 * -ESTALE: it called execve(2), so its addresses are meaningless; or -errno of reading its
 * maps.
 */
int process_check(const struct process *p);

/* Parse the text of /proc/PID/stat.  Pure; return 0 or -EINVAL. */
int process_parse_stat(const char *text, size_t len, struct process *p);

/* Parse a numeric field of it, from the third on, by its number in proc(5).  Pure. */
int process_parse_stat_field(const char *text, size_t len, int field, uint64_t *value);

/* Return its resident bytes, with hugetlb, an upper bound for a move.  UINT64_MAX: unknown. */
uint64_t process_resident(const struct process *p);

/* Return whether KSM has merged pages of it, or, on kernels that do not tell, may have. */
bool process_is_merged(const struct process *p);

enum { PROCESS_COMMAND_MAX = 4096 };

/*
 * Read its command line into @buf, with spaces between arguments, cut if it does not fit.  If it
 * cannot be read or is empty, use the name.  Return @buf.
 */
char *process_command(const struct process *p, char *buf, size_t size);

/* Add the CPUs that its threads may run on, as far as they can be read. */
void process_add_cpus(const struct process *p, struct cpuset *cpus);

#endif
