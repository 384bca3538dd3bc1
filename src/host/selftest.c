/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/selftest.h"

#include "command/diagnose.h"
#include "command/resolve.h"
#include "engine/census.h"
#include "engine/engine.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "host/bandwidth.h"
#include "host/selftest_child.h"
#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/account.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/headroom.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "report/report.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_MAX = 512, STRAY_MAX = 64, LOCATE_MAX = 1024 };

#define LESS "give a smaller SIZE"
#define JOIN "join its free memory (write 1 to /proc/sys/vm/compact_memory), or " LESS

struct selftest {
	const struct request *request;
	struct report report;
	struct limits limits;
	struct headroom_guard headroom; /* of the current pair */
	bool failed;
	int lost; /* why the report could not be written */
	/* Of the current size of pages: */
	struct matrix *matrix;
	struct specimen specimen;
	bool saw_huge; /* in some filling */
	struct process process;
	struct address_space space;
	struct finder_means means;
	uint64_t time; /* of the last move, in nanoseconds */
	struct account account;
};

/* What a step of a pair returns besides -errno, which ends everything. */
enum { GO_ON, PAIR_IS_OVER, MATRIX_IS_OVER };

/* Add to one of the lists of the document, if there is one. */
static void document_add(struct selftest *t, const char *list, json_t *value)
{
	if (json_array_append_new(json_object_get(t->report.state, list), value) && t->report.state)
		t->lost = -ENOMEM;
}

/*
 * pair_fail - say what went wrong, and make it the result of the pair
 * @p: NULL if it was no move that failed; then the result does not matter
 */
