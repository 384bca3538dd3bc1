/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/command.h"

#include "command/advice.h"
#include "command/diagnose.h"
#include "command/messages.h"
#include "command/resolve.h"
#include "command/work.h"
#include "proc/access.h"
#include "proc/status.h"
#include "proc/syscalls.h"

#include <err.h>
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Processes held open, and files of each; at most a quarter of the limit of open files. */
enum { HELD_MAX = 32, HELD_FILES = 5, HELD_SHARE = 4 };

/* ---- before any process is examined: return 0, or -errno and one line in @why ---- */

/* Open files first, with the rights of the caller. */
static int open_files(struct session *s, char *why)
{
	const struct request *r = s->request;
	char path[TEXT_NAME_MAX];
	int rc = 0;

	if (r->which.pages_from || r->which.restore) {
		s->list = calloc(1, sizeof(*s->list));
		rc = s->list ? listfile_open(s->list, r, &s->topology, &s->limits) : -ENOMEM;
		if (rc == -ENOMEM)
			snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(ENOMEM));
		if (rc == -EBADMSG)
			snprintf(why, RESOLVE_WHY_MAX, "%s", s->list->why.buf);
		if (rc && rc != -ETIME)
			return rc;
		s->moves |= s->list->has_nodes;
	}
	rc = r->output.save ? placement_open(&s->save, r->output.save) : 0;
	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "%s: %s",
			 text_name(r->output.save, path, sizeof(path)), placement_explain(rc));
	return rc;
}

