/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/report.h"

#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/account.h"
#include "plan/request.h"
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
	if (r->action == ACTION_SAVE)
		return r->output.verbose ? &report_placement : &report_nothing;
	if (r->output.pages)
		return &report_pages;
	if (r->action == ACTION_MAP)
		return &report_map;
	if (r->action == ACTION_TEST)
		return &report_nothing;
	if (!moves)
		return r->output.json ? &report_placement_json : &report_placement;
	if (r->output.json)
		return &report_account_json;
	if (r->how.dry_run)
		return &report_dry_run;
	return r->output.verbose ? &report_account : &report_nothing;
}

int report_start(struct report *r, const struct report_form *form, const struct request *request,
		 const struct topology *topology, FILE *out, char *why)
{
	const struct nodeset *memory = &topology->memory;

	*r = (struct report){ .form = form, .request = request, .out = out };
	memset(r->nodes.column, -1, sizeof(r->nodes.column));
	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		r->nodes.column[n] = (int16_t)r->nodes.n;
		r->nodes.node[r->nodes.n++] = (int16_t)n;
	}
	snprintf(why, COLUMNS_WHY_MAX, "out of memory");
	if (!form->columns)
		return 0;
	return columns_choose(&r->columns, form->columns, memory, request->output.columns, why);
}

void report_title(const struct report *r, const struct subject *s)
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

void report_verdict(const struct report *r, enum tone tone, const char *text)
{
	const bool color = terminal_has_color(r->out, r->request->output.color);

	fprintf(r->out, "%s%s%s", color ? tone_color(tone) : "", text, color ? COLOR_OFF : "");
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

int report_plan(struct report *r, const struct subject *s, const struct plan *plan)
{
	return r->form->plan ? r->form->plan(r, s, plan) : 0;
}

int report_end(struct report *r, const struct subject *s)
{
	return r->form->end ? r->form->end(r, s) : 0;
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

	free(r->state);
	free(r->columns.at);
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

/* Write "3 pages and 1 huge page (2.0M)". */
static void put_count(FILE *f, struct count c)
{
	char size[TEXT_SIZE_MAX];

	if (c.pages || !c.huge)
		fprintf(f, "%" PRIu64 " page%s", c.pages, c.pages == 1 ? "" : "s");
	if (c.pages && c.huge)
		fputs(" and ", f);
	if (c.huge)
		fprintf(f, "%" PRIu64 " huge page%s", c.huge, c.huge == 1 ? "" : "s");
	fprintf(f, " (%s)", text_size(c.bytes, size));
}

static void put_other(FILE *f, const char *what, struct count c)
{
	if (count_is_zero(c))
		return;
	fputs("; ", f);
	put_count(f, c);
	fprintf(f, " %s", what);
}

void report_summary(FILE *f, const struct report *r, const struct subject *s)
{
	enum outcome done = r->request->how.dry_run ? OUTCOME_WOULD_MOVE : OUTCOME_MOVED;
	const struct account *a = s->account;
	const char *lead = "; ";
	char name[TEXT_NAME_MAX], size[TEXT_SIZE_MAX];

	fprintf(f, "%s: ", program_invocation_short_name);
	if (s->process)
		fprintf(f, "process %d (%s): ", s->process->pid,
			text_name(s->process->name, name, sizeof(name)));
	else
		fprintf(f, "%zu processes: ", r->processes);
	if (s->ended)
		fprintf(f, "%s: ", limits_end_text(s->ended));
	fprintf(f, "%s ", outcome_row(done)->text);
	put_count(f, a->by[done]);
	if (!count_is_zero(a->along)) {
		fputs(", and ", f);
		put_count(f, a->along);
		fputs(" in the same folio", f);
	}
	/* How much there was to move. */
	if (s->ended)
		fprintf(f, " of %s%s", s->uncounted ? "about " : "",
			text_size(account_in_scope(a).bytes - a->by[OUTCOME_ALREADY_THERE].bytes,
				  size));
	for (size_t i = 0; i < a->flows && i < SUMMARY_NAMED_MAX; i++)
		fprintf(f, "%s %d to %d", i ? "," : " from node", a->flow[i].from, a->flow[i].to);
	if (a->flows > SUMMARY_NAMED_MAX)
		fputs(", ...", f);
	for (enum outcome o = 0; o < OUTCOMES; o++) {
		if (!outcome_is_left(o) || count_is_zero(a->by[o]))
			continue;
		fputs(lead, f);
		put_count(f, a->by[o]);
		fprintf(f, " left, %s (%s)", outcome_row(o)->text, outcome_row(o)->advice);
		lead = ", ";
	}
	for (size_t i = 0; *lead == ',' && i < a->nameds && i < SUMMARY_NAMED_MAX; i++) {
		fprintf(f, "%s %" PRIx64, i ? "," : ":", a->named[i].address);
		if (a->named[i].node >= 0)
			fprintf(f, " on node %d", a->named[i].node);
	}
	if (*lead == ',' && a->nameds > SUMMARY_NAMED_MAX)
		fputs(", ...", f);
	put_other(f, "already there", a->by[OUTCOME_ALREADY_THERE]);
	put_other(f, "gone", a->by[OUTCOME_GONE]);
	put_other(f, "new on the source", a->fresh);
	put_other(f, "excluded (file pages that others map too)", a->by[OUTCOME_EXCLUDED]);
	if (s->before)
		fprintf(f, "; %s of shared memory counted before", text_size(s->before, size));
	fputc('\n', f);
}
