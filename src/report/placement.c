/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "numa/nodeset.h"
#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "report/columns.h"
#include "report/report.h"
#include "report/table.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Tables: of what happened, and of what is where. */

/* What stands for all processes in tables. */
static const struct process all_processes = { .name = "" };

static const char *pid_cell(const struct process *p, char *buf)
{
	return p->pid ? table_number((uint64_t)p->pid, buf) : "";
}

/* Whether there is a total, which is not for programs. */
static bool has_total(const struct report *r)
{
	return r->processes > 1 && !r->request->output.raw && !r->request->output.noheadings;
}

/* ---- the account ---- */

enum { ACCOUNT_WHAT, ACCOUNT_PAGES, ACCOUNT_HUGE, ACCOUNT_SIZE, ACCOUNT_PID, ACCOUNT_COMM };

static const struct column_kind account_kind[] = {
	[ACCOUNT_WHAT] = { "ACCOUNT", true, false, false },
	[ACCOUNT_PAGES] = { "PAGES", true, true, false },
	[ACCOUNT_HUGE] = { "HUGE", true, true, false },
	[ACCOUNT_SIZE] = { "SIZE", true, true, false },
	[ACCOUNT_PID] = { "PID", false, true, false },
	[ACCOUNT_COMM] = { "COMM", false, false, false },
};

static const struct column_kinds account_kinds = {
	account_kind,
	sizeof(account_kind) / sizeof(account_kind[0]),
};

/* An account as it is written down. */
struct account_table {
	struct report *report;
	const struct subject *subject;
	struct libscols_table *table;
};

struct account_row {
	const struct process *process;
	const char *what;
	struct count count;
};

static const char *account_cell(const struct report *r, const void *data,
				const struct column *column, char *buf)
{
	const struct account_row *row = data;

	switch (column->kind) {
	case ACCOUNT_WHAT: return table_phrase(r, row->what, buf);
	case ACCOUNT_PAGES: return table_number(row->count.pages, buf);
	case ACCOUNT_HUGE: return table_number(row->count.huge, buf);
	case ACCOUNT_SIZE: return report_size(r, row->count.bytes, buf);
	case ACCOUNT_PID: return pid_cell(row->process, buf);
	default: return table_name(r, row->process->name, buf);
	}
}

static int add_count(struct account_table *t, const char *what, struct count c)
{
	const struct account_row row = { t->subject->process, what, c };

	return table_add(t->table, t->report, account_cell, &row);
}

static int add_flows(struct account_table *t, const struct account *a)
{
	char what[64];
	int rc = 0;

	for (size_t i = 0; !rc && i < a->flows; i++) {
		snprintf(what, sizeof(what), "  from node %d to %d", a->flow[i].from,
			 a->flow[i].to);
		rc = add_count(t, what, a->flow[i].count);
	}
	if (!rc && !count_is_zero(a->other_flows))
		rc = add_count(t, "  between other nodes", a->other_flows);
	return rc;
}

/* Why pages stayed. */
static int add_left(struct account_table *t, const struct account *a)
{
	char what[64];
	int rc = 0;

	for (int o = 0; !rc && o < OUTCOMES; o++) {
		if (!outcome_is_left((enum outcome)o) || count_is_zero(a->by[o]))
			continue;
		snprintf(what, sizeof(what), "  %s", outcome_row((enum outcome)o)->text);
		rc = add_count(t, what, a->by[o]);
	}
	return rc;
}

static int add_move(struct account_table *t, const struct account *a)
{
	int rc = add_count(t, "in scope", account_in_scope(a)) ||
		 add_count(t, "moved", a->by[OUTCOME_MOVED]) || add_flows(t, a) ||
		 (!count_is_zero(a->along) && add_count(t, "in the same folio", a->along)) ||
		 add_count(t, "already there", a->by[OUTCOME_ALREADY_THERE]) ||
		 add_count(t, "gone", a->by[OUTCOME_GONE]) ||
		 add_count(t, "left", account_left(a)) || add_left(t, a) ||
		 add_count(t, "new", a->fresh) ||
		 (a->split && add_count(t, "huge pages split", (struct count){ .huge = a->split }));

	return rc ? -ENOMEM : 0;
}

