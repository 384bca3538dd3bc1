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
 * movepages --check: the facts that decide about moving pages on this machine and for this
 * caller (facts.c), what they mean (check_rules.c), and how both are printed (check.c).
 */

struct report_form;

#define HOST_UNKNOWN UINT64_MAX

/*
 * Of a setting: its file cannot be read, or the kernel has none.  /proc may show nothing but
 * processes (subset=pid), and containers hide parts of /sys.
 */
enum { HOST_UNREAD = -2, HOST_ABSENT };

enum { HOST_NO_PAGEMAP, HOST_NO_SCAN, HOST_SCAN };

enum { HOST_CPUS_MAX = 32 };

struct host_node {
	uint64_t total, free, available; /* bytes, or HOST_UNKNOWN; available: headroom.h */
	int tier;			 /* its memory tier, lower ones are faster; HOST_ABSENT */
	char cpus[HOST_CPUS_MAX]; /* "0-3,8"; "-": none; "": unread; long lists end in "..." */
};

struct host {
	/* From files. */
	struct topology topology;	  /* of a kernel without NUMA: no nodes at all */
	struct host_node node[NODES_MAX]; /* of those with memory */
	bool no_sys;			  /* /sys does not say which nodes there are */
	bool no_tiers;			  /* nor which tiers there are */
	bool filtered;			  /* this caller is under a seccomp filter */
	int numa_balancing;		  /* the sysctl: 1 normal, 2 tiering; or HOST_* */
	int demotion;			  /* 0, 1; likewise */
	char huge_pages[16];		  /* always, madvise, never, absent; "": unread */
	uint64_t swap_total, swap_free;	  /* bytes; HOST_UNKNOWN */
	int kdamonds;			  /* that are set up in the sysfs of DAMON; HOST_* */
	const char *damon_module;	  /* the module of the kernel that uses DAMON, or NULL */

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
 * Read the facts, and make calls that do nothing to find the others.  Moves nothing.  @root: the
 * directory above /proc and /sys, "" for this machine; calls are those of this machine.  The
 * lack of a kernel feature is a fact, not an error.  Returns 0, or -errno as topology_read()
 * does, with h->topology.failed.
 */
int host_read(struct host *h, const char *root);

/* The gravest one is that of the host. */
enum verdict {
	VERDICT_OK,
	VERDICT_UNKNOWN, /* this caller cannot read it */
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

/* Fill in *@f.  Returns 0 or -ENOMEM. */
int findings_of(struct findings *f, const struct host *h);

/* Of each verdict. */
extern const struct verdict_row {
	const char *name; /* "ok", "unknown", "note", "problem" or "cannot" */
	enum exit_status status;
	enum tone tone;
	const char *host; /* what it says of a host: "pages can be moved between nodes *" */
} verdicts[];

extern const struct report_form check_table;

/*
 * Run --check with the privileges that a move has.  Moves nothing.  Prints the findings on
 * standard output; errors, and each finding that keeps pages from being moved, have a line on
 * standard error.
 *
 * Returns EXIT_DONE if pages can be moved, EXIT_FAILED if something keeps this caller from
 * moving them or reading or writing failed, EXIT_CANNOT if this host cannot.
 */
enum exit_status check_request(const struct request *request);

#endif
