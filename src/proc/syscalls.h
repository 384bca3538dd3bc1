/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_SYSCALLS_H
#define PROC_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cpuset;
struct nodeset;

/*
 * Calls of the kernel that no library wraps as they are needed here.  They decide nothing, and
 * ask the kernel for what it can do instead of its version.  All return -errno on failure, and
 * -EPROTO for an answer that cannot be true: a node beyond NODES_MAX, too large a count.
 */

/*
 * move_pages(2) leaves the status of the run of pages that failed, and of all after it, as it
 * was: this, which no kernel writes there.
 */
enum { SYS_UNWRITTEN = -4096 };

/*
 * Find the node of each page, with move_pages(2) without nodes; faults nothing in.  @status
 * receives the node, or -ENOENT or -EFAULT.  Return 0 or -errno (ESRCH, EPERM, EINVAL).
 */
int sys_locate(pid_t pid, size_t n, void **addr, int *status);

/*
 * Move each page to its node in @nodes, with @all also those that other processes map
 * (MPOL_MF_MOVE_ALL).  @status: as the kernel left it, the rest SYS_UNWRITTEN.  Return 0, a
 * positive count that means no more than "not all", or -errno; part may have moved then, too.
 */
int sys_move(pid_t pid, size_t n, void **addr, const int *nodes, int *status, bool all);

/* Call migrate_pages(2) once; return its result or -errno. */
long sys_migrate(pid_t pid, const struct nodeset *from, const struct nodeset *to);

/* Read the CPUs that thread @tid, 0: this one, may use.  Return 0 or -errno. */
int sys_affinity(pid_t tid, struct cpuset *cpus);

/* Put new pages of the caller's memory on @node if it has room: mbind(2).  0 or -errno. */
int sys_prefer(void *start, size_t size, int node);

/*
 * PAGEMAP_SCAN of kernel 6.7, Documentation/admin-guide/mm/pagemap.rst.  Older headers do not
 * have it: its layout is repeated here.
 */
struct sys_region {
	uint64_t start, end; /* addresses */
	uint64_t categories; /* SYS_PAGE_* */
};

enum {
	SYS_PAGE_FILE = 1 << 2, /* told only if it is asked for */
	SYS_PAGE_PRESENT = 1 << 3,
	SYS_PAGE_SWAP = 1 << 4, /* in swap, or being migrated right now */
	SYS_PAGE_ZERO = 1 << 5,
	SYS_PAGE_HUGE = 1 << 6,
	SYS_PAGE_GUARD = 1 << 8, /* not a page, since 6.15; seems to be in swap */
};

enum { SYS_REGIONS_MAX = 512 }; /* more make walk_end wrong */

/*
 * Find the pages of [@start, @end) that are present or in swap, without the zero page.
 * @fd: /proc/PID/pagemap; @regions: receives at most SYS_REGIONS_MAX
 * @max_pages: stop after that many base pages
 * @extra: SYS_PAGE_FILE, to report it, for which the kernel examines each page;
 *         SYS_PAGE_GUARD, to leave guard pages out (-EINVAL before 6.15)
 *
 * Return the number of regions or -errno; -ENOTTY where the kernel is older.  The last region
 * may end in the middle of a huge page.
 */
int sys_scan(int fd, uint64_t start, uint64_t end, struct sys_region *regions, uint64_t max_pages,
	     uint64_t extra);

/* Open a descriptor that denotes the process and not its number.  Return it, or -errno. */
int sys_pidfd(pid_t pid);

/* Return whether the process of @pidfd runs: an error of poll(2) is not its end. */
bool sys_alive(int pidfd);

/*
 * Give up every capability that moving does not need, in this thread and the threads that it
 * starts, and set no_new_privs.  Return 0 or -errno.
 * @writes: keep CAP_DAC_OVERRIDE permitted, but not effective, for sys_override()
 * @targets: the capabilities of the processes to move, 1 << CAP_...
 *
 * Keep CAP_SYS_PTRACE (processes of other users), CAP_DAC_READ_SEARCH (pagemap is 0400; without
 * it CAP_DAC_OVERRIDE) and CAP_SYS_NICE (shared pages, cpusets of other processes), if they are
 * held.  Without CAP_SYS_PTRACE the kernel demands all capabilities of a process from a caller
 * that looks into it: keep those of @targets then.  A process that takes this one over gains
 * nothing from them.
 */
int sys_restrict(bool writes, uint64_t targets);

/* Use, or stop using, the right to write anywhere that sys_restrict() kept; of this thread. */
void sys_override(bool on);

/* Return whether the capability, CAP_* of linux/capability.h, is in force for this thread. */
bool sys_is_capable(unsigned int capability);

/* Return whether CAP_SYS_NICE is effective, and not only in a user namespace. */
bool sys_can_move_shared(void);

/* Sleep for the full time, also when signals are handled. */
void sys_pause(unsigned int microseconds);

uint64_t sys_time(void); /* CLOCK_MONOTONIC, nanoseconds */

/* The CPU time of all threads of this process, nanoseconds. */
uint64_t sys_cpu_time(void);

/* log2 of the size of a base page on this machine, sysconf(3). */
unsigned int sys_page_shift(void);

#endif
