/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/request.h"
#include "proc/binding.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/array.h"
#include "util/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The list of processes: the memory of each on each node; and the free memory. */

enum {
	LIST_TEXT_MAX = 64,
	LIST_EXTRA_LINES = 5, /* heading, smaller processes, total, free, prompt */
	LIST_ROWS_MIN = 3
};

struct list_row {
	uint64_t pid, total, huge, swap;
	const char *command, *policy, *cpus, *cpuset; /* all but command: or NULL */
	uint64_t *nodes;			      /* by column, and their total */
	struct list_texts {
		char command[LIST_TEXT_MAX], policy[BINDING_POLICY_MAX], cpus[LIST_TEXT_MAX],
			cpuset[LIST_TEXT_MAX];
	} text;
	uint64_t bytes[]; /* those of nodes */
};

struct list {
	struct placement_grid grid; /* of the current process; first, for placement_grid() */
	struct list_row **row;
	size_t n;
	bool shares; /* some memory was counted in an earlier process */
};

#define AT(member) offsetof(struct list_row, member)

enum { COLUMN_PID, COLUMN_COMMAND };

static const struct column_kind list_columns[] = {
	[COLUMN_PID] = { "PID", true, CELL_NUMBER, AT(pid), "process ID" },
	[COLUMN_COMMAND] = { "COMMAND", true, CELL_ESCAPED, AT(command), "name of the process" },
	{ COLUMN_NODES, true, CELL_NODES, AT(nodes), "memory on each node: N0, N1, ..." },
	{ "TOTAL", true, CELL_BYTES, AT(total), "memory on all nodes" },
	{ "HUGE", false, CELL_BYTES, AT(huge), "of that, in huge pages" },
	{ "SWAP", false, CELL_BYTES, AT(swap), "memory in swap" },
	{ "POLICY", true, CELL_PHRASE, AT(policy), "memory policy of the process" },
	{ "CPUS", true, CELL_TEXT, AT(cpus), "CPUs that its threads may use" },
	{ "CPUSET", false, CELL_TEXT, AT(cpuset), "nodes that its cpuset allows" },
	{ NULL },
};

static struct list_row *row_new(const struct list *l)
{
	struct list_row *row = calloc(1, sizeof(*row) + (l->grid.last + 2) * sizeof(row->bytes[0]));

	if (!row)
		return NULL;
	row->nodes = row->bytes;
	row->pid = row->huge = row->swap = CELL_NONE;
	return row;
}

static int list_begin(struct report *r, const struct subject *s)
{
	if (!r->state)
		r->state = calloc(1, sizeof(struct list));
	return r->state ? placement_grid_begin(r, s) : -ENOMEM;
}

static int list_end(struct report *r, const struct subject *s)
{
	struct list *l = r->state;
	const struct placement_grid *g = &l->grid;
	const struct binding *b = s->binding;
	struct list_row *row, **grown;

	placement_grid_end(&l->grid);
	l->shares |= s->before > 0;
	if (!g->sum[g->last])
		return 0;
	row = row_new(l);
	grown = array_room(l->row, l->n, sizeof(*grown));
	if (grown)
		l->row = grown;
	if (!row || !grown) {
		free(row);
		return -ENOMEM;
	}
	l->row[l->n++] = row;
	row->pid = (uint64_t)s->process->pid;
	row->total = g->sum[g->last];
	row->huge = s->knows_huge ? g->sum[g->last + 1] : CELL_NONE;
	row->swap = b->swap;
	memcpy(row->bytes, g->sum, (g->last + 2) * sizeof(row->bytes[0]));
	snprintf(row->text.command, sizeof(row->text.command), "%s", s->process->name);
	snprintf(row->text.policy, sizeof(row->text.policy), "%s", b->policy);
	row->command = row->text.command;
	row->policy = row->text.policy;
	if (bits_count(BITS(&b->cpus))) {
		bits_format(BITS(&b->cpus), row->text.cpus, sizeof(row->text.cpus));
		row->cpus = row->text.cpus;
	}
	if (!nodeset_empty(&b->nodes)) {
		nodeset_format(&b->nodes, row->text.cpuset, sizeof(row->text.cpuset));
		row->cpuset = row->text.cpuset;
	}
	return 0;
}

