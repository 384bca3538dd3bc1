/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include <stdbool.h>

struct address_space;
struct plan;

/*
 * Where the plan of a process comes from, part by part: so that a list of pages of any
 * length takes little memory.  Embedded in what it is made from.
 */
struct source {
	/*
	 * The next part of what is visited: 1 and *plan, which the source owns until the
	 * next call; 0 at the end; -errno.
	 */
	int (*next)(struct source *s, const struct address_space *space, struct plan **plan);
	bool more; /* after next(): whether there may be another part */
	/* Begin again.  Returns 0 or -errno: -ESPIPE when it can be read only once. */
	int (*rewind)(struct source *s);
};

/* The source that a plan is by itself. */
struct plan_source {
	struct source source;
	struct plan *plan; /* borrowed */
	bool given;
};

struct plan_source plan_source_of(struct plan *plan);

#endif
