/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/report.h"

#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/account.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

enum { SUMMARY_NAMED_MAX = 3 };

const struct report_form report_nothing = { NULL };

/* ---- which form ---- */

const struct report_form *report_form_of(const struct request *r, bool moves)
{
	if (r->output.save)
		return r->output.verbose ? &report_placement : &report_nothing;
	if (r->output.pages)
		return r->output.json ? &report_pages_json : &report_pages;
	if (r->output.map)
		return &report_map;
	if (request_only_checks(r))
		return &report_nothing;
	if (!moves)
		return r->output.json ? &report_placement_json : &report_placement;
	if (r->output.json)
		return &report_account_json;
	if (r->how.dry_run)
		return &report_forecast;
	return r->output.verbose ? &report_account : &report_nothing;
}

int report_start(struct report *r, const struct report_form *form, const struct request *request,
		 const struct topology *topology, FILE *out, char *why)
{
	const struct column_kinds *kinds = form->columns;
	int rc = 0;

	*r = (struct report){ .form = form, .request = request, .out = out, .topology = topology };
	snprintf(why, COLUMNS_WHY_MAX, "out of memory");
	if (kinds)
		rc = columns_choose(&r->columns, kinds, &topology->memory, request->output.columns,
				    why);
	return rc;
}

bool report_wants_order(const struct report *r)
{
	return r->form->pages;
}

void report_title(struct report *r, const struct subject *s)
{
	char name[TEXT_NAME_MAX], size[TEXT_SIZE_MAX];

	fprintf(r->out, "process %d (%s)", s->process->pid,
		text_name(s->process->name, name, sizeof(name)));
	if (s->before)
		fprintf(r->out, ", without %s of shared memory that is counted above",
			report_size(r, s->before, size));
	if (s->ended)
		fprintf(r->out, ", %s", limits_end_text(s->ended));
	fputc('\n', r->out);
}

void report_total_title(struct report *r)
{
	fprintf(r->out, "total of %zu processes\n", r->processes);
}

int report_begin(struct report *r, const struct subject *s)
{
	int rc = r->processes++ == 0 && r->form->start ? r->form->start(r) : 0;

	return !rc && r->form->begin ? r->form->begin(r, s) : rc;
}

int report_add(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	return r->form->pages ? r->form->pages(r, s, p, n) : 0;
}

int report_plan_end(struct report *r, const struct subject *s)
{
	return r->form->plan_end ? r->form->plan_end(r, s) : 0;
}

int report_end(struct report *r, const struct subject *s)
{
	return r->form->end ? r->form->end(r, s) : 0;
}

int report_failed(struct report *r, pid_t pid, const char *why)
{
	return r->form->failed ? r->form->failed(r, pid, why) : 0;
}

int report_vanished(struct report *r, pid_t pid, const char *why)
{
	return r->form->vanished ? r->form->vanished(r, pid, why) : 0;
}

int report_close(FILE *out)
{
	bool failed = ferror(out), pending = __fpending(out);

	errno = 0;
	if (fclose(out) && (pending || errno != EBADF))
		failed = true;
	return !failed ? 0 : errno ? -errno : -EIO;
}

int report_finish(struct report *r)
{
	int rc = r->form->finish ? r->form->finish(r) : 0;
	int lost = report_close(r->out);

	columns_free(&r->columns);
	return lost ? lost : rc;
}

char *report_size(const struct report *r, uint64_t bytes, char *buf)
{
	if (!r->request->output.bytes)
		return text_size(bytes, buf);
	snprintf(buf, TEXT_SIZE_MAX, "%" PRIu64, bytes);
	return buf;
}

/* ---- the summary line ---- */

