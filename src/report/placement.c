/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The placement by mapping and node: the grid, which JSON documents also use, and the table. */

/* ---- the grid ---- */

struct placement_grid *placement_grid(struct report *r)
{
	struct placement_grid *g = r->state ? r->state : calloc(1, sizeof(*g));

	if (g)
		g->last = r->nodes.n;
	return r->state = g;
}

int placement_grid_begin(struct report *r, const struct subject *s)
{
	struct placement_grid *g = placement_grid(r);

	if (!g)
		return -ENOMEM;
	free(g->bytes);
	memset(g->sum, 0, sizeof(g->sum));
	g->bytes = calloc(s->space->n * (g->last + 2) + 1, sizeof(*g->bytes));
	return g->bytes ? 0 : -ENOMEM;
}

int placement_grid_pages(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	struct placement_grid *g = r->state;

	for (; n--; p++) {
		int column = node_column(&r->nodes, p->node);
		uint64_t *row = placement_row(g, p->vma);

		if (p->outcome != OUTCOME_PRESENT || column < 0 || p->flags & PAGE_AGAIN)
			continue;
		row[column] += page_bytes(p);
		row[g->last] += page_bytes(p);
		g->sum[column] += page_bytes(p);
		g->sum[g->last] += page_bytes(p);
		if (p->shift > s->account->base_shift) {
			row[g->last + 1] += page_bytes(p);
			g->sum[g->last + 1] += page_bytes(p);
		}
	}
	return 0;
}

void placement_grid_end(struct placement_grid *g)
{
	for (size_t i = 0; i <= g->last + 1; i++)
		g->total[i] += g->sum[i];
}

/* ---- the table ---- */

struct placement_row {
	const char *address, *end, *perms, *kind, *name;
	uint64_t size, page_size, total, huge;
	const uint64_t *nodes;
};

#define AT(member) offsetof(struct placement_row, member)

static const struct column_kind placement_kind[] = {
	{ "ADDRESS", true, CELL_TEXT, AT(address), "first address of the mapping" },
	{ "END", false, CELL_TEXT, AT(end), "first address after it" },
	{ "SIZE", false, CELL_BYTES, AT(size), "size of the mapping, in memory or not" },
	{ "PERMS", false, CELL_TEXT, AT(perms), "permissions, as in /proc/PID/maps" },
	{ "KIND", true, CELL_TEXT, AT(kind), "kind of mapping" },
	{ "PAGESIZE", false, CELL_SIZE, AT(page_size), "size of its hugetlb or base pages" },
	{ COLUMN_NODES, true, CELL_NODES, AT(nodes), "memory on each node: N0, N1, ..." },
	{ "TOTAL", true, CELL_BYTES, AT(total), "memory on all nodes" },
	{ "HUGE", false, CELL_BYTES, AT(huge), "of that, in huge pages" },
	{ "NAME", true, CELL_NAME, AT(name), "file, or name of the mapping" },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

/* Add the row of the total.  @nodes: a row of the grid */
static void add_total(struct table *t, const struct placement_grid *g, const uint64_t *nodes,
		      uint64_t size)
{
	table_sort(t);
	table_add(t, &(struct placement_row){ .address = "total",
					      .size = size,
					      .page_size = CELL_NONE,
					      .total = nodes[g->last],
					      .huge = nodes[g->last + 1],
					      .nodes = nodes });
}

static int placement_table_end(struct report *r, const struct subject *s)
{
	struct placement_grid *g = r->state;
	char start[TEXT_SIZE_MAX], end[TEXT_SIZE_MAX];
	const uint64_t *changes;
	uint64_t size = 0;
	struct table t;

	if (!g || !g->bytes)
		return -ENOMEM;
	placement_grid_end(g);
	table_begin(&t, r, s);
	for (size_t i = 0; i < s->space->n; i++) {
		const struct vma *m = &s->space->at[i];
		const uint64_t *bytes = placement_row(g, i);

		if (bytes[g->last] == 0)
			continue;
		snprintf(start, sizeof(start), "%012" PRIx64, m->start);
		snprintf(end, sizeof(end), "%012" PRIx64, m->end);
		size += m->end - m->start;
		table_add(&t, &(struct placement_row){
				      start, end, m->perms, vma_kind_name(m->kind), m->name,
				      m->end - m->start, 1ULL << m->page_shift, bytes[g->last],
				      s->knows_huge ? bytes[g->last + 1] : CELL_NONE, bytes });
	}
	/* The first column, ADDRESS, identifies the row of the total. */
	if (!r->request->output.raw && columns_show(&r->columns, 0))
		add_total(&t, g, g->sum, size);
	changes = report_changes(r, g->sum, g->last + 1);
	if (changes && columns_show(&r->columns, 0)) {
		t.style = ROW_CHANGES;
		table_add(&t, &(struct placement_row){ .address = "change",
						       .total = changes[g->last],
						       .nodes = changes });
	}
	return table_end(&t);
}

static int placement_table_finish(struct report *r)
{
	const struct placement_grid *g = r->state;
	struct table t;
	int rc = 0;

	if (g && columns_show(&r->columns, 0) && table_has_total(r)) {
		table_begin(&t, r, &r->total);
		add_total(&t, g, g->total, 0);
		rc = table_end(&t);
	}
	if (g)
		free(g->bytes);
	return rc;
}

const struct report_form report_placement = {
	.columns = placement_kind,
	.title = placement_title,
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = placement_table_end,
	.finish = placement_table_finish,
};
