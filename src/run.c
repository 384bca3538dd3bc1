/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "run.h"

#include "account.h"
#include "census.h"
#include "control.h"
#include "explain.h"
#include "forecast.h"
#include "kernel.h"
#include "list.h"
#include "mappings.h"
#include "migrate.h"
#include "move.h"
#include "nodes.h"
#include "numamaps.h"
#include "page.h"
#include "plan.h"
#include "preflight.h"
#include "report.h"
#include "room.h"
#include "route.h"
#include "save.h"
#include "scan.h"
#include "share.h"
#include "spread.h"
#include "tally.h"
#include "target.h"
#include "text.h"
#include "topology.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One command at work. */
struct run {
	const struct request *request;
	struct request own;		/* what request points to */
	struct topology topology;
	struct report report;
	struct control control;
	struct room_guard room;
	struct forecast *forecast;	/* of a dry run, or NULL */
	struct pid_list seen;		/* processes: a thread's id stands for its process */
	struct list *list;		/* pages that come from a file, or NULL */
	struct save save;		/* the file that a placement goes to */
	size_t failed, partial;		/* how many of them */
	struct share *shares;		/* those of the request, and what was found */
	size_t unmet;			/* how many of them do not hold */
	bool moved;			/* pages were moved, so that a lost report is not all */
};

/* One process at work. */
struct job {
	struct run *run;
	struct process process;
	struct mapping_list maps;
	struct scan_means means;
	struct plan plan;
	struct route route;
	struct route again;	/* the part of it that is followed, and looked at, afterwards */
	bool has_route;
	struct spread spread;
	struct node_set *share_nodes;	/* of each of the request's shares */
	struct account account;
	struct progress progress;
	struct subject subject;
	struct move move;
};

static int count_and_report(void *context, const struct page *pages, size_t n)
{
	struct job *job = context;
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (!(pages[i].flags & PAGE_TAIL))
			bytes += page_bytes(&pages[i]);
	progress_add(&job->progress, bytes);
	account_pages(&job->account, pages, n);
	if (job->run->request->save)
		save_pages(&job->run->save, pages, n);
	return report_add(&job->run->report, &job->subject, pages, n);
}

static int run_batches(struct job *job, const struct route *route)
{
	const struct request *request = job->run->request;
	struct forecast *forecast = job->run->forecast;
	const struct sink last = {
		count_and_report, job,
		.in_order = request->save || report_wants_order(&job->run->report),
	};
	const struct sink foresee = { forecast_pages, forecast, .in_order = true };
	const struct sink *sink = forecast ? &foresee : &last;
	struct move move = job->move;

	move.route = route;
	if (forecast)
		forecast->sink = &last;
	if (job->run->list)
		return list_run(job->run->list, &job->plan, &move, sink);
	return move_run(&move, sink);
}

/* ---- migratepages: in passes, so that no page moves twice ---- */

static int run_pass(struct job *job, const struct route *pass)
{
	int rc;

	if (job->run->request->method == METHOD_PROCESS)
		return migrate_whole(&job->move, pass, &job->account);
	rc = run_batches(job, pass);
	/* One call for all takes along, and splits, the huge pages that are to be kept. */
	if (!rc && !count_is_zero(job->account.by[OUTCOME_HIDDEN]) && !route_is_cyclic(pass) &&
	    !job->move.keep_huge)
		rc = migrate_hidden(&job->move, pass, &job->account);
	return rc;
}

static int run_passes(struct job *job, const struct route *route)
{
	size_t n = route_passes(route, NULL, 0);
	struct route *pass = reallocarray(NULL, n + 1, sizeof(*pass));
	int rc = 0;

	if (!pass)
		return -ENOMEM;
	route_passes(route, pass, n);
	for (size_t i = 0; !rc && i < n; i++)
		rc = run_pass(job, &pass[i]);
	free(pass);
	return rc;
}

/* ---- afterwards ---- */

/* What is on the source nodes now, whoever put it there. */
struct aftermath {
	struct count on_sources;
	unsigned int base_shift;
};

