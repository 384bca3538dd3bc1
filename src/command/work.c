/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/work.h"

#include "command/diagnose.h"
#include "command/resolve.h"
#include "engine/census.h"
#include "engine/migrate_pages.h"
#include "engine/node_usage.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/numa_maps.h"
#include "proc/status.h"
#include "proc/syscalls.h"
#include "util/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_BYTES_MIN (16ULL << 20)

static enum engine_mode mode_of(const struct session *s)
{
	if (!s->moves)
		return ENGINE_LOCATE;
	return s->request->how.dry_run ? ENGINE_DRY_RUN : ENGINE_MOVE;
}

static struct target target_of(const struct session *s, struct work *w)
{
	w->whole = plan_source_of(&w->plan);
	return (struct target){ &w->process, &w->space, &w->means,
				s->list ? &s->list->source : &w->whole.source };
}

static struct aim aim_of(const struct session *s, const struct work *w, const struct node_map *map)
{
	return (struct aim){
		.map = map,
		.interleave = s->request->where.interleave ? &w->interleave : NULL,
		.origins = w->origins.n ? &w->origins : NULL,
	};
}

/* ---- mappings and plan ---- */

/*
 * Read the mappings.  Where huge pages are needs to be known for listings, selections of pages,
 * interleaving, and KSM, because merged pages move together like a huge page.  Other moves find
 * huge pages by moving them, and then detect splits: they need to know only the mappings without.
 */
static int read_space(const struct session *s, struct work *w)
{
	const struct request *r = s->request;
	bool in_pages = r->output.pages || r->which.n_operands || r->how.huge == HUGE_KEEP ||
			r->which.pages_from || r->which.restore || r->how.dry_run;
	int rc;

	address_space_free(&w->space);
	rc = address_space_read(&w->process, &w->space);
	address_space_select(&w->space, r->which.kinds, r->which.path);
	if (!rc && !w->means.has_ioctl &&
	    (in_pages || r->where.interleave || process_is_merged(&w->process)))
		rc = census_take(&w->process, &w->means, &w->space, &s->limits);
	for (size_t i = 0; !in_pages && i < w->space.n; i++)
		if (w->space.at[i].huge == HUGE_ALL)
			w->space.at[i].huge = HUGE_OPEN;
	/* After execve(2), the files opened before are empty. */
	return rc == -ESRCH && process_check(&w->process) == -ESTALE ? -ESTALE : rc;
}

/* Make the plan without pages already visited in another process or by another entry. */
static int make_plan(struct session *s, struct work *w, char *why)
{
	int rc;

	if (s->list)
		return 0;
	plan_free(&w->plan);
	w->subject.before = 0;
	rc = resolve_plan(s->request, &w->process, &w->space, &w->plan, why);
	if (rc)
		return rc;
	if (request_visits_once(s->request) && s->members.all.n > 1)
		rc = plan_cut(&w->plan, &w->space, &s->before, w->means.huge_shift,
			      &w->subject.before);
	if (!rc)
		rc = plan_find_twins(&w->plan, &w->space);
	/* Operands are visited as given, even if they have pages in common. */
	for (size_t i = 0; !request_visits_once(s->request) && i < w->plan.n; i++)
		w->plan.range[i].twin_start = w->plan.range[i].twin_end = 0;
	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(-rc));
	return rc;
}

/* ---- finding and checking ---- */

/* Processes found in a set may have exited, or be kernel threads; neither is a failure. */
static enum result_how find_failure(const struct session *s, const struct work *w, int rc)
{
	const struct process *p = &w->process;

	if (s->request->who.all && (rc == -EACCES || rc == -EPERM))
		return RESULT_REFUSED;
	if (rc && !w->named &&
	    (process_vanished(p, rc) || (rc == -EINVAL && p->kernel_thread) ||
	     (p->dir >= 0 && process_check(p) == -ESRCH)))
		return RESULT_VANISHED;
	return RESULT_FAILED;
}

/* Read the nodes of page frames, once, and only if a process is large enough.  Return success. */
static bool knows_frames(struct session *s, const struct process *p)
{
	if (!p->shows_frames || p->resident < FRAMES_BYTES_MIN)
		return false;
	return s->frames.n || frames_read(&s->frames) == 0;
}