static bool is_told(enum outcome o)
{
	return o == OUTCOME_EXCLUDED || o == OUTCOME_NOT_MOVABLE || o == OUTCOME_UNSEEN;
}

static int add_outside(struct account_table *t, const struct account *a)
{
	int rc = 0;

	for (int o = 0; !rc && o < OUTCOMES; o++)
		if (is_told((enum outcome)o) && !count_is_zero(a->by[o]))
			rc = add_count(t, outcome_row((enum outcome)o)->text, a->by[o]);
	return rc;
}

static void print_named(struct report *r, const struct account *a)
{
	for (size_t i = 0; i < a->nameds; i++) {
		const struct left_page *p = &a->named[i];
		char size[TEXT_SIZE_MAX];

		fprintf(r->out, "left: %" PRIx64 ", %s, ", p->address,
			report_size(r, 1ULL << p->shift, size));
		if (p->node >= 0)
			fprintf(r->out, "on node %d, ", p->node);
		fprintf(r->out, "%s\n", outcome_row(p->outcome)->text);
	}
	if (a->nameds == ACCOUNT_NAMED_MAX)
		fputs("left: ... (" MOVEPAGES_NAME " --pages lists every page)\n", r->out);
}

static int print_account(struct report *r, const struct subject *s)
{
	struct account_table t = { r, s, table_new(r) };
	int rc = t.table ? 0 : -ENOMEM;

	if (rc)
		return rc;
	rc = add_move(&t, s->account);
	if (!rc)
		rc = add_outside(&t, s->account);
	if (!rc)
		return table_print(t.table, r);
	table_drop(t.table);
	return rc;
}

static int end_account(struct report *r, const struct subject *s)
{
	int rc;

	table_title(r, s);
	rc = print_account(r, s);
	if (!rc && !r->request->output.raw)
		print_named(r, s->account);
	return rc;
}

static int finish_account(struct report *r)
{
	const struct subject all = { .process = &all_processes, .account = r->total };

	if (!has_total(r))
		return 0;
	report_total_title(r);
	return print_account(r, &all);
}

const struct report_form report_account = {
	.columns = &account_kinds,
	.end = end_account,
	.finish = finish_account,
};

/* ---- the placement ---- */

enum {
	MAP_ADDRESS,
	MAP_END,
	MAP_SIZE,
	MAP_PERMS,
	MAP_KIND,
	MAP_PAGESIZE,
	MAP_NODES,
	MAP_TOTAL,
	MAP_NAME,
	MAP_PID,
	MAP_COMM
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
	[MAP_PID] = { "PID", false, true, false },
	[MAP_COMM] = { "COMM", false, false, false },
};

static const struct column_kinds placement_kinds = {
	placement_kind,
	sizeof(placement_kind) / sizeof(placement_kind[0]),
};

struct placement_row {
	const struct process *process;
	const struct vma *mapping; /* NULL: the total */
	const struct placement_grid *grid;
	const unsigned long long *bytes; /* columns of the grid */
	unsigned long long size;
};

/* Nothing at all is easier to see as a dash, and to add up as a number. */
static const char *bytes_cell(const struct report *r, unsigned long long bytes, char *buf)
{
	return bytes || r->request->output.bytes ? report_size(r, bytes, buf) : "-";
}

static const char *node_cell(const struct report *r, const struct placement_row *row, int node,
			     char *buf)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < row->grid->columns; i++)
		if (node == COLUMN_NO_NODE || row->grid->node[i] == node)
			sum += row->bytes[i];
	return bytes_cell(r, sum, buf);
}

