/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "command/messages.h"

#include "command/work.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The options that select mappings. */
static const char *selecting_options(const struct request *r)
{
	if (r->which.kinds && r->which.path)
		return "--kind and --path";
	return r->which.kinds ? "--kind" : "--path";
}

void messages_none_selected(const struct session *s)
{
	if (!s->totals.selected && s->report.processes && s->members.named.n == 0 &&
	    !s->request->output.quiet)
		warnx("no mapping matches %s in %zu process%s", selecting_options(s->request),
		      s->report.processes, s->report.processes == 1 ? "" : "es");
}

void messages_result(struct session *s, const struct work *w, const struct result *r)
{
	pid_t pid = w->process.pid;

	switch (r->how) {
	case RESULT_FAILED:
		warnx("process %d: %s", pid, r->why);
		report_failed(&s->report, pid, r->why);
		break;
	case RESULT_VANISHED:
		if (w->process.kernel_thread || s->request->who.all)
			break;
		if (!s->request->output.quiet)
			warnx("process %d: %s", pid, r->why);
		report_vanished(&s->report, pid, r->why);
		break;
	case RESULT_LIST_FAILED:
		warnx("%s", s->list->why.buf);
		report_failed(&s->report, pid, s->list->why.buf);
		break;
	case RESULT_NOT_REACHED: messages_not_reached(s, pid); break;
	case RESULT_UNSETTLED: warnx("process %d: %s", pid, r->why); break;
	default: break;
	}
}

void messages_refused(const struct session *s)
{
	size_t n = s->totals.refused;

	if (s->request->output.quiet)
		return;
	if (n == 1)
		warnx("process %d is not listed: %s", s->totals.last_refused, strerror(EACCES));
	else if (n)
		warnx("%zu processes are not listed: %s", n, strerror(EACCES));
}

/* Lists from memory trackers have many unmapped ranges: report all in one line. */
static void messages_unmapped(const struct session *s, const struct work *w)
{
	const struct unmapped *u = &w->subject.unmapped;
	char size[TEXT_SIZE_MAX];

	if (s->request->which.unmapped && u->bytes && !s->request->output.quiet)
		warnx("process %d: %s of the list is not mapped: %" PRIu64 " range%s skipped, "
		      "%" PRIu64 " cut",
		      w->process.pid, text_size(u->bytes, size), u->skipped,
		      u->skipped == 1 ? "" : "s", u->cut);
}

void messages_visit(struct session *s, const struct work *w, const struct result *r, bool selected)
{
	const struct request *request = s->request;
	const bool quiet = request->output.quiet;

	/* A success, but reported for each process named on the command line. */
	if ((r->how == RESULT_DONE || r->how == RESULT_UNSETTLED) && !quiet && w->named) {
		if (s->list && s->list->count.operands == 0)
			warnx("process %d: page list is empty", w->process.pid);
		else if (!selected)
			warnx("process %d: no mapping matches %s", w->process.pid,
			      selecting_options(request));
	}
	messages_unmapped(s, w);
	if (r->partial && r->how != RESULT_VANISHED && !request->how.dry_run && !quiet)
		report_not_moved(stderr, &w->subject);
	if (r->how != RESULT_STOPPED) {
		messages_result(s, w, r);
		return;
	}
	/* In documents, and in a message unless the summary reports it. */
	report_failed(&s->report, w->process.pid, r->why);
	if ((quiet || !s->moves) && !limits_signal())
		warnx("process %d: %s", w->process.pid, r->why);
}

void messages_not_reached(struct session *s, pid_t pid)
{
	char why[64];

	s->report.total.ended = limits_ended(&s->limits);
	snprintf(why, sizeof(why), "not reached (%s)", limits_end_text(s->report.total.ended));
	report_failed(&s->report, pid, why);
}

void messages_unreached(const struct session *s)
{
	size_t n = s->members.all.n;

	if (s->totals.unreached && !s->request->output.quiet)
		warnx("%s: %zu of %zu process%s not reached",
		      limits_end_text(s->report.total.ended), s->totals.unreached, n,
		      n == 1 ? " was" : "es were");
}

