/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mishap: movepages on a simulated kernel whose move_pages(2) misbehaves for one node.
 *
 *	MISHAP=KIND:NODE mishap OPTION...
 *
 * It is movepages with another move_pages(). KIND is what happens to pages that are moved to NODE:
 *
 *	place		they do not move, but are reported as moved
 *	busy		they do not move, like pinned pages
 *	content		they move, and a bit in the last byte of the last page changes
 *	split		they move, and a huge page is split (needs debugfs)
 *	kill		their process is killed
 *	die		their process is stopped, and movepages is killed
 *	end		they move, and the process group gets SIGTERM, as from timeout(1)
 *
 * Queries return correct results.
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <numaif.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	 ((uintptr_t)sysconf(_SC_PAGESIZE))
#define SPLITTER "/sys/kernel/debug/split_huge_pages"

/* The arguments of a call. */
struct call {
	int pid;
	unsigned long count;
	void **pages;
	const int *nodes;
	int *status;
	int flags;
};

static long call_kernel(const struct call *c)
{
	return syscall(SYS_move_pages, c->pid, c->count, c->pages, c->nodes, c->status, c->flags);
}

static long misplace(const struct call *c)
{
	memcpy(c->status, c->nodes, c->count * sizeof(*c->nodes));
	return 0;
}

static long hold(const struct call *c)
{
	return (long)c->count;
}

static long corrupt(const struct call *c)
{
	long rc = call_kernel(c);
	unsigned char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { (char *)c->pages[c->count - 1] + PAGE - 1, 1 };

	if (process_vm_readv(c->pid, &here, 1, &there, 1, 0) != 1)
		err(2, "process_vm_readv");
	byte ^= 0x10;
	if (process_vm_writev(c->pid, &here, 1, &there, 1, 0) != 1)
		err(2, "process_vm_writev");
	return rc;
}

static long split(const struct call *c)
{
	uintptr_t first = (uintptr_t)c->pages[0];
	long rc = call_kernel(c);
	FILE *f = fopen(SPLITTER, "w");

	if (!f)
		err(2, SPLITTER);
	fprintf(f, "%d,0x%jx,0x%jx", c->pid, (uintmax_t)first, (uintmax_t)first + PAGE);
	if (fclose(f))
		err(2, SPLITTER);
	return rc;
}

static long end_target(const struct call *c)
{
	kill(c->pid, SIGKILL);
	return call_kernel(c);
}

static long end_itself(const struct call *c)
{
	kill(c->pid, SIGSTOP);
	kill(getpid(), SIGKILL);
	return call_kernel(c);
}

/* Only once, by the first thread: a second signal would kill. */
static long end_all(const struct call *c)
{
	static atomic_flag done = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&done))
		kill(0, SIGTERM);
	return call_kernel(c);
}

static const struct {
	const char *name;
	long (*call)(const struct call *c);
} kinds[] = {
	{ "place", misplace },	{ "busy", hold },      { "content", corrupt }, { "split", split },
	{ "kill", end_target }, { "die", end_itself }, { "end", end_all },
};

long move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status,
		int flags)
{
	const struct call c = { pid, count, pages, nodes, status, flags };
	const char *mishap = getenv("MISHAP"), *node = mishap ? strchr(mishap, ':') : NULL;

	if (!node)
		errx(2, "MISHAP=KIND:NODE is missing");
	if (!nodes || !count || nodes[0] != atoi(node + 1))
		return call_kernel(&c);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == (size_t)(node - mishap) &&
		    memcmp(kinds[i].name, mishap, (size_t)(node - mishap)) == 0)
			return kinds[i].call(&c);
	errx(2, "MISHAP=%s: no such kind", mishap);
}
