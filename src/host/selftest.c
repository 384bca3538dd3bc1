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
#include "host/bandwidth_table.h"
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
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_MAX = 512, LOCATE_MAX = 4096 };

/* The command at work. */
struct selftest {
	const struct request *request;
	struct topology topology;
	struct nodeset nodes; /* with memory, and allowed */
	struct report report;
	struct limits control;
	struct headroom_guard room; /* of the pair at hand */
	uint64_t seed;		    /* of the next filling */
	bool bad;
	int lost; /* why the report could not be written */
};

/* One size of pages at work. */
struct trial {
	struct selftest *test;
	bool huge, saw_huge; /* asked for; and got in some filling */
	struct matrix matrix;
	struct specimen specimen;
	struct process process;
	struct address_space maps;
	struct finder_means means;
	struct account account; /* of the last move */
	uint64_t seed, time;	/* of the last filling, and of the last move */
	void *address[LOCATE_MAX];
	int node[LOCATE_MAX];
};

#define LESS "give a smaller SIZE"

/* What a step of a pair returns besides -errno, which ends everything. */
enum { GO_ON, PAIR_IS_OVER, MATRIX_IS_OVER };

/* ---- what went wrong ---- */

static void tell(struct trial *t, const struct pair *p, const char *why)
{
	char page[TEXT_SIZE_MAX];

	text_size(t->matrix.page_bytes, page);
	if (p)
		warnx("%s pages from node %d to %d: %s", page, p->from, p->to, why);
	else
		warnx("%s pages: %s", page, why);
	report_matrix_failed(&t->test->report, t->matrix.page_bytes, p, why);
	t->test->bad = true;
}