/* A process held open may have exited, and another one may have its PID. */
static int open_process(struct session *s, pid_t pid, struct process *p)
{
	for (size_t i = 0; i < s->n_held; i++) {
		struct process *held = &s->held[i];

		if (held->pid != pid || held->pagemap < 0)
			continue;
		*p = *held;
		*held = (struct process){ .dir = -1, .maps = -1, .pagemap = -1, .pidfd = -1 };
		if (process_check(p) == 0)
			return 0;
		process_close(p);
	}
	return process_open(pid, p);
}

void work_start(struct session *s, struct work *w, pid_t pid, struct result *r)
{
	const struct request_where *where = &s->request->where;
	struct text_line why = { r->why, sizeof(r->why), 0 };
	struct pid_list *seen = &s->totals.processes;
	size_t n = seen->n;
	struct node_map map;
	int rc = open_process(s, pid, &w->process);

	*r = (struct result){ .how = RESULT_DONE };
	if (!pid_list_add(seen, w->process.pid) && seen->n == n) {
		r->how = RESULT_REPEATED;
		return;
	}
	if (!rc) {
		finder_probe(&w->means, w->process.pagemap);
		w->means.frames = knows_frames(s, &w->process) ? &s->frames : NULL;
		rc = read_space(s, w);
	}
	if (limits_is_end(rc)) {
		r->how = RESULT_NOT_REACHED;
		return;
	}
	if (rc) {
		r->how = find_failure(s, w, rc);
		if (r->how != RESULT_REFUSED && !(r->how == RESULT_VANISHED && s->request->who.all))
			diagnose_process(rc, &w->process, s->totals.failed == 0, r->why);
		return;
	}
	/* Resolve destinations and selection. */
	rc = resolve_nodes(s->request, &s->topology, &w->process, &map, &w->interleave,
			   w->at_thresholds, r->why);
	w->passes = 1;
	if (!rc && (where->from || request_has_destination(s->request))) {
		w->map = malloc(sizeof(*w->map));
		if (!w->map) {
			snprintf(r->why, sizeof(r->why), "%s", strerror(ENOMEM));
			r->how = RESULT_FAILED;
			return;
		}
		*w->map = map;
		if (s->request->command == COMMAND_MIGRATEPAGES && mode_of(s) == ENGINE_MOVE)
			w->passes = node_map_passes(&map, NULL, 0);
	}
	if (!rc)
		rc = make_plan(s, w, r->why);
	if (rc) {
		r->how = find_failure(s, w, process_check(&w->process));
	} else if (s->list) {
		rc = listfile_begin(s->list, &w->process, &why);
		if (rc == -EBADMSG)
			r->how = RESULT_LIST_FAILED;
		else if (rc)
			r->how = rc == -ESRCH && !w->named ? RESULT_VANISHED :
							     find_failure(s, w, rc);
	}
}

bool work_overlaps(const struct session *s, const struct work *w)
{
	if (mode_of(s) != ENGINE_MOVE || !w->map)
		return false;
	for (int n = 0; n < NODES_MAX; n++) {
		int to = w->map->to[n];

		if (to != NODE_NONE && to != n && w->map->to[to] != NODE_NONE &&
		    w->map->to[to] != to)
			return true;
	}
	return false;
}

/* Only the last pass of a cyclic map needs the record. */
int work_record(const struct session *s, struct work *w, size_t pass)
{
	const struct aim aim = { .map = w->map };
	struct target target = target_of(s, w);
	bool in_passes = s->request->command == COMMAND_MIGRATEPAGES;
	struct plan whole;
	int rc;

	if (s->request->how.method == METHOD_PROCESS ||
	    (in_passes && (pass + 1 < w->passes || !node_map_is_cyclic(w->map))))
		return 0;
	rc = plan_whole(&whole, &w->space, false);
	if (!rc) {
		struct plan_source source = plan_source_of(&whole);

		target.source = &source.source;
		rc = origins_record(&w->origins, &s->engine, &target, &aim);
	}
	plan_free(&whole);
	return rc;
}

/* ---- saving the placement ---- */

struct recorder {
	struct sink sink;
	struct placement_writer *save;
	struct account account;
};

static int record_pages(struct sink *sink, struct page *pages, size_t n)
{
	struct recorder *r = (struct recorder *)sink;

	account_pages(&r->account, pages, n);
	placement_add(r->save, pages, n);
	return 0;
}