static int count_aftermath(void *context, const struct page *pages, size_t n)
{
	struct aftermath *a = context;

	for (size_t i = 0; i < n; i++) {
		bool huge = pages[i].shift > a->base_shift;
		struct count one = { !huge, huge, page_bytes(&pages[i]) };

		if (pages[i].outcome == OUTCOME_PRESENT)
			a->on_sources = count_add(a->on_sources, one);
	}
	return 0;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * One read of numa_maps holds the memory map for as long as the kernel walks a
 * mapping: about 1 ms with so many pages in so many page tables.
 */
enum { FEW_PAGES = 16384, FEW_TABLES = 256 };

/* Whether numa_maps shows nothing on the sources but what is known; quick where pages are huge. */
static bool shows_nothing_new(const struct job *job, uint64_t known)
{
	struct placement now;
	struct node_set sources;
	uint64_t pages = 0;

	for (int o = 0; o < OUTCOMES; o++)
		pages += job->account.by[o].pages;
	if (!job->plan.whole || pages > FEW_PAGES ||
	    process_page_tables(&job->process) >> job->account.base_shift > FEW_TABLES ||
	    placement_read(&now, &job->process))
		return false;
	route_sources(&job->again, node_set_init(&sources));
	return placement_on(&now, &sources.mask) <= known;
}

/* New pages are those on the sources that are not known to have stayed there. */
static int count_new(struct job *job)
{
	struct aftermath after = { .base_shift = job->account.base_shift };
	struct account *a = &job->account;
	struct count known = count_add(account_left(a), a->by[OUTCOME_EXCLUDED]);
	int rc;

	known = count_add(known, a->by[OUTCOME_NOT_MOVABLE]);
	a->fresh = (struct count){ 0 };
	if (shows_nothing_new(job, known.bytes))
		return 0;
	rc = move_run_as(&job->move, MOVE_LOOK, &job->again,
			 &(struct sink){ .pages = count_aftermath, .context = &after });
	a->fresh.bytes = minus(after.on_sources.bytes, known.bytes);
	a->fresh.huge = minus(after.on_sources.huge, known.huge);
	a->fresh.pages = a->fresh.bytes ? minus(after.on_sources.pages, known.pages) : 0;
	return rc;
}

/* Of what was saved, that is not there any more. */
static void count_gone(struct job *job)
{
	account_bytes(&job->account, OUTCOME_GONE, 0, 0,
		      minus(job->run->list->stream.bytes, job->progress.done));
}

/* Where the selected pages are now, added to what other processes have. */
static int count_shares(struct job *job)
{
	struct run *run = job->run;
	struct tally *t;
	int rc;

	if (run->request->n_shares == 0)
		return 0;
	t = malloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	rc = tally_take(&job->move, t);
	for (size_t i = 0; !rc && i < run->request->n_shares; i++) {
		run->shares[i].on += tally_on(t, &job->share_nodes[i].mask);
		run->shares[i].unseen += t->unseen;
		run->shares[i].total += t->total;
	}
	free(t);
	return rc;
}

/* ---- one process ---- */

static int visit_once(struct job *job, const struct route *route)
{
	bool passes = job->run->request->command == COMMAND_MIGRATEPAGES &&
		      job->move.mode == MOVE_FOR_REAL;
	int rc = passes ? run_passes(job, route) : run_batches(job, route);

	if (!rc && route && job->move.mode == MOVE_FOR_REAL && !job->run->list)
		rc = count_new(job);
	if (!rc && job->run->request->restore)
		count_gone(job);
	return rc;
}

/* What was there before the first visit is there still: only that of the first is counted. */
static int visit_again(struct job *job)
{
	struct count there = job->account.by[OUTCOME_ALREADY_THERE];
	int rc;

	account_renew(&job->account);
	rc = visit_once(job, &job->again);
	job->account.by[OUTCOME_ALREADY_THERE] = there;
	return rc;
}

static int visit_pages(struct job *job)
{
	uint64_t until = kernel_time() + job->run->request->settle;
	int rc = 0;

	if (!request_only_checks(job->run->request))
		rc = visit_once(job, job->has_route ? &job->route : NULL);

	while (!rc && !count_is_zero(job->account.fresh) && kernel_time() < until &&
	       !control_ended(&job->run->control))
		rc = visit_again(job);
	return rc;
}

/* That is a success, but it is told. */
static void tell_if_nothing_selected(const struct job *job)
{
	const struct request *request = job->run->request;
	const struct stream *stream = job->run->list ? &job->run->list->stream : NULL;
	const char *options = request->kinds && request->path ? "--kind and --path leave" :
			      request->kinds ? "--kind leaves" : "--path leaves";

	if (request->quiet)
		return;
	if (stream && stream->operands == 0)
		warnx("process %d: nothing is selected: the list of pages is empty",
		      job->process.pid);
	else if ((stream ? stream->ranges : job->plan.n) == 0 &&
		 (request->kinds || request->path))
		warnx("process %d: nothing is selected: %s none of its mappings",
		      job->process.pid, options);
}

static void complain(struct run *run, const struct job *job, const char *why)
{
	warnx("process %d: %s", job->process.pid, why);
	report_failed(&run->report, job->process.pid, why);
	run->failed++;
}

static void complain_of_list(struct run *run)
{
	warnx("%s", run->list->stream.why);
	run->failed++;
}

static void tell(struct run *run, struct job *job, int rc)
{
	const struct request *request = run->request;
	bool left = !request->dry_run && !count_is_zero(account_left(&job->account));
	bool unsettled = request->settle && !count_is_zero(job->account.fresh);
	bool for_tty = isatty(STDERR_FILENO) && request_moves(request) && !request->verbose &&
		       !request->dry_run && !request->pages;
	bool ended = rc == -EINTR || rc == -ETIMEDOUT || rc == -EBADMSG;
	char why[EXPLAIN_MAX];

	if (rc == 0)
		tell_if_nothing_selected(job);
	if (!request->quiet && (left || for_tty || (ended && request_moves(request))))
		report_summary(stderr, request, &job->subject);
	if (rc == -EBADMSG)
		complain_of_list(run);
	else if (rc == -ETIMEDOUT)
		warnx("process %d: %s", job->process.pid, explain_move(rc, &job->process, why));
	else if (rc && rc != -EINTR)
		complain(run, job, explain_move(rc, &job->process, why));
	else if (unsettled)
		warnx("process %d: %s", job->process.pid, explain_unsettled(&job->process, why));
	run->partial += left || unsettled || rc == -ETIMEDOUT;
}

static enum move_mode mode_of(const struct request *request)
{
	if (!request_moves(request))
		return MOVE_LOOK;
	return request->dry_run ? MOVE_DRY_RUN : MOVE_FOR_REAL;
}

static bool moves_shared(const struct request *request)
{
	return request->shared == SHARED_YES ||
	       (request->shared == SHARED_AUTO && kernel_can_move_shared());
}

static int run_list(void *context, const struct move *move, const struct sink *sink)
{
	struct job *job = context;

	return list_run(job->run->list, &job->plan, move, sink);
}

static void complain_of_room(struct run *run, struct job *job, const struct shortage *shortage)
{
	char need[TEXT_SIZE_MAX], room[TEXT_SIZE_MAX], why[TARGET_WHY_MAX];

	snprintf(why, sizeof(why), "node %d has room for %s, and %s would go there; "
		 "--force moves what fits", shortage->node, text_size(shortage->room, room),
		 text_size(shortage->need, need));
	complain(run, job, why);
}

/* Complains where there is too little room; what cannot be found out is not held against it. */
static bool has_room(struct run *run, struct job *job)
{
	struct shortage shortage;
	struct move move = job->move;
	const struct preflight_list list = {
		run_list, job, run->list ? &run->list->stream.fine.mask : NULL,
	};

	move.route = job->has_route ? &job->route : NULL;
	if (move.mode != MOVE_FOR_REAL || run->request->force ||
	    preflight(&move, run->request->restore ? &list : NULL, &shortage) ||
	    shortage.node < 0)
		return true;
	complain_of_room(run, job, &shortage);
	return false;
}

/* Whether the real move would be refused: but for lists, which come only once (list.h). */
static void check_forecast(struct run *run, struct job *job)
{
	struct shortage shortage = forecast_shortage(run->forecast);

	if (shortage.node < 0 || run->request->force || run->request->pages_from)
		return;
	forecast_refuse(run->forecast);
	complain_of_room(run, job, &shortage);
}

#define LONG_LOOK 2000000000ULL	/* nanoseconds */

/* Where every place of a huge address space has to be looked at, say so before. */
static void warn_of_long_look(const struct job *job)
{
	uint64_t time = scan_estimate(&job->means, &job->plan);

	if (time >= LONG_LOOK && !job->run->request->quiet)
		warnx("process %d: so much is mapped that finding its pages takes about %"
		      PRIu64 " s: this kernel cannot skip what is empty (6.7 can)",
		      job->process.pid, time / 1000000000);
}

/* What was looked at belongs to the program that is named only if that is still there. */
static int check_identity(struct job *job, const struct saved_identity *before)
{
	struct saved_identity now;
	char why[EXPLAIN_MAX];
	int rc = savefile_identify(&job->process, &now);

	if (!rc && savefile_mismatch(before, &now, why, sizeof(why)))
		rc = -ESTALE;
	return rc;
}

static void finish_save(struct run *run, const struct job *job, bool complete)
{
	struct count unseen = job->account.by[OUTCOME_UNSEEN];
	char path[TEXT_NAME_MAX];
	int rc = complete ? save_finish(&run->save) : 0;

	text_name(run->request->save, path, sizeof(path));
	if (!complete) {
		warnx("%s: nothing was saved", path);
	} else if (rc) {
		warnx("%s: %s; nothing was saved", path, save_explain(rc));
		run->failed++;
	} else if (!count_is_zero(unseen) && !run->request->quiet) {
		warnx("process %d: %llu pages are not saved: move_pages(2) of this kernel does "
		      "not see them", job->process.pid,
		      (unsigned long long)(unseen.pages + unseen.huge));
	}
}

static void work_on(struct run *run, struct job *job)
{
	struct saved_identity id;
	int rc, end;

	job->subject = (struct subject){
		.process = &job->process, .maps = &job->maps, .plan = &job->plan,
		.topology = &run->topology, .account = &job->account,
		.forecast = run->forecast, .base_shift = job->account.base_shift,
	};
	job->move = (struct move){
		.process = &job->process, .maps = &job->maps, .plan = &job->plan,
		.means = &job->means, .mode = mode_of(run->request),
		.all = moves_shared(run->request),
		.keep_huge = run->request->keep_huge,
		.retries = run->request->retries, .jobs = run->request->jobs,
		.control = &run->control, .room = &run->room,
		.spread = run->request->spread ? &job->spread : NULL,
	};
	warn_of_long_look(job);
	job->again = job->route;
	if (job->has_route)
		route_keep_pure_sources(&job->again);
	if (!has_room(run, job))
		return;
	if (run->forecast)
		forecast_begin(run->forecast, &job->move);
	rc = run->request->save ? savefile_identify(&job->process, &id) : 0;
	if (!rc && run->request->save)
		save_begin(&run->save, &id);
	if (!rc)
		rc = report_begin(&run->report, &job->subject);
	progress_start(&job->progress,
		       job->move.mode == MOVE_FOR_REAL ? run->request->progress : PROGRESS_NEVER,
		       process_resident(&job->process));
	if (!rc)
		rc = visit_pages(job);
	progress_end(&job->progress);
	run->moved |= job->move.mode == MOVE_FOR_REAL;
	if (!rc || rc == -ETIMEDOUT) {
		int failure = count_shares(job);

		rc = failure ? failure : rc;
	}
	end = report_end(&run->report, &job->subject);
	if (!rc)
		rc = end;
	if (!rc && run->request->save)
		rc = check_identity(job, &id);
	tell(run, job, rc);
	if (!rc && run->forecast)
		check_forecast(run, job);
	if (run->request->save)
		finish_save(run, job, rc == 0);
}

/* The list of pages is of this process; one that is restored is checked as a whole. */
static int find_in_list(struct run *run, struct job *job)
{
	int rc;

	if (!run->list)
		return 0;
	run->list->process = &job->process;
	rc = run->request->restore ? list_check_saved(run->list) : 0;
	if (rc == -EBADMSG)
		complain_of_list(run);
	else if (rc)
		complain(run, job, strerror(-rc));
	return rc;
}

static bool is_first(struct run *run, pid_t pid)
{
	size_t n = run->seen.n;

	return pid_list_add(&run->seen, pid) || run->seen.n > n;
}

/*
 * What is listed or selected is to be in whole pages.  What is spread, too; but a move of
 * everything finds out by moving which pages are huge, and then knows of those that were
 * split: there it is enough to know where there are none.
 */
static int take_census(struct job *job)
{
	const struct request *request = job->run->request;
	bool in_pages = request->pages || request->n_operands || request->keep_huge ||
			request->pages_from || request->restore || request->dry_run;
	int rc = 0;

	if (in_pages || request->spread)
		rc = census_take(&job->process, &job->means, &job->maps);
	for (size_t i = 0; !in_pages && i < job->maps.n; i++)
		if (job->maps.at[i].huge == HUGE_ALL)
			job->maps.at[i].huge = HUGE_OPEN;
	return rc;
}

static struct job *job_new(struct run *run)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->run = run;
	job->account.base_shift = (unsigned int)__builtin_ctzl(
		(unsigned long)sysconf(_SC_PAGESIZE));
	job->share_nodes = calloc(run->request->n_shares + 1, sizeof(*job->share_nodes));
	if (job->share_nodes)
		return job;
	free(job);
	return NULL;
}

