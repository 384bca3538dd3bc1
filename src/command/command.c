/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/command.h"

#include "command/diagnose.h"
#include "command/listfile.h"
#include "command/messages.h"
#include "command/resolve.h"
#include "command/work.h"
#include "plan/page.h"
#include "plan/threshold.h"
#include "proc/access.h"
#include "proc/syscalls.h"
#include "report/dry_run.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files of pages and placements ---- */

static int open_list(struct run *run)
{
	int rc;

	run->list = calloc(1, sizeof(*run->list));
	if (!run->list) {
		warnx("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	rc = listfile_open(run->list, run->request, &run->topology, &run->control);
	run->moves |= run->list->sends;
	if (rc == -EBADMSG)
		warnx("%s", run->list->why.buf);
	return rc == -ETIMEDOUT ? 0 : rc;
}

static int open_save(struct run *run)
{
	char path[TEXT_NAME_MAX];
	int rc = placement_open(&run->save, run->request->output.save);

	if (rc)
		warnx("%s: %s", text_name(run->request->output.save, path, sizeof(path)),
		      placement_explain(rc));
	return rc;
}

/* Opened with the rights of the caller, and before anything is looked at. */
static int open_files(struct run *run, char *why)
{
	const struct request *request = run->request;
	int rc = request->which.pages_from || request->which.restore ? open_list(run) : 0;

	(void)why;
	return rc || !request->output.save ? rc : open_save(run);
}

static void close_files(struct run *run)
{
	if (run->list)
		listfile_close(run->list);
	free(run->list);
	placement_abort(&run->save);
}

/* ---- the processes, and afterwards ---- */

static bool all_failed(const struct run *run)
{
	return run->failed && run->failed + run->excused >= run->seen.n;
}

static enum exit_status status_of(const struct run *run, int lost)
{
	if (all_failed(run))
		return EXIT_FAILED;
	if (lost)
		return run->moved ? EXIT_REPORT_LOST : EXIT_FAILED;
	if (run->unmet)
		return EXIT_UNMET;
	if (run->failed || run->partial)
		return run->request->output.partial_ok ? EXIT_DONE : EXIT_PARTIAL;
	return EXIT_DONE;
}

/* Time limits the moving: what is to be checked is looked at even if nothing moves any more. */
static bool goes_on(const struct run *run)
{
	enum limits_end end = limits_ended(&run->control);

	return end == LIMITS_GO_ON || (end == LIMITS_TIMEOUT && run->request->thresholds.n);
}

static void run_processes(struct run *run)
{
	const struct pid_list *pids = &run->members.all;
	size_t i = 0;

	while (i < pids->n && goes_on(run))
		job_run(run, pids->pid[i++]);
	while (i < pids->n)
		messages_not_reached(run, pids->pid[i++]);
	messages_unreached(run);
}

/* One line for each that does not hold, and with -v for the others, too. */
static void tell_shares(struct run *run)
{
	const struct request *request = run->request;
	char line[THRESHOLD_TEXT_MAX];

	if (all_failed(run) || limits_signal())
		return;
	for (size_t i = 0; i < request->thresholds.n; i++) {
		bool holds = threshold_holds(&run->shares[i]);

		run->unmet += !holds;
		if (holds ? request->output.verbose : !request->output.quiet)
			warnx("%s", threshold_format(&run->shares[i], line));
	}
}

/* After what was told of each.  The tables of a dry run have no total of their own. */
static void tell_total(const struct run *run)
{
	const struct request *request = run->request;
	bool left = !request->how.dry_run && !count_is_zero(account_left(&run->total));
	bool foreseen = request->how.dry_run && !request->output.json;

	if (run->report.processes > 1 && !request->output.quiet &&
	    (left || foreseen || messages_is_for_terminal(run)))
		report_summary_total(stderr, &run->report);
}

/*
 * ---- before a process is looked at ----
 *
 * Steps that return 0, or -errno with one line in @why, if it is not told already.
 */

static int check_proc(struct run *run, char *why)
{
	int rc = access_check_proc();

	(void)run;
	if (rc)
		diagnose_proc(rc, why);
	return rc;
}

static int find_nodes(struct run *run, char *why)
{
	int rc = topology_read(&run->topology, "");

	if (rc)
		resolve_explain_topology(&run->topology, rc, why);
	return rc;
}

static int check_texts(struct run *run, char *why)
{
	return resolve_check_texts(run->request, &run->topology, why);
}

static int find_members(struct run *run, char *why)
{
	int rc = members_find(&run->request->who, &run->members, why);
	size_t unseen = run->members.unseen;

	if (!rc && unseen && !run->request->output.quiet)
		warnx("--cgroup: %zu process%s of it cannot be seen from here (outside of this PID "
		      "namespace), and %s left out; run this on the host",
		      unseen, unseen == 1 ? "" : "es", unseen == 1 ? "is" : "are");
	return rc;
}

static int give_up_privileges(struct run *run, char *why)
{
	int rc = sys_restrict(run->request->output.save, access_capabilities(&run->members.all));

	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "cannot give up privileges: %s", strerror(-rc));
	return rc;
}

/* What was asked of shares, with nothing found yet. */
static int copy_shares(struct run *run)
{
	size_t n = run->request->thresholds.n;

	run->shares = calloc(n + 1, sizeof(*run->shares));
	if (!run->shares)
		return -ENOMEM;
	if (n)
		memcpy(run->shares, run->request->thresholds.at, n * sizeof(*run->shares));
	return 0;
}

static int prepare_forecast(struct run *run)
{
	if (!run->request->how.dry_run)
		return 0;
	run->forecast = calloc(1, sizeof(*run->forecast));
	return run->forecast ? 0 : -ENOMEM;
}

/* Several processes: what they share is visited where most of it is in memory. */
static int prepare_visits(struct run *run)
{
	unsigned int base_shift = sys_page_shift();

	run->total.base_shift = base_shift;
	seen_init(&run->before, base_shift);
	seen_init(&run->now, base_shift);
	run->once = run->members.all.n > 1 && request_visits_once(run->request);
	return run->once ? members_order(&run->members) : 0;
}

static int make_room(struct run *run, char *why)
{
	int rc = copy_shares(run);

	if (!rc)
		rc = prepare_forecast(run);
	if (!rc)
		rc = prepare_visits(run);
	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(ENOMEM));
	return rc;
}

