/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/nodeset.h"
#include "numa/topology.h"
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

/* Where the pages are, by mapping and node: the grid, of documents, too, and the table. */

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
	g->bytes = calloc(s->space->n * (g->last + 1) + 1, sizeof(*g->bytes));
	return g->bytes ? 0 : -ENOMEM;
}

int placement_grid_pages(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	struct placement_grid *g = r->state;

	(void)s;
	for (; n--; p++) {
		int column = node_column(&r->nodes, p->node);

		if (p->outcome != OUTCOME_PRESENT || column < 0 || p->flags & PAGE_AGAIN)
			continue;
		placement_row(g, p->vma)[column] += page_bytes(p);
		placement_row(g, p->vma)[g->last] += page_bytes(p);
		g->sum[column] += page_bytes(p);
		g->sum[g->last] += page_bytes(p);
	}
	return 0;
}

void placement_grid_end(struct placement_grid *g)
{
	for (size_t i = 0; i <= g->last; i++)
		g->total[i] += g->sum[i];
}

/* ---- the table ---- */

struct placement_row {
	const char *address, *end, *perms, *kind, *name;
	uint64_t size, page_size, total;
	const uint64_t *nodes;
};

#define AT(member) offsetof(struct placement_row, member)

static const struct column_kind placement_kind[] = {
	{ "ADDRESS", true, CELL_TEXT, AT(address) },
	{ "END", false, CELL_TEXT, AT(end) },
	{ "SIZE", false, CELL_BYTES, AT(size) },
	{ "PERMS", false, CELL_TEXT, AT(perms) },
	{ "KIND", true, CELL_TEXT, AT(kind) },
	{ "PAGESIZE", false, CELL_SIZE, AT(page_size) },
	{ COLUMN_NODES, true, CELL_NODES, AT(nodes) },
	{ "TOTAL", true, CELL_BYTES, AT(total) },
	{ "NAME", true, CELL_NAME, AT(name) },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

/* Add the row of the total.  @nodes: a row of the grid */
static void add_total(struct table *t, const struct placement_grid *g, const uint64_t *nodes,
		      uint64_t size)
{
	table_add(t, &(struct placement_row){ .address = "total",
					      .size = size,
					      .page_size = CELL_NONE,
					      .total = nodes[g->last],
					      .nodes = nodes });
}

/* Whether ADDRESS, the first kind, is shown, which can say that a row is the total. */
static bool has_address(const struct report *r)
{
	for (size_t i = 0; i < r->columns.n; i++)
		if (r->columns.at[i].kind == 0)
			return true;
	return false;
}

static int placement_table_end(struct report *r, const struct subject *s)
{
	struct placement_grid *g = r->state;
	char start[TEXT_SIZE_MAX], end[TEXT_SIZE_MAX];
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
		table_add(&t,
			  &(struct placement_row){ start, end, m->perms, vma_kind_name(m->kind),
						   m->name, m->end - m->start,
						   1ULL << m->page_shift, bytes[g->last], bytes });
	}
	if (!r->request->output.raw && has_address(r))
		add_total(&t, g, g->sum, size);
	return table_end(&t);
}

static int placement_table_finish(struct report *r)
{
	const struct placement_grid *g = r->state;
	struct table t;
	int rc = 0;

	if (g && has_address(r) && table_has_total(r)) {
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
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = placement_table_end,
	.finish = placement_table_finish,
};