/* Make the records that grow during the command. */
static int make_records(struct session *s, char *why)
{
	const struct threshold_list *thresholds = &s->request->thresholds;
	unsigned int base_shift = sys_page_shift();
	bool once = s->members.all.n > 1 && request_visits_once(s->request);

	s->totals.account.base_shift = base_shift;
	seen_init(&s->before, base_shift);
	seen_init(&s->now, base_shift);
	s->thresholds = calloc(thresholds->n + 1, sizeof(*s->thresholds));
	if (s->request->how.dry_run)
		s->dry_run = calloc(1, sizeof(*s->dry_run));
	/* Visit shared memory in the process that maps most of it; in a list, in the first row. */
	if (!s->thresholds || (s->request->how.dry_run && !s->dry_run) ||
	    (once &&
	     members_order(&s->members, request_is_list(s->request) ? "VmRSS HugetlbPages" :
								      "RssShmem HugetlbPages"))) {
		snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (size_t i = 0; i < thresholds->n; i++)
		s->thresholds[i] = thresholds->at[i];
	return 0;
}

/*
 * Open processes before CAP_SYS_ADMIN is dropped: then pagemap shows page frames, and so the nodes.
 * The rest of a large set is opened later, one by one.
 */
static void hold_processes(struct session *s)
{
	const struct pid_list *all = &s->members.all;
	struct rlimit files;
	size_t most = HELD_MAX;

	if (!sys_is_capable(CAP_SYS_ADMIN) || getrlimit(RLIMIT_NOFILE, &files))
		return;
	if (files.rlim_cur / (HELD_SHARE * HELD_FILES) < most)
		most = files.rlim_cur / (HELD_SHARE * HELD_FILES);
	s->held = calloc(HELD_MAX, sizeof(*s->held));
	while (s->held && s->n_held < all->n && s->n_held < most) {
		process_open(all->pid[s->n_held], &s->held[s->n_held]);
		s->n_held++;
	}
}

static int prepare(struct session *s, FILE *out, char *why)
{
	const struct request *r = s->request;
	size_t unseen;
	int rc = access_check_proc();

	if (rc) {
		diagnose_proc(rc, why);
		return rc;
	}
	rc = topology_read(&s->topology, "");
	if (rc) {
		resolve_explain_topology(&s->topology, rc, why);
		return rc;
	}
	rc = resolve_check_texts(r, &s->topology, why);
	if (!rc)
		rc = open_files(s, why);
	/* --restore without PIDs: all processes of the file. */
	if (!rc && r->which.restore && r->who.pids.n == 0 && !r->who.input)
		rc = pid_list_add_all(&s->members.all, &s->list->pids);
	else if (!rc)
		rc = members_find(&r->who, &s->members,
				  &(struct text_line){ why, RESOLVE_WHY_MAX, 0 });
	if (rc)
		return rc;
	unseen = s->members.unseen;
	if (unseen && !r->output.quiet)
		warnx("%zu process%s of the cgroup skipped: not visible in this PID namespace; "
		      "run on the host",
		      unseen, unseen == 1 ? "" : "es");
	hold_processes(s);
	rc = sys_restrict(r->output.save, access_capabilities(&s->members.all));
	if (rc) {
		snprintf(why, RESOLVE_WHY_MAX, "cannot drop privileges: %s", strerror(-rc));
		return rc;
	}
	headroom_guard_start(&s->room, r->how.force);
	s->engine = (struct engine){
		.keep_huge = r->how.huge == HUGE_KEEP,
		.retries = r->how.retries,
		.jobs = r->how.jobs,
		.limits = &s->limits,
		.room = &s->room,
		.calls = &s->calls,
	};
	rc = make_records(s, why);
	if (!rc)
		rc = report_start(&s->report, report_form_of(r, s->moves), r, &s->topology, out,
				  why);
	s->report.total.account = &s->totals.account;
	s->report.total.dry_run = s->dry_run;
	s->report.thresholds = s->thresholds;
	s->report.n_thresholds = r->thresholds.n;
	s->report.calls = s->moves ? &s->calls : NULL;
	s->report.advice = s->moves ? &s->advice : NULL;
	return rc;
}

/* ---- one process ---- */

static void add_result(struct totals *t, const struct result *r)
{
	t->failed += r->how == RESULT_FAILED || r->how == RESULT_LIST_FAILED;
	t->vanished += r->how == RESULT_VANISHED;
	t->unreached += r->how == RESULT_NOT_REACHED;
	t->refused += r->how == RESULT_REFUSED;
	t->partial += r->partial;
}

/* Report a process that is not visited. */
static void give_up(struct session *s, struct work *w, const struct result *r)
{
	messages_result(s, w, r);
	add_result(&s->totals, r);
	if (r->how == RESULT_REFUSED)
		s->totals.last_refused = w->process.pid;
}

/* Pages that are not saved cannot be restored. */
static void note_unsaved(struct session *s, const struct work *w, struct count unseen)
{
	messages_unsaved(s, w, unseen);
	s->totals.partial += !count_is_zero(unseen);
}

/* End a process after its last pass. */
static void finish(struct session *s, struct work *w)
{
	struct result result;
	bool selected = (s->list ? s->list->count.ranges : w->plan.n) || w->subject.before ||
			!(s->request->which.kinds || s->request->which.path);
	int rc = w->rc, told;

	if (limits_is_end(rc)) {
		s->report.total.ended = w->subject.ended;
		s->report.total.uncounted |= w->subject.uncounted;
	}
	s->totals.moved |= s->moves && !s->request->how.dry_run;
	if (messages_want_advice(s))
		advice_find(&s->advice, &w->process, &s->topology, &s->room, &w->account,
			    work_is_whole(s, w));
	w->subject.complete = !rc;
	if (s->request->which.pages_from)
		w->subject.unmapped = s->list->count.unmapped;
	told = report_end(&s->report, &w->subject);
	if (!told && s->dry_run)
		told = dry_run_end(s->dry_run);
	account_add(&s->totals.account, &w->account);
	rc = rc ? rc : told;
	/* The pages belong to the saved program only if the process has not called execve(2). */
	if (s->request->action == ACTION_SAVE) {
		rc = placement_end(&s->save, &w->process, rc);
		note_unsaved(s, w, w->account.by[OUTCOME_UNSEEN]);
	}
	work_judge(s, w, rc, &result);
	s->totals.selected |= selected || rc;
	messages_visit(s, w, &result, selected);
	add_result(&s->totals, &result);
	s->totals.broken |= result.how == RESULT_FAILED || result.how == RESULT_LIST_FAILED;
	if (!rc && s->dry_run) {
		if (!s->dry_run->fit.knows_room)
			warnx("process %d: cannot determine free memory on the destination: "
			      "cannot read /proc/zoneinfo",
			      w->process.pid);
		if (work_is_refused(s, &result))
			give_up(s, w, &result);
	}
}

/*
 * Make one pass over one process.  Return whether it needs another one.  Later processes skip
 * shared memory found here, unless a call failed: then its pages have no outcome, and another
 * process may succeed.
 */
static bool pass_over(struct session *s, struct work *w, size_t pass)
{
	const struct target target = { &w->process, &w->space, &w->means, NULL };
	bool last = pass + 1 == w->passes, judged;
	struct result result;
	int rc = 0;

	if (pass == 0) {
		messages_slow_scan(s, w);
		work_begin(s, w, &result);
		if (result.how != RESULT_DONE) {
			give_up(s, w, &result);
			return false;
		}
	}
	if (s->request->action == ACTION_SAVE)
		rc = placement_begin(&s->save, &w->process);
	if (last && !rc && s->dry_run)
		rc = dry_run_begin(s->dry_run, &s->engine, &target, w->map);
	if (last && !rc)
		rc = report_begin(&s->report, &w->subject);
	/* If work_record() failed, nothing may move. */
	if (rc)
		w->rc = rc;
	else if (!w->rc || limits_is_end(w->rc))
		work_pass(s, w, pass);
	judged = !w->rc || w->rc == -ESRCH || w->rc == -ESTALE || w->rc == -ETIME;
	if (judged && seen_add_all(&s->before, &s->now) && !w->rc)
		w->rc = -ENOMEM;
	seen_free(&s->now);
	/* If the move must end, the other passes only count the remaining pages. */
	if (!last && (!w->rc || limits_is_end(w->rc)))
		return true;
	if (!last)
		report_begin(&s->report, &w->subject);
	finish(s, w);
	return false;
}

/* ---- all processes ---- */

/* --timeout limits moves only: thresholds are checked even after the time limit. */
static bool should_continue(const struct session *s)
{
	enum limits_end end = limits_ended(&s->limits);

	return end == LIMITS_GO_ON || (end == LIMITS_TIMEOUT && s->request->thresholds.n);
}

static void drop_work(struct work **w)
{
	work_free(*w);
	*w = NULL;
}

/* Finish the file of --save.  Return 0, 1 if there is nothing to save, or -errno. */
static int commit(struct session *s, bool ended)
{
	int rc = ended || s->save.processes == 0 ? 1 : placement_commit(&s->save);

	messages_saved(s, rc);
	return rc;
}

/*
 * Before the first page moves, save the placement of all processes.  Drop processes that cannot be
 * saved, or all of them if the file cannot be finished.
 */
static void save_all(struct session *s, struct work **works, size_t n)
{
	struct result result;
	struct count unseen;
	int rc = 0;

	for (size_t i = 0; i < n && !limits_is_end(rc); i++) {
		rc = work_save(s, works[i], &unseen);
		if (!rc) {
			note_unsaved(s, works[i], unseen);
		} else if (!limits_is_end(rc)) {
			work_judge(s, works[i], rc, &result);
			give_up(s, works[i], &result);
			drop_work(&works[i]);
		}
	}
	rc = commit(s, limits_is_end(rc));
	s->saved = rc == 0;
	result = (struct result){ .how = RESULT_NOT_REACHED };
	for (size_t i = 0; i < n && !s->saved; i++) {
		if (!works[i])
			continue;
		if (rc > 0)
			give_up(s, works[i], &result);
		else /* messages_saved() has reported it */
			report_failed(&s->report, works[i]->process.pid, "not moved: not saved");
		s->totals.failed += rc < 0;
		drop_work(&works[i]);
	}
}

/* Make each pass over all processes before the next pass, so no page moves twice. */
static void run_together(struct session *s, struct work **works, size_t n)
{
	const struct result not_reached = { .how = RESULT_NOT_REACHED };
	bool more = n > 0;

	for (size_t pass = 0; more; pass++) {
		more = false;
		seen_free(&s->before);
		for (size_t i = 0; i < n; i++)
			if (works[i] && !works[i]->rc && work_overlaps(s, works[i]))
				works[i]->rc = work_record(s, works[i], pass);
		for (size_t i = 0; i < n; i++) {
			if (!works[i])
				continue;
			if (pass == 0 && !should_continue(s)) {
				give_up(s, works[i], &not_reached);
				drop_work(&works[i]);
			} else if (pass_over(s, works[i], pass)) {
				more = true;
			} else {
				drop_work(&works[i]);
			}
		}
	}
}

/* Start the progress of a move.  Its total counts shared memory in each process. */
static uint64_t resident_of(const struct pid_list *pids)
{
	uint64_t sum = 0, bytes;
	char *status;

	for (size_t i = 0; i < pids->n; i++) {
		if (status_text(pids->pid[i], &status))
			continue;
		bytes = status_sum(status, "VmRSS HugetlbPages");
		sum += bytes == UINT64_MAX ? 0 : bytes;
		free(status);
	}
	return sum;
}

static int run_processes(struct session *s)
{
	const struct pid_list *pids = &s->members.all;
	struct work **together = calloc(pids->n + 1, sizeof(*together)), *w;
	struct result result;
	struct rlimit files;
	const bool saves = s->moves && s->request->output.save;
	size_t i = 0, n = 0;

	if (!together)
		return -ENOMEM;
	/* An open process takes four descriptors. */
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	progress_start(&s->progress,
		       s->moves && !s->request->how.dry_run ? s->request->output.progress :
							      PROGRESS_NEVER,
		       s->moves ? resident_of(pids) : 0, pids->n);
	for (; i < pids->n && should_continue(s); i++) {
		w = work_new(s, pids->pid[i]);
		if (!w) {
			warnx("process %d: %s", pids->pid[i], strerror(ENOMEM));
			report_failed(&s->report, pids->pid[i], strerror(ENOMEM));
			s->totals.failed++;
			continue;
		}
		work_start(s, w, pids->pid[i], &result);
		if (result.how == RESULT_DONE && (saves || work_overlaps(s, w))) {
			together[n++] = w;
			s->progress.total += (w->passes - 1) * w->process.resident;
			continue;
		}
		if (result.how == RESULT_DONE)
			pass_over(s, w, 0);
		else
			give_up(s, w, &result);
		work_free(w);
	}
	if (saves)
		save_all(s, together, n);
	run_together(s, together, n);
	for (; i < pids->n; i++) {
		messages_not_reached(s, pids->pid[i]);
		s->totals.unreached++;
	}
	messages_unreached(s);
	s->totals.partial += s->totals.unreached > 0;
	if (s->request->action == ACTION_SAVE && commit(s, s->report.total.ended) < 0)
		s->totals.failed = s->totals.processes.n;
	free(together);
	return 0;
}

/* From here on, signals do not interrupt a batch, or leave an incomplete file. */
static void expect_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	limits_catch_signals();
}

