/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

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
	/* Begin again.  Returns 0 or -errno: -ESPIPE when it can be read only once. */
	int (*rewind)(struct source *s);
};

#endif
