/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/work.h"

#include "command/diagnose.h"
#include "command/listfile.h"
#include "command/messages.h"
#include "command/placement_file.h"
#include "command/resolve.h"
#include "command/survey.h"
#include "command/visit.h"
#include "engine/fit.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/syscalls.h"
#include "report/dry_run.h"
#include "util/number.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum engine_mode mode_of(const struct run *run)
{
	if (!run->moves)
		return ENGINE_LOOK;
	return run->request->how.dry_run ? ENGINE_DRY_RUN : ENGINE_FOR_REAL;
}

static bool moves_shared(const struct run *run)
{
	enum sharing shared = run->request->how.shared;

	return run->moves &&
	       (shared == SHARED_YES || (shared == SHARED_AUTO && sys_can_move_shared()));
}

static int run_list(void *context, const struct move *move, const struct sink *sink)
{
	struct job *job = context;

	return listfile_run(job->run->list, &job->plan, move, sink);
}

/* Complains where there is too little room; what cannot be found out is not held against it. */
static bool has_room(struct run *run, struct job *job)
{
	struct shortage shortage;
	struct move move = job->move;
	const struct fit_list list = {
		run_list,
		job,
		run->list ? &run->list->fine : NULL,
	};

	move.route = job->has_route ? &job->route : NULL;
	if (move.mode != ENGINE_FOR_REAL || run->request->how.force ||
	    fit_check(&move, run->request->which.restore ? &list : NULL, &shortage) ||
	    shortage.node < 0)
		return true;
	messages_no_room(run, job, &shortage);
	return false;
}

/* What the kernel would say to the first page is said before. */
static bool may_move_shared(struct run *run, struct job *job)
{
	char why[DIAGNOSE_MAX];

	if (run->request->how.shared != SHARED_YES || sys_can_move_shared() ||
	    job->move.mode == ENGINE_LOOK)
		return true;
	messages_failed(run, job, diagnose_move(-EPERM, &job->process, why));
	return false;
}

/* Whether the real move would be refused: but for lists, which come only once (list.h). */
static void check_forecast(struct run *run, struct job *job)
{
	struct shortage shortage = dry_run_shortage(run->forecast);

	if (!run->forecast->knows_room)
		warnx("process %d: what room there is on its destination cannot be told: "
		      "/proc/zoneinfo cannot be read",
		      job->process.pid);
	if (shortage.node < 0 || run->request->how.force || run->request->which.pages_from)
		return;
	dry_run_refuse(run->forecast);
	messages_no_room(run, job, &shortage);
}

#define LONG_LOOK 2000000000ULL /* nanoseconds */

/* Where every place of a huge address space has to be looked at, say so before. */
static void warn_of_long_look(const struct job *job)
{
	uint64_t time = finder_estimate(&job->means, &job->plan);

	if (time >= LONG_LOOK && !job->run->request->output.quiet)
		warnx("process %d: so much is mapped that finding its pages takes about %" PRIu64
		      " s: this kernel cannot skip what is empty (6.7 can)",
		      job->process.pid, time / 1000000000);
}

/* What was looked at belongs to the program that is named only if that is still there. */
static int check_identity(struct job *job, const struct placement_id *before)
{
	struct placement_id now;
	char buf[DIAGNOSE_MAX];
	struct text_line why = { buf, sizeof(buf), 0 };
	int rc = placement_id_read(&now, &job->process);

	if (!rc && placement_id_differs(before, &now, &why))
		rc = -ESTALE;
	return rc;
}

static void finish_save(struct run *run, const struct job *job, bool complete)
{
	struct count unseen = job->account.by[OUTCOME_UNSEEN];
	char path[TEXT_NAME_MAX];
	int rc = complete ? placement_commit(&run->save) : 0;

	text_name(run->request->output.save, path, sizeof(path));
	if (!complete) {
		warnx("%s: nothing was saved", path);
	} else if (rc) {
		warnx("%s: %s; nothing was saved", path, placement_explain(rc));
		run->failed++;
	} else if (!count_is_zero(unseen) && !run->request->output.quiet) {
		warnx("process %d: %llu pages are not saved: move_pages(2) of this kernel does "
		      "not see them",
		      job->process.pid, (unsigned long long)(unseen.pages + unseen.huge));
	}
}

/*
 * What was found goes into the report and the total, and need not be visited in the
 * processes that follow.  Unless a call was refused: what it was about was found, and not
 * judged, and the next process may do better.
 */
static int finish_visit(struct run *run, struct job *job, int rc)
{
	bool judged = !rc || rc == -ESRCH || rc == -ESTALE || rc == -ETIMEDOUT;
	int kept = judged ? seen_add_all(&run->before, &run->now) : 0;
	int told;

	job->subject.complete = !rc;
	told = report_end(&run->report, &job->subject);
	seen_free(&run->now);
	account_add(&run->total, &job->account);
	if (!rc)
		rc = told;
	return rc ? rc : kept;
}

/* What the report and the engine have to know of the process. */
static void set_up(struct run *run, struct job *job)
{
	job->subject = (struct subject){
		.process = &job->process,
		.maps = &job->maps,
		.account = &job->account,
		.before = job->before,
		.forecast = run->forecast,
	};
	job->move = (struct move){
		.process = &job->process,
		.maps = &job->maps,
		.plan = &job->plan,
		.means = &job->means,
		.mode = mode_of(run),
		.all = moves_shared(run),
		.keep_huge = run->request->how.huge == HUGE_KEEP,
		.retries = run->request->how.retries,
		.jobs = run->request->how.jobs,
		.control = &run->control,
		.room = &run->room,
		.spread = run->request->where.interleave ? &job->spread : NULL,
	};
	job->again = job->route;
	if (job->has_route)
		node_map_keep_pure_sources(&job->again);
}