int work_save(struct session *s, struct work *w, struct count *unseen)
{
	struct recorder recorder = { { .pages = record_pages, .in_order = true },
				     &s->save,
				     { .base_shift = sys_page_shift() } };
	struct target target = target_of(s, w);
	const struct aim aim = aim_of(s, w, w->map);
	char why[RESOLVE_WHY_MAX];
	struct plan plan;
	struct plan_source source = plan_source_of(&plan);
	int rc = resolve_plan(s->request, &w->process, &w->space, &plan, why);

	target.source = &source.source;
	if (!rc)
		rc = placement_begin(&s->save, &w->process);
	if (!rc)
		rc = engine_run(&s->engine, &target, &aim, ENGINE_LOCATE, &recorder.sink);
	rc = placement_end(&s->save, &w->process, rc);
	plan_free(&plan);
	*unseen = recorder.account.by[OUTCOME_UNSEEN];
	return rc;
}

/* ---- before the first page ---- */

/* It may have mapped more memory while other processes were saved and moved. */
static int renew_plan(struct session *s, struct work *w, struct result *r)
{
	int rc = read_space(s, w);

	if (!rc)
		rc = make_plan(s, w, r->why);
	if (rc) {
		diagnose_move(rc, &w->process, r->why);
		r->how = find_failure(s, w, rc);
	}
	return rc;
}

static void refuse(struct result *r, const struct shortage *shortage)
{
	char need[TEXT_SIZE_MAX], room[TEXT_SIZE_MAX];

	*r = (struct result){ .how = RESULT_FAILED };
	snprintf(r->why, sizeof(r->why),
		 "not enough memory on node %d: %s available, %s needed (--force moves what fits)",
		 shortage->node, text_size(shortage->room, room), text_size(shortage->need, need));
}

void work_begin(struct session *s, struct work *w, struct result *r)
{
	const enum sharing shared = s->request->how.shared;
	struct nodeset to = { { 0 } };
	struct shortage shortage;
	struct target target;
	struct aim aim;
	bool can_move_shared;

	*r = (struct result){ .how = RESULT_DONE };
	if (s->saved && !work_overlaps(s, w) && renew_plan(s, w, r))
		return;
	w->subject.process = &w->process;
	w->subject.space = &w->space;
	w->subject.account = &w->account;
	w->subject.dry_run = s->dry_run;
	if (s->report.form == &report_account)
		w->subject.command = process_command(&w->process, w->command, sizeof(w->command));
	w->subject.knows_huge = w->means.has_ioctl;
	if (s->request->action == ACTION_LOOK && !s->request->output.pages) {
		binding_read(&w->binding, &w->process,
			     w->space.n ? w->space.at[0].end - w->space.at[0].start : 0);
		w->subject.binding = &w->binding;
	}
	can_move_shared = s->moves && shared != SHARED_NO && sys_can_move_shared();
	s->engine.move_shared = can_move_shared;
	/* Fail before the first page, as the kernel would. */
	if (s->moves && shared == SHARED_YES && !can_move_shared) {
		r->how = RESULT_FAILED;
		diagnose_move(-EPERM, &w->process, r->why);
		return;
	}
	if (mode_of(s) != ENGINE_MOVE || s->request->how.force || s->request->which.pages_from)
		return;
	aim = aim_of(s, w, w->map);
	target = target_of(s, w);
	if (s->list)
		to = s->list->valid_nodes;
	for (size_t i = 0; i < w->plan.n; i++)
		if (w->plan.range[i].to != RANGE_BY_MAP)
			nodeset_add(&to, w->plan.range[i].to);
	/* An error of the check must not prevent the move. */
	if (!fit_check(&s->engine, &target, &aim, &to, &shortage) && shortage.node >= 0)
		refuse(r, &shortage);
}

/* ---- receiving pages ---- */

struct receiver {
	struct sink sink;
	struct session *session;
	struct work *work;
	const struct target *target;
	const struct aim *aim;
	bool beside; /* pages beside the selected ones may move too */
};