/* Everything that can be wrong with a process or its nodes is found before it is touched. */
static void run_process(struct run *run, pid_t pid)
{
	struct job *job = job_new(run);
	char why[TARGET_WHY_MAX] = "";
	int rc;

	if (!job) {
		warnx("process %d: %s", pid, strerror(ENOMEM));
		report_failed(&run->report, pid, strerror(ENOMEM));
		run->failed++;
		return;
	}
	rc = process_open(pid, &job->process);
	if (!is_first(run, job->process.pid))
		goto out;
	if (!rc)
		rc = mappings_read(&job->process, &job->maps);
	if (!rc) {
		mappings_select(&job->maps, run->request->kinds, run->request->path);
		scan_probe(&job->means, job->process.pagemap);
		rc = take_census(job);
	}
	if (rc) {
		complain(run, job, explain_process(rc, &job->process, why));
	} else if (target_route(run->request, &run->topology, &job->process, &job->route,
				&job->has_route, &job->spread, why) ||
		   target_shares(run->request, &run->topology, &job->process,
				 job->share_nodes, why) ||
		   (!run->list && target_plan(run->request, &job->process, &job->maps,
					      &job->plan, why))) {
		complain(run, job, why);
	} else if (find_in_list(run, job) == 0) {
		work_on(run, job);
	}
out:
	plan_free(&job->plan);
	mappings_free(&job->maps);
	process_close(&job->process);
	free(job->share_nodes);
	free(job);
}

