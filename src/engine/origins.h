/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ORIGINS_H
#define ENGINE_ORIGINS_H

#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct origin_run;

/*
 * Which pages with more than one entry in page tables were on which node.
 *
 * Such a page is met again: in another mapping of its file, in a process that has it since
 * a fork(2), or where KSM merged it.  Where pages of a node that others move to move, too,
 * what it has to do the second time does not follow from where it is then.  A set of
 * addresses for each node, in runs of base pages: 24 bytes for each run.
 */
struct origins {
	struct origin_run *run; /* freed by origins_free() */
	size_t n;
};

/*
 * origins_record - where the pages of a process are that may have more than one entry
 * @aim: which are selected; of the others nothing is recorded
 *
 * Those of shared mappings, and those that pagemap does not call exclusively mapped.
 * Returns 0 or -errno, as engine_run().
 */
int origins_record(struct origins *o, const struct engine *e, const struct target *target,
		   const struct aim *aim);

/* Add the page, which was on @node.  Returns 0 or -ENOMEM. */
int origins_add(struct origins *o, const struct page *p, int node);

/* Move all of @from into it, sorted.  Returns 0 or -ENOMEM. */
int origins_take(struct origins *o, struct origins *from);

/* To be called after the last page was added, and before origins_has(). */
void origins_sort(struct origins *o);
bool origins_has(const struct origins *o, uint64_t address, int node);
void origins_free(struct origins *o);

#endif
