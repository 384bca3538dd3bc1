/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_SELFTEST_CHILD_H
#define HOST_SELFTEST_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A child process that holds memory of known content, for others to move.
 *
 * The content of each page follows from its number and a seed.  The memory has a policy of
 * its own (MPOL_PREFERRED, mbind(2)), which keeps NUMA balancing away from it.  The child
 * ignores SIGINT and SIGTERM, and dies with the thread that started it (PR_SET_PDEATHSIG).
 *
 * Functions return 0 or -errno: -EINTR when a signal asks for the end (limits.h) before the
 * child has answered, -EPIPE when it has died.
 */

struct specimen {
	uint64_t size; /* of its memory, in bytes */
	bool huge;     /* transparent huge pages: asked for, or refused (madvise(2)) */
	int node;      /* where pages are put when they are filled, as far as there is room */
	uint64_t seed;
	/* Of the child: */
	pid_t pid; /* 0: there is none */
	int socket;
	uint64_t start; /* address of its memory */
};

/*
 * specimen_start - fork, and map memory of which no page is touched yet
 * @s: the first four members are given; the size is a multiple of @align
 * @align: a power of two
 *
 * -ENOMEM when there is not as much address space.  To be stopped in each case.
 */
int specimen_start(struct specimen *s, size_t align);

/* Write all pages, once. */
int specimen_fill(const struct specimen *s);

/*
 * specimen_check - after that, once: does every byte have the value that was written?
 * @bad: receives the address of the first eight of which one does not, or 0
 */
int specimen_check(const struct specimen *s, uint64_t *bad);

/* Kill it, and wait until it is gone. */
void specimen_stop(struct specimen *s);

#endif
