/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CHECK_RULES_H
#define HOST_CHECK_RULES_H

#include <stddef.h>

struct host;

/*
 * What a host (check_facts.h) means for moving pages: a finding for each thing that decides
 * about it, with what can be done.  Pure.
 */

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

#endif
