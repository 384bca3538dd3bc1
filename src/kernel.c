/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "kernel.h"

#include <cap-ng.h>
#include <errno.h>
#include <limits.h>
#include <numa.h>
#include <numaif.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, anyof, returned;
};

#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)

int kernel_locate(pid_t pid, size_t n, void **addr, int *status)
{
	if (move_pages(pid, n, addr, NULL, status, 0) < 0)
		return -errno;
	return 0;
}

int kernel_move(pid_t pid, size_t n, void **addr, const int *nodes, int *status, bool all)
{
	long left;

	for (size_t i = 0; i < n; i++)
		status[i] = KERNEL_UNWRITTEN;
	left = move_pages(pid, n, addr, nodes, status,
			  all ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE);
	if (left < 0)
		return -errno;
	return left > INT_MAX ? INT_MAX : (int)left;
}

long kernel_migrate(pid_t pid, struct bitmask *from, struct bitmask *to)
{
	long left = numa_migrate_pages(pid, from, to);

	return left < 0 ? -errno : left;
}

int kernel_scan(int fd, uint64_t start, uint64_t end, struct kernel_region *regions,
		uint64_t max_pages)
{
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = start,
		.end = end,
		.vec = (uintptr_t)regions,
		.vec_len = KERNEL_REGIONS_MAX,
		.max_pages = max_pages,
		.inverted = KERNEL_PAGE_ZERO,
		.mask = KERNEL_PAGE_ZERO,
		.anyof = KERNEL_PAGE_PRESENT | KERNEL_PAGE_SWAP,
		.returned = KERNEL_PAGE_PRESENT | KERNEL_PAGE_HUGE,
	};
	int n = ioctl(fd, SCAN_IOCTL, &arg);

	return n < 0 ? -errno : n;
}

int kernel_pidfd(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

bool kernel_alive(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}

int kernel_restrict(bool writes)
{
	static const unsigned int keep[] = { CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SYS_NICE };
	bool held[sizeof(keep) / sizeof(keep[0])];
	bool at_hand = writes && capng_have_capability(CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE);

	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		held[i] = capng_have_capability(CAPNG_EFFECTIVE, keep[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		if (held[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, keep[i]);
	if (at_hand)
		capng_update(CAPNG_ADD, CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void kernel_override(bool on)
{
	if (!capng_have_capability(CAPNG_PERMITTED, CAP_DAC_OVERRIDE))
		return;
	capng_update(on ? CAPNG_ADD : CAPNG_DROP, CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE);
	capng_apply(CAPNG_SELECT_CAPS);
}

bool kernel_is_capable(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

bool kernel_can_move_shared(void)
{
	return kernel_is_capable(CAP_SYS_NICE);
}

void *kernel_hugetlb_map(size_t page_size)
{
	int shift = __builtin_ctzl(page_size);

	return mmap(NULL, page_size, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_HUGETLB |
			    (int)((unsigned int)shift << MAP_HUGE_SHIFT), -1, 0);
}

void kernel_pause(unsigned int microseconds)
{
	struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000L };

	nanosleep(&t, NULL);
}

uint64_t kernel_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