static int receive(struct sink *sink, struct page *pages, size_t n)
{
	struct session *s = ((struct receiver *)sink)->session;
	struct work *w = ((struct receiver *)sink)->work;
	const bool restores = s->request->which.restore && !s->request->output.pages;
	bool remembers = s->members.all.n > 1 && (restores || request_visits_once(s->request));
	uint64_t bytes = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		struct page *p = &pages[i];
		const struct vma *m;
		struct seen_file f;

		if (p->flags & PAGE_TAIL)
			continue;
		bytes += page_bytes(p);
		/* The next process may still have pages that are gone or not visible here. */
		if (!remembers || p->node < 0 || p->outcome == OUTCOME_GONE)
			continue;
		m = &w->space.at[p->vma];
		if (seen_is_of_file(m, p) && seen_file(m, &f)) {
			uint64_t offset = vma_offset(m, p->address);

			/* A process before has moved it back, or has counted it. */
			if (restores &&
			    (p->outcome == OUTCOME_ALREADY_THERE ||
			     p->outcome == OUTCOME_WOULD_MOVE) &&
			    seen_has(&s->before, &f, offset, offset + page_bytes(p)))
				p->flags |= PAGE_AGAIN;
			rc = seen_add(&s->now, &f, offset, offset + page_bytes(p));
		}
	}
	if (!rc && s->dry_run)
		rc = dry_run_pages(s->dry_run, pages, n);
	if (rc)
		return rc;
	w->visited += bytes;
	progress_add(&s->progress, bytes);
	account_pages(&w->account, pages, n);
	companions_leave_out(&w->companions, pages, n);
	if (s->request->action == ACTION_SAVE)
		placement_add(&s->save, pages, n);
	return report_add(&s->report, &w->subject, pages, n);
}

static int receive_plan(struct sink *sink, const struct plan *plan)
{
	const struct receiver *r = (const struct receiver *)sink;
	struct companions *beside = &r->work->companions;
	int rc = 0;

	if (r->beside)
		rc = companions_end(beside, r->target, r->aim, &r->work->account);
	if (!rc && r->beside)
		rc = companions_begin(beside, r->target, plan);
	return rc ? rc : report_plan(&r->session->report, &r->work->subject, plan);
}

/* ---- one visit ---- */

/* Visit the pages selected by @map.  Reports need them in order; --pages, in that of operands. */
static int visit_pages(struct session *s, struct work *w, const struct node_map *map)
{
	const struct request *r = s->request;
	enum engine_mode mode = mode_of(s);
	struct engine engine = s->engine;
	struct target target = target_of(s, w);
	struct aim aim = aim_of(s, w, map);
	struct receiver receiver = {
		{ .pages = receive,
		  .plan = receive_plan,
		  .in_order = r->action == ACTION_SAVE || s->dry_run || s->report.form->pages,
		  .as_asked = r->output.pages },
		s,
		w,
		&target,
		&aim,
		mode == ENGINE_MOVE && r->command == COMMAND_MOVEPAGES &&
			(r->which.n_operands || s->list),
	};
	int rc, end;

	if (s->dry_run && s->members.all.n > 1)
		aim.flags_many = true;
	if (mode == ENGINE_MOVE && r->how.method == METHOD_PROCESS)
		return migrate_pages_whole(&s->engine, &target, map, &w->account);
	/*
	 * With one worker, a page given twice has arrived before its second visit, and free huge
	 * pages are not counted while a call takes some of them.
	 */
	if ((receiver.beside && w->plan.twins) || r->how.huge == HUGE_KEEP)
		engine.jobs = 1;
	rc = engine_run(&engine, &target, &aim, mode, &receiver.sink);
	if (receiver.beside) {
		end = companions_end(&w->companions, &target, &aim, &w->account);
		rc = rc ? rc : end;
	}
	/* Not with --huge=keep, because migrate_pages(2) moves and splits huge pages. */
	if (!rc && mode == ENGINE_MOVE && r->command == COMMAND_MIGRATEPAGES &&
	    !count_is_zero(w->account.by[OUTCOME_HIDDEN]) && !node_map_is_cyclic(map) &&
	    r->how.huge != HUGE_KEEP)
		rc = migrate_pages_hidden(&target, map, &w->account);
	return rc;
}

/* ---- after the visit ---- */

/*
 * A read of numa_maps holds mmap_lock while the kernel walks a mapping: about 1 ms with this many
 * pages and page tables.
 */
enum { FEW_PAGES = 16384, FEW_TABLES = 256 };

/* Counts the pages now on the source nodes. */
struct aftermath {
	struct sink sink;
	struct count on_sources;
	unsigned int base_shift;
};

static int count_aftermath(struct sink *sink, struct page *pages, size_t n)
{
	struct aftermath *a = (struct aftermath *)sink;

	for (size_t i = 0; i < n; i++) {
		bool huge = pages[i].shift > a->base_shift;

		if (pages[i].outcome == OUTCOME_PRESENT)
			a->on_sources = count_add(
				a->on_sources,
				(struct count){ !huge, huge, page_bytes(&pages[i]) });
	}
	return 0;
}

