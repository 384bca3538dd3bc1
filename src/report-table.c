/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "account.h"
#include "mappings.h"
#include "nodes.h"
#include "outcome.h"
#include "process.h"
#include "report.h"
#include "request.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>

/* Tables for people, through libsmartcols. */

enum { CELL_MAX = TEXT_NAME_MAX, COLUMNS_MAX = 8 };

struct heading {
	const char *text;
	int flags;
};

static struct libscols_table *new_table(const struct heading *h, size_t n)
{
	struct libscols_table *t = scols_new_table();

	for (size_t i = 0; t && i < n; i++) {
		if (scols_table_new_column(t, h[i].text, 0, h[i].flags))
			continue;
		scols_unref_table(t);
		t = NULL;
	}
	return t;
}

static void print_title(struct report *r, const struct subject *s)
{
	char name[TEXT_NAME_MAX];

	fprintf(r->out, "process %d (%s)\n", s->process->pid,
		text_name(s->process->name, name, sizeof(name)));
}

static int print_table(struct report *r, struct libscols_table *t)
{
	int rc = scols_table_set_stream(t, r->out);

	if (!rc)
		rc = scols_print_table(t);
	scols_unref_table(t);
	return rc;
}

/* ---- the account ---- */

static const struct heading account_headings[] = {
	{ "ACCOUNT", 0 },
	{ "PAGES", SCOLS_FL_RIGHT },
	{ "HUGE", SCOLS_FL_RIGHT },
	{ "SIZE", SCOLS_FL_RIGHT },
};

static int add_count(struct libscols_table *t, const char *what, struct count c)
{
	struct libscols_line *line = scols_table_new_line(t, NULL);
	char pages[24], huge[24], size[TEXT_SIZE_MAX];

	if (!line)
		return -ENOMEM;
	snprintf(pages, sizeof(pages), "%" PRIu64, c.pages);
	snprintf(huge, sizeof(huge), "%" PRIu64, c.huge);
	return scols_line_set_data(line, 0, what) || scols_line_set_data(line, 1, pages) ||
	       scols_line_set_data(line, 2, huge) ||
	       scols_line_set_data(line, 3, text_size(c.bytes, size)) ? -ENOMEM : 0;
}

static int add_flows(struct libscols_table *t, const struct account *a)
{
	char what[64];
	int rc = 0;

	for (size_t i = 0; !rc && i < a->flows; i++) {
		snprintf(what, sizeof(what), "  from node %d to %d", a->flow[i].from,
			 a->flow[i].to);
		rc = add_count(t, what, a->flow[i].count);
	}
	return rc;
}

/* The outcomes of one class that happened. */
static int add_class(struct libscols_table *t, const struct account *a,
		     enum outcome_class class, const char *indent)
{
	char what[64];
	int rc = 0;

	for (int o = 0; !rc && o < OUTCOMES; o++) {
		const struct outcome_row *row = outcome_row((enum outcome)o);

		if (row->class != class || count_is_zero(a->by[o]))
			continue;
		snprintf(what, sizeof(what), "%s%s", indent, row->text);
		rc = add_count(t, what, a->by[o]);
	}
	return rc;
}

static int add_dry_run(struct libscols_table *t, const struct account *a)
{
	int rc = add_count(t, "would move", a->by[OUTCOME_WOULD_MOVE]);

	if (!rc)
		rc = add_flows(t, a);
	if (!rc)
		rc = add_class(t, a, CLASS_DONE, "");
	return rc;
}

static int add_move(struct libscols_table *t, const struct account *a)
{
	int rc = add_count(t, "in scope", account_in_scope(a)) ||
		 add_count(t, "moved", a->by[OUTCOME_MOVED]) || add_flows(t, a) ||
		 add_count(t, "already there", a->by[OUTCOME_ALREADY_THERE]) ||
		 add_count(t, "gone", a->by[OUTCOME_GONE]) ||
		 add_count(t, "left", account_left(a)) || add_class(t, a, CLASS_LEFT, "  ") ||
		 add_count(t, "new", a->fresh) ||
		 (a->split && add_count(t, "huge pages split", (struct count){ .huge = a->split }));

	return rc ? -ENOMEM : 0;
}

static bool is_told(enum outcome o)
{
	return o == OUTCOME_EXCLUDED || o == OUTCOME_NOT_MOVABLE || o == OUTCOME_UNSEEN;
}