__attribute__((format(printf, 4, 5))) static int over(struct trial *t, struct pair *p,
						      enum pair_result result, const char *format,
						      ...)
{
	char why[WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	p->result = result;
	tell(t, p, why);
	return PAIR_IS_OVER;
}

/* Ends everything; a signal needs no words. */
static int give_up(struct trial *t, struct pair *p, int rc)
{
	char why[DIAGNOSE_MAX];

	if (rc == -EINTR)
		return rc;
	p->result = PAIR_FAILED;
	if (process_check(&t->process))
		tell(t, p,
		     "the child that holds the memory was killed; if the kernel did that for "
		     "want of memory (see dmesg), " LESS);
	else
		tell(t, p, diagnose_move(rc, &t->process, why));
	return rc;
}

/* ---- the steps of a pair ---- */

static int empty(struct trial *t, struct pair *p)
{
	(void)p;
	return specimen_empty(&t->specimen);
}

/*
 * Read anew, since what the last move took has been given back.  What cannot be
 * read is left to the move.
 */
static int check_room(struct trial *t, struct pair *p)
{
	char need[TEXT_SIZE_MAX], has[TEXT_SIZE_MAX];
	struct headroom room;
	int node;

	headroom_guard_start(&t->test->room, false);
	if (headroom_now(&t->test->room, &room))
		return GO_ON;
	node = room.bytes[p->from] < room.bytes[p->to] ? p->from : p->to;
	if (room.bytes[node] >= t->specimen.size)
		return GO_ON;
	return over(t, p, PAIR_NO_ROOM,
		    "node %d has room for %s, and %s are needed; free memory "
		    "there, or " LESS,
		    node, text_size(room.bytes[node], has), text_size(t->specimen.size, need));
}

static int fill(struct trial *t, struct pair *p)
{
	t->seed = t->test->seed++;
	return specimen_fill(&t->specimen, p->from, t->seed);
}

/* The first page that is not on @node, 0 if there is none, and where that is. */
static int find_stray(struct trial *t, int node, uint64_t *stray, int *where)
{
	uint64_t at = t->specimen.start, end = at + t->specimen.size;

	*stray = 0;
	while (at < end && !*stray) {
		size_t n = 0;
		int rc;

		for (; n < LOCATE_MAX && at < end; at += 1ULL << t->means.base_shift)
			t->address[n++] = (void *)(uintptr_t)at;
		rc = sys_locate(t->specimen.pid, n, t->address, t->node);
		if (rc)
			return rc;
		for (size_t i = n; i-- > 0;)
			if (t->node[i] != node) {
				*stray = (uintptr_t)t->address[i];
				*where = t->node[i];
			}
	}
	return limits_reason(&t->test->control);
}

/* "7f0059eb7000 is on node 1", "7f0059eb7000 is not in memory" */
static const char *stray_text(uint64_t address, int node, char *buf, size_t size)
{
	if (node >= 0)
		snprintf(buf, size, "%" PRIx64 " is on node %d", address, node);
	else
		snprintf(buf, size, "%" PRIx64 " is not in memory", address);
	return buf;
}

static int check_source(struct trial *t, struct pair *p)
{
	uint64_t stray;
	char text[64];
	int node, rc = find_stray(t, p->from, &stray, &node);

	if (rc || !stray)
		return rc;
	return over(t, p, PAIR_NO_ROOM,
		    "the kernel did not put all of it on node %d to begin "
		    "with: %s; free memory there, or " LESS,
		    p->from, stray_text(stray, node, text, sizeof(text)));
}

/* How much is in huge pages; of small pages it is not asked. */
static int huge_bytes(const struct trial *t, uint64_t *bytes)
{
	uint64_t *huge = calloc(t->maps.n + 1, sizeof(*huge));
	int rc = huge ? 0 : -ENOMEM;

	*bytes = t->specimen.size;
	if (!rc && t->huge) {
		rc = census_read(&t->process, &t->maps, huge);
		*bytes = huge[address_space_find(&t->maps, t->specimen.start)];
	}
	free(huge);
	return rc;
}

#define JOIN "join its free memory (write 1 to /proc/sys/vm/compact_memory), or " LESS

/* Where there was none yet, it is the kernel that has none to give. */
static int check_huge(struct trial *t, struct pair *p)
{
	char is[TEXT_SIZE_MAX], should[TEXT_SIZE_MAX];
	uint64_t bytes;
	int rc = huge_bytes(t, &bytes);

	t->saw_huge |= bytes > 0;
	if (rc || bytes == t->specimen.size)
		return rc;
	if (!t->saw_huge)
		return MATRIX_IS_OVER;
	return over(t, p, PAIR_NO_HUGE, "node %d gave only %s of %s in huge pages; " JOIN, p->from,
		    text_size(bytes, is), text_size(t->specimen.size, should));
}

static int count_pages(void *context, const struct page *pages, size_t n)
{
	struct trial *t = context;

	account_pages(&t->account, pages, n);
	return 0;
}

static int move(struct trial *t, struct pair *p)
{
	struct selftest *test = t->test;
	struct range range = {
		.start = t->specimen.start,
		.end = t->specimen.start + t->specimen.size,
		.mapping = (uint32_t)address_space_find(&t->maps, t->specimen.start),
		.to = (int16_t)p->to,
	};
	const struct plan plan = { .range = &range, .n = 1 };
	const struct move move = {
		.process = &t->process,
		.maps = &t->maps,
		.plan = &plan,
		.means = &t->means,
		.mode = ENGINE_FOR_REAL,
		.keep_huge = t->huge,
		.retries = test->request->how.retries,
		.jobs = test->request->how.jobs,
		.control = &test->control,
		.room = &test->room,
	};
	uint64_t start;
	int rc;

	t->account = (struct account){ .base_shift = t->means.base_shift };
	start = sys_time();
	rc = engine_run(&move, &(struct sink){ .pages = count_pages, .context = t });
	t->time = sys_time() - start;
	return rc;
}

static int check_content(struct trial *t, struct pair *p)
{
	uint64_t bad;
	int rc = specimen_check(&t->specimen, t->seed, &bad);

	if (rc || !bad)
		return rc;
	return over(t, p, PAIR_CORRUPT,
		    "the bytes at %" PRIx64 " have changed; move nothing on "
		    "this machine before its memory (dmesg) and its kernel are checked",
		    bad);
}

/* What the move itself says that it did not do. */
static int check_account(struct trial *t, struct pair *p)
{
	static const struct {
		enum pair_result result;
		const char *advice;
	} known[OUTCOMES] = {
		[OUTCOME_NO_ROOM] = { PAIR_NO_ROOM, "free memory there, or " LESS },
		[OUTCOME_NO_HUGE] = { PAIR_NO_HUGE, JOIN },
	};
	const struct account *a = &t->account;
	char size[TEXT_SIZE_MAX];
	int o = 0;

	while (o < OUTCOMES && (!outcome_is_left((enum outcome)o) || count_is_zero(a->by[o])))
		o++;
	if (o == OUTCOMES)
		return GO_ON;
	return over(t, p, known[o].advice ? known[o].result : PAIR_STAYED, "%s stayed, %s; %s",
		    text_size(a->by[o].bytes, size), outcome_row((enum outcome)o)->text,
		    known[o].advice ? known[o].advice :
				      "run it again, and see dmesg if it is so each time");
}

static int check_place(struct trial *t, struct pair *p)
{
	uint64_t stray;
	char text[64];
	int node, rc = find_stray(t, p->to, &stray, &node);

	if (rc || !stray)
		return rc;
	stray_text(stray, node, text, sizeof(text));
	return over(t, p, PAIR_MISPLACED,
		    "%s, although the move left nothing behind; if it is so "
		    "each time, this kernel does not move what it says it moves",
		    text);
}

static int check_whole(struct trial *t, struct pair *p)
{
	char is[TEXT_SIZE_MAX], should[TEXT_SIZE_MAX];
	uint64_t bytes;
	int rc = huge_bytes(t, &bytes);

	if (rc || bytes == t->specimen.size)
		return rc;
	return over(t, p, PAIR_SPLIT, "only %s of %s arrived on node %d in huge pages; " JOIN,
		    text_size(bytes, is), text_size(t->specimen.size, should), p->to);
}

static int count_time(struct trial *t, struct pair *p)
{
	pair_add(p, t->time);
	return GO_ON;
}

static int try_pair(struct trial *t, struct pair *p)
{
	static int (*const steps[])(struct trial *, struct pair *) = {
		empty,	       check_room,    fill,	   check_source, check_huge, move,
		check_content, check_account, check_place, check_whole,	 count_time,
	};
	int rc = GO_ON;

	for (size_t i = 0; rc == GO_ON && i < sizeof(steps) / sizeof(steps[0]); i++)
		rc = steps[i](t, p);
	return rc < 0 ? give_up(t, p, rc) : rc;
}

/* ---- all pairs of one size of pages ---- */

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	return bytes > UINT64_MAX - unit ? -unit : (bytes + unit - 1) & -unit;
}

