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
 * A process, held while it is worked on.  move_pages(2) knows it by its number only, and
 * numbers are used again: the descriptors tell afterwards whether it was the same process.
 */
struct process {
	pid_t pid;     /* of the process, also if a thread's id was given */
	pid_t thread;  /* for system calls: one that has memory, mostly the first */
	char name[16]; /* comm, bytes as they are: escape before printing */
	bool kernel_thread, zombie;
	uint64_t resident;   /* process_resident() when it was opened */
	uint64_t start_time; /* clock ticks since boot */
	int dir;	     /* /proc/PID, or that of the thread: openat(2) */
	int maps, pagemap;   /* both tied to the memory of this very program */
	bool shows_frames;   /* pagemap shows page frames: opened with CAP_SYS_ADMIN */
	int pidfd;	     /* < 0 before kernel 5.3, or where a filter forbids it */
};

/*
 * Find a process and hold it; the caller closes @p, in each case.  A process whose first
 * thread has ended has its memory in another one.
 *
 * Return 0; -ESRCH: no such process; -EINVAL: a kernel thread or a zombie (@p tells which);
 * -EACCES or -EPERM: access is refused; or why open(2) failed.
 */
int process_open(pid_t pid, struct process *p);
void process_close(struct process *p);

/* The process that thread @tid belongs to; -ESRCH, or why its status cannot be read. */
int process_of(pid_t tid);

/* The next process, or thread, in an open directory of /proc: its number, or 0 and errno. */
pid_t pid_next(DIR *dir);

/*
 * Return whether the process is gone, after process_open(), address_space_read() or a move
 * returned @rc.  A process that runs although /proc does not show it is not gone.
 */
bool process_vanished(const struct process *p, int rc);

/*
 * Check that it still is the process that was opened.  Return 0; -ESRCH: it has exited;
 * -ESTALE: it runs another program (execve(2)), where its addresses mean nothing; or -errno of
 * reading its maps.
 */
int process_check(const struct process *p);

/* Parse the text of /proc/PID/stat.  Pure; 0 or -EINVAL. */
int process_parse_stat(const char *text, size_t len, struct process *p);

/* Parse one of its numeric fields, from the third on, by its number in proc(5).  Pure. */
int process_parse_stat_field(const char *text, size_t len, int field, uint64_t *value);

/* The bytes in memory, hugetlb included: more than can move.  UINT64_MAX: it is not known. */
uint64_t process_resident(const struct process *p);

/* Return whether pages of it are merged with others (KSM), or may be where it is not told. */
bool process_is_merged(const struct process *p);

enum { PROCESS_COMMAND_MAX = 4096 };

/*
 * Read its command line into @buf, with a space between arguments; what does not fit is cut.
 * Where there is none to read, it is the name.  Return @buf.
 */
char *process_command(const struct process *p, char *buf, size_t size);

/* Add the CPUs that its threads may run on, as far as the kernel tells. */
void process_add_cpus(const struct process *p, struct cpuset *cpus);

#endif
