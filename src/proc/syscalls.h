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
 * Everything asked of the kernel that a library call does not already give:
 * the page calls through libnuma's wrappers, PAGEMAP_SCAN, pidfd, privileges.
 * Nothing here decides anything, and nothing looks at a version: what a
 * kernel can do is found by asking it.  All return -errno on failure, -EPROTO
 * for an answer that cannot be true: a node beyond NODES_MAX, a count beyond
 * what was asked for.
 */

/*
 * A value that no kernel writes into a status slot.  Slots are filled with it
 * before a call, because move_pages(2) leaves those of the run that failed,
 * and of all after it, as they were.
 */
enum { SYS_UNWRITTEN = -4096 };

/*
 * sys_locate - on which node is each page?  move_pages(2) without nodes
 * @addr: @n addresses in process @pid
 * @status: receives for each the node, or -ENOENT or -EFAULT
 *
 * Faults nothing in.  Returns 0 or -errno (ESRCH, EPERM, EINVAL).
 */
int sys_locate(pid_t pid, size_t n, void **addr, int *status);

/*
 * sys_move - move_pages(2)
 * @nodes: the destination of each page
 * @status: the slots as the kernel left them; the rest SYS_UNWRITTEN
 * @all: move pages that other processes map too (MPOL_MF_MOVE_ALL)
 *
 * Returns what the call did: 0, a positive count that is to be taken for no
 * more than "not all", or -errno, with which part may have moved as well.
 */
int sys_move(pid_t pid, size_t n, void **addr, const int *nodes, int *status, bool all);

/* sys_migrate - one migrate_pages(2) call; its result or -errno. */
long sys_migrate(pid_t pid, const struct nodeset *from, const struct nodeset *to);

/* sys_affinity - the CPUs that thread @tid, 0: this one, may use.  Returns 0 or -errno. */
int sys_affinity(pid_t tid, struct cpuset *cpus);

/* sys_prefer - new pages of the caller's memory go to @node if it has room: mbind(2) */
int sys_prefer(void *start, size_t size, int node);

/*
 * PAGEMAP_SCAN of kernel 6.7, Documentation/admin-guide/mm/pagemap.rst; built
 * with older headers, so its layout is repeated here.
 */
struct sys_region {
	uint64_t start, end; /* addresses */
	uint64_t categories; /* KERNEL_PAGE_* */
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
 * sys_scan - the pages of [@start, @end) that are present or in swap
 * @fd: /proc/PID/pagemap
 * @regions: receives at most SYS_REGIONS_MAX
 * @max_pages: stop after that many base pages
 * @extra: SYS_PAGE_FILE, to report it, for which the kernel examines each page;
 *         SYS_PAGE_GUARD, to leave guard pages out (-EINVAL before 6.15)
 *
 * The zero page is not one of them.
 *
 * Returns the number of regions or -errno; -ENOTTY where the kernel is older.
 * The last region may end in the middle of a huge page.
 */
int sys_scan(int fd, uint64_t start, uint64_t end, struct sys_region *regions, uint64_t max_pages,
	     uint64_t extra);

/* A descriptor that stands for the process and not for its number, or -errno. */
int sys_pidfd(pid_t pid);

/* Return whether the process of @pidfd runs: an error of poll(2) is not its end. */
bool sys_alive(int pidfd);

/*
 * sys_restrict - give up every capability that moving does not need
 * @writes: keep CAP_DAC_OVERRIDE permitted, but not effective, for sys_override()
 * @targets: the capabilities that the processes to move have, 1 << CAP_...
 *
 * Keep those that are held of CAP_SYS_PTRACE (processes of other users),
 * CAP_DAC_READ_SEARCH (pagemap is 0400; without it CAP_DAC_OVERRIDE) and CAP_SYS_NICE
 * (shared pages, cpusets of other processes).  Without CAP_SYS_PTRACE the kernel lets a
 * caller look into a process only if the caller has all of its capabilities, so keep those
 * of @targets too: a process that takes this one over gains nothing from them.
 *
 * This is about this thread and the threads that it starts.  Set no_new_privs as well.
 * Return 0 or -errno.
 */
int sys_restrict(bool writes, uint64_t targets);

/*
 * sys_override - whether the caller's right to write anywhere is used
 *
 * What was kept of it by sys_restrict(); of this thread.
 */
void sys_override(bool on);

/* Whether the capability, CAP_* of linux/capability.h, is in force for this thread. */
bool sys_is_capable(unsigned int capability);

/* Whether CAP_SYS_NICE is effective, and not only in a user namespace. */
bool sys_can_move_shared(void);

/* sys_hugetlb_map - an untouched, unreserved hugetlb mapping, MAP_FAILED if none */
void *sys_hugetlb_map(size_t page_size);

/* Sleep, whatever signals are handled meanwhile. */
void sys_pause(unsigned int microseconds);

uint64_t sys_time(void); /* CLOCK_MONOTONIC, nanoseconds */

/* log2 of the size of a base page on this machine, sysconf(3). */
unsigned int sys_page_shift(void);

#endif