/* Process all processes.  Return the exit status. */
static enum exit_status work_on_all(struct session *s)
{
	const uint64_t start = sys_time();
	struct totals *t = &s->totals;
	bool all_failed;
	int lost;

	if (s->moves)
		expect_signals();
	if (run_processes(s)) {
		warnx("%s", strerror(ENOMEM));
		t->failed++;
	}
	s->report.time = sys_time() - start;
	all_failed = t->failed && t->failed + t->vanished >= t->processes.n;
	for (size_t i = 0; !all_failed && !limits_signal() && i < s->request->thresholds.n; i++)
		t->unmet += !threshold_holds(&s->thresholds[i]);
	for (size_t i = 0; s->request->action == ACTION_LOOK && i < s->report.nodes.n; i++)
		s->report.free[i] = headroom_free(s->report.nodes.node[i]);
	lost = report_finish(&s->report);
	messages_none_selected(s);
	messages_refused(s);
	messages_summary(s);
	messages_advice(s);
	messages_undo(s);
	if (!all_failed && !limits_signal())
		messages_thresholds(s);
	if (lost)
		warnx("standard output: %s; %s", strerror(-lost),
		      t->moved ? "pages were moved, but the report is lost" : "the report is lost");
	if (all_failed)
		return EXIT_FAILED;
	if (lost)
		return t->moved ? EXIT_REPORT_LOST : EXIT_FAILED;
	if (t->unmet)
		return EXIT_UNMET;
	if ((t->failed || t->partial) && !s->request->output.partial_ok)
		return EXIT_PARTIAL;
	return EXIT_DONE;
}

int command_run(const struct request *request, FILE *out, struct report_past *past)
{
	struct session *s = calloc(1, sizeof(*s));
	enum exit_status status = EXIT_FAILED;
	char why[RESOLVE_WHY_MAX] = "";
	int rc;

	if (!s) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	s->request = request;
	s->moves = request->action & ACTIONS_MOVING;
	limits_start(&s->limits, request->how.rate, request->how.timeout);
	if (request->output.save)
		expect_signals();
	rc = prepare(s, out, why);
	s->report.past = past;
	if (!rc)
		status = work_on_all(s);
	else if (*why)
		warnx("%s", why);
	if (s->list)
		listfile_close(s->list);
	free(s->list);
	placement_abort(&s->save);
	free(s->thresholds);
	seen_free(&s->before);
	for (size_t i = 0; i < s->n_held; i++)
		process_close(&s->held[i]);
	free(s->held);
	members_free(&s->members);
	if (s->dry_run)
		dry_run_free(s->dry_run);
	free(s->dry_run);
	pid_list_free(&s->totals.processes);
	free(s);
	return limits_signal() ? -limits_signal() : (int)status;
}