static int add_outside(struct libscols_table *t, const struct account *a)
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
			text_size(1ULL << p->shift, size));
		if (p->node >= 0)
			fprintf(r->out, "on node %d, ", p->node);
		fprintf(r->out, "%s\n", outcome_row(p->outcome)->text);
	}
	if (a->nameds == ACCOUNT_NAMED_MAX)
		fputs("left: ... (movepages --pages lists every page)\n", r->out);
}

static int end_account(struct report *r, const struct subject *s)
{
	struct libscols_table *t = new_table(account_headings, 4);
	const struct account *a = s->account;
	int rc;

	if (!t)
		return -ENOMEM;
	print_title(r, s);
	rc = r->request->dry_run ? add_dry_run(t, a) : add_move(t, a);
	if (!rc)
		rc = add_outside(t, a);
	if (rc) {
		scols_unref_table(t);
		return rc;
	}
	rc = print_table(r, t);
	print_named(r, a);
	return rc;
}

const struct report_form report_account = {
	.end = end_account,
};

/* ---- the placement ---- */

static int set_bytes(struct libscols_line *line, size_t column, unsigned long long bytes)
{
	char size[TEXT_SIZE_MAX];

	return scols_line_set_data(line, column, bytes ? text_size(bytes, size) : "-");
}

static struct libscols_table *new_placement_table(const struct placement_grid *g)
{
	static const struct heading first[] = { { "ADDRESS", 0 }, { "KIND", 0 } };
	static const struct heading total = { "TOTAL", SCOLS_FL_RIGHT };
	static const struct heading last = { "NAME", SCOLS_FL_TRUNC };
	struct libscols_table *t = new_table(first, 2);
	char text[16];

	for (size_t i = 0; t && i < g->columns; i++) {
		snprintf(text, sizeof(text), "N%d", g->node[i]);
		scols_table_new_column(t, text, 0, SCOLS_FL_RIGHT);
	}
	if (t) {
		scols_table_new_column(t, total.text, 0, total.flags);
		scols_table_new_column(t, last.text, 0.4, last.flags);
	}
	return t;
}

static int add_row(struct libscols_table *t, const char *address, const char *kind,
		   const unsigned long long *bytes, size_t n, const char *name)
{
	struct libscols_line *line = scols_table_new_line(t, NULL);
	unsigned long long sum = 0;
	int rc;

	if (!line)
		return -ENOMEM;
	rc = scols_line_set_data(line, 0, address) || scols_line_set_data(line, 1, kind);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = set_bytes(line, 2 + i, bytes[i]);
		sum += bytes[i];
	}
	return rc || set_bytes(line, 2 + n, sum) || scols_line_set_data(line, 3 + n, name) ?
	       -ENOMEM : 0;
}

static int add_mapping(struct libscols_table *t, const struct placement_grid *g, size_t i,
		       const struct mapping *m)
{
	char address[32], name[TEXT_NAME_MAX];

	if (placement_grid_total(g, i) == 0)
		return 0;
	snprintf(address, sizeof(address), "%012" PRIx64, m->start);
	return add_row(t, address, mapping_kind_name(m->kind), g->bytes + i * g->columns,
		       g->columns, text_name(m->name, name, sizeof(name)));
}

static int add_total(struct libscols_table *t, const struct placement_grid *g)
{
	unsigned long long sum[NODES_MAX] = { 0 };

	for (size_t i = 0; i < g->mappings * g->columns; i++)
		sum[i % g->columns] += g->bytes[i];
	return add_row(t, "total", "", sum, g->columns, "");
}

static int end_placement(struct report *r, const struct subject *s)
{
	const struct placement_grid *g = r->state;
	struct libscols_table *t = new_placement_table(g);
	int rc = t ? 0 : -ENOMEM;

	print_title(r, s);
	for (size_t i = 0; !rc && i < g->mappings; i++)
		rc = add_mapping(t, g, i, &s->maps->at[i]);
	if (!rc)
		rc = add_total(t, g);
	if (rc) {
		scols_unref_table(t);
		return rc;
	}
	return print_table(r, t);
}

const struct report_form report_placement = {
	.begin = placement_grid_begin,
	.pages = placement_grid_pages,
	.end = end_placement,
	.finish = placement_grid_finish,
};