/* Count new pages: those on the sources of @again, less those known not to have moved. */
static int count_new(struct session *s, struct work *w, const struct node_map *again)
{
	struct aftermath after = { { .pages = count_aftermath },
				   .base_shift = w->account.base_shift };
	const struct aim aim = { .map = again };
	struct account *a = &w->account;
	struct count known = count_add(account_left(a), a->by[OUTCOME_EXCLUDED]);
	char why[RESOLVE_WHY_MAX];
	struct nodeset sources;
	struct numa_maps now;
	struct target target;
	uint64_t pages = 0;
	int rc;

	known = count_add(known, a->by[OUTCOME_NOT_MOVABLE]);
	a->fresh = (struct count){ 0 };
	node_map_sources(again, &sources);
	/* First check whether numa_maps shows no other pages; it is fast with huge pages. */
	for (int o = 0; o < OUTCOMES; o++)
		pages += a->by[o].pages;
	if (w->plan.whole && pages <= FEW_PAGES &&
	    status_read_sum(w->process.dir, "VmPTE") >> a->base_shift <= FEW_TABLES &&
	    !numa_maps_read(&now, &w->process) && numa_maps_on(&now, &sources) <= known.bytes)
		return 0;
	/* Include memory mapped during the move, unless operands select pages. */
	rc = process_check(&w->process);
	if (!rc && !s->request->which.n_operands) {
		rc = read_space(s, w);
		if (!rc)
			rc = make_plan(s, w, why);
	}
	if (rc)
		return rc;
	target = target_of(s, w);
	rc = engine_run(&s->engine, &target, &aim, ENGINE_LOCATE, &after.sink);
	a->fresh.bytes = number_minus(after.on_sources.bytes, known.bytes);
	a->fresh.huge = number_minus(after.on_sources.huge, known.huge);
	a->fresh.pages = a->fresh.bytes ? number_minus(after.on_sources.pages, known.pages) : 0;
	return rc;
}

/*
 * Move new pages on the sources until none appear (--settle).  Pages already in place before the
 * first visit are counted only there.
 */
static int settle(struct session *s, struct work *w)
{
	uint64_t until = sys_time() + s->request->how.settle;
	const struct count there = w->account.by[OUTCOME_ALREADY_THERE];
	struct node_map again;
	int rc;

	if (!w->map || mode_of(s) != ENGINE_MOVE || s->list)
		return 0;
	again = *w->map;
	node_map_keep_pure_sources(&again);
	rc = count_new(s, w, &again);
	while (!rc && !count_is_zero(w->account.fresh) && sys_time() < until &&
	       !limits_ended(&s->limits)) {
		account_renew(&w->account);
		rc = visit_pages(s, w, &again);
		if (!rc)
			rc = count_new(s, w, &again);
		w->account.by[OUTCOME_ALREADY_THERE] = there;
	}
	return rc;
}

/* Locate the selected pages, and add them to those of earlier processes. */
static int measure_thresholds(struct session *s, struct work *w)
{
	size_t n = s->request->thresholds.n;
	struct target target = target_of(s, w);
	struct node_usage *usage;
	int rc;

	if (n == 0)
		return 0;
	usage = malloc(sizeof(*usage));
	if (!usage)
		return -ENOMEM;
	target.source = &w->whole.source;
	rc = node_usage_take(&s->engine, &target, usage);
	for (size_t i = 0; !rc && i < n; i++) {
		s->thresholds[i].on += node_usage_on(usage, &w->at_thresholds[i]);
		s->thresholds[i].unseen += usage->unseen;
		s->thresholds[i].total += usage->total;
	}
	free(usage);
	return rc;
}

/* ---- the steps ---- */

void work_judge(const struct session *s, const struct work *w, int rc, struct result *r)
{
	enum result_how failure = find_failure(s, w, rc);
	bool excused = failure == RESULT_VANISHED, left, unsettled;

	left = !s->request->how.dry_run && !excused && !count_is_zero(account_left(&w->account));
	unsettled = s->request->how.settle && !excused && !count_is_zero(w->account.fresh);
	*r = (struct result){ .partial = left || unsettled || rc == -ETIME };
	if (s->list && rc == -EBADMSG)
		r->how = RESULT_LIST_FAILED;
	else if (limits_is_end(rc))
		r->how = RESULT_STOPPED;
	else if (rc)
		r->how = failure;
	else if (unsettled)
		r->how = RESULT_UNSETTLED;
	if (rc)
		diagnose_move(rc, &w->process, r->why);
	else if (unsettled)
		diagnose_unsettled(&w->process, r->why);
}

