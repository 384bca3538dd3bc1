/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Runs a program under ptrace(2) and makes one thing go wrong: a system call that fails,
 * returns nonsense or does half of its work, a signal, a process that is gone. What
 * strace -e inject= does, with what it cannot do: faults begin where main() does, reads and
 * writes are really short, what happens to another process happens exactly at a call, and
 * the machine can seem to have a second node.
 */

enum fault_kind {
	FAULT_NONE,
	FAULT_ERROR,  /* the call is not made, and fails with errno @value */
	FAULT_RETURN, /* the call is not made, and returns @value */
	FAULT_SHORT,  /* a read or write of one byte (pagemap: of one entry) */
	FAULT_END,    /* a read finds the end of the file */
	FAULT_SIGNAL, /* signal @value arrives as the call begins */
	FAULT_GONE,   /* the target has exited as the call begins */
	FAULT_EXEC,   /* the target has become another program */
	FAULT_STATUS, /* move_pages(2): the status of all pages is @value; none moves */
	FAULT_PAGE,   /* the same of the first page of the call; the others move */
	FAULT_MEMORY, /* an allocation fails (tests/lib/fail-malloc.c) */
};

struct fault {
	enum fault_kind kind;
	long call;	   /* SYS_* */
	unsigned int when; /* at which of the calls of that name, from 1 */
	bool on;	   /* and at all that follow */
	long value;
};

/* A call that was made, as a fault names it. */
struct site {
	long call;
	unsigned int when;
};

enum { SITES_MAX = 16384 };

/* What is done to the target. Both return when it has happened. */
struct target_ops {
	void (*end)(void);
	void (*exec)(void);
};

/*
 * A second node: what the program opens is replaced, and move_pages(2) and
 * migrate_pages(2) move pages in a list of ours only.
 */
struct redirect {
	const char *path, *file;
	const char *migrated; /* in place of @file after migrate_pages(2), or NULL */
};

struct trace {
	const struct fault *fault;
	const struct target_ops *target;
	const char *preload;		  /* a library, or NULL */
	bool old_kernel;		  /* one that has no PAGEMAP_SCAN */
	const struct redirect *redirects; /* ends with a NULL path; NULL: no second node */
	struct site *sites;		  /* receives SITES_MAX calls of main(), or NULL */
	size_t n_sites;
	size_t moved;	 /* pages, by move_pages(2) */
	size_t migrated; /* processes, by migrate_pages(2) */
	bool hung;	 /* was killed for it */
	int status;	 /* as of waitpid(2) */
};

/*
 * trace_run - run @argv, found through PATH, with these standard streams
 *
 * Fills in what struct trace says; returns when the program has ended.
 */
void trace_run(struct trace *t, char *const *argv, const int streams[3]);

#endif