static int start_report(struct run *run, char *why)
{
	return report_start(&run->report, report_form_of(run->request, run->moves), run->request,
			    &run->topology, stdout, why);
}

static bool prepare(struct run *run)
{
	static int (*const steps[])(struct run * run, char *why) = {
		check_proc,   find_nodes,	  check_texts, open_files,
		find_members, give_up_privileges, make_room,   start_report,
	};
	char why[RESOLVE_WHY_MAX] = "";

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (!steps[i](run, why))
			continue;
		if (*why)
			warnx("%s", why);
		return false;
	}
	return true;
}

/* ---- the command ---- */

/* From here on nothing is left half done: not pages, not a file that was begun. */
static void expect_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	limits_catch_signals();
}

static enum exit_status work(struct run *run)
{
	const struct request *request = run->request;
	int lost;

	if (run->moves)
		expect_signals();
	headroom_guard_start(&run->room, request->how.force);
	run->report.total = &run->total;
	run->report.shares = run->shares;
	run->report.n_shares = request->thresholds.n;
	run->report.stay = run->moves ? &run->stay : NULL;
	run_processes(run);
	messages_none_selected(run);
	tell_total(run);
	messages_advice(run);
	tell_shares(run);
	lost = report_finish(&run->report);
	if (lost)
		warnx("standard output: %s; %s", strerror(-lost),
		      run->moved ? "pages were moved, the report is lost" : "the report is lost");
	return status_of(run, lost);
}

static void run_free(struct run *run)
{
	close_files(run);
	free(run->shares);
	seen_free(&run->before);
	members_free(&run->members);
	if (run->forecast)
		dry_run_free(run->forecast);
	free(run->forecast);
	pid_list_free(&run->seen);
	free(run);
}

int command_run(const struct request *request)
{
	struct run *run = calloc(1, sizeof(*run));
	enum exit_status status = EXIT_FAILED;

	if (!run) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	run->request = request;
	run->moves = request->action & ACTIONS_MOVING;
	limits_start(&run->control, request->how.rate, request->how.timeout);
	if (request->output.save)
		expect_signals();
	if (prepare(run))
		status = work(run);
	run_free(run);
	return limits_signal() ? -limits_signal() : (int)status;
}
