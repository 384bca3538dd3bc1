/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/syscalls.h"

#include "numa/nodeset.h"

#include <cap-ng.h>
#include <errno.h>
#include <limits.h>
#include <numa.h>
#include <numaif.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ERRNO_MAX = 4095 }; /* the kernel's MAX_ERRNO */

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, anyof, returned;
};

#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)

/* Return -errno, or -EPROTO for an impossible result. */
static int failure(long returned)
{
	return returned == -1 ? -errno : -EPROTO;
}

int sys_locate(pid_t pid, size_t n, void **addr, int *status)
{
	long rc = move_pages(pid, n, addr, NULL, status, 0);

	if (rc)
		return failure(rc);
	for (size_t i = 0; i < n; i++)
		if (status[i] < -ERRNO_MAX || status[i] >= NODES_MAX)
			return -EPROTO;
	return 0;
}

int sys_move(pid_t pid, size_t n, void **addr, const int *nodes, int *status, bool all)
{
	long left;

	for (size_t i = 0; i < n; i++)
		status[i] = SYS_UNWRITTEN;
	left = move_pages(pid, n, addr, nodes, status, all ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE);
	if (left < 0)
		return failure(left);
	return left > INT_MAX ? INT_MAX : (int)left;
}

long sys_migrate(pid_t pid, const struct nodeset *from, const struct nodeset *to)
{
	struct nodeset sets[] = { *from, *to };
	struct bitmask masks[] = { { NODES_MAX, sets[0].word }, { NODES_MAX, sets[1].word } };
	long left = numa_migrate_pages(pid, &masks[0], &masks[1]);

	return left < 0 ? failure(left) : left;
}

int sys_affinity(pid_t tid, struct cpuset *cpus)
{
	/* The kernel rejects a set that is too small for all possible CPUs. */
	return sched_getaffinity(tid, sizeof(*cpus), (cpu_set_t *)cpus) ? -errno : 0;
}

int sys_prefer(void *start, size_t size, int node)
{
	struct nodeset set = nodeset_range(node, node);

	/* The kernel reads maxnode - 1 bits. */
	return mbind(start, size, MPOL_PREFERRED, set.word, NODES_MAX + 1, 0) ? -errno : 0;
}

int sys_scan(int fd, uint64_t start, uint64_t end, struct sys_region *regions, uint64_t max_pages,
	     uint64_t extra)
{
	const uint64_t none = SYS_PAGE_ZERO | (extra & SYS_PAGE_GUARD);
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = start,
		.end = end,
		.vec = (uintptr_t)regions,
		.vec_len = SYS_REGIONS_MAX,
		.max_pages = max_pages,
		.inverted = none,
		.mask = none,
		.anyof = SYS_PAGE_PRESENT | SYS_PAGE_SWAP,
		.returned = SYS_PAGE_PRESENT | SYS_PAGE_HUGE | (extra & SYS_PAGE_FILE),
	};
	int n = ioctl(fd, SCAN_IOCTL, &arg);

	if (n < 0 || n > SYS_REGIONS_MAX || arg.walk_end < start)
		return failure(n);
	return n;
}

int sys_pidfd(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

bool sys_alive(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int ready;

	do {
		ready = poll(&p, 1, 0);
	} while (ready < 0 && errno == EINTR);
	return ready < 1 || !(p.revents & POLLIN);
}

static uint64_t held(capng_type_t type)
{
	uint64_t mask = 0;

	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		mask |= capng_have_capability(type, i) ? 1ULL << i : 0;
	return mask;
}

int sys_restrict(bool writes, uint64_t targets)
{
	const uint64_t ptrace = 1ULL << CAP_SYS_PTRACE, read = 1ULL << CAP_DAC_READ_SEARCH,
		       override = 1ULL << CAP_DAC_OVERRIDE, nice = 1ULL << CAP_SYS_NICE;
	const uint64_t effective = held(CAPNG_EFFECTIVE), permitted = held(CAPNG_PERMITTED);
	uint64_t keep = effective & (ptrace | nice | (effective & read ? read : override));

	if (!(effective & ptrace))
		keep = (effective & (read | nice)) | (permitted & targets);
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		if (keep >> i & 1)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, i);
	if (writes && effective & override)
		capng_update(CAPNG_ADD, CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void sys_override(bool on)
{
	if (!capng_have_capability(CAPNG_PERMITTED, CAP_DAC_OVERRIDE))
		return;
	capng_update(on ? CAPNG_ADD : CAPNG_DROP, CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE);
	capng_apply(CAPNG_SELECT_CAPS);
}

bool sys_is_capable(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

bool sys_can_move_shared(void)
{
	return move_pages(0, 0, NULL, NULL, NULL, MPOL_MF_MOVE_ALL) == 0;
}

void sys_pause(unsigned int microseconds)
{
	struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

uint64_t sys_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t sys_cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

unsigned int sys_page_shift(void)
{
	return (unsigned int)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
}
