/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "numa/nodeset.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/binding.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The placement of one process, by kind of mapping and node, and its memory policy. */

/* ---- the line above the table ---- */

/* Add a phrase, on the next line if it does not fit on this one. */
__attribute__((format(printf, 3, 4))) static void add_phrase(const struct report *r, size_t *at,
							     const char *format, ...)
{
	char phrase[NODES_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(phrase, sizeof(phrase), format, args);
	va_end(args);
	if (*at && *at + strlen(phrase) + 3 > terminal_width(stdout)) {
		fputs(",\n  ", r->out);
		*at = 2;
	} else if (*at) {
		fputs(", ", r->out);
		*at += 2;
	}
	fputs(phrase, r->out);
	*at += strlen(phrase);
}

void placement_title(const struct report *r, const struct subject *s)
{
	const struct placement_grid *g = r->state;
	const struct binding *b = s->binding;
	char name[TEXT_NAME_MAX], size[TEXT_SIZE_MAX], list[NODES_TEXT_MAX];
	size_t at = 0;

	if (!b) {
		report_title(r, s);
		return;
	}
	add_phrase(r, &at, "%s (%d): %s in memory", text_name(s->process->name, name, sizeof(name)),
		   s->process->pid, report_size(r, g->sum[g->last], size));
	if (b->swap && b->swap != UINT64_MAX)
		add_phrase(r, &at, "%s in swap", report_size(r, b->swap, size));
	if (*b->policy)
		add_phrase(r, &at, "policy %s", b->policy);
	if (bits_count(BITS(&b->cpus))) {
		bits_format(BITS(&b->cpus), list, sizeof(list));
		add_phrase(r, &at, "CPUs %s", list);
	}
	if (!nodeset_empty(&b->nodes)) {
		nodeset_format(&b->nodes, list, sizeof(list));
		add_phrase(r, &at, "cpuset.mems %s", list);
	}
	if (b->balances)
		add_phrase(r, &at, "NUMA balancing");
	if (s->ended)
		add_phrase(r, &at, "%s", limits_end_text(s->ended));
	if (s->before)
		add_phrase(r, &at, "and %s of shared memory that is counted above",
			   report_size(r, s->before, size));
	fputc('\n', r->out);
}

/* ---- the rows ---- */

static int by_size(const void *x, const void *y)
{
	const struct kind_row *a = x, *b = y;

	return a->total != b->total ? (a->total < b->total ? 1 : -1) : 0;
}

struct kind_row *kinds_sum(const struct placement_grid *g, const struct subject *s, size_t *n)
{
	const size_t width = g->last + 1;
	struct kind_row *rows = calloc(1, VMA_KINDS * (sizeof(*rows) + width * sizeof(*g->bytes)));
	uint64_t *bytes = (uint64_t *)(rows + VMA_KINDS);

	*n = 0;
	for (size_t k = 0; rows && k < VMA_KINDS; k++) {
		struct kind_row *row = &rows[*n];

		*row = (struct kind_row){ .kind = vma_kind_name((enum vma_kind)k),
					  .nodes = bytes + k * width };
		for (size_t i = 0; i < s->space->n; i++) {
			const uint64_t *from = placement_row(g, i);

			if (s->space->at[i].kind != k || !from[g->last])
				continue;
			for (size_t c = 0; c < width; c++)
				bytes[k * width + c] += from[c];
			row->huge += from[g->last + 1];
			row->mappings++;
		}
		row->total = row->nodes[g->last];
		*n += row->mappings > 0;
	}
	if (rows)
		qsort(rows, *n, sizeof(*rows), by_size);
	return rows;
}

#define AT(member) offsetof(struct kind_row, member)

/* ---- the table ---- */

static const struct column_kind kind_columns[] = {
	{ "KIND", true, CELL_TEXT, AT(kind), "kind of mapping" },
	{ COLUMN_NODES, true, CELL_NODES, AT(nodes), "memory on each node: N0, N1, ..." },
	{ "TOTAL", true, CELL_BYTES, AT(total), "memory on all nodes" },
	{ "HUGE", false, CELL_BYTES, AT(huge), "of that, in huge pages" },
	{ "MAPPINGS", true, CELL_NUMBER, AT(mappings), "number of mappings with pages in memory" },
	COLUMNS_OF_PROCESS,
	{ NULL },
};

static int kinds_end(struct report *r, const struct subject *s)
{
	struct placement_grid *g = r->state;
	const uint64_t *changes;
	struct kind_row *rows, total = { "total", g->sum, g->sum[g->last], 0, 0 };
	struct table t;
	size_t n;

	if (!g->bytes)
		return -ENOMEM;
	rows = kinds_sum(g, s, &n);
	if (!rows)
		return -ENOMEM;
	placement_grid_end(g);
	table_begin(&t, r, s);
	for (size_t i = 0; i < n; i++) {
		total.mappings += rows[i].mappings;
		total.huge += rows[i].huge;
		if (!s->knows_huge)
			rows[i].huge = total.huge = CELL_NONE;
		table_add(&t, &rows[i]);
	}
	table_sort(&t);
	if (!r->request->output.raw && columns_show(&r->columns, 0)) {
		table_add(&t, &total);
		t.style = ROW_SHARES;
		t.all = total.total;
		if (t.all)
			table_add(&t, &(struct kind_row){ "", g->sum, CELL_NONE, CELL_NONE,
							  CELL_NONE });
	}
	changes = report_changes(r, g->sum, g->last + 1);
	if (changes && columns_show(&r->columns, 0)) {
		t.style = ROW_CHANGES;
		table_add(&t,
			  &(struct kind_row){ "change", changes, changes[g->last], 0, CELL_NONE });
	}
	free(rows);
	return table_end(&t);
}

static int kinds_finish(struct report *r)
{
	const struct placement_grid *g = r->state;

	if (g)
		free(g->bytes);
	return 0;
}

const struct report_form report_kinds = {
	.columns = kind_columns,
	.title = placement_title,
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = kinds_end,
	.finish = kinds_finish,
};