static int by_size(const void *x, const void *y)
{
	const struct list_row *a = *(struct list_row *const *)x, *b = *(struct list_row *const *)y;

	if (a->total != b->total)
		return a->total < b->total ? 1 : -1;
	return a->pid < b->pid ? -1 : 1;
}

/* Return how many rows fit on the terminal; all if standard output is not a terminal. */
static size_t rows_shown(const struct report *r, const struct list *l)
{
	size_t height = r->request->output.raw ? 0 : terminal_height(stdout);
	size_t extra = LIST_EXTRA_LINES + l->shares + (r->past != NULL);

	if (!height || l->n + extra - 1 <= height)
		return l->n;
	return height > extra + LIST_ROWS_MIN ? height - extra : LIST_ROWS_MIN;
}

/* Add one row for all from @first on. */
static int add_smaller(struct table *t, const struct list *l, size_t first)
{
	struct list_row *sum = row_new(l);

	if (!sum)
		return -ENOMEM;
	snprintf(sum->text.command, sizeof(sum->text.command), "(%zu smaller)", l->n - first);
	sum->command = sum->text.command;
	for (size_t i = first; i < l->n; i++)
		for (size_t c = 0; c <= l->grid.last; c++)
			sum->nodes[c] += l->row[i]->nodes[c];
	sum->total = sum->nodes[l->grid.last];
	table_add(t, sum);
	free(sum);
	return 0;
}

/* Add a row of the changes since the previous report, if there is one. */
static void add_changes(struct table *t, const uint64_t *changes, size_t last)
{
	if (!changes)
		return;
	t->style = ROW_CHANGES;
	table_add(t, &(struct list_row){ .pid = CELL_NONE,
					 .command = "change",
					 .nodes = (uint64_t *)changes,
					 .total = changes[last] });
	t->style = ROW_SIZES;
}

static int print_list(struct report *r, struct list *l)
{
	struct placement_grid *g = &l->grid;
	struct list_row sum = { .pid = CELL_NONE, .huge = CELL_NONE, .swap = CELL_NONE };
	size_t shown;
	struct table t;
	int rc = 0;

	if (l->n)
		qsort(l->row, l->n, sizeof(*l->row), by_size);
	shown = rows_shown(r, l);
	table_begin(&t, r, NULL);
	for (size_t i = 0; i < shown && i < l->n; i++)
		table_add(&t, l->row[i]);
	table_sort(&t);
	if (shown < l->n)
		rc = add_smaller(&t, l, shown);
	if (!r->request->output.raw && columns_show(&r->columns, COLUMN_COMMAND)) {
		sum.command = "total";
		sum.nodes = g->total;
		sum.total = g->total[g->last];
		table_add(&t, &sum);
		add_changes(&t, report_changes(r, g->total, g->last + 1), g->last);
		sum.command = "free";
		sum.nodes = r->free;
		sum.total = CELL_NONE;
		table_add(&t, &sum);
	}
	if (table_end(&t))
		return -ENOMEM;
	if (l->shares && terminal_height(stdout) && !r->request->output.raw &&
	    !r->request->output.noheadings)
		fputs("Shared memory is counted once, but memory shared since fork(2) in each "
		      "process.\n",
		      r->out);
	return rc;
}

static int list_finish(struct report *r)
{
	struct list *l = r->state;
	int rc;

	if (!l)
		l = r->state = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->grid.last = r->nodes.n;
	rc = print_list(r, l);
	for (size_t i = 0; i < l->n; i++)
		free(l->row[i]);
	free(l->row);
	free(l->grid.bytes);
	return rc;
}

const struct report_form report_list = {
	.columns = list_columns,
	.begin = list_begin,
	.pages = placement_grid_pages,
	.end = list_end,
	.finish = list_finish,
};
