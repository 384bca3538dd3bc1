/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/origins.h"

#include "engine/finder.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/array.h"

#include <errno.h>
#include <stdlib.h>

struct origin_run {
	uint64_t start, end;
	int16_t node;
};

int origins_add(struct origins *o, const struct page *p, int node)
{
	struct origin_run *last = o->n ? &o->run[o->n - 1] : NULL, *grown;

	if (last && last->end == p->address && last->node == node) {
		last->end += page_bytes(p);
		return 0;
	}
	grown = array_room(o->run, o->n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	o->run = grown;
	o->run[o->n++] = (struct origin_run){ p->address, p->address + page_bytes(p),
					      (int16_t)node };
	return 0;
}

static int compare_runs(const void *x, const void *y)
{
	const struct origin_run *a = x, *b = y;

	if (a->node != b->node)
		return a->node - b->node;
	return a->start < b->start ? -1 : a->start > b->start;
}

void origins_sort(struct origins *o)
{
	if (o->n)
		qsort(o->run, o->n, sizeof(*o->run), compare_runs);
}

int origins_take(struct origins *o, struct origins *from)
{
	struct origin_run *grown = reallocarray(o->run, o->n + from->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	o->run = grown;
	for (size_t i = 0; i < from->n; i++)
		o->run[o->n++] = from->run[i];
	origins_free(from);
	origins_sort(o);
	return 0;
}

/* For bsearch(3): find the run that contains the start of @x. */
static int compare_place(const void *x, const void *y)
{
	const struct origin_run *place = x, *run = y;

	if (place->node != run->node)
		return place->node - run->node;
	if (place->start < run->start)
		return -1;
	return place->start >= run->end;
}

bool origins_has(const struct origins *o, uint64_t address, int node)
{
	const struct origin_run place = { .start = address, .node = (int16_t)node };

	return o->n && bsearch(&place, o->run, o->n, sizeof(place), compare_place);
}

void origins_free(struct origins *o)
{
	free(o->run);
	*o = (struct origins){ 0 };
}

/* ---- recording a process ---- */

struct recorder {
	struct sink sink;
	struct origins *origins;
	const struct target *target;
};

static int record_pages(struct sink *sink, struct page *pages, size_t n)
{
	const struct recorder *r = (const struct recorder *)sink;
	const struct target *t = r->target;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		const struct page *p = &pages[i];

		if (p->outcome != OUTCOME_PRESENT)
			continue;
		if (t->space->at[p->vma].shared ||
		    !(finder_flags(t->process->pagemap, t->means->base_shift, p->address) &
		      PAGE_ONCE))
			rc = origins_add(r->origins, p, p->node);
	}
	return rc;
}

int origins_record(struct origins *o, const struct engine *e, const struct target *target,
		   const struct aim *aim)
{
	struct recorder recorder = { { .pages = record_pages, .in_order = true }, o, target };
	int rc = engine_run(e, target, aim, ENGINE_LOCATE, &recorder.sink);

	origins_sort(o);
	return rc;
}
