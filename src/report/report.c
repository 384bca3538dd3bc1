/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "report/report.h"

#include "engine/engine.h"
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
#include <unistd.h>

enum { SUMMARY_MAX = 1024 };

const struct report_form report_nothing = { NULL };

/* ---- choosing a form ---- */

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
	if (!moves && r->output.json)
		return &report_placement_json;
	if (!moves && r->output.mappings)
		return &report_placement;
	if (!moves)
		return request_is_list(r) ? &report_list : &report_kinds;
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
	int rc;

	*r = (struct report){ .form = form, .request = request, .out = out };
	memset(r->nodes.column, -1, sizeof(r->nodes.column));
	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		r->nodes.column[n] = (int16_t)r->nodes.n;
		r->nodes.node[r->nodes.n++] = (int16_t)n;
	}
	snprintf(why, COLUMNS_WHY_MAX, "out of memory");
	if (!form->columns)
		return 0;
	rc = columns_choose(&r->columns, form->columns, memory, request->output.columns, why);
	if (!rc)
		rc = columns_order(&r->order, &r->columns, form->columns, memory,
				   request->output.sort, why);
	if (rc) {
		free(r->columns.at);
		r->columns = (struct column_list){ 0 };
	}
	return rc;
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
	const bool color = terminal_has_color(stdout, r->request->output.color);

	fprintf(r->out, "%s%s%s", color ? tone_color(tone) : "", text, color ? COLOR_OFF : "");
}

int report_begin(struct report *r, const struct subject *s)
{
	if (r->processes == 0 && r->form->start)
		r->rc = r->form->start(r);
	if (r->processes++ == 0)
		report_name(s->process, r->first);
	r->process_rc = !r->rc && r->form->begin ? r->form->begin(r, s) : r->rc;
	return r->process_rc;
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
	return !r->process_rc && r->form->end ? r->form->end(r, s) : r->process_rc;
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

/* ---- --watch ---- */

const uint64_t *report_changes(const struct report *r, const uint64_t *now, size_t n)
{
	struct report_past *past = r->past;

	if (!past || (!request_is_list(r->request) && request_may_have_several(r->request)))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		past->change[i] = past->is_known ? now[i] - past->bytes[i] : 0;
		past->bytes[i] = now[i];
	}
	past->is_known = true;
	return past->change;
}

char *report_change(const struct report *r, uint64_t change, char *buf)
{
	const bool gone = (int64_t)change < 0;

	snprintf(buf, TEXT_SIZE_MAX + 1, "%c", change && !gone ? '+' : '-');
	if (change)
		report_size(r, gone ? -change : change, buf + 1);
	return buf;
}

/* ---- the summary line ---- */

char *report_name(const struct process *p, char *buf)
{
	char name[TEXT_NAME_MAX];

	snprintf(buf, REPORT_NAME_MAX, "%s (%d)", text_name(p->name, name, sizeof(name)), p->pid);
	return buf;
}

/* Add "3 pages and 1 huge page". */
static void add_pages(struct text_line *line, struct count c)
{
	if (c.pages || !c.huge)
		text_add(line, "%" PRIu64 " page%s", c.pages, c.pages == 1 ? "" : "s");
	if (c.pages && c.huge)
		text_add(line, " and ");
	if (c.huge)
		text_add(line, "%" PRIu64 " huge page%s", c.huge, c.huge == 1 ? "" : "s");
}

/* Add the destination nodes. */
static void add_destinations(struct text_line *line, const struct account *a)
{
	struct nodeset to = { { 0 } };
	char text[TEXT_NAME_MAX];

	for (size_t i = 0; i < a->flows; i++)
		nodeset_add(&to, a->flow[i].to);
	nodeset_format(&to, text, sizeof(text));
	if (a->flows)
		text_add(line, " to node%s %s", nodeset_count(&to) == 1 ? "" : "s", text);
}

/* Add other counts of pages, in parentheses. */
static void add_others(struct text_line *line, const struct account *a, bool dry_run)
{
	const struct {
		struct count count;
		const char *text;
	} others[] = {
		{ a->by[OUTCOME_ALREADY_THERE],
		  dry_run ? "is already there" : "was already there" },
		{ a->by[OUTCOME_LARGER_UNIT], "is in larger units" },
		{ a->by[OUTCOME_GONE], "was freed during the move" },
		{ a->fresh, "is new on the source" },
		{ a->by[OUTCOME_EXCLUDED], "belongs to files that other processes map" },
	};
	char size[TEXT_SIZE_MAX];
	const char *lead = " (";

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (count_is_zero(others[i].count))
			continue;
		text_add(line, "%s%s %s", lead, text_size(others[i].count.bytes, size),
			 others[i].text);
		lead = ", ";
	}
	if (*lead == ',')
		text_add(line, ")");
}