/* Round by round, so that what disturbs for a while does not meet one pair only. */
static int try_pairs(struct trial *t)
{
	size_t pairs = t->matrix.nodes * t->matrix.nodes;
	int rc = GO_ON;

	for (size_t i = 0; i < MATRIX_ROUNDS * pairs; i++) {
		struct pair *p = &t->matrix.pair[i % pairs];

		if (p->result != PAIR_OPEN)
			continue;
		rc = limits_reason(&t->test->control);
		if (!rc)
			rc = try_pair(t, p);
		if (rc < 0 || rc == MATRIX_IS_OVER)
			return rc;
	}
	return GO_ON;
}

/* The child is there. */
static int visit_child(struct trial *t)
{
	char why[DIAGNOSE_MAX];
	int rc = process_open(t->specimen.pid, &t->process);

	if (!rc)
		rc = address_space_read(&t->process, &t->maps);
	if (rc) {
		tell(t, NULL, diagnose_process(rc, &t->process, false, why));
	} else {
		finder_probe(&t->means, t->process.pagemap);
		rc = try_pairs(t);
	}
	address_space_free(&t->maps);
	process_close(&t->process);
	return rc;
}

static void tell_no_child(struct trial *t, int rc)
{
	char why[WHY_MAX], size[TEXT_SIZE_MAX];

	if (rc == -EINTR)
		return;
	snprintf(why, sizeof(why), "no child can be started that has %s of memory: %s%s",
		 text_size(t->matrix.bytes, size), strerror(-rc), rc == -ENOMEM ? "; " LESS : "");
	tell(t, NULL, why);
}

