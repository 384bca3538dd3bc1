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
	g->bytes = calloc(s->maps->n * (g->last + 1) + 1, sizeof(*g->bytes));
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

void placement_grid_free(struct report *r)
{
	struct placement_grid *g = r->state;

	if (g)
		free(g->bytes);
	free(g);
	r->state = NULL;
}

/* ---- the table ---- */

enum {
	MAP_ADDRESS,
	MAP_END,
	MAP_SIZE,
	MAP_PERMS,
	MAP_KIND,
	MAP_PAGESIZE,
	MAP_NODES,
	MAP_TOTAL,
	MAP_NAME
};

static const struct column_kind placement_kind[] = {
	[MAP_ADDRESS] = { "ADDRESS", true, false, false },
	[MAP_END] = { "END", false, false, false },
	[MAP_SIZE] = { "SIZE", false, true, false },
	[MAP_PERMS] = { "PERMS", false, false, false },
	[MAP_KIND] = { "KIND", true, false, false },
	[MAP_PAGESIZE] = { "PAGESIZE", false, true, false },
	[MAP_NODES] = { COLUMN_NODES, true, true, false },
	[MAP_TOTAL] = { "TOTAL", true, true, false },
	[MAP_NAME] = { "NAME", true, false, true },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

struct placement_row {
	const struct vma *mapping;	 /* NULL: the total */
	const unsigned long long *bytes; /* a row of the grid */
	unsigned long long size;
};

/* A dash for nothing at all is easier to see, a number easier to add up. */
static const char *bytes_cell(const struct report *r, unsigned long long bytes, char *buf)
{
	return bytes || r->request->output.bytes ? report_size(r, bytes, buf) : "-";
}

static const char *placement_cell(const struct report *r, const void *data,
				  const struct column *column, char *buf)
{
	const struct placement_row *row = data;
	const struct vma *m = row->mapping;

	switch (column->kind) {
	case MAP_NODES: return bytes_cell(r, row->bytes[r->nodes.column[column->node]], buf);
	case MAP_TOTAL: return bytes_cell(r, row->bytes[r->nodes.n], buf);
	case MAP_SIZE: return bytes_cell(r, row->size, buf);
	}
	if (!m)
		return column->kind == MAP_ADDRESS ? "total" : "";
	switch (column->kind) {
	case MAP_PERMS: return m->perms;
	case MAP_KIND: return vma_kind_name(m->kind);
	case MAP_PAGESIZE: return report_size(r, 1ULL << m->page_shift, buf);
	case MAP_NAME: return table_name(r, m->name, buf);
	}
	snprintf(buf, TABLE_CELL_MAX, "%012" PRIx64,
		 column->kind == MAP_ADDRESS ? m->start : m->end);
	return buf;
}

/* Whether a column can say that a row is the total. */
static bool has_address(const struct report *r)
{
	for (size_t i = 0; i < r->columns.n; i++)
		if (r->columns.at[i].kind == MAP_ADDRESS)
			return true;
	return false;
}

static int placement_table_end(struct report *r, const struct subject *s)
{
	struct placement_grid *g = r->state;
	unsigned long long size = 0;
	struct table t;

	if (!g || !g->bytes)
		return -ENOMEM;
	placement_grid_end(g);
	table_begin(&t, r, s, placement_cell);
	for (size_t i = 0; i < s->maps->n; i++) {
		const struct vma *m = &s->maps->at[i];
		const unsigned long long *bytes = placement_row(g, i);

		if (bytes[g->last] == 0)
			continue;
		size += m->end - m->start;
		table_add(&t, &(struct placement_row){ m, bytes, m->end - m->start });
	}
	if (!r->request->output.raw && has_address(r))
		table_add(&t, &(struct placement_row){ NULL, g->sum, size });
	return table_end(&t);
}

static int placement_table_finish(struct report *r)
{
	const struct placement_grid *g = r->state;
	const struct subject total = { .process = NULL };
	struct table t;
	int rc = 0;

	if (g && has_address(r) && table_has_total(r)) {
		table_begin(&t, r, &total, placement_cell);
		table_add(&t, &(struct placement_row){ NULL, g->total, 0 });
		rc = table_end(&t);
	}
	placement_grid_free(r);
	return rc;
}

const struct report_form report_placement = {
	.columns = placement_kind,
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = placement_table_end,
	.finish = placement_table_finish,
};