/* Begin what is written of it. */
static int begin(struct run *run, struct job *job, struct placement_id *id)
{
	int rc = run->request->output.save ? placement_id_read(id, &job->process) : 0;

	if (run->forecast)
		dry_run_begin(run->forecast, &job->move);
	if (!rc && run->request->output.save)
		placement_print_header(run->save.out, id);
	return rc ? rc : report_begin(&run->report, &job->subject);
}

/*
 * It ended before all pages were reached.  Where there was no time to count the rest, or
 * nothing that counts it, the size of the process stands for it.
 */
static void note_end(struct run *run, struct job *job)
{
	uint64_t mask = (1ULL << job->account.base_shift) - 1;
	uint64_t resident = process_resident(&job->process);
	bool passes = job->has_route && node_map_passes(&job->route, NULL, 0) > 1;
	uint64_t again = passes ? job->account.by[OUTCOME_NOT_SELECTED].bytes : 0;
	uint64_t rest = number_minus(resident, job->before + job->progress.done - again) & ~mask;

	job->subject.ended = run->report.ended = limits_ended(&run->control);
	job->subject.uncounted = job->move.mode != ENGINE_FOR_REAL ||
				 atomic_load(&run->control.uncounted);
	run->report.uncounted |= job->subject.uncounted;
	if (job->subject.uncounted && job->plan.whole && !run->list && resident != UINT64_MAX)
		account_bytes(&job->account, OUTCOME_UNREACHED, 0, 0, rest);
}

static int visit(struct run *run, struct job *job)
{
	bool moves = job->move.mode == ENGINE_FOR_REAL;
	int rc, failure;

	progress_start(&job->progress, moves ? run->request->output.progress : PROGRESS_NEVER,
		       number_minus(process_resident(&job->process), job->before));
	rc = visit_pages(job);
	if (limits_is_end(rc))
		note_end(run, job);
	progress_end(&job->progress);
	run->moved |= moves;
	messages_find_advice(run, job);
	failure = !rc || rc == -ETIMEDOUT ? visit_shares(job) : 0;
	if (failure)
		return failure;
	/* What was seen of a process that went away meanwhile is less than it seems. */
	return rc || moves ? rc : process_check(&job->process);
}

static void work_on(struct run *run, struct job *job)
{
	struct placement_id id;
	int rc;

	set_up(run, job);
	warn_of_long_look(job);
	if (!may_move_shared(run, job) || !has_room(run, job))
		return;
	rc = begin(run, job, &id);
	if (!rc)
		rc = visit(run, job);
	rc = finish_visit(run, job, rc);
	if (!rc && run->request->output.save)
		rc = check_identity(job, &id);
	messages_visit(run, job, rc);
	if (!rc && run->forecast)
		check_forecast(run, job);
	if (run->request->output.save)
		finish_save(run, job, rc == 0);
}

/* The list of pages is of this process; one that is restored is checked as a whole. */
static int find_in_list(struct run *run, struct job *job)
{
	int rc;

	if (!run->list)
		return 0;
	run->list->process = &job->process;
	rc = run->request->which.restore ? listfile_check_saved(run->list) : 0;
	if (rc == -EBADMSG)
		messages_list_failed(run);
	else if (rc)
		messages_failed(run, job, strerror(-rc));
	return rc;
}

static bool is_first(struct run *run, pid_t pid)
{
	size_t n = run->seen.n;

	return pid_list_add(&run->seen, pid) || run->seen.n > n;
}

static struct job *job_new(struct run *run)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->run = run;
	job->account.base_shift = sys_page_shift();
	job->share_nodes = calloc(run->request->thresholds.n + 1, sizeof(*job->share_nodes));
	if (job->share_nodes)
		return job;
	free(job);
	return NULL;
}

/* Which pages, and where to. */
static int aim(struct run *run, struct job *job, char *why)
{
	int rc = resolve_route(run->request, &run->topology, &job->process, &job->route,
			       &job->has_route, &job->spread, why);

	if (!rc)
		rc = resolve_shares(run->request, &run->topology, &job->process, job->share_nodes,
				    why);
	return rc || run->list ? rc : survey_plan(job, why);
}

/* @rc: whether the process could be opened */
static void consider(struct run *run, struct job *job, int rc)
{
	char why[RESOLVE_WHY_MAX] = "";

	if (!rc) {
		finder_probe(&job->means, job->process.pagemap);
		rc = survey_mappings(job);
	}
	if (limits_is_end(rc))
		messages_not_reached(run, job->process.pid);
	else if (rc)
		messages_given_up(run, job, rc,
				  diagnose_process(rc, &job->process, run->failed == 0, why));
	else if (aim(run, job, why))
		messages_given_up(run, job, process_check(&job->process), why);
	else if (find_in_list(run, job) == 0)
		work_on(run, job);
}

static void job_free(struct job *job)
{
	plan_free(&job->plan);
	address_space_free(&job->maps);
	process_close(&job->process);
	free(job->share_nodes);
	free(job);
}

void job_run(struct run *run, pid_t pid)
{
	struct job *job = job_new(run);
	int rc;

	if (!job) {
		warnx("process %d: %s", pid, strerror(ENOMEM));
		report_failed(&run->report, pid, strerror(ENOMEM));
		run->failed++;
		return;
	}
	job->named = pid_list_has(&run->members.named, pid);
	rc = process_open(pid, &job->process);
	if (is_first(run, job->process.pid))
		consider(run, job, rc);
	job_free(job);
}