static int run_child(struct trial *t)
{
	int rc = specimen_start(&t->specimen, t->matrix.bytes, t->matrix.page_bytes, t->huge);

	if (rc)
		tell_no_child(t, rc);
	else
		rc = visit_child(t);
	specimen_stop(&t->specimen);
	return rc;
}

static int report_trial(struct trial *t, int outcome)
{
	static const char none[] = "the kernel gives the child none; see "
				   "/sys/kernel/mm/transparent_hugepage/enabled";
	char page[TEXT_SIZE_MAX];

	if (outcome != MATRIX_IS_OVER)
		return report_matrix(&t->test->report, &t->matrix);
	warnx("%s pages are left out: %s", text_size(t->matrix.page_bytes, page), none);
	return report_matrix_left_out(&t->test->report, t->matrix.page_bytes, none);
}

/* Whatever came of it is told, as far as it came.  Returns 0, or -errno to end everything. */
static int run_trial(struct selftest *test, bool huge)
{
	struct trial *t = calloc(1, sizeof(*t));
	uint64_t page;
	int rc = -ENOMEM;

	if (!t)
		return rc;
	t->test = test;
	t->huge = huge;
	finder_probe(&t->means, -1);
	page = 1ULL << (huge ? t->means.huge_shift : t->means.base_shift);
	rc = matrix_init(&t->matrix, &test->nodes, page,
			 round_up(test->request->selftest_size, page));
	if (!rc) {
		rc = run_child(t);
		test->lost = report_trial(t, rc);
	}
	matrix_free(&t->matrix);
	free(t);
	return rc < 0 ? rc : 0;
}

/* ---- the command ---- */

/* Where there is nothing to test; one line says why. */
static bool is_possible(struct selftest *test)
{
	struct nodeset *nodes = &test->nodes;
	char has[NODES_TEXT_MAX], may[NODES_TEXT_MAX];

	*nodes = test->topology.memory;
	nodeset_format(nodes, has, sizeof(has));
	*nodes = nodeset_and(*nodes, &test->topology.allowed);
	nodeset_format(nodes, may, sizeof(may));
	if (nodeset_count(nodes) > 1)
		return true;
	if (nodeset_count(&test->topology.memory) > 1)
		warnx("nothing can be moved here: of nodes %s the cpuset of this command allows "
		      "only %s; run it where cpuset.mems has two",
		      has, may);
	else
		warnx("nothing can be moved on this host: only node %s has memory", has);
	return false;
}

static enum exit_status run_trials(struct selftest *test)
{
	static const bool huge[] = { false, true };
	int rc = 0, lost;

	for (size_t i = 0; !rc && !test->lost && i < sizeof(huge) / sizeof(huge[0]); i++)
		rc = run_trial(test, huge[i]);
	if (rc == -ENOMEM && !test->bad)
		warnx("%s", strerror(ENOMEM));
	lost = report_finish(&test->report);
	if (test->lost)
		lost = test->lost;
	if (lost)
		warnx("standard output: %s; the report is lost", strerror(-lost));
	return rc || lost || test->bad ? EXIT_FAILED : EXIT_DONE;
}

static enum exit_status run_here(struct selftest *test)
{
	int rc = sys_restrict(false, 0);

	if (rc)
		warnx("cannot give up privileges: %s", strerror(-rc));
	else if ((rc = report_matrix_start(&test->report, test->request, &test->nodes, stdout)))
		warnx("%s", strerror(-rc));
	if (rc)
		return EXIT_FAILED;
	signal(SIGPIPE, SIG_IGN);
	limits_catch_signals();
	limits_start(&test->control, 0, 0);
	test->seed = sys_time();
	return run_trials(test);
}

enum exit_status selftest_run(const struct request *request)
{
	struct selftest *test = calloc(1, sizeof(*test));
	enum exit_status status = EXIT_CANNOT;
	char why[RESOLVE_WHY_MAX];
	int rc;

	if (!test) {
		warnx("%s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	test->request = request;
	rc = topology_read(&test->topology, "");
	if (rc) {
		warnx("%s", resolve_explain_topology(&test->topology, rc, why));
		status = rc == -ENOSYS ? EXIT_CANNOT : EXIT_FAILED;
	} else if (is_possible(test)) {
		status = run_here(test);
	}
	free(test);
	return status;
}