/* Add how much was moved, or would move, of how much. */
static void add_amount(struct text_line *line, const struct subject *s, bool dry_run)
{
	const struct account *a = s->account;
	const struct count done = a->by[dry_run ? OUTCOME_WOULD_MOVE : OUTCOME_MOVED];
	const uint64_t left = account_left(a).bytes;
	char size[TEXT_SIZE_MAX];

	if (!done.bytes && !left) {
		text_add(line, "nothing to move");
		return;
	}
	text_add(line, "%s", dry_run ? "" : "moved ");
	/* Pages moved in the same folio are single pages: show their number. */
	if (!count_is_zero(a->along)) {
		add_pages(line, done);
		text_add(line, ", and ");
		add_pages(line, a->along);
		text_add(line, " in the same folio,");
	} else {
		text_add(line, "%s", text_size(done.bytes, size));
	}
	if (left)
		text_add(line, " of %s%s", s->uncounted ? "about " : "",
			 text_size(done.bytes + left, size));
	text_add(line, "%s", dry_run ? " to move" : "");
}

/* Compose the summary.  @rated: include the rate. */
static void compose_summary(struct text_line *line, const struct report *r, bool rated)
{
	const bool dry_run = r->request->how.dry_run;
	const struct subject *s = &r->total;
	const struct account *a = s->account;
	const uint64_t done = a->by[OUTCOME_MOVED].bytes;
	const uint64_t unreached = a->by[OUTCOME_UNREACHED].bytes;
	char size[TEXT_SIZE_MAX], time[TEXT_SIZE_MAX];

	if (r->processes == 1)
		text_add(line, "%s: ", r->first);
	else
		text_add(line, "%zu processes: ", r->processes);
	if (s->ended)
		text_add(line, "%s: ", limits_end_text(s->ended));
	add_amount(line, s, dry_run);
	add_destinations(line, a);
	add_others(line, a, dry_run);
	if (!dry_run && done && r->time)
		text_add(line, " in %s", text_time(r->time, time));
	if (!dry_run && done && r->time && rated)
		text_add(line, ", %s", text_speed(done, r->time, size));
	if (r->request->output.verbose && r->calls && r->calls->calls)
		text_add(line, ", %" PRIuFAST64 " call%s, the longest %s", r->calls->calls,
			 r->calls->calls == 1 ? "" : "s", text_time(r->calls->longest, time));
	if (unreached)
		text_add(line, "; %s%s was not reached", s->uncounted ? "about " : "",
			 text_size(unreached, size));
}

void report_summary(FILE *f, const char *before, const struct report *r)
{
	const bool terminal = isatty(fileno(f));
	char text[SUMMARY_MAX];
	struct text_line line = { text, sizeof(text), 0 };

	text_add(&line, "%s", before);
	compose_summary(&line, r, true);
	if (!terminal) {
		fprintf(f, "%s\n", text);
		return;
	}
	if (line.full > terminal_width(f) && !r->request->output.verbose) {
		line.full = 0;
		text_add(&line, "%s", before);
		compose_summary(&line, r, false);
	}
	terminal_wrap(f, f, text, 0, 6);
}

void report_not_moved(FILE *f, const struct subject *s)
{
	char name[REPORT_NAME_MAX], size[TEXT_SIZE_MAX], text[SUMMARY_MAX];
	struct text_line line = { text, sizeof(text), 0 };

	for (enum outcome o = 0; o < OUTCOMES; o++) {
		struct count c = s->account->by[o];

		if (!outcome_is_left(o) || o == OUTCOME_UNREACHED || count_is_zero(c))
			continue;
		if (line.full)
			text_add(&line, "; ");
		else
			text_add(&line, "%s: %s: ", program_invocation_short_name,
				 report_name(s->process, name));
		add_pages(&line, c);
		text_add(&line, " (%s) not moved: %s (%s)", text_size(c.bytes, size),
			 outcome_row(o)->text, outcome_row(o)->advice);
	}
	if (line.full)
		fprintf(f, "%s\n", text);
}