static void put_noun(FILE *f, uint64_t n, const char *noun)
{
	fprintf(f, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
}

/* "3 pages and 1 huge page (2.0M)" */
static void put_count(FILE *f, struct count c)
{
	char size[TEXT_SIZE_MAX];

	if (c.pages || !c.huge)
		put_noun(f, c.pages, "page");
	if (c.pages && c.huge)
		fputs(" and ", f);
	if (c.huge)
		put_noun(f, c.huge, "huge page");
	fprintf(f, " (%s)", text_size(c.bytes, size));
}

static void put_flows(FILE *f, const struct account *a)
{
	for (size_t i = 0; i < a->flows && i < SUMMARY_NAMED_MAX; i++)
		fprintf(f, "%s %d to %d", i ? "," : " from node", a->flow[i].from, a->flow[i].to);
	if (a->flows > SUMMARY_NAMED_MAX)
		fputs(", ...", f);
}

static void put_named(FILE *f, const struct left_page *p, const char *lead)
{
	fprintf(f, "%s %" PRIx64, lead, p->address);
	if (p->node >= 0)
		fprintf(f, " on node %d", p->node);
}

static void put_left(FILE *f, const struct account *a)
{
	const char *lead = "; ";

	if (count_is_zero(account_left(a)))
		return;
	for (int o = 0; o < OUTCOMES; o++) {
		if (!outcome_is_left((enum outcome)o) || count_is_zero(a->by[o]))
			continue;
		fputs(lead, f);
		put_count(f, a->by[o]);
		fprintf(f, " left, %s (%s)", outcome_row((enum outcome)o)->text,
			outcome_row((enum outcome)o)->advice);
		lead = ", ";
	}
	for (size_t i = 0; i < a->nameds && i < SUMMARY_NAMED_MAX; i++)
		put_named(f, &a->named[i], i ? "," : ":");
	if (a->nameds > SUMMARY_NAMED_MAX)
		fputs(", ...", f);
}

static void put_other(FILE *f, const char *what, struct count c)
{
	if (count_is_zero(c))
		return;
	fputs("; ", f);
	put_count(f, c);
	fprintf(f, " %s", what);
}

/* How much there was to move, of a move that ended early. */
static void put_whole(FILE *f, const struct account *a, bool uncounted)
{
	uint64_t bytes = account_in_scope(a).bytes - a->by[OUTCOME_ALREADY_THERE].bytes;
	char size[TEXT_SIZE_MAX];

	fprintf(f, " of %s%s", uncounted ? "about " : "", text_size(bytes, size));
}

static void put_account(FILE *f, const struct request *request, const struct account *a,
			enum limits_end ended, bool uncounted)
{
	enum outcome done = request->how.dry_run ? OUTCOME_WOULD_MOVE : OUTCOME_MOVED;

	if (ended)
		fprintf(f, "%s: ", limits_end_text(ended));
	fprintf(f, "%s ", outcome_row(done)->text);
	put_count(f, a->by[done]);
	if (!count_is_zero(a->along)) {
		fputs(", and ", f);
		put_count(f, a->along);
		fputs(" in the same folio", f);
	}
	if (ended)
		put_whole(f, a, uncounted);
	put_flows(f, a);
	put_left(f, a);
	put_other(f, "already there", a->by[OUTCOME_ALREADY_THERE]);
	put_other(f, "gone", a->by[OUTCOME_GONE]);
	put_other(f, "new on the source", a->fresh);
	put_other(f, "excluded (file pages that others map too)", a->by[OUTCOME_EXCLUDED]);
}

void report_summary(FILE *f, const struct request *request, const struct subject *s)
{
	char name[TEXT_NAME_MAX], size[TEXT_SIZE_MAX];

	fprintf(f, "%s: process %d (%s): ", program_invocation_short_name, s->process->pid,
		text_name(s->process->name, name, sizeof(name)));
	put_account(f, request, s->account, s->ended, s->uncounted);
	if (s->before)
		fprintf(f, "; %s of shared memory counted before", text_size(s->before, size));
	fputc('\n', f);
}

void report_summary_total(FILE *f, const struct report *r)
{
	fprintf(f, "%s: %zu processes: ", program_invocation_short_name, r->processes);
	put_account(f, r->request, r->total, r->ended, r->uncounted);
	fputc('\n', f);
}

/* ---- the grid of placements ---- */

struct placement_grid *placement_grid(struct report *r)
{
	const struct nodeset *memory = &r->topology->memory;
	size_t columns = nodeset_count(memory);
	struct placement_grid *g = r->state ? r->state : calloc(1, sizeof(*g));

	if (r->state || !g)
		return g;
	r->state = g;
	g->node = calloc(columns + 1, sizeof(*g->node));
	g->sum = calloc(columns + 1, sizeof(*g->sum));
	g->total = calloc(columns + 1, sizeof(*g->total));
	for (int n = nodeset_next(memory, 0); g->node && n >= 0; n = nodeset_next(memory, n + 1))
		g->node[g->columns++] = n;
	if (!g->node || !g->sum || !g->total)
		placement_grid_finish(r);
	return r->state;
}

int placement_grid_begin(struct report *r, const struct subject *s)
{
	struct placement_grid *g = placement_grid(r);

	if (!g)
		return -ENOMEM;
	free(g->bytes);
	g->mappings = s->maps->n;
	g->bytes = calloc(g->mappings * g->columns + 1, sizeof(*g->bytes));
	if (!g->bytes)
		g->mappings = 0;
	return g->bytes ? 0 : -ENOMEM;
}

void placement_grid_end(struct placement_grid *g)
{
	memset(g->sum, 0, g->columns * sizeof(*g->sum));
	for (size_t i = 0; i < g->mappings * g->columns; i++) {
		g->sum[i % g->columns] += g->bytes[i];
		g->total[i % g->columns] += g->bytes[i];
	}
}

static size_t column_of(const struct placement_grid *g, int node)
{
	size_t i = 0;

	while (i < g->columns && g->node[i] != node)
		i++;
	return i;
}

int placement_grid_pages(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	struct placement_grid *g = r->state;

	(void)s;
	for (size_t i = 0; i < n; i++) {
		size_t column = column_of(g, p[i].node);
		uint32_t mapping = p[i].vma;

		if (p[i].outcome == OUTCOME_PRESENT && column < g->columns &&
		    !(p[i].flags & PAGE_AGAIN))
			g->bytes[mapping * g->columns + column] += page_bytes(&p[i]);
	}
	return 0;
}

unsigned long long placement_grid_total(const struct placement_grid *g, size_t mapping)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < g->columns; i++)
		sum += g->bytes[mapping * g->columns + i];
	return sum;
}

int placement_grid_finish(struct report *r)
{
	struct placement_grid *g = r->state;

	if (g) {
		free(g->node);
		free(g->bytes);
		free(g->sum);
		free(g->total);
	}
	free(g);
	r->state = NULL;
	return 0;
}
