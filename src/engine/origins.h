/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_ORIGINS_H
#define ENGINE_ORIGINS_H

#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct origin_run;

/*
 * Records the nodes of pages with several entries in page tables.
 *
 * The same page is visited again by its other entries: in another mapping of its file, in a process
 * that shares it since a fork(2), or where KSM merged it.  If a node is both source and
 * destination, the page's node at the second visit does not show whether it has moved; this record
 * does.  It is a set of addresses for each node, in runs of base pages; a run takes 24 bytes.
 */
struct origins {
	struct origin_run *run; /* freed by origins_free() */
	size_t n;
};

/*
 * Record the selected pages of a process that may have several entries: pages of shared mappings,
 * and pages that pagemap does not report as exclusively mapped.  Return 0 or -errno, as
 * engine_run().
 */
int origins_record(struct origins *o, const struct engine *e, const struct target *target,
		   const struct aim *aim);

/* Add the page, which was on @node.  Return 0 or -ENOMEM. */
int origins_add(struct origins *o, const struct page *p, int node);

/* Move all of @from into @o, and sort.  Return 0 or -ENOMEM. */
int origins_take(struct origins *o, struct origins *from);

/* Call this after the last origins_add(), and before origins_has(). */
void origins_sort(struct origins *o);
bool origins_has(const struct origins *o, uint64_t address, int node);
void origins_free(struct origins *o);

#endif
