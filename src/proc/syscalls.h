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
 * System calls that no library wraps as needed here.  Functions make no decisions, and probe
 * for features instead of checking the kernel version.  All return -errno on failure, and
 * -EPROTO for an impossible result: a node above NODES_MAX, a count that is too large.
 */

/*
 * The initial status of each page, a value that no kernel writes.  move_pages(2) does not write
 * the status of the pages of a batch that failed, or of any page after it.
 */
enum { SYS_UNWRITTEN = -4096 };

/*
 * Find the node of each page: move_pages(2) without nodes, which faults nothing in.  @status
 * receives the node, -ENOENT or -EFAULT.  Return 0 or -errno (ESRCH, EPERM, EINVAL).
 */
int sys_locate(pid_t pid, size_t n, void **addr, int *status);

/*
 * Move each page to its node in @nodes; with @all, also pages that other processes map
 * (MPOL_MF_MOVE_ALL).  @status: as the kernel wrote it, otherwise SYS_UNWRITTEN.  Return 0, a
 * positive count that only means "not all", or -errno; even then, some pages may have moved.
 */
int sys_move(pid_t pid, size_t n, void **addr, const int *nodes, int *status, bool all);

/* Call migrate_pages(2).  Return its result or -errno. */
long sys_migrate(pid_t pid, const struct nodeset *from, const struct nodeset *to);

/* Read the CPUs that thread @tid (0: the caller) may use.  Return 0 or -errno. */
int sys_affinity(pid_t tid, struct cpuset *cpus);

/* Prefer @node for new pages of the caller's memory: mbind(2).  Return 0 or -errno. */
int sys_prefer(void *start, size_t size, int node);

/*
 * PAGEMAP_SCAN of kernel 6.7, Documentation/admin-guide/mm/pagemap.rst.  Older headers lack it,
 * so its layout is repeated here.
 */
struct sys_region {
	uint64_t start, end; /* addresses */
	uint64_t categories; /* SYS_PAGE_* */
};

enum {
	SYS_PAGE_FILE = 1 << 2, /* reported only on request */
	SYS_PAGE_PRESENT = 1 << 3,
	SYS_PAGE_SWAP = 1 << 4, /* in swap, or under migration */
	SYS_PAGE_ZERO = 1 << 5,
	SYS_PAGE_HUGE = 1 << 6,
	SYS_PAGE_GUARD = 1 << 8, /* not a page, since 6.15; also reported as swap */
};

enum { SYS_REGIONS_MAX = 512 }; /* with more, walk_end is wrong */

/*
 * Find the pages of [@start, @end) that are present or in swap, without the zero page.
 * @fd: /proc/PID/pagemap; @regions: receives at most SYS_REGIONS_MAX
 * @max_pages: stop after this many base pages
 * @extra: SYS_PAGE_FILE, to report it, which makes the kernel examine each page;
 *         SYS_PAGE_GUARD, to exclude guard pages (-EINVAL before 6.15)
 *
 * Return the number of regions or -errno; -ENOTTY before kernel 6.7.  The last region may end
 * in the middle of a huge page.
 */
int sys_scan(int fd, uint64_t start, uint64_t end, struct sys_region *regions, uint64_t max_pages,
	     uint64_t extra);

/* Open a descriptor of the process, pidfd_open(2).  Return it, or -errno. */
int sys_pidfd(pid_t pid);

/* Return whether the process of @pidfd is running; true if poll(2) fails. */
bool sys_alive(int pidfd);

/*
 * Drop all capabilities that a move does not need, in this thread and the threads it starts, and
 * set no_new_privs.  Return 0 or -errno.
 * @writes: keep CAP_DAC_OVERRIDE permitted, but not effective, for sys_override()
 * @targets: the capabilities of the processes to move, 1 << CAP_...
 *
 * Keep CAP_SYS_PTRACE (other users' processes), CAP_DAC_READ_SEARCH (pagemap is 0400; without it
 * CAP_DAC_OVERRIDE) and CAP_SYS_NICE (shared pages, cpusets of other processes), if the caller
 * has them.  Without CAP_SYS_PTRACE the kernel requires all capabilities of a process for
 * access to it, so keep @targets.  A target that takes over this process gains nothing from
 * them.
 */
int sys_restrict(bool writes, uint64_t targets);

/* Enable or disable the CAP_DAC_OVERRIDE that sys_restrict() kept, for this thread. */
void sys_override(bool on);

/* Return whether a capability, CAP_* of linux/capability.h, is effective in this thread. */
bool sys_is_capable(unsigned int capability);

/* Return whether CAP_SYS_NICE is effective in the initial user namespace. */
bool sys_can_move_shared(void);

/* Sleep for the full time, even if signals are handled. */
void sys_pause(unsigned int microseconds);

uint64_t sys_time(void); /* CLOCK_MONOTONIC, nanoseconds */

/* Return the CPU time of all threads of this process, in nanoseconds. */
uint64_t sys_cpu_time(void);

/* Return log2 of the size of a base page, sysconf(3). */
unsigned int sys_page_shift(void);

#endif
