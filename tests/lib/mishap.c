/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mishap: movepages, on a kernel whose move_pages(2) goes wrong for one node.
 *
 *	MISHAP=KIND:NODE mishap OPTION...
 *
 * It is all of movepages, but for the library's move_pages(), which is this one. What is
 * moved to NODE
 *
 *	place		stays where it is, and is said to have moved
 *	busy		stays where it is, as pages that somebody holds on to do
 *	content		moves, and a bit of it changes: in the last byte of the last page
 *	split		moves, and is no huge page any more (needs debugfs)
 *	kill		is not there any more: its process was killed
 *	die		stays there, for its process is stopped and movepages is killed
 *	end		moves, and the process group is to end meanwhile (as timeout(1) has it)
 *
 * Queries are answered as they should be.
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

#define PAGE	 4096
#define SPLITTER "/sys/kernel/debug/split_huge_pages"

/* A call, as it was made. */
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

/* Once, whichever thread comes first: a second signal is not waited for. */
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
