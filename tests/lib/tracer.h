/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Run a program under ptrace(2) and inject one fault: a system call that fails, returns nonsense
 * or does half of its work, a signal, a target that exits. Like strace -e inject=, but faults
 * count from main(), reads and writes are really short, the target changes exactly at a call, and
 * the machine can seem to have a second node.
 */

enum fault_kind {
	FAULT_NONE,
	FAULT_ERROR,  /* skip the call and fail with errno @value */
	FAULT_RETURN, /* skip the call and return @value */
	FAULT_SHORT,  /* read or write one byte (pagemap: one entry) */
	FAULT_END,    /* a read returns end of file */
	FAULT_SIGNAL, /* signal @value arrives at the entry of the call */
	FAULT_GONE,   /* the target exits before the call */
	FAULT_EXEC,   /* the target calls execve(2) before the call */
	FAULT_STATUS, /* move_pages(2): all pages get status @value; none moves */
	FAULT_PAGE,   /* the same for the first page of the call; the other pages move */
	FAULT_MEMORY, /* an allocation fails (tests/lib/fail-malloc.c) */
};

struct fault {
	enum fault_kind kind;
	long call;	   /* SYS_* */
	unsigned int when; /* index of the call of that name, from 1 */
	bool on;	   /* also at all later calls */
	long value;
};

/* A call, identified as in a fault. */
struct site {
	long call;
	unsigned int when;
};

enum { SITES_MAX = 16384 };

/* Change the target. Both return when it is done. */
struct target_ops {
	void (*end)(void);
	void (*exec)(void);
};

/*
 * A second node: replaces files that the program opens, and simulates move_pages(2) and
 * migrate_pages(2).
 */
struct redirect {
	const char *path, *file;
	const char *migrated; /* replaces @file after migrate_pages(2), or NULL */
};

struct trace {
	const struct fault *fault;
	const struct target_ops *target;
	const char *preload;		  /* a library, or NULL */
	bool old_kernel;		  /* without PAGEMAP_SCAN */
	const struct redirect *redirects; /* ends with a NULL path; NULL: no second node */
	struct site *sites;		  /* receives up to SITES_MAX calls since main(), or NULL */
	size_t n_sites;
	size_t moved;	 /* pages, by move_pages(2) */
	size_t migrated; /* processes, by migrate_pages(2) */
	bool hung;	 /* it was killed because it hung */
	int status;	 /* from waitpid(2) */
};

/*
 * Run @argv, found through PATH, with these standard streams. Fill in the results in struct
 * trace. Return when the program has ended.
 */
void trace_run(struct trace *t, char *const *argv, const int streams[3]);

#endif