void messages_saved(const struct session *s, int rc)
{
	char path[TEXT_NAME_MAX];

	text_name(s->request->output.save, path, sizeof(path));
	if (rc > 0)
		warnx("%s: not saved", path);
	else if (rc)
		warnx("%s: %s; not saved%s", path, placement_explain(rc),
		      s->moves ? ", nothing is moved" : "");
}

void messages_unsaved(const struct session *s, const struct work *w, struct count unseen)
{
	if (!count_is_zero(unseen) && !s->request->output.quiet)
		warnx("process %d: %llu pages not saved: not visible to move_pages(2) on this "
		      "kernel",
		      w->process.pid, (unsigned long long)(unseen.pages + unseen.huge));
}

/* Return whether the last line on the terminal is a command that undoes the move. */
static bool offers_undo(const struct session *s)
{
	return s->saved && !count_is_zero(s->totals.account.by[OUTCOME_MOVED]) &&
	       !s->request->output.quiet && isatty(STDERR_FILENO);
}

void messages_undo(const struct session *s)
{
	char *path;

	if (!offers_undo(s))
		return;
	path = text_shell(s->request->output.save);
	if (path)
		fprintf(stderr, "to undo: " MOVEPAGES_NAME " --restore=%s\n", path);
	free(path);
}

void messages_slow_scan(const struct session *s, const struct work *w)
{
	const uint64_t second = 1000000000;
	uint64_t time = finder_estimate(&w->means, &w->plan);

	if (time >= 2 * second && !s->request->output.quiet)
		warnx("process %d: large address space: finding its pages takes about %" PRIu64
		      " s (faster with Linux 6.7)",
		      w->process.pid, time / second);
}

void messages_thresholds(const struct session *s)
{
	const struct request_output *out = &s->request->output;
	char line[THRESHOLD_TEXT_MAX];

	for (size_t i = 0; i < s->request->thresholds.n; i++)
		if (threshold_holds(&s->thresholds[i]) ? out->verbose : !out->quiet)
			warnx("%s", threshold_format(&s->thresholds[i], line));
}

/*
 * Report success only on a terminal.  A dry run has a summary in its report.
 */
void messages_summary(const struct session *s)
{
	const struct account *a = &s->totals.account;
	const bool failed = s->report.total.ended || !count_is_zero(account_left(a)) ||
			    (s->totals.broken && !count_is_zero(a->by[OUTCOME_MOVED]));
	char before[TEXT_NAME_MAX];

	if (!s->moves || s->request->how.dry_run || !s->report.processes ||
	    s->request->output.quiet || (!failed && !isatty(STDERR_FILENO)))
		return;
	snprintf(before, sizeof(before), "%s: ", program_invocation_short_name);
	report_summary(stderr, before, &s->report);
}

/* Print the notes only once. */
static bool gives_advice(const struct session *s)
{
	return !s->request->output.quiet && (s->request->output.verbose || isatty(STDERR_FILENO));
}

bool messages_want_advice(const struct session *s)
{
	return s->moves && !s->request->how.dry_run && !s->advice.n &&
	       (s->request->output.json || gives_advice(s));
}

/*
 * Print the notes; the command of the first also helps with the others.  If the command that undoes
 * the move is printed, print it only with --verbose: a success has at most three lines.
 */
void messages_advice(const struct session *s)
{
	const bool brief = offers_undo(s) && !s->request->output.verbose;
	const struct note *note = s->advice.note;

	for (size_t i = 0; i < s->advice.n && gives_advice(s); i++) {
		fprintf(stderr, "note: %s", note[i].text);
		if (*note[i].command && !brief)
			fprintf(stderr, "; %s:\n      %s", note[i].remedy, note[i].command);
		fputc('\n', stderr);
		if (*note[i].command || brief)
			break;
	}
}