/* ---- files of pages and placements ---- */

/* Opened with the rights of the caller, and before anything is looked at. */
static int open_files(struct run *run)
{
	const struct request *request = run->request;
	char path[TEXT_NAME_MAX];
	int rc = 0;

	if (request->pages_from || request->restore) {
		run->list = calloc(1, sizeof(*run->list));
		if (!run->list)
			return -ENOMEM;
		rc = list_open(run->list, request, &run->topology, &run->control,
			       &run->own.list_sends);
	}
	if (rc == -EBADMSG)
		warnx("%s", run->list->stream.why);
	if (!rc && request->save)
		rc = save_open(&run->save, request->save);
	if (rc && request->save)
		warnx("%s: %s", text_name(request->save, path, sizeof(path)), save_explain(rc));
	return rc == -ETIMEDOUT ? 0 : rc;
}

static int prepare_forecast(struct run *run)
{
	if (!run->request->dry_run)
		return 0;
	run->forecast = calloc(1, sizeof(*run->forecast));
	return run->forecast ? 0 : -ENOMEM;
}

static void close_files(struct run *run)
{
	if (run->list)
		list_close(run->list);
	free(run->list);
	save_abort(&run->save);
}

/* ---- the command ---- */

static enum exit_status status_of(const struct run *run, int lost)
{
	if (run->failed && run->failed == run->seen.n)
		return EXIT_FAILED;
	if (lost)
		return run->moved ? EXIT_REPORT_LOST : EXIT_FAILED;
	if (run->unmet)
		return EXIT_UNMET;
	if (run->failed || run->partial)
		return run->request->partial_ok ? EXIT_DONE : EXIT_PARTIAL;
	return EXIT_DONE;
}