static const char *address_cell(uint64_t address, char *buf)
{
	snprintf(buf, TABLE_CELL_MAX, "%012" PRIx64, address);
	return buf;
}

/* What only a mapping has. */
static const char *mapping_cell(const struct report *r, const struct vma *m, size_t kind, char *buf)
{
	switch (kind) {
	case MAP_ADDRESS: return address_cell(m->start, buf);
	case MAP_END: return address_cell(m->end, buf);
	case MAP_PERMS: return m->perms;
	case MAP_KIND: return vma_kind_name(m->kind);
	case MAP_PAGESIZE: return report_size(r, 1ULL << m->page_shift, buf);
	default: return table_name(r, m->name, buf);
	}
}

static const char *placement_cell(const struct report *r, const void *data,
				  const struct column *column, char *buf)
{
	const struct placement_row *row = data;

	switch (column->kind) {
	case MAP_NODES:
	case MAP_TOTAL: return node_cell(r, row, column->node, buf);
	case MAP_SIZE: return bytes_cell(r, row->size, buf);
	case MAP_PID: return pid_cell(row->process, buf);
	case MAP_COMM: return table_name(r, row->process->name, buf);
	}
	if (row->mapping)
		return mapping_cell(r, row->mapping, column->kind, buf);
	return column->kind == MAP_ADDRESS ? "total" : "";
}

/* The mappings that have pages, and their sum of sizes. */
static int add_mappings(struct libscols_table *t, struct report *r, const struct subject *s,
			unsigned long long *size)
{
	const struct placement_grid *g = r->state;
	int rc = 0;

	for (size_t i = 0; !rc && i < g->mappings; i++) {
		const struct vma *m = &s->maps->at[i];
		const struct placement_row row = { s->process, m, g, g->bytes + i * g->columns,
						   m->end - m->start };

		if (placement_grid_total(g, i) == 0)
			continue;
		*size += row.size;
		rc = table_add(t, r, placement_cell, &row);
	}
	return rc;
}

static bool has_column(const struct report *r, size_t kind)
{
	for (size_t i = 0; i < r->columns.n; i++)
		if (r->columns.at[i].kind == kind)
			return true;
	return false;
}

/* Last, where a column can say that it is the total, and not for programs. */
static int add_total(struct libscols_table *t, struct report *r, const struct subject *s,
		     unsigned long long size)
{
	const struct placement_grid *g = r->state;
	const struct placement_row row = { s->process, NULL, g, g->sum, size };

	if (r->request->output.raw || !has_column(r, MAP_ADDRESS))
		return 0;
	return table_add(t, r, placement_cell, &row);
}

static int end_placement(struct report *r, const struct subject *s)
{
	struct libscols_table *t = r->state ? table_new(r) : NULL;
	unsigned long long size = 0;
	int rc = t ? 0 : -ENOMEM;

	table_title(r, s);
	if (!rc)
		placement_grid_end(r->state);
	if (!rc)
		rc = add_mappings(t, r, s, &size);
	if (!rc)
		rc = add_total(t, r, s, size);
	if (!rc)
		return table_print(t, r);
	table_drop(t);
	return rc;
}

static int print_total(struct report *r)
{
	struct placement_grid *g = r->state;
	const struct placement_row row = { &all_processes, NULL, g, g->total, 0 };
	struct libscols_table *t = table_new(r);
	int rc = t ? table_add(t, r, placement_cell, &row) : -ENOMEM;

	report_total_title(r);
	if (!rc)
		return table_print(t, r);
	table_drop(t);
	return rc;
}

static int finish_placement(struct report *r)
{
	int rc = r->state && has_total(r) && has_column(r, MAP_ADDRESS) ? print_total(r) : 0;

	placement_grid_finish(r);
	return rc;
}

const struct report_form report_placement = {
	.columns = &placement_kinds,
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = end_placement,
	.finish = finish_placement,
};