__attribute__((format(printf, 4, 5))) static int pair_fail(struct selftest *t, struct pair *p,
							   enum pair_result result,
							   const char *format, ...)
{
	const uint64_t bytes = t->matrix->page_bytes;
	char page[TEXT_SIZE_MAX], nodes[64] = "", why[WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	if (p) {
		p->result = result;
		snprintf(nodes, sizeof(nodes), " from node %d to %d", p->from, p->to);
	}
	warnx("%s pages%s: %s", text_size(bytes, page), nodes, why);
	document_add(t, "errors",
		     json_pack("{s:I,s:o,s:o,s:s}", "page_size", (json_int_t)bytes, "from",
			       p ? json_integer(p->from) : json_null(), "to",
			       p ? json_integer(p->to) : json_null(), "error", why));
	t->failed = true;
	return PAIR_IS_OVER;
}

/*
 * find_stray - the first page that is not on @node
 * @stray: receives "7f0059eb7000 is on node 1", or "" if there is none
 */
static int find_stray(struct selftest *t, int node, char stray[STRAY_MAX])
{
	const uint64_t page = 1ULL << sys_page_shift(), end = t->specimen.start + t->specimen.size;
	void *address[LOCATE_MAX];
	int status[LOCATE_MAX];

	*stray = '\0';
	for (uint64_t at = t->specimen.start; at < end && !*stray;) {
		size_t n = 0, i = 0;
		int rc;

		for (; n < LOCATE_MAX && at < end; at += page)
			address[n++] = (void *)(uintptr_t)at;
		rc = sys_locate(t->specimen.pid, n, address, status);
		if (rc)
			return rc;
		while (i < n && status[i] == node)
			i++;
		if (i < n && status[i] >= 0)
			snprintf(stray, STRAY_MAX, "%" PRIxPTR " is on node %d",
				 (uintptr_t)address[i], status[i]);
		else if (i < n)
			snprintf(stray, STRAY_MAX, "%" PRIxPTR " is not in memory",
				 (uintptr_t)address[i]);
	}
	return limits_reason(&t->limits);
}

/* How much is in huge pages, where they were asked for; else it is taken for granted. */
static int count_huge(const struct selftest *t, uint64_t *bytes)
{
	uint64_t *huge;
	int rc;

	*bytes = t->specimen.size;
	if (!t->specimen.huge)
		return 0;
	huge = calloc(t->space.n + 1, sizeof(*huge));
	if (!huge)
		return -ENOMEM;
	rc = census_read(&t->process, &t->space, huge);
	*bytes = huge[address_space_find(&t->space, t->specimen.start)];
	free(huge);
	return rc;
}

/* New memory on the source, with room for as much on the destination. */
static int pair_prepare(struct selftest *t, struct pair *p)
{
	char has[TEXT_SIZE_MAX], needs[TEXT_SIZE_MAX], stray[STRAY_MAX];
	struct headroom room;
	uint64_t huge;
	int rc;

	text_size(t->specimen.size, needs);
	/* Read anew, since what the last move took has been given back. */
	headroom_guard_start(&t->headroom, false);
	/* What cannot be read is left to the move. */
	if (headroom_now(&t->headroom, &room) == 0) {
		int node = room.bytes[p->from] < room.bytes[p->to] ? p->from : p->to;

		if (room.bytes[node] < t->specimen.size)
			return pair_fail(t, p, PAIR_NO_ROOM,
					 "node %d has room for %s, and %s are needed; free memory "
					 "there, or " LESS,
					 node, text_size(room.bytes[node], has), needs);
	}
	rc = specimen_fill(&t->specimen);
	if (!rc)
		rc = find_stray(t, p->from, stray);
	if (rc)
		return rc;
	if (*stray)
		return pair_fail(t, p, PAIR_NO_ROOM,
				 "the kernel did not put all of it on node %d to begin with: %s; "
				 "free memory there, or " LESS,
				 p->from, stray);
	rc = count_huge(t, &huge);
	t->saw_huge |= huge > 0;
	if (rc || huge == t->specimen.size)
		return rc;
	/* Where there was none yet, it is the kernel that has none to give. */
	if (!t->saw_huge)
		return MATRIX_IS_OVER;
	return pair_fail(t, p, PAIR_NO_HUGE, "node %d gave only %s of %s in huge pages; " JOIN,
			 p->from, text_size(huge, has), needs);
}

struct account_sink {
	struct sink sink;
	struct account *account;
};

static int add_to_account(struct sink *sink, struct page *pages, size_t n)
{
	account_pages(((struct account_sink *)sink)->account, pages, n);
	return 0;
}

static int pair_move(struct selftest *t, const struct pair *p)
{
	struct range range = {
		.start = t->specimen.start,
		.end = t->specimen.start + t->specimen.size,
		.mapping = (uint32_t)address_space_find(&t->space, t->specimen.start),
		.to = (int16_t)p->to,
	};
	struct plan plan = { .range = &range, .n = 1 };
	struct plan_source source = plan_source_of(&plan);
	const struct target target = { &t->process, &t->space, &t->means, &source.source };
	const struct engine engine = {
		.keep_huge = t->specimen.huge,
		.retries = t->request->how.retries,
		.jobs = t->request->how.jobs,
		.limits = &t->limits,
		.room = &t->headroom,
	};
	struct account_sink sink = { { .pages = add_to_account }, &t->account };
	uint64_t start;
	int rc;

	finder_probe(&t->means, t->process.pagemap);
	start = sys_time();
	t->account = (struct account){ .base_shift = t->means.base_shift };
	rc = engine_run(&engine, &target, &(struct aim){ NULL }, ENGINE_MOVE, &sink.sink);
	t->time = sys_time() - start;
	return rc;
}

/* The content, what the move reported, where the pages are, and whether huge ones are whole. */
static int pair_verify(struct selftest *t, struct pair *p)
{
	char is[TEXT_SIZE_MAX], should[TEXT_SIZE_MAX], stray[STRAY_MAX];
	const struct account *a = &t->account;
	uint64_t bad, huge;
	enum outcome o = 0;
	int rc = specimen_check(&t->specimen, &bad);

	if (rc)
		return rc;
	if (bad)
		return pair_fail(t, p, PAIR_CORRUPT,
				 "the bytes at %" PRIx64 " have changed; move nothing on this "
				 "machine before its memory (dmesg) and its kernel are checked",
				 bad);
	while (o < OUTCOMES && (!outcome_is_left(o) || count_is_zero(a->by[o])))
		o++;
	if (o < OUTCOMES) {
		enum pair_result result = PAIR_STAYED;
		const char *advice = "run it again, and see dmesg if it is so each time";

		if (o == OUTCOME_NO_ROOM) {
			result = PAIR_NO_ROOM;
			advice = "free memory there, or " LESS;
		} else if (o == OUTCOME_NO_HUGE) {
			result = PAIR_NO_HUGE;
			advice = JOIN;
		}
		return pair_fail(t, p, result, "%s stayed, %s; %s", text_size(a->by[o].bytes, is),
				 outcome_row(o)->text, advice);
	}
	rc = find_stray(t, p->to, stray);
	if (rc)
		return rc;
	if (*stray)
		return pair_fail(t, p, PAIR_MISPLACED,
				 "%s, although the move left nothing behind; if it is so each "
				 "time, this kernel does not move what it says it moves",
				 stray);
	rc = count_huge(t, &huge);
	if (rc || huge == t->specimen.size)
		return rc;
	return pair_fail(t, p, PAIR_SPLIT, "only %s of %s arrived on node %d in huge pages; " JOIN,
			 text_size(huge, is), text_size(t->specimen.size, should), p->to);
}

/* A new child, with nothing in its memory.  Returns 0, or -errno to end everything. */
static int start_child(struct selftest *t, const struct pair *p)
{
	char why[DIAGNOSE_MAX], size[TEXT_SIZE_MAX];
	int rc;

	t->specimen.node = p->from;
	t->specimen.seed++;
	rc = specimen_start(&t->specimen, t->matrix->page_bytes);
	if (rc && rc != -EINTR)
		pair_fail(t, NULL, PAIR_FAILED,
			  "no child can be started that has %s of memory: %s%s",
			  text_size(t->matrix->bytes, size), strerror(-rc),
			  rc == -ENOMEM ? "; " LESS : "");
	if (rc)
		return rc;
	rc = process_open(t->specimen.pid, &t->process);
	if (!rc)
		rc = address_space_read(&t->process, &t->space);
	if (rc)
		pair_fail(t, NULL, PAIR_FAILED, "%s",
			  diagnose_process(rc, &t->process, false, why));
	return rc;
}

/* One move of one pair.  Returns GO_ON, or as the steps; a signal needs no words. */
static int pair_try(struct selftest *t, struct pair *p)
{
	char why[DIAGNOSE_MAX];
	int rc;

	t->process = (struct process){ .dir = -1, .maps = -1, .pagemap = -1, .pidfd = -1 };
	rc = start_child(t, p);
	if (!rc) {
		rc = pair_prepare(t, p);
		if (!rc)
			rc = pair_move(t, p);
		if (!rc)
			rc = pair_verify(t, p);
		if (!rc)
			pair_add(p, t->time);
		if (rc < 0 && rc != -EINTR && process_check(&t->process))
			pair_fail(t, p, PAIR_FAILED,
				  "the child that holds the memory was killed; if the kernel did "
				  "that "
				  "for want of memory (see dmesg), " LESS);
		else if (rc < 0 && rc != -EINTR)
			pair_fail(t, p, PAIR_FAILED, "%s", diagnose_move(rc, &t->process, why));
	}
	address_space_free(&t->space);
	process_close(&t->process);
	specimen_stop(&t->specimen);
	return rc;
}

/* Whatever came of it is reported, as far as it came.  Returns 0, or -errno to end everything. */
static int run_trial(struct selftest *t, const struct topology *topology, bool huge)
{
	static const char none[] = "the kernel gives the child none; see "
				   "/sys/kernel/mm/transparent_hugepage/enabled";
	uint64_t page, bytes = t->request->selftest_size;
	char size[TEXT_SIZE_MAX];
	size_t pairs;
	int rc = GO_ON;

	finder_probe(&t->means, -1);
	page = 1ULL << (huge ? t->means.huge_shift : t->means.base_shift);
	bytes = bytes > UINT64_MAX - page ? -page : (bytes + page - 1) & -page;
	t->matrix = matrix_new(&topology->memory, page, bytes);
	if (!t->matrix)
		return -ENOMEM;
	pairs = t->matrix->nodes * t->matrix->nodes;
	t->specimen.size = bytes;
	t->specimen.huge = huge;
	t->saw_huge = false;
	/* Round by round, so that a disturbance does not meet one pair only. */
	for (size_t i = 0; rc >= 0 && rc != MATRIX_IS_OVER && i < MATRIX_ROUNDS * pairs; i++) {
		struct pair *p = &t->matrix->pair[i % pairs];

		if (p->result == PAIR_OPEN)
			rc = pair_try(t, p);
	}
	if (rc == MATRIX_IS_OVER) {
		warnx("%s pages are left out: %s", text_size(page, size), none);
		document_add(t, "left_out",
			     json_pack("{s:I,s:s}", "page_size", (json_int_t)page, "reason", none));
	} else if (t->request->output.json) {
		document_add(t, "matrices", matrix_json(t->matrix));
	} else {
		t->lost = matrix_print(t->matrix, &t->report);
	}
	free(t->matrix);
	return rc < 0 ? rc : 0;
}

static enum exit_status run_trials(struct selftest *t, const struct topology *topology)
{
	bool json = t->request->output.json;
	char why[COLUMNS_WHY_MAX];
	int rc = sys_restrict(false, 0), lost;

	if (rc) {
		warnx("cannot give up privileges: %s", strerror(-rc));
		return EXIT_FAILED;
	}
	rc = report_start(&t->report, json ? &report_document : &matrix_table, t->request, topology,
			  stdout, why);
	if (!rc && json) {
		t->report.state = json_pack("{s:i,s:s,s:i,s:[],s:[],s:[]}", "schema", 1, "command",
					    "movepages", "rounds", MATRIX_ROUNDS, "matrices",
					    "left_out", "errors");
		rc = t->report.state ? 0 : -ENOMEM;
	}
	if (rc) {
		warnx("%s", strerror(-rc));
		return EXIT_FAILED;
	}
	signal(SIGPIPE, SIG_IGN);
	limits_catch_signals();
	limits_start(&t->limits, 0, 0);
	t->specimen.seed = sys_time();
	rc = run_trial(t, topology, false);
	if (!rc && !t->lost)
		rc = run_trial(t, topology, true);
	if (rc == -ENOMEM && !t->failed)
		warnx("%s", strerror(ENOMEM));
	lost = report_finish(&t->report);
	if (t->lost)
		lost = t->lost;
	if (lost)
		warnx("standard output: %s; the report is lost", strerror(-lost));
	return rc || lost || t->failed ? EXIT_FAILED : EXIT_DONE;
}

int selftest_run(const struct request *request)
{
	char why[RESOLVE_WHY_MAX], has[NODES_TEXT_MAX], may[NODES_TEXT_MAX];
	struct selftest test = { .request = request };
	enum exit_status status = EXIT_CANNOT;
	struct topology topology;
	bool several;
	int rc = topology_read(&topology, "");

	if (rc) {
		warnx("%s", resolve_explain_topology(&topology, rc, why));
		return rc == -ENOSYS ? EXIT_CANNOT : EXIT_FAILED;
	}
	/* Nodes that are not allowed are left out like those without memory. */
	several = nodeset_count(&topology.memory) > 1;
	nodeset_format(&topology.memory, has, sizeof(has));
	topology.memory = nodeset_and(topology.memory, &topology.allowed);
	nodeset_format(&topology.memory, may, sizeof(may));
	if (nodeset_count(&topology.memory) > 1)
		status = run_trials(&test, &topology);
	else if (several)
		warnx("nothing can be moved here: of nodes %s the cpuset of this command allows "
		      "only %s; run it where cpuset.mems has two",
		      has, may);
	else
		warnx("nothing can be moved on this host: only node %s has memory", has);
	return limits_signal() ? -limits_signal() : (int)status;
}