/* Time limits the moving: what is to be checked is looked at even if nothing moves any more. */
static bool goes_on(const struct run *run)
{
	enum control_end end = control_ended(&run->control);

	return end == CONTROL_GO_ON || (end == CONTROL_TIMEOUT && run->request->n_shares);
}

static void run_processes(struct run *run)
{
	const struct pid_list *pids = &run->request->pids;
	size_t i = 0;

	while (i < pids->n && goes_on(run))
		run_process(run, pids->pid[i++]);
	run->partial += i < pids->n;
}

/* One line for each that does not hold, and with -v for the others, too. */
static void tell_shares(struct run *run)
{
	const struct request *request = run->request;
	char line[SHARE_TEXT_MAX];

	if (run->failed == run->seen.n || control_signal())
		return;
	for (size_t i = 0; i < request->n_shares; i++) {
		bool holds = share_holds(&run->shares[i]);

		run->unmet += !holds;
		if (holds ? request->verbose : !request->quiet)
			warnx("%s", share_format(&run->shares[i], line));
	}
}

/* What was asked of shares, with nothing found yet. */
static int copy_shares(struct run *run)
{
	size_t n = run->request->n_shares;

	run->shares = calloc(n + 1, sizeof(*run->shares));
	if (!run->shares)
		return -ENOMEM;
	if (n)
		memcpy(run->shares, run->request->shares, n * sizeof(*run->shares));
	return 0;
}

