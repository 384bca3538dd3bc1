/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CHECK_H
#define HOST_CHECK_H

#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/request.h"
#include "util/terminal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * movepages --check: collects facts about this machine and this caller (facts.c), judges them
 * (check_rules.c), and prints both (check.c).
 */

struct report_form;

#define HOST_UNKNOWN UINT64_MAX

/*
 * States of a setting: its file cannot be read, or the kernel lacks it.  /proc may be mounted
 * with subset=pid, and containers hide parts of /sys.
 */
enum { HOST_UNREAD = -2, HOST_ABSENT };

enum { HOST_NO_PAGEMAP, HOST_NO_SCAN, HOST_SCAN };

enum { HOST_CPUS_MAX = 32 };

struct host_node {
	uint64_t total, free, available; /* bytes, or HOST_UNKNOWN; available: headroom.h */
	int tier;			 /* lower tiers are faster; HOST_ABSENT */
	char cpus[HOST_CPUS_MAX]; /* "0-3,8"; "-": none; "": unread; long lists end in "..." */
};

struct host {
	/* From files. */
	struct topology topology;	  /* no nodes if the kernel has no NUMA */
	struct host_node node[NODES_MAX]; /* of nodes with memory */
	bool no_sys;			  /* /sys does not list the nodes */
	bool no_tiers;			  /* /sys does not list the tiers */
	bool filtered;			  /* this caller is under a seccomp filter */
	int numa_balancing;		  /* the sysctl: 1 normal, 2 tiering; or HOST_* */
	int demotion;			  /* 0, 1; likewise */
	char huge_pages[16];		  /* always, madvise, never, absent; "": unread */
	uint64_t swap_total, swap_free;	  /* bytes; HOST_UNKNOWN */
	int kdamonds;			  /* set up in DAMON's sysfs; HOST_* */
	const char *damon_module;	  /* the kernel module that uses DAMON, or NULL */

	/* Results of calls that do nothing: 0 or -errno. */
	struct {
		int move_pages;
		int move_all; /* with MPOL_MF_MOVE_ALL, which needs CAP_SYS_NICE */
		int migrate_pages;
		int pidfd_open;
	} call;
	int pagemap; /* HOST_*: PAGEMAP_SCAN */

	/* Effective capabilities. */
	struct {
		bool sys_nice, sys_ptrace, dac_read_search, dac_override;
	} held;
};

/*
 * Read the facts from files, and from system calls that do nothing.  @root: the directory above
 * /proc and /sys, "" for this machine; system calls are always made on this machine.  A missing
 * kernel feature is a fact, not an error.  Returns 0, or -errno like topology_read(), with
 * h->topology.failed.
 */
int host_read(struct host *h, const char *root);

/* The most severe verdict of a check is that of the host. */
enum verdict {
	VERDICT_OK,
	VERDICT_UNKNOWN, /* this caller cannot read it */
	VERDICT_NOTE,	 /* pages can be moved, but not all, or they may move again */
	VERDICT_PROBLEM, /* this caller cannot move pages; can be changed */
	VERDICT_CANNOT,	 /* this host cannot move pages */
};

struct finding {
	char key[24];  /* in JSON and raw output: "node0", "cap_sys_nice" */
	char what[32]; /* in the table: "node 0", "CAP_SYS_NICE" */
	char state[64];
	char meaning[256]; /* and a remedy */
	enum verdict verdict;
};

struct findings {
	struct finding *at; /* freed by the caller */
	size_t n;
	enum verdict verdict; /* the most severe */
};

/* Fill in *@f.  Returns 0 or -ENOMEM. */
int findings_of(struct findings *f, const struct host *h);

extern const struct verdict_row {
	const char *name; /* "ok", "unknown", "note", "problem" or "cannot" */
	enum exit_status status;
	enum tone tone;
	const char *host; /* the sentence about a host; a list of nodes may follow */
} verdicts[];

extern const struct report_form check_table;

/*
 * Run --check with the privileges of a move.  Prints the findings on standard output, and errors
 * and the findings that prevent moves on standard error.
 *
 * Returns EXIT_DONE if pages can be moved, EXIT_CANNOT if this host cannot move pages, and
 * EXIT_FAILED if this caller cannot, or if reading or writing failed.
 */
enum exit_status check_request(const struct request *request);

#endif
