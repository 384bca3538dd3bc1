/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CHECK_H
#define HOST_CHECK_H

#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * movepages --check: what decides about moving pages on this machine, and for this caller
 * (check_facts.c), and what that means (check_rules.c).
 */

#define HOST_UNKNOWN UINT64_MAX

/*
 * Of settings: it cannot be read whether the kernel has one, or it has none.  /proc can be
 * mounted without all but processes (subset=pid), and containers hide parts of /sys.
 */
enum { HOST_UNREAD = -2, HOST_ABSENT };

enum { HOST_NO_PAGEMAP, HOST_NO_SCAN, HOST_SCAN };

struct host_node {
	uint64_t total, free; /* bytes, or HOST_UNKNOWN */
	uint64_t room;	      /* headroom.h; likewise */
	int tier;	      /* number of its memory tier, fast ones first; HOST_ABSENT */
};

struct host {
	/* Read from files. */
	struct topology topology;	  /* of a kernel without NUMA: no nodes at all */
	struct host_node node[NODES_MAX]; /* of those with memory */
	bool no_sys;			  /* /sys does not say which nodes there are */
	bool no_tiers;			  /* nor whether there are tiers */
	bool filtered;			  /* this caller is under a seccomp filter */
	int numa_balancing;		  /* the sysctl: 1 normal, 2 tiering; or HOST_* */
	int demotion;			  /* 0, 1; likewise */
	char huge_pages[16];		  /* always, madvise, never; "": absent; "?": unread */
	uint64_t swap_total, swap_free;	  /* bytes; HOST_UNKNOWN */

	/* Found by trying: 0, or what a call that does nothing failed with. */
	struct {
		int move_pages;
		int move_all; /* the same with MPOL_MF_MOVE_ALL, for CAP_SYS_NICE */
		int migrate_pages;
		int pidfd_open;
	} call;
	int pagemap; /* HOST_*: PAGEMAP_SCAN */

	/* Capabilities in force. */
	struct {
		bool sys_nice, sys_ptrace, dac_read_search, dac_override;
	} held;
};

/*
 * host_read - all that files tell
 * @root: what stands before /proc and /sys; "" for this machine
 *
 * What a kernel does not have is not there, and no error.  Returns 0, or -errno as
 * topology_read() does, with h->topology.failed.
 */
int host_read(struct host *h, const char *root);

/* host_try - all that only a call tells; moves nothing.  After host_read(). */
void host_try(struct host *h);

/* The gravest one is that of the host. */
enum verdict {
	VERDICT_OK,
	VERDICT_NOTE,	 /* pages can be moved, but not all, or not for long */
	VERDICT_PROBLEM, /* keeps this caller from moving any; can be changed */
	VERDICT_CANNOT,	 /* this host has nowhere to move pages to */
};

struct finding {
	char key[24];  /* for programs: "node0", "cap_sys_nice" */
	char what[32]; /* for people: "node 0", "CAP_SYS_NICE" */
	char state[64];
	char meaning[256]; /* and what to do about it */
	enum verdict verdict;
};

struct findings {
	struct finding *at; /* freed by the caller */
	size_t n;
	enum verdict verdict; /* the gravest */
};

/* Fills in *f.  Returns 0 or -ENOMEM. */
int findings_of(struct findings *f, const struct host *h);

/* "ok", "note", "problem", "cannot" */
const char *verdict_name(enum verdict v);

/*
 * The command: looks with the privileges that a move would have, and moves nothing.  The
 * findings go to standard output; what keeps pages from being moved, and errors, have one
 * line each on standard error.
 *
 * Returns EXIT_DONE if pages can be moved, EXIT_FAILED if something keeps this caller from
 * it, or nothing could be found out or written, EXIT_CANNOT if this host cannot.
 */
enum exit_status check_request(const struct request *request);

#endif
