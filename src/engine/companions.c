/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/companions.h"

#include "engine/engine.h"
#include "engine/finder.h"
#include "numa/node_map.h"
#include "plan/account.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <stdlib.h>

/* Folios of files are aligned in the file, anonymous ones in the address space. */
static void add_beside(struct companions *a, const struct target *t, const struct plan *plan,
		       const struct range *r)
{
	const struct vma *m = &t->space->at[r->vma];
	bool is_file = m->kind == VMA_FILE || m->kind == VMA_SHM;
	uint64_t shift = is_file ? m->offset - m->start : 0;
	uint64_t size = 1ULL << t->means->huge_shift;
	uint64_t low = ((r->start + shift) & ~(size - 1)) - shift;
	uint64_t high = ((r->end + shift + size - 1) & ~(size - 1)) - shift;

	/* Clamp to the mapping; an address may have wrapped around. */
	if (low < m->start || low > r->start)
		low = m->start;
	if (high > m->end || high < r->end)
		high = m->end;
	for (uint64_t at = low; at < high; at += 1ULL << t->means->base_shift) {
		size_t i = 0;

		if (at == r->start)
			at = r->end;
		while (i < plan->n && (at < plan->range[i].start || at >= plan->range[i].end))
			i++;
		if (at < high && i == plan->n)
			a->address[a->n++] = (void *)(uintptr_t)at;
	}
}

static int compare_pointers(const void *x, const void *y)
{
	const char *a = *(char *const *)x, *b = *(char *const *)y;

	return a < b ? -1 : a > b;
}

int companions_begin(struct companions *a, const struct target *t, const struct plan *plan)
{
	size_t beside = (size_t)2 << (t->means->huge_shift - t->means->base_shift), kept = 0;

	*a = (struct companions){ 0 };
	for (size_t i = 0; i < plan->n; i++)
		if (plan->range[i].to >= 0)
			nodeset_add(&a->to, plan->range[i].to);
	if (plan->n == 0 || plan->n > COMPANIONS_RANGES_MAX)
		return 0;
	a->address = calloc(plan->n * beside, sizeof(a->address[0]));
	a->node = calloc(plan->n * beside, sizeof(a->node[0]));
	if (!a->address || !a->node)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->range[i].vma != RANGE_NOT_MAPPED &&
		    t->space->at[plan->range[i].vma].page_shift == t->means->base_shift)
			add_beside(a, t, plan, &plan->range[i]);
	qsort(a->address, a->n, sizeof(a->address[0]), compare_pointers);
	for (size_t i = 0; i < a->n; i++)
		if (kept == 0 || a->address[kept - 1] != a->address[i])
			a->address[kept++] = a->address[i];
	a->n = kept;
	return a->n ? sys_locate(t->process->thread, a->n, a->address, a->node) : 0;
}

void companions_leave_out(struct companions *a, const struct page *pages, size_t n)
{
	for (size_t i = 0; a->n && i < n; i++) {
		uint64_t end = pages[i].address + page_bytes(&pages[i]);
		size_t low = 0, high = a->n;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if ((uintptr_t)a->address[middle] < pages[i].address)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < a->n && (uintptr_t)a->address[low] < end; low++)
			a->node[low] = -1;
	}
}

int companions_end(struct companions *a, const struct target *t, const struct aim *aim,
		   struct account *account)
{
	int *now = calloc(a->n + 1, sizeof(*now));
	const struct count one = { 1, 0, 1ULL << t->means->base_shift };
	int rc = now ? 0 : -ENOMEM;

	if (!rc && a->n)
		rc = sys_locate(t->process->thread, a->n, a->address, now);
	for (size_t i = 0; !rc && i < a->n; i++) {
		int from = a->node[i], to = now[i];

		if (from < 0 || to < 0 || from == to)
			continue;
		if (aim->interleave || (aim->map && aim->map->to[from] == to) ||
		    nodeset_has(&a->to, to))
			account->along = count_add(account->along, one);
	}
	free(now);
	companions_free(a);
	return rc == -ESRCH ? 0 :
			      rc; /* the process exited; an unfinished move reports that itself */
}

void companions_free(struct companions *a)
{
	free(a->address);
	free(a->node);
	*a = (struct companions){ 0 };
}
