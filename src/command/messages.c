/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/messages.h"

#include "command/diagnose.h"
#include "command/listfile.h"
#include "command/resolve.h"
#include "command/work.h"
#include "engine/fit.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* What leaves no mapping of a process. */
static const char *selecting_options(const struct request *request)
{
	return request->which.kinds && request->which.path ? "--kind and --path leave" :
	       request->which.kinds			   ? "--kind leaves" :
							     "--path leaves";
}

/* That is a success, but it is told: of each process that is named. */
static void tell_if_nothing_selected(struct run *run, const struct job *job, int rc)
{
	const struct request *request = run->request;
	const struct listfile *list = run->list;
	bool selected = (list ? list->count.ranges : job->plan.n) || job->before ||
			!(request->which.kinds || request->which.path);

	run->selected |= selected || rc;
	if (rc || request->output.quiet || !job->named)
		return;
	if (list && list->count.operands == 0)
		warnx("process %d: nothing is selected: the list of pages is empty",
		      job->process.pid);
	else if (!selected)
		warnx("process %d: nothing is selected: %s none of its mappings", job->process.pid,
		      selecting_options(request));
}

/* And once of those that are not. */
void messages_none_selected(const struct run *run)
{
	if (!run->selected && run->report.processes && run->members.named.n == 0 &&
	    !run->request->output.quiet)
		warnx("nothing is selected: %s none of the mappings of %zu process%s",
		      selecting_options(run->request), run->report.processes,
		      run->report.processes == 1 ? "" : "es");
}

void messages_failed(struct run *run, const struct job *job, const char *why)
{
	warnx("process %d: %s", job->process.pid, why);
	report_failed(&run->report, job->process.pid, why);
	run->failed++;
}

/*
 * Of a set of processes some may be gone when it is their turn, and others are of the
 * kernel, which have no pages.  Neither is a failure, and only the first is told.
 */
static bool is_excused(const struct job *job, int rc)
{
	const struct process *p = &job->process;

	if (!rc || job->named)
		return false;
	return process_vanished(p, rc) || (rc == -EINVAL && p->kernel_thread) ||
	       (p->dir >= 0 && process_check(p) == -ESRCH);
}

static void excuse(struct run *run, const struct job *job, const char *why)
{
	run->excused++;
	if (job->process.kernel_thread)
		return;
	if (!run->request->output.quiet)
		warnx("process %d: %s", job->process.pid, why);
	report_vanished(&run->report, job->process.pid, why);
}

void messages_given_up(struct run *run, const struct job *job, int rc, const char *why)
{
	if (is_excused(job, rc))
		excuse(run, job, why);
	else
		messages_failed(run, job, why);
}

void messages_list_failed(struct run *run)
{
	warnx("%s", run->list->why.buf);
	run->failed++;
}

/* A terminal gets a line on a move whatever came of it, unless all of it is shown anyway. */
bool messages_is_for_terminal(const struct run *run)
{
	const struct request *request = run->request;

	return isatty(STDERR_FILENO) && run->moves && !request->output.verbose &&
	       !request->how.dry_run && !request->output.pages;
}

/* In documents; and for people, unless the summary says it. */
static void tell_end(struct run *run, const struct job *job, int rc, bool summary)
{
	char why[DIAGNOSE_MAX];

	diagnose_move(rc, &job->process, why);
	report_failed(&run->report, job->process.pid, why);
	if (!summary && rc == -ETIMEDOUT)
		warnx("process %d: %s", job->process.pid, why);
}

void messages_visit(struct run *run, struct job *job, int rc)
{
	const struct request *request = run->request;
	bool excused = is_excused(job, rc);
	bool left = !request->how.dry_run && !excused &&
		    !count_is_zero(account_left(&job->account));
	bool unsettled = request->how.settle && !count_is_zero(job->account.fresh) && !excused;
	bool list_fails = run->list && rc == -EBADMSG, ended = limits_is_end(rc);
	bool summary = !request->output.quiet && (left || messages_is_for_terminal(run) ||
						  ((list_fails || ended) && run->moves));
	char why[DIAGNOSE_MAX];

	tell_if_nothing_selected(run, job, rc);
	if (summary)
		report_summary(stderr, request, &job->subject);
	if (list_fails)
		messages_list_failed(run);
	else if (ended)
		tell_end(run, job, rc, summary);
	else if (rc)
		messages_given_up(run, job, rc, diagnose_move(rc, &job->process, why));
	else if (unsettled)
		warnx("process %d: %s", job->process.pid, diagnose_unsettled(&job->process, why));
	run->partial += left || unsettled || rc == -ETIMEDOUT;
}

void messages_not_reached(struct run *run, pid_t pid)
{
	char why[DIAGNOSE_MAX];

	run->report.ended = limits_ended(&run->control);
	snprintf(why, sizeof(why), "not reached (%s)", limits_end_text(run->report.ended));
	report_failed(&run->report, pid, why);
	run->unreached++;
}

void messages_unreached(struct run *run)
{
	run->partial += run->unreached > 0;
	if (run->unreached && !run->request->output.quiet)
		warnx("%s: %zu of %zu process%s not reached", limits_end_text(run->report.ended),
		      run->unreached, run->members.all.n,
		      run->members.all.n == 1 ? " was" : "es were");
}

/* Advice is for people, and for documents; it is given once. */
static bool gives_advice(const struct request *request)
{
	return !request->output.quiet && (request->output.verbose || isatty(STDERR_FILENO));
}

void messages_find_advice(struct run *run, const struct job *job)
{
	if (job->move.mode == ENGINE_FOR_REAL && !run->stay.causes &&
	    (run->request->output.json || gives_advice(run->request)))
		advice_find(&run->stay, &job->process, &run->topology, &job->account);
}

void messages_advice(const struct run *run)
{
	if (run->stay.causes && gives_advice(run->request))
		warnx("process %d: %s", run->stay.pid, run->stay.text);
}

void messages_no_room(struct run *run, struct job *job, const struct shortage *shortage)
{
	char need[TEXT_SIZE_MAX], room[TEXT_SIZE_MAX], why[RESOLVE_WHY_MAX];

	snprintf(why, sizeof(why),
		 "node %d has room for %s, and %s would go there; "
		 "--force moves what fits",
		 shortage->node, text_size(shortage->room, room), text_size(shortage->need, need));
	messages_failed(run, job, why);
}
