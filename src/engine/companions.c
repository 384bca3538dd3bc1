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

static bool is_selected(const struct plan *plan, uint64_t address)
{
	for (size_t i = 0; i < plan->n; i++)
		if (address >= plan->range[i].start && address < plan->range[i].end)
			return true;
	return false;
}

static void add(struct companions *a, const struct move *move, uint64_t start, uint64_t end)
{
	for (; start < end; start += 1ULL << move->means->base_shift)
		if (!is_selected(move->plan, start))
			a->address[a->n++] = (void *)(uintptr_t)start;
}

/* Folios of files are aligned in the file, others in the address space. */
static void add_beside(struct companions *a, const struct move *move, const struct range *r)
{
	const struct vma *m = &move->maps->at[r->mapping];
	bool is_file = m->kind == VMA_FILE || m->kind == VMA_SHM;
	uint64_t shift = is_file ? m->offset - m->start : 0;
	uint64_t size = 1ULL << move->means->huge_shift;
	uint64_t low = ((r->start + shift) & ~(size - 1)) - shift;
	uint64_t high = ((r->end + shift + size - 1) & ~(size - 1)) - shift;

	/* What is below the mapping, or wraps around, is not in it. */
	add(a, move, low < m->start || low > r->start ? m->start : low, r->start);
	add(a, move, r->end, high > m->end || high < r->end ? m->end : high);
}

static int compare(const void *x, const void *y)
{
	uintptr_t a = (uintptr_t) * (void *const *)x, b = (uintptr_t) * (void *const *)y;

	return a < b ? -1 : a > b;
}

static void sort(struct companions *a)
{
	size_t kept = 0;

	qsort(a->address, a->n, sizeof(a->address[0]), compare);
	for (size_t i = 0; i < a->n; i++)
		if (kept == 0 || a->address[kept - 1] != a->address[i])
			a->address[kept++] = a->address[i];
	a->n = kept;
}

int companions_begin(struct companions *a, const struct move *move)
{
	size_t beside = (size_t)2 << (move->means->huge_shift - move->means->base_shift);
	const struct plan *plan = move->plan;

	*a = (struct companions){ 0 };
	if (plan->n == 0 || plan->n > COMPANIONS_RANGES_MAX)
		return 0;
	a->address = calloc(plan->n * beside, sizeof(a->address[0]));
	a->node = calloc(plan->n * beside, sizeof(a->node[0]));
	if (!a->address || !a->node)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->range[i].mapping != RANGE_NOT_MAPPED &&
		    move->maps->at[plan->range[i].mapping].page_shift == move->means->base_shift)
			add_beside(a, move, &plan->range[i]);
	sort(a);
	return a->n ? sys_locate(move->process->thread, a->n, a->address, a->node) : 0;
}

/* The first page from @address on. */
static size_t find(const struct companions *a, uint64_t address)
{
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)a->address[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void companions_leave_out(struct companions *a, const struct page *pages, size_t n)
{
	for (size_t i = 0; a->n && i < n; i++)
		for (size_t k = find(a, pages[i].address);
		     k < a->n &&
		     (uintptr_t)a->address[k] < pages[i].address + page_bytes(&pages[i]);
		     k++)
			a->node[k] = -1;
}

static bool is_destination(const struct move *move, int from, int to)
{
	if (move->spread || (move->route && move->route->to[from] == to))
		return true;
	for (size_t i = 0; i < move->plan->n; i++)
		if (move->plan->range[i].to == to)
			return true;
	return false;
}

int companions_end(struct companions *a, const struct move *move, struct account *account)
{
	int *now = calloc(a->n + 1, sizeof(*now));
	uint64_t bytes = 1ULL << move->means->base_shift;
	int rc = now ? 0 : -ENOMEM;

	if (!rc && a->n)
		rc = sys_locate(move->process->thread, a->n, a->address, now);
	for (size_t i = 0; !rc && i < a->n; i++)
		if (a->node[i] >= 0 && now[i] >= 0 && now[i] != a->node[i] &&
		    is_destination(move, a->node[i], now[i]))
			account->along = count_add(account->along, (struct count){ 1, 0, bytes });
	free(now);
	return rc == -ESRCH ? 0 : rc; /* it exited: the move knows, if it was not done */
}

void companions_free(struct companions *a)
{
	free(a->address);
	free(a->node);
	*a = (struct companions){ 0 };
}
