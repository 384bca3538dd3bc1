/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_CHECK_RULES_H
#define HOST_CHECK_RULES_H

#include <stddef.h>

struct host;

/*
 * What a host (host.h) means for moving pages: a finding for each thing that decides
 * about it, with what can be done.  Pure.
 */

/* The gravest one is that of the host. */
enum verdict {
	VERDICT_OK,
	VERDICT_NOTE,	 /* pages can be moved, but not all, or not for long */
	VERDICT_PROBLEM, /* keeps this caller from moving any; can be changed */
	VERDICT_CANNOT,	 /* this host has nowhere to move pages to */
};

enum { FINDING_STATE_MAX = 64, FINDING_MEANING_MAX = 256 };

struct finding {
	char key[24];  /* for programs: "node0", "cap_sys_nice" */
	char what[32]; /* for people: "node 0", "CAP_SYS_NICE" */
	char state[FINDING_STATE_MAX];
	char meaning[FINDING_MEANING_MAX]; /* and what to do about it */
	enum verdict verdict;
};

struct findings {
	struct finding *at; /* freed by findings_free() */
	size_t n;
};

/* Fills in *f.  Returns 0 or -ENOMEM; to be freed in any case. */
int findings_of(struct findings *f, const struct host *h);
void findings_free(struct findings *f);

/* The gravest. */
enum verdict findings_verdict(const struct findings *f);

/* "ok", "note", "problem", "cannot" */
const char *verdict_name(enum verdict v);

#endif
