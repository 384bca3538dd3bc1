/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/selftest.h"

#include "command/diagnose.h"
#include "command/resolve.h"
#include "engine/census.h"
#include "engine/engine.h"
#include "engine/finder.h"
#include "engine/limits.h"
#include "numa/nodeset.h"
#include "numa/topology.h"
#include "plan/account.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/headroom.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "report/progress.h"
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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A child process with memory of known contents, which the self test moves.
 *
 * The index of a word and a seed determine its contents.  The memory has its own memory policy
 * (MPOL_PREFERRED, mbind(2)), so NUMA balancing skips it.  The child ignores SIGINT and SIGTERM,
 * and dies with the thread that started it (PR_SET_PDEATHSIG).
 *
 * Functions return 0 or -errno: -EINTR if a signal arrives before the child answers, -EPIPE if
 * the child died.
 */
struct specimen {
	uint64_t size; /* of its memory, in bytes */
	bool huge;     /* madvise(2) asks for transparent huge pages, or refuses them */
	int node;      /* where pages are allocated, if it has room */
	uint64_t seed;
	/* Of the child: */
	pid_t pid; /* 0: none */
	int socket;
	uint64_t start; /* address of its memory */
};

/* Compute the contents of a word: bijective in @word, and in @seed. */
static uint64_t pattern(uint64_t seed, uint64_t word)
{
	uint64_t x = seed ^ (word + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* Send -errno, or an address or 0, and wait until the parent asks for the next step. */
static void answer(int socket, int64_t value)
{
	char next;

	if (send(socket, &value, sizeof(value), MSG_NOSIGNAL) != sizeof(value) ||
	    recv(socket, &next, sizeof(next), 0) != sizeof(next))
		_exit(0);
}

/* Wait for the child.  recv(2) has a short timeout, because a signal may arrive just before it. */
static int await_answer(const struct specimen *s, uint64_t *address)
{
	int64_t value = 0;
	ssize_t n;

	do {
		if (limits_signal())
			return -EINTR;
		n = recv(s->socket, &value, sizeof(value), 0);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	*address = (uint64_t)value;
	if (n != sizeof(value))
		return -EPIPE;
	return value < 0 ? (int)value : 0;
}

/* Map aligned memory, as a mapping of its own.  Returns NULL with errno. */
static uint64_t *map_aligned(const struct specimen *s, size_t align)
{
	char *place = mmap(NULL, s->size + align, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (place == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)place & (align - 1);
	munmap(place, before);
	munmap(place + before + s->size, align - before);
	/* Fails if the kernel has no huge pages; the parent checks the page sizes. */
	madvise(place + before, s->size, s->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return (void *)(place + before);
}

/* Run the child: map, fill and compare, each when the parent asks for it. */
__attribute__((noreturn)) static void child_run(const struct specimen *s, size_t align,
						pid_t parent, int socket)
{
	size_t i = 0, n = s->size / sizeof(uint64_t);
	uint64_t *word;
	int rc;

	/* Ctrl-C and timeout(1) signal the process group; the parent ends the child. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	word = map_aligned(s, align);
	answer(socket, word ? (int64_t)(uintptr_t)word : -errno);
	if (!word)
		_exit(1);
	rc = sys_prefer(word, s->size, s->node);
	for (; !rc && i < n; i++)
		word[i] = pattern(s->seed, i);
	answer(socket, rc);
	for (i = 0; i < n && word[i] == pattern(s->seed, i);)
		i++;
	answer(socket, i < n ? (int64_t)(uintptr_t)&word[i] : 0);
	_exit(0);
}

/*
 * Fork, and map memory without touching it.  @align: a power of two.  Returns -ENOMEM if there is
 * not enough address space.  The caller must end the child in any case.
 */
static int specimen_start(struct specimen *s, size_t align)
{
	const struct timeval patience = { .tv_usec = 50000 };
	pid_t parent = getpid();
	int pair[2], rc = 0;

	s->pid = 0;
	if (s->size > SIZE_MAX - align)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[0]);
		child_run(s, align, parent, pair[1]);
	}
	if (s->pid < 0 || setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		rc = -errno;
	close(pair[1]);
	s->socket = pair[0];
	return rc ? rc : await_answer(s, &s->start);
}

static void specimen_end(const struct specimen *s)
{
	if (s->pid != 0)
		close(s->socket);
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * The first call makes the child write all pages, the second one makes it compare every byte.
 * @bad: receives the address of the first word that differs, or 0
 */
static int specimen_proceed(const struct specimen *s, uint64_t *bad)
{
	if (send(s->socket, "", 1, MSG_NOSIGNAL) != 1)
		return -EPIPE;
	return await_answer(s, bad);
}

enum { WHY_MAX = 512, STRAY_MAX = 64, LOCATE_MAX = 1024 };

#define LESS "use a smaller SIZE"
#define JOIN "compact its memory (write 1 to /proc/sys/vm/compact_memory), or " LESS

/* Page sizes. */
enum { TRIAL_BASE, TRIAL_HUGE, TRIALS };

struct selftest {
	struct sink sink; /* counts pages in the account */
	const struct request *request;
	struct report report;
	struct limits limits;
	struct headroom_guard headroom; /* of the current pair */
	bool failed;
	int lost; /* why the report could not be written */
	struct matrix *trials[TRIALS];
	/* Of the current page size: */
	struct matrix *matrix;
	struct progress progress;
	struct specimen specimen;
	bool saw_huge; /* the kernel has provided huge pages before */
	struct process process;
	struct address_space space;
	struct finder_means means;
	struct account account;
};

/* What a step of a pair returns; -errno ends the self test. */
enum { GO_ON, PAIR_IS_OVER, MATRIX_IS_OVER };

/* Append to a list of the JSON document, if there is one. */
static void document_add(struct selftest *t, const char *list, json_t *value)
{
	if (json_array_append_new(json_object_get(t->report.state, list), value) && t->report.state)
		t->lost = -ENOMEM;
}

/*
 * pair_fail - report an error, and record it as the result of the pair
 * @p: NULL if the error is not that of a move; @result is then ignored
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
	t->failed = true;
	if (p) {
		p->result = result;
		snprintf(nodes, sizeof(nodes), " from node %d to node %d", p->from, p->to);
	}
	progress_clear(&t->progress);
	warnx("%s pages%s: %s", text_size(bytes, page), nodes, why);
	document_add(t, "errors",
		     json_pack("{s:I,s:o,s:o,s:s}", "page_size", (json_int_t)bytes, "from",
			       json_known(p, p ? (uint64_t)p->from : 0), "to",
			       json_known(p, p ? (uint64_t)p->to : 0), "error", why));
	return PAIR_IS_OVER;
}

/*
 * Find the first page that is not on @node, and count the bytes in huge pages.
 * @stray: receives "7f0059eb7000 is on node 1", or "" if all pages are on @node
 * @huge: all bytes, uncounted, if no huge pages were requested
 */
static int inspect(struct selftest *t, int node, char stray[STRAY_MAX], uint64_t *huge)
{
	const uint64_t page = 1ULL << sys_page_shift(), end = t->specimen.start + t->specimen.size;
	void *address[LOCATE_MAX];
	int status[LOCATE_MAX], rc;
	uint64_t *of_mapping;

	*stray = '\0';
	*huge = t->specimen.size;
	for (uint64_t at = t->specimen.start; at < end && !*stray;) {
		size_t n = 0, i = 0;

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
			snprintf(stray, STRAY_MAX, "%" PRIxPTR " is not resident",
				 (uintptr_t)address[i]);
	}
	rc = limits_reason(&t->limits);
	if (rc || *stray || !t->specimen.huge)
		return rc;
	of_mapping = calloc(t->space.n + 1, sizeof(*of_mapping));
	if (!of_mapping)
		return -ENOMEM;
	rc = census_read(&t->process, &t->space, of_mapping);
	*huge = of_mapping[address_space_find(&t->space, t->specimen.start)];
	free(of_mapping);
	return rc;
}

/* Fill the memory on the source, if the destination has room for it. */
static int pair_prepare(struct selftest *t, struct pair *p)
{
	char has[TEXT_SIZE_MAX], needs[TEXT_SIZE_MAX], stray[STRAY_MAX];
	struct headroom room;
	uint64_t huge;
	int rc;

	text_size(t->specimen.size, needs);
	/* The last move has freed its memory. */
	headroom_guard_start(&t->headroom, false);
	/* If the room cannot be read, the move finds out. */
	if (headroom_now(&t->headroom, &room) == 0) {
		int node = room.bytes[p->from] < room.bytes[p->to] ? p->from : p->to;

		if (room.bytes[node] < t->specimen.size)
			return pair_fail(
				t, p, PAIR_NO_ROOM,
				"not enough memory on node %d: need %s, only %s available; "
				"free memory there, or " LESS,
				node, needs, text_size(room.bytes[node], has));
	}
	rc = specimen_proceed(&t->specimen, &huge);
	if (!rc)
		rc = inspect(t, p->from, stray, &huge);
	if (rc)
		return rc;
	if (*stray)
		return pair_fail(t, p, PAIR_NO_ROOM,
				 "the kernel did not allocate all of it on node %d: %s; "
				 "free memory there, or " LESS,
				 p->from, stray);
	t->saw_huge |= huge > 0;
	if (huge == t->specimen.size)
		return 0;
	/* If there was none yet, the kernel provides none. */
	if (!t->saw_huge)
		return MATRIX_IS_OVER;
	return pair_fail(t, p, PAIR_NO_HUGE, "node %d provided only %s of %s in huge pages; " JOIN,
			 p->from, text_size(huge, has), needs);
}

static int add_to_account(struct sink *sink, struct page *pages, size_t n)
{
	account_pages(&((struct selftest *)sink)->account, pages, n);
	return 0;
}

/* Check contents, outcomes and nodes of the pages, and that huge pages were not split. */
static int pair_verify(struct selftest *t, struct pair *p)
{
	char is[TEXT_SIZE_MAX], should[TEXT_SIZE_MAX], stray[STRAY_MAX];
	const struct account *a = &t->account;
	uint64_t bad, huge;
	enum outcome o = 0;
	int rc = specimen_proceed(&t->specimen, &bad);

	if (rc)
		return rc;
	if (bad)
		return pair_fail(t, p, PAIR_CORRUPT,
				 "memory contents changed at %" PRIx64 "; do not move any memory "
				 "on this machine until its RAM and kernel have been checked (see "
				 "dmesg)",
				 bad);
	while (o < OUTCOMES && (!outcome_is_left(o) || count_is_zero(a->by[o])))
		o++;
	if (o < OUTCOMES) {
		enum pair_result result = PAIR_STAYED;
		const char *advice = "try again; if it happens again, see dmesg";

		if (o == OUTCOME_NO_ROOM) {
			result = PAIR_NO_ROOM;
			advice = "free memory there, or " LESS;
		} else if (o == OUTCOME_NO_HUGE) {
			result = PAIR_NO_HUGE;
			advice = JOIN;
		}
		return pair_fail(t, p, result, "%s not moved: %s; %s",
				 text_size(a->by[o].bytes, is), outcome_row(o)->text, advice);
	}
	rc = inspect(t, p->to, stray, &huge);
	if (rc)
		return rc;
	if (*stray)
		return pair_fail(t, p, PAIR_MISPLACED,
				 "%s, although the move reported success; if it happens again, "
				 "this kernel reports moves that it does not make",
				 stray);
	if (huge == t->specimen.size)
		return 0;
	return pair_fail(t, p, PAIR_SPLIT, "only %s of %s arrived on node %d in huge pages; " JOIN,
			 text_size(huge, is), text_size(t->specimen.size, should), p->to);
}

/* Start a child, and open it. */
static int pair_start(struct selftest *t, const struct pair *p)
{
	char why[DIAGNOSE_MAX], size[TEXT_SIZE_MAX];
	int rc;

	t->process = (struct process){ .dir = -1, .maps = -1, .pagemap = -1, .pidfd = -1 };
	t->specimen.node = p->from;
	t->specimen.seed++;
	rc = specimen_start(&t->specimen, t->matrix->page_bytes);
	if (rc && rc != -EINTR)
		pair_fail(t, NULL, PAIR_FAILED,
			  "cannot start a child process with %s of memory: %s%s",
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

/* Move the memory.  @time: receives the nanoseconds that the move took */
static int pair_move(struct selftest *t, const struct pair *p, uint64_t *time)
{
	struct range range = {
		.start = t->specimen.start,
		.end = t->specimen.start + t->specimen.size,
		.vma = (uint32_t)address_space_find(&t->space, t->specimen.start),
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
	int rc;

	finder_probe(&t->means, t->process.pagemap);
	t->account = (struct account){ .base_shift = t->means.base_shift };
	*time = sys_time();
	rc = engine_run(&engine, &target, &(struct aim){ NULL }, ENGINE_MOVE, &t->sink);
	*time = sys_time() - *time;
	return rc;
}

/* Report why a step failed. */
static void pair_explain(struct selftest *t, struct pair *p, int rc)
{
	char why[DIAGNOSE_MAX];

	if (process_check(&t->process))
		pair_fail(t, p, PAIR_FAILED,
			  "the child process that holds the memory was killed; if the kernel "
			  "killed it for lack of memory (see dmesg), " LESS);
	else
		pair_fail(t, p, PAIR_FAILED, "%s", diagnose_move(rc, &t->process, why));
}

/* Test one pair with a new child, and report errors.  Returns like the steps. */
static int pair_try(struct selftest *t, struct pair *p)
{
	uint64_t time;
	int rc = pair_start(t, p);
	bool ready = !rc;

	if (!rc)
		rc = pair_prepare(t, p);
	if (!rc)
		rc = pair_move(t, p, &time);
	if (!rc)
		rc = pair_verify(t, p);
	if (!rc)
		pair_add(p, time);
	if (ready && rc < 0 && rc != -EINTR)
		pair_explain(t, p, rc);
	address_space_free(&t->space);
	process_close(&t->process);
	specimen_end(&t->specimen);
	return rc;
}

/* Make an empty matrix for each page size. */
static int make_trials(struct selftest *t, const struct nodeset *nodes)
{
	finder_probe(&t->means, -1);
	for (int i = 0; i < TRIALS; i++) {
		bool huge = i == TRIAL_HUGE;
		uint64_t page = 1ULL << (huge ? t->means.huge_shift : t->means.base_shift);
		uint64_t bytes = t->request->selftest_size;

		bytes = bytes > UINT64_MAX - page ? -page : (bytes + page - 1) & -page;
		t->trials[i] = matrix_new(nodes, page, bytes);
		if (!t->trials[i])
			return -ENOMEM;
	}
	return 0;
}

/* Report a page size that the kernel does not provide. */
static void leave_out(struct selftest *t)
{
	static const char none[] = "the kernel provides none; see "
				   "/sys/kernel/mm/transparent_hugepage/enabled";
	const uint64_t page = t->matrix->page_bytes;
	char size[TEXT_SIZE_MAX];

	warnx("%s pages skipped: %s", text_size(page, size), none);
	document_add(t, "left_out",
		     json_pack("{s:I,s:s}", "page_size", (json_int_t)page, "reason", none));
}

/* Test all pairs with one page size, and report them.  Returns 0, or -errno to end. */
static int run_trial(struct selftest *t, int trial)
{
	struct matrix *m = t->trials[trial];
	const size_t pairs = m->nodes * m->nodes;
	const uint64_t bytes = MATRIX_ROUNDS * (pairs - m->nodes) * m->bytes;
	int rc = GO_ON;

	t->matrix = m;
	t->specimen.size = m->bytes;
	t->specimen.huge = trial == TRIAL_HUGE;
	t->saw_huge = false;
	progress_start(&t->progress, PROGRESS_AUTO, bytes, 1);
	progress_process(&t->progress, trial == TRIAL_HUGE ? "huge pages" : "base pages", 1, bytes);
	/* Round by round, so a disturbance does not hit just one pair. */
	for (size_t i = 0; rc >= 0 && rc != MATRIX_IS_OVER && i < MATRIX_ROUNDS * pairs; i++) {
		struct pair *p = &m->pair[i % pairs];

		if (p->result == PAIR_OPEN)
			rc = pair_try(t, p);
		if (p->from != p->to)
			progress_add(&t->progress, m->bytes);
	}
	progress_leave(&t->progress);
	if (rc == MATRIX_IS_OVER) {
		leave_out(t);
		free(m);
		t->trials[trial] = NULL;
	} else if (t->request->output.json) {
		document_add(t, "matrices", matrix_json(m));
	} else {
		t->lost = matrix_print(m, &t->report);
	}
	return rc < 0 ? rc : 0;
}

/* Find the nodes to test.  Returns EXIT_DONE, or another status after a message. */
static enum exit_status choose_nodes(struct topology *topology)
{
	char why[RESOLVE_WHY_MAX], has[NODES_TEXT_MAX], may[NODES_TEXT_MAX];
	int rc = topology_read(topology, "");
	bool several;

	if (rc) {
		warnx("%s", resolve_explain_topology(topology, rc, why));
		return rc == -ENOSYS ? EXIT_CANNOT : EXIT_FAILED;
	}
	/* Skip nodes that are not allowed, like nodes without memory. */
	several = nodeset_count(&topology->memory) > 1;
	nodeset_format(&topology->memory, has, sizeof(has));
	topology->memory = nodeset_and(topology->memory, &topology->allowed);
	nodeset_format(&topology->memory, may, sizeof(may));
	if (nodeset_count(&topology->memory) > 1)
		return EXIT_DONE;
	if (several)
		warnx("skipped: the cpuset allows only node %s of %s; at least two are needed", may,
		      has);
	else
		warnx("skipped: only node %s has memory", has);
	return EXIT_CANNOT;
}

static int start_report(struct selftest *t, const struct topology *topology)
{
	const bool json = t->request->output.json;
	char refused[COLUMNS_WHY_MAX];
	int rc = report_start(&t->report, json ? &report_document : &matrix_table, t->request,
			      topology, stdout, refused);

	if (rc || !json)
		return rc;
	t->report.state = json_pack("{s:i,s:s,s:i,s:[],s:[],s:[]}", "schema", REPORT_SCHEMA,
				    "command", "movepages", "rounds", MATRIX_ROUNDS, "matrices",
				    "left_out", "errors");
	return t->report.state ? 0 : -ENOMEM;
}

/* Run all trials, and end the report.  Returns the exit status, or -N for signal N. */
static int run_trials(struct selftest *t)
{
	int rc = 0, lost;

	signal(SIGPIPE, SIG_IGN);
	limits_catch_signals();
	limits_start(&t->limits, 0, 0);
	t->specimen.seed = sys_time();
	for (int i = 0; !rc && !t->lost && i < TRIALS; i++)
		rc = run_trial(t, i);
	if (rc == -ENOMEM && !t->failed)
		warnx("%s", strerror(ENOMEM));
	if (!t->request->output.json && !t->lost)
		matrix_put_verdict(t->trials, TRIALS, &t->report);
	lost = report_finish(&t->report);
	if (t->lost)
		lost = t->lost;
	if (lost)
		warnx("standard output: %s; the report is lost", strerror(-lost));
	if (limits_signal())
		return -limits_signal();
	return rc || lost || t->failed ? EXIT_FAILED : EXIT_DONE;
}

int selftest_run(const struct request *request)
{
	struct selftest t = { .sink.pages = add_to_account, .request = request };
	struct topology topology;
	int rc, status = choose_nodes(&topology);

	if (status != EXIT_DONE)
		return status;
	rc = sys_restrict(false, 0);
	if (rc) {
		warnx("cannot drop privileges: %s", strerror(-rc));
		return EXIT_FAILED;
	}
	rc = start_report(&t, &topology);
	if (!rc)
		rc = make_trials(&t, &topology.memory);
	if (rc)
		warnx("%s", strerror(-rc));
	status = rc ? EXIT_FAILED : run_trials(&t);
	for (int i = 0; i < TRIALS; i++)
		free(t.trials[i]);
	return status;
}
