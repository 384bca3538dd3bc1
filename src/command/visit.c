/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/visit.h"

#include "command/listfile.h"
#include "command/survey.h"
#include "command/work.h"
#include "engine/migrate_pages.h"
#include "engine/node_usage.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/threshold.h"
#include "proc/numa_maps.h"
#include "proc/status.h"
#include "proc/syscalls.h"
#include "proc/vma.h"
#include "report/dry_run.h"
#include "util/number.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The pages that were found need not be visited in the processes that come after this one.
 * What it could not see, or lost, they may have still.
 */
static int remember(struct job *job, const struct page *pages, size_t n)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		const struct page *p = &pages[i];
		const struct vma *m = &job->maps.at[p->vma];
		uint64_t offset = mapping_offset(m, p->address);
		struct seen_file f;

		if (p->node >= 0 && p->outcome != OUTCOME_GONE && !(p->flags & PAGE_TAIL) &&
		    seen_is_of_file(m, p) && seen_file(m, &f))
			rc = seen_add(&job->run->now, &f, offset, offset + page_bytes(p));
	}
	return rc;
}

static int count_and_report(void *context, const struct page *pages, size_t n)
{
	struct job *job = context;
	int rc = job->run->once ? remember(job, pages, n) : 0;
	uint64_t bytes = 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (!(pages[i].flags & PAGE_TAIL))
			bytes += page_bytes(&pages[i]);
	progress_add(&job->progress, bytes);
	account_pages(&job->account, pages, n);
	companions_leave_out(&job->along, pages, n);
	if (job->run->request->output.save)
		placement_add(&job->run->save, pages, n);
	return report_add(&job->run->report, &job->subject, pages, n);
}

static int begin_plan(void *context, const struct plan *plan)
{
	struct job *job = context;

	return report_plan(&job->run->report, &job->subject, plan);
}

static int run_batches(struct job *job, const struct node_map *route)
{
	const struct request *request = job->run->request;
	struct dry_run *forecast = job->run->forecast;
	const struct sink last = {
		count_and_report,
		job,
		.in_order = request->output.save || report_wants_order(&job->run->report),
		.as_asked = request->output.pages,
		.plan = begin_plan,
	};
	const struct sink foresee = {
		dry_run_pages,
		forecast,
		.in_order = true,
		.as_asked = request->output.pages,
	};
	const struct sink *sink = forecast ? &foresee : &last;
	struct move move = job->move;

	move.route = route;
	if (forecast)
		forecast->sink = &last;
	if (job->run->list)
		return listfile_run(job->run->list, &job->plan, &move, sink);
	return engine_run(&move, sink);
}

/* ---- migratepages: in passes, so that no page moves twice ---- */

static int run_pass(struct job *job, const struct node_map *pass)
{
	int rc;

	if (job->run->request->how.method == METHOD_PROCESS)
		return migrate_pages_whole(&job->move, pass, &job->account);
	rc = run_batches(job, pass);
	/* One call for all takes along, and splits, the huge pages that are to be kept. */
	if (!rc && !count_is_zero(job->account.by[OUTCOME_HIDDEN]) && !node_map_is_cyclic(pass) &&
	    !job->move.keep_huge)
		rc = migrate_pages_hidden(&job->move, pass, &job->account);
	return rc;
}

static int run_passes(struct job *job, const struct node_map *route)
{
	size_t n = node_map_passes(route, NULL, 0);
	struct node_map *pass = reallocarray(NULL, n + 1, sizeof(*pass));
	int rc = 0;

	if (!pass)
		return -ENOMEM;
	node_map_passes(route, pass, n);
	/* When it ends early, the pages of the other passes are not reached, but counted. */
	for (size_t i = 0; (!rc || limits_is_end(rc)) && i < n; i++) {
		int failure = run_pass(job, &pass[i]);

		rc = failure ? failure : rc;
	}
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

/*
 * One read of numa_maps holds the memory map for as long as the kernel walks a
 * mapping: about 1 ms with so many pages in so many page tables.
 */
enum { FEW_PAGES = 16384, FEW_TABLES = 256 };

/* Whether numa_maps shows nothing on the sources but what is known; quick where pages are huge. */
static bool shows_nothing_new(const struct job *job, uint64_t known)
{
	struct numa_maps now;
	struct nodeset sources;
	uint64_t pages = 0;

	for (int o = 0; o < OUTCOMES; o++)
		pages += job->account.by[o].pages;
	if (!job->plan.whole || pages > FEW_PAGES ||
	    status_read_sum(job->process.dir, "VmPTE") >> job->account.base_shift > FEW_TABLES ||
	    numa_maps_read(&now, &job->process))
		return false;
	node_map_sources(&job->again, &sources);
	return numa_maps_on(&now, &sources) <= known;
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
	rc = survey_renew(job);
	if (rc)
		return rc;
	rc = engine_run_as(&job->move, ENGINE_LOOK, &job->again,
			   &(struct sink){ .pages = count_aftermath, .context = &after });
	a->fresh.bytes = number_minus(after.on_sources.bytes, known.bytes);
	a->fresh.huge = number_minus(after.on_sources.huge, known.huge);
	a->fresh.pages = a->fresh.bytes ? number_minus(after.on_sources.pages, known.pages) : 0;
	return rc;
}

/* Of what was saved, that is not there any more. */
static void count_gone(struct job *job)
{
	account_bytes(&job->account, OUTCOME_GONE, 0, 0,
		      number_minus(job->run->list->count.bytes, job->progress.done));
}

/* Where the selected pages are now, added to what other processes have. */
int visit_shares(struct job *job)
{
	struct run *run = job->run;
	struct node_usage *t;
	int rc;

	if (run->request->thresholds.n == 0)
		return 0;
	t = malloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	rc = node_usage_take(&job->move, t);
	for (size_t i = 0; !rc && i < run->request->thresholds.n; i++) {
		run->shares[i].on += node_usage_on(t, &job->share_nodes[i]);
		run->shares[i].unseen += t->unseen;
		run->shares[i].total += t->total;
	}
	free(t);
	return rc;
}

/* ---- one process ---- */

/* Operands: the pages beside them may move, too. */
static int run_operands(struct job *job, const struct node_map *route)
{
	struct move move = job->move;
	int rc, failure;

	move.route = route;
	rc = companions_begin(&job->along, &move);
	if (!rc) {
		rc = run_batches(job, route);
		failure = companions_end(&job->along, &move, &job->account);
		rc = rc ? rc : failure;
	}
	companions_free(&job->along);
	return rc;
}

static int run_once(struct job *job, const struct node_map *route)
{
	const struct request *request = job->run->request;

	if (job->move.mode != ENGINE_FOR_REAL)
		return run_batches(job, route);
	if (request->command == COMMAND_MIGRATEPAGES)
		return run_passes(job, route);
	return request->which.n_operands ? run_operands(job, route) : run_batches(job, route);
}

static int visit_once(struct job *job, const struct node_map *route)
{
	int rc = run_once(job, route);

	if (!rc && route && job->move.mode == ENGINE_FOR_REAL && !job->run->list)
		rc = count_new(job);
	if (!rc && job->run->request->which.restore)
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

int visit_pages(struct job *job)
{
	uint64_t until = sys_time() + job->run->request->how.settle;
	int rc = 0;

	if (job->run->request->action != ACTION_TEST)
		rc = visit_once(job, job->has_route ? &job->route : NULL);

	while (!rc && !count_is_zero(job->account.fresh) && sys_time() < until &&
	       !limits_ended(&job->run->control))
		rc = visit_again(job);
	return rc;
}