enum exit_status run_request(const struct request *request)
{
	struct run *run = calloc(1, sizeof(*run));
	enum exit_status status = EXIT_FAILED;
	char why[TARGET_WHY_MAX];
	int rc;

	if (!run) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	run->own = *request;
	run->request = request = &run->own;
	control_start(&run->control, request->rate, request->timeout);
	rc = topology_read(&run->topology, "");
	if (rc) {
		warnx("%s", target_explain_topology(&run->topology, rc, why));
	} else if (target_check_texts(request, &run->topology, why)) {
		warnx("%s", why);
	} else if (open_files(run)) {
		status = EXIT_FAILED;
	} else if ((rc = kernel_restrict(request->save))) {
		warnx("cannot give up privileges: %s", strerror(-rc));
	} else if (copy_shares(run) || prepare_forecast(run)) {
		warnx("%s", strerror(ENOMEM));
	} else if (report_start(&run->report, request, &run->topology, stdout, why)) {
		warnx("%s", why);
	} else {
		if (request_moves(request))
			signal(SIGPIPE, SIG_IGN);
		if (request_moves(request) || request->save)
			control_catch_signals();
		room_guard_start(&run->room, request->force);
		run->report.shares = run->shares;
		run->report.n_shares = request->n_shares;
		run_processes(run);
		tell_shares(run);
		rc = report_finish(&run->report);
		if (rc)
			warnx("standard output: %s; %s", strerror(-rc),
			      run->moved ? "pages were moved, the report is lost" :
					   "the report is lost");
		status = status_of(run, rc);
	}
	close_files(run);
	free(run->shares);
	if (run->forecast)
		forecast_free(run->forecast);
	free(run->forecast);
	pid_list_free(&run->seen);
	topology_free(&run->topology);
	free(run);
	return status;
}