bool work_is_refused(struct session *s, struct result *r)
{
	struct shortage shortage = fit_shortage(&s->dry_run->fit);

	if (shortage.node < 0 || s->request->how.force || s->request->which.pages_from)
		return false;
	refuse(r, &shortage);
	if (fit_refuse(&s->dry_run->fit, shortage.node))
		snprintf(r->why, sizeof(r->why), "%s", strerror(ENOMEM));
	return true;
}

int work_pass(struct session *s, struct work *w, size_t pass)
{
	bool moves = mode_of(s) == ENGINE_MOVE, last = pass + 1 == w->passes;
	char why[RESOLVE_WHY_MAX], name[REPORT_NAME_MAX];
	struct node_map *passes = NULL, *map = w->map;
	uint64_t resident, rest, again = 0;
	int rc, failure;

	/* Earlier processes have been visited since it was found. */
	if (work_overlaps(s, w) && make_plan(s, w, why))
		return w->rc = -ENOMEM;
	if (pass == 0)
		w->turn = ++s->turns;
	s->progress.total = number_minus(s->progress.total, w->subject.before);
	progress_process(&s->progress, report_name(&w->process, name), w->turn,
			 number_minus(w->process.resident, w->subject.before));
	if (w->passes > 1) {
		passes = reallocarray(NULL, w->passes, sizeof(*passes));
		if (!passes)
			return w->rc = -ENOMEM;
		node_map_passes(w->map, passes, w->passes);
		map = &passes[pass];
	}
	rc = s->request->action == ACTION_TEST ? 0 : visit_pages(s, w, map);
	free(passes);
	w->rc = rc ? rc : w->rc;
	if (last && !w->rc)
		w->rc = settle(s, w);
	/* Saved pages that are no longer present. */
	if (!w->rc && s->request->which.restore)
		account_bytes(&w->account, OUTCOME_GONE, 0, 0,
			      number_minus(s->list->count.bytes, w->visited));
	/*
	 * The visit ended early.  If not all remaining pages were counted, estimate them from the
	 * size of the process.
	 */
	if (last && limits_is_end(w->rc)) {
		resident = process_resident(&w->process);
		if (w->passes > 1)
			again = w->account.by[OUTCOME_NOT_SELECTED].bytes;
		w->subject.ended = limits_ended(&s->limits);
		w->subject.uncounted = !moves || atomic_load(&s->limits.uncounted);
		rest = number_minus(resident, w->subject.before + w->visited - again);
		if (w->subject.uncounted && w->plan.whole && !s->list && resident != UINT64_MAX)
			account_bytes(&w->account, OUTCOME_UNREACHED, 0, 0,
				      rest & ~((1ULL << w->account.base_shift) - 1));
	}
	progress_leave(&s->progress);
	if (!last || (w->rc && w->rc != -ETIME))
		return w->rc;
	failure = measure_thresholds(s, w);
	if (failure)
		return w->rc = failure;
	/* If the process exited during the visit, the result is incomplete. */
	return w->rc = w->rc || moves ? w->rc : process_check(&w->process);
}

bool work_is_whole(const struct session *s, const struct work *w)
{
	const struct account *a = &w->account;
	uint64_t there = a->by[OUTCOME_MOVED].bytes + a->by[OUTCOME_ALREADY_THERE].bytes;
	uint64_t all = w->process.resident;

	return w->plan.whole && !s->list && !s->request->which.kinds && !s->request->which.path &&
	       there >= number_minus(all, w->subject.before) / 2;
}

struct work *work_new(const struct session *s, pid_t pid)
{
	struct work *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->named = pid_list_has(&s->members.named, pid);
	w->account.base_shift = sys_page_shift();
	w->at_thresholds = calloc(s->request->thresholds.n + 1, sizeof(*w->at_thresholds));
	if (w->at_thresholds)
		return w;
	free(w);
	return NULL;
}

void work_free(struct work *w)
{
	plan_free(&w->plan);
	address_space_free(&w->space);
	process_close(&w->process);
	origins_free(&w->origins);
	free(w->map);
	free(w->at_thresholds);
	free(w);
}
