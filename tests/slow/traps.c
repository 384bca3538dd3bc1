/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traps: race and corner cases of the kernel that mislead a page mover, repeated with different
 * sizes, addresses and nodes. Needs four nodes, and root.
 *
 *	traps [-n ROUNDS] [-s SEED] [TRAP...]
 *
 * Each round starts a victim (tests/lib/victim.c, from PATH), moves its pages with movepages or
 * migratepages (from PATH), and checks
 *
 *	rows		every line of --pages, against move_pages(2) and the request
 *	sums		every report adds up, and has the bytes counted here
 *	statuses	the exit statuses; programs must end within a minute
 *	contents	the victim's memory is intact
 *
 * Standard output is TAP, with the counts in the names of the tests. A complaint has the seed of
 * its round; `traps -n 1 -s SEED TRAP` repeats it. traps shares no code with the programs.
 */
#include <config.h>

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <numaif.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	       ((size_t)4096)
#define MIB	       ((size_t)1 << 20)
#define HUGE_PAGES     ((size_t)512)
#define NODES	       4
#define MAX_AREAS      16
#define MAX_PINS       64
#define MAX_PAGES      ((size_t)32768)
#define MAX_WORDS      4096
#define MAX_LINE       ((size_t)65536)
#define MAX_COMPLAINTS 20
#define END_MS	       60000
#define FILL	       (4 * MIB)
#define MAX_FILLS      256

/* ---- checks, and counts of failures ---- */

enum check { ROWS, SUMS, STATUSES, CONTENTS, CHECKS };

static const char *const check_names[CHECKS] = { "rows", "sums", "statuses", "contents" };

struct node_usage {
	unsigned long made[CHECKS];
	unsigned long wrong[CHECKS];
};

struct round {
	const char *trap;
	uint64_t seed;
	uint64_t random;
	struct node_usage *tally;
};

__attribute__((format(printf, 4, 5))) static bool expect(struct round *r, enum check check,
							 bool right, const char *format, ...)
{
	va_list args;

	r->tally->made[check]++;
	if (right || r->tally->wrong[check]++ >= MAX_COMPLAINTS)
		return right;
	printf("# %s -s %" PRIu64 ", %s: ", r->trap, r->seed, check_names[check]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return false;
}

/* Return a random number from @low to @high. */
static size_t pick(struct round *r, size_t low, size_t high)
{
	uint64_t x = r->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return low + (x ^ (x >> 31)) % (high - low + 1);
}

static int pick_node(struct round *r)
{
	return pick(r, 0, NODES - 1);
}

static int pick_other(struct round *r, int node)
{
	return (node + pick(r, 1, NODES - 1)) % NODES;
}

static int pick_jobs(struct round *r)
{
	return 1 << pick(r, 0, 2);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t))
		err(1, "clock_gettime");
	return t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- programs ---- */

/* The words of a command, or the operands of a victim. */
struct line {
	char text[MAX_LINE];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void line_add(struct line *l, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	l->length += vsnprintf(l->text + l->length, MAX_LINE - l->length, format, args);
	va_end(args);
	if (l->length >= MAX_LINE)
		errx(1, "too long a line: %.80s...", l->text);
}

/* In the child: execute the program. */
static void line_exec(struct line *l)
{
	char *words[MAX_WORDS], *rest = l->text;
	size_t count = 0;

	while (count < MAX_WORDS - 1 && (words[count] = strsep(&rest, " ")))
		count += *words[count] != '\0';
	words[count] = NULL;
	signal(SIGINT, SIG_DFL); /* a background job ignores it */
	signal(SIGTERM, SIG_DFL);
	execvp(words[0], words);
	err(127, "%s", words[0]);
}

/* A program and its output. */
struct tool {
	struct line line;
	pid_t pid;
	int pidfd, out, error;
	int status;
	char *output, *complaint;
};

static void tool_start(struct tool *t)
{
	pid_t parent = getpid();

	t->out = memfd_create("out", MFD_CLOEXEC);
	t->error = memfd_create("error", MFD_CLOEXEC);
	fflush(stdout);
	t->pid = fork();
	if (t->out < 0 || t->error < 0 || t->pid < 0)
		err(1, "starting a program");
	if (!t->pid) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
		    dup2(t->out, 1) < 0 || dup2(t->error, 2) < 0)
			_exit(127);
		line_exec(&t->line);
	}
	t->pidfd = syscall(SYS_pidfd_open, t->pid, 0);
	if (t->pidfd < 0)
		err(1, "pidfd_open");
}

static bool tool_ended(const struct tool *t, int ms)
{
	struct pollfd end = { .fd = t->pidfd, .events = POLLIN };

	return poll(&end, 1, ms) == 1;
}

/* Read a file; the caller frees the text. */
static char *text_read(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 ? NULL : calloc(1, size + 1);

	if (!text || pread(fd, text, size, 0) != size)
		err(1, "output");
	close(fd);
	return text;
}

static void tool_finish(struct round *r, struct tool *t)
{
	bool ended = tool_ended(t, END_MS);

	if (!ended)
		kill(t->pid, SIGKILL);
	if (waitpid(t->pid, &t->status, 0) != t->pid)
		err(1, "waitpid");
	close(t->pidfd);
	t->output = text_read(t->out);
	t->complaint = text_read(t->error);
	expect(r, STATUSES, ended, "did not end within a minute: %.200s", t->line.text);
}

static void tool_clear(struct tool *t)
{
	free(t->output);
	free(t->complaint);
	t->output = t->complaint = NULL;
	t->line.length = 0;
}

static bool has_status(const struct tool *t, int status)
{
	return WIFEXITED(t->status) && WEXITSTATUS(t->status) == status;
}

static void expect_status(struct round *r, const struct tool *t, int status)
{
	expect(r, STATUSES, has_status(t, status), "wait status %#x, not exit %d: %s", t->status,
	       status, t->complaint);
}

static void tool_run(struct round *r, struct tool *t, int status)
{
	tool_start(t);
	tool_finish(r, t);
	expect_status(r, t, status);
}

/* ---- victims ---- */

struct area {
	char kind[16];
	uintptr_t start, end;
	uintptr_t pinned[MAX_PINS];
	size_t pins;
};

struct victim {
	struct line line; /* its operands */
	pid_t pid;
	FILE *in, *out;
	struct area areas[MAX_AREAS];
	size_t count;
};

static bool area_parse(struct area *a, char *text)
{
	char *word = strsep(&text, " ");

	*a = (struct area){ 0 };
	snprintf(a->kind, sizeof(a->kind), "%s", word);
	if (!text || sscanf(text, "%" SCNxPTR " %" SCNxPTR, &a->start, &a->end) != 2)
		return false;
	strsep(&text, " ");
	strsep(&text, " ");
	while (a->pins < MAX_PINS && (word = strsep(&text, " ")))
		a->pinned[a->pins++] = strtoull(word, NULL, 16);
	return true;
}

static char *victim_answer(struct victim *v)
{
	static char line[MAX_LINE];

	if (!fgets(line, sizeof(line), v->out))
		errx(1, "the victim is gone: %s", v->line.text);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static char *victim_ask(struct victim *v, const char *command)
{
	fprintf(v->in, "%s\n", command);
	fflush(v->in);
	return victim_answer(v);
}

static void victim_exec(struct victim *v, int in, int out)
{
	struct line line = { .length = 0 };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	line_add(&line, "victim%s", v->line.text);
	line_exec(&line);
}

static void victim_start(struct victim *v)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		err(1, "pipe");
	fflush(stdout);
	v->pid = fork();
	if (v->pid < 0)
		err(1, "fork");
	if (!v->pid)
		victim_exec(v, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	v->in = fdopen(in[1], "w");
	v->out = fdopen(out[0], "r");
	for (v->count = 0; area_parse(&v->areas[v->count], victim_answer(v)); v->count++)
		if (v->count == MAX_AREAS - 1)
			errx(1, "too many areas: %s", v->line.text);
	/* After one exchange, waiting for commands touches no new page. */
	victim_ask(v, "unmap nothing");
}

static const struct area *victim_area(const struct victim *v, const char *kind)
{
	for (size_t i = 0; i < v->count; i++)
		if (!strcmp(v->areas[i].kind, kind))
			return &v->areas[i];
	errx(1, "the victim has no %s", kind);
}

/* Check that its memory is intact, and end it. */
static void victim_end(struct round *r, struct victim *v)
{
	char *answer = victim_ask(v, "check");

	expect(r, CONTENTS, !strncmp(answer, "intact ", 7), "%s", answer);
	fclose(v->in);
	fclose(v->out);
	if (waitpid(v->pid, NULL, 0) != v->pid)
		err(1, "waitpid");
	v->line.length = 0;
}

/* ---- where pages are, by move_pages(2) ---- */

/* Consecutive pages of a victim: nodes, or errors of move_pages(2). */
struct view {
	pid_t pid;
	uintptr_t start;
	size_t count;
	int was[MAX_PAGES];  /* before the program */
	int is[MAX_PAGES];   /* after the program */
	int want[MAX_PAGES]; /* expected after the program, or ABSENT, or ANYWHERE */
};

enum { ABSENT = -1, ANYWHERE = -2 };

static void view_query(const struct view *v, int *nodes)
{
	static void *pages[MAX_PAGES];

	for (size_t i = 0; i < v->count; i++) {
		pages[i] = (void *)(v->start + i * PAGE);
		nodes[i] = -EINPROGRESS;
	}
	if (move_pages(v->pid, v->count, pages, NULL, nodes, 0) < 0)
		err(1, "move_pages");
}

static void view_range(struct view *v, const struct victim *victim, uintptr_t start, size_t count)
{
	if (count > MAX_PAGES)
		errx(1, "too many pages: %zu", count);
	v->pid = victim->pid;
	v->start = start;
	v->count = count;
	view_query(v, v->was);
}

static void view_area(struct view *v, const struct victim *victim, const struct area *a)
{
	view_range(v, victim, a->start, (a->end - a->start) / PAGE);
}

static uintptr_t view_page(const struct view *v, size_t i)
{
	return v->start + i * PAGE;
}

static uintptr_t view_end(const struct view *v)
{
	return view_page(v, v->count);
}

static bool is_pinned(const struct area *a, uintptr_t page)
{
	for (size_t i = 0; i < a->pins; i++)
		if (a->pinned[i] == page)
			return true;
	return false;
}

/* Expect all present pages on this node, except pinned ones. */
static void view_want(struct view *v, const struct area *a, int node)
{
	for (size_t i = 0; i < v->count; i++) {
		v->want[i] = is_pinned(a, view_page(v, i)) ? v->was[i] : node;
		if (v->was[i] < 0)
			v->want[i] = ABSENT;
	}
}

/* Counts of pages, from the arrays of the view. */
struct counts {
	size_t there;  /* were present */
	size_t moved;  /* are on another node than before */
	size_t stayed; /* are on the same node, but should not be */
	size_t already;
};

/* @node: the expected node of all pages; negative: that in @want. */
static struct counts view_count(struct view *v, int node)
{
	struct counts c = { 0 };

	view_query(v, v->is);
	for (size_t i = 0; i < v->count; i++) {
		int to = node < 0 ? v->want[i] : node;

		if (v->was[i] < 0)
			continue;
		c.there++;
		c.moved += v->is[i] != v->was[i];
		c.already += v->was[i] == to;
		c.stayed += v->is[i] == v->was[i] && v->was[i] != to;
	}
	return c;
}

/* ---- lines of --pages ---- */

struct row {
	uintptr_t address;
	int node; /* -1: none */
	size_t pages;
	int status;
	char result[32];
};

static bool row_parse(struct row *row, const char *line)
{
	char node[16], unit;
	size_t size;

	if (sscanf(line, "%" SCNxPTR " %15s %zu%c %d %31[a-z ]", &row->address, node, &size, &unit,
		   &row->status, row->result) != 6)
		return false;
	row->node = isdigit((unsigned char)node[0]) ? atoi(node) : -1;
	row->pages = size * (unit == 'M' ? MIB : 1024) / PAGE;
	return row->pages > 0;
}

/* Return whether the status agrees with the node and the result. */
static bool row_is_sound(const struct row *row)
{
	if (!strcmp(row->result, "moved") || !strcmp(row->result, "already there"))
		return row->node >= 0 && row->status == row->node;
	if (!strcmp(row->result, "busy"))
		return row->node >= 0 && row->status == -EBUSY;
	if (!strcmp(row->result, "no room"))
		return row->node >= 0 && row->status == -ENOMEM;
	if (!strcmp(row->result, "not visible"))
		return row->node < 0 && row->status == -EBUSY;
	return !strcmp(row->result, "not present") && row->node < 0 && row->status == -ENOENT;
}

static bool row_is_true_at(const struct view *v, const struct row *row, size_t i)
{
	int is = v->is[i] < 0 ? ABSENT : v->is[i];

	if (v->want[i] == ANYWHERE)
		return true;
	if (row->node != is || is != v->want[i])
		return false;
	if (!strcmp(row->result, "moved"))
		return v->was[i] != v->is[i];
	return v->was[i] == v->is[i] || is == ABSENT;
}

static bool row_is_true(const struct view *v, const struct row *row)
{
	size_t first = (row->address - v->start) / PAGE;

	if (row->address < v->start || first + row->pages > v->count)
		return false;
	for (size_t i = first; i < first + row->pages; i++)
		if (!row_is_true_at(v, row, i))
			return false;
	return true;
}

/* Return the next row. Anything else, except the heading, is an error. */
static bool rows_next(struct round *r, char **text, struct row *row)
{
	char *line;

	while ((line = strsep(text, "\n"))) {
		if (!*line || !strncmp(line, "ADDRESS", 7))
			continue;
		if (expect(r, ROWS, row_parse(row, line), "not understood: %s", line))
			return true;
	}
	return false;
}

/* Compare every row with the view. Return the number of pages in the rows. */
static size_t rows_check(struct round *r, struct view *v, const struct tool *t)
{
	char *copy = strdup(t->output), *text = copy;
	size_t pages = 0;
	struct row row;

	view_query(v, v->is);
	while (rows_next(r, &text, &row)) {
		size_t i = (row.address - v->start) / PAGE;
		bool in = i < v->count;

		pages += row.pages;
		expect(r, ROWS, row_is_sound(&row) && row_is_true(v, &row),
		       "%" PRIxPTR " %d %zu pages %d %s: was %d, is %d, should be %d", row.address,
		       row.node, row.pages, row.status, row.result, in ? v->was[i] : 99,
		       in ? v->is[i] : 99, in ? v->want[i] : 99);
	}
	free(copy);
	return pages;
}

/* Check that the rows have all pages of the view, in order and without a gap. */
static void rows_cover(struct round *r, const struct view *v, const struct tool *t)
{
	char *copy = strdup(t->output), *text = copy;
	uintptr_t at = v->start;
	struct row row;

	while (rows_next(r, &text, &row)) {
		expect(r, ROWS, row.address == at, "%" PRIxPTR " follows, not %" PRIxPTR,
		       row.address, at);
		at = row.address + row.pages * PAGE;
	}
	expect(r, ROWS, at == view_end(v), "they end at %" PRIxPTR ", not %" PRIxPTR, at,
	       view_end(v));
	free(copy);
}

/* ---- reports ---- */

static json_int_t value(const json_t *account, const char *field, const char *unit)
{
	const json_t *count = json_object_get(account, field);

	if (!count)
		count = json_object_get(json_object_get(account, "left_by"), field);
	return json_integer_value(json_object_get(count, unit));
}

/* Check also that left pages have a reason. */
static bool adds_up(const json_t *account, const char *unit)
{
	static const char *const done[] = { "moved", "already_there", "in_larger_unit", "gone",
					    "left" };
	static const char *const reasons[] = { "busy", "not_visible", "shared", "no_room",
					       "not_reached" };
	json_int_t sum = 0, left = 0;

	for (size_t i = 0; i < sizeof(done) / sizeof(*done); i++)
		sum += value(account, done[i], unit);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		left += value(account, reasons[i], unit);
	return sum == value(account, "scope", unit) && left == value(account, "left", unit);
}

/* Return the object of the process, or NULL; freed with the document. */
static json_t *account_check(struct round *r, const struct tool *t, json_t **document)
{
	json_t *process, *account;
	char *text;

	*document = json_loads(t->output, 0, NULL);
	process = json_array_get(json_object_get(*document, "processes"), 0);
	account = json_object_get(process, "account");
	if (!expect(r, SUMS, account, "no account: %s%s", t->output, t->complaint))
		return NULL;
	text = json_dumps(account, JSON_COMPACT);
	expect(r, SUMS,
	       adds_up(account, "bytes") && adds_up(account, "pages") &&
		       adds_up(account, "huge_pages"),
	       "does not add up: %s", text);
	free(text);
	return account;
}

static void expect_bytes(struct round *r, const json_t *account, const char *field, size_t bytes)
{
	size_t is = value(account, field, "bytes");

	expect(r, SUMS, is == bytes, "%s is %zu bytes, not %zu", field, is, bytes);
}

/* Compare the report with the view: the move is done, and nothing else moves pages. */
static void account_is(struct round *r, const struct tool *t, struct counts c)
{
	json_t *document, *account = account_check(r, t, &document);

	if (account) {
		expect_bytes(r, account, "scope", c.there * PAGE);
		expect_bytes(r, account, "moved", c.moved * PAGE);
		expect_bytes(r, account, "already_there", c.already * PAGE);
		expect_bytes(r, account, "left", c.stayed * PAGE);
		expect_bytes(r, account, "gone", 0);
	}
	json_decref(document);
}

/* ---- the traps ---- */

/* The state of a round; static, because it is large. */
static struct victim victim;
static struct view view;
static struct tool tool;

static void operand_range(const struct view *v)
{
	line_add(&tool.line, " %" PRIxPTR "-%" PRIxPTR, v->start, view_end(v));
}

/* Choose a random part of the area with at least one pinned page. */
static void view_around_pin(struct round *r, struct view *v, const struct area *a)
{
	size_t pages = (a->end - a->start) / PAGE;
	size_t pin = (a->pinned[pick(r, 0, a->pins - 1)] - a->start) / PAGE;
	size_t first = pick(r, 0, pin), last = pick(r, pin, pages - 1);

	view_range(v, &victim, a->start + first * PAGE, last - first + 1);
}

static const struct area *start_pinned(struct round *r, int node, size_t pages)
{
	size_t pins = pick(r, 1, pages < 8 ? pages : 8);

	line_add(&victim.line, " node=%d pinned=%zuK:%zu", node, pages * 4,
		 pick(r, 0, 1) ? 1 : pins);
	victim_start(&victim);
	return victim_area(&victim, "pinned");
}

static void trap_pinned(struct round *r)
{
	int from = pick_node(r), to = pick_other(r, from);
	const struct area *a = start_pinned(r, from, pick(r, 2, 600));

	view_around_pin(r, &view, a);
	view_want(&view, a, to);
	line_add(&tool.line, "movepages --pages --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	operand_range(&view);
	tool_run(r, &tool, 64);
	rows_check(r, &view, &tool);
	rows_cover(r, &view, &tool);
	tool_clear(&tool);

	to = pick_other(r, from);
	view_query(&view, view.was);
	line_add(&tool.line, "movepages --json --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	operand_range(&view);
	tool_run(r, &tool, 64);
	account_is(r, &tool, view_count(&view, to));
	victim_end(r, &victim);
}

/* Move each page to its own node, one operand per page. */
static void request_each(struct round *r, const struct area *a, const char *form)
{
	line_add(&tool.line, "movepages %s -j%d %d", form, pick_jobs(r), victim.pid);
	view_query(&view, view.was);
	for (size_t i = 0; i < view.count; i++) {
		int node = pick_node(r);

		line_add(&tool.line, " %" PRIxPTR "=%d", view_page(&view, i), node);
		view.want[i] = is_pinned(a, view_page(&view, i)) ? view.was[i] : node;
	}
}

static void trap_alternating(struct round *r)
{
	const struct area *a = start_pinned(r, pick_node(r), pick(r, 2, 300));
	struct counts c;
	json_t *document, *account;

	view_around_pin(r, &view, a);
	request_each(r, a, "--pages --partial-ok");
	tool_run(r, &tool, 0);
	rows_cover(r, &view, &tool);
	rows_check(r, &view, &tool);
	tool_clear(&tool);

	request_each(r, a, "--json --partial-ok");
	tool_run(r, &tool, 0);
	c = view_count(&view, -1);
	account = account_check(r, &tool, &document);
	if (account) {
		expect_bytes(r, account, "scope", view.count * PAGE);
		expect_bytes(r, account, "moved", c.moved * PAGE);
	}
	for (size_t i = 0; i < view.count; i++)
		expect(r, SUMS, view.is[i] == view.want[i], "%" PRIxPTR " is on %d, not %d",
		       view_page(&view, i), view.is[i], view.want[i]);
	json_decref(document);
	victim_end(r, &victim);
}

/* One of many nodes does not exist: no page moves, wherever it is in the list. */
static void trap_bad_node(struct round *r)
{
	static const int bad[] = { NODES, 7, 63, 64, 1023, 1024, 99999 };
	int from = pick_node(r);
	size_t pages = pick(r, 1, 200), wrong = pick(r, 0, pages - 1);
	const struct area *a;

	line_add(&victim.line, " node=%d anon=%zuK", from, pages * 4);
	victim_start(&victim);
	a = victim_area(&victim, "anon");
	view_area(&view, &victim, a);
	view_want(&view, a, from);
	line_add(&tool.line, "movepages --pages %d", victim.pid);
	for (size_t i = 0; i < pages; i++)
		line_add(&tool.line, " %" PRIxPTR "=%d", view_page(&view, i),
			 i == wrong ? bad[pick(r, 0, sizeof(bad) / sizeof(*bad) - 1)] :
				      pick_node(r));
	tool_run(r, &tool, 1);
	expect(r, ROWS, !*tool.output, "output in spite of an error: %.80s", tool.output);
	expect(r, SUMS, !view_count(&view, from).moved, "%zu pages moved",
	       view_count(&view, from).moved);
	victim_end(r, &victim);
}

enum { MAX_HUGE_ADDRESSES = 1500 };

/* Give many addresses in the same few huge pages. */
static void trap_huge(struct round *r)
{
	size_t huge = pick(r, 1, 6), addresses = pick(r, 1, MAX_HUGE_ADDRESSES);
	int from = pick_node(r), to = pick_other(r, from);
	const struct area *a;
	struct counts c;

	line_add(&victim.line, " node=%d thp=%zuM", from, 2 * huge);
	victim_start(&victim);
	a = victim_area(&victim, "thp");
	view_area(&view, &victim, a);
	for (size_t i = 0; i < view.count; i++)
		view.want[i] = from;
	line_add(&tool.line, "movepages --pages --to=%d %d", to, victim.pid);
	for (size_t n = 0; n < addresses; n++) {
		size_t i = pick(r, 0, view.count - 1);

		line_add(&tool.line, " %" PRIxPTR, view_page(&view, i));
		for (size_t k = 0; k < HUGE_PAGES; k++)
			view.want[i / HUGE_PAGES * HUGE_PAGES + k] = to;
	}
	tool_run(r, &tool, 0);
	expect(r, ROWS, rows_check(r, &view, &tool) == addresses * HUGE_PAGES,
	       "not %zu rows of huge pages", addresses);
	tool_clear(&tool);

	to = pick_other(r, to);
	view_query(&view, view.was);
	line_add(&tool.line, "movepages --json --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	addresses = pick(r, huge, MAX_HUGE_ADDRESSES);
	for (size_t n = 0; n < addresses; n++) {
		size_t i = n < huge ? n : pick(r, 0, huge - 1);

		i = i * HUGE_PAGES + pick(r, 0, HUGE_PAGES - 1);
		line_add(&tool.line, " %" PRIxPTR, view_page(&view, i));
	}
	tool_run(r, &tool, 0);
	c = view_count(&view, to);
	expect(r, SUMS, c.there == c.moved + c.already, "%zu pages stayed", c.stayed);
	account_is(r, &tool, c);
	victim_end(r, &victim);
}

static void mover_run(void)
{
	static void *pages[MAX_PAGES];
	static int nodes[MAX_PAGES], status[MAX_PAGES];
	struct round r = { .random = getpid() };

	for (;;) {
		size_t count = 0;
		int node = pick_node(&r);

		for (size_t i = 0; i < view.count; i++) {
			if (view.want[i] != ANYWHERE || pick(&r, 0, 1))
				continue;
			pages[count] = (void *)view_page(&view, i);
			nodes[count++] = node;
		}
		move_pages(view.pid, count, pages, nodes, status, MPOL_MF_MOVE_ALL);
	}
}

/* Start a second mover, for pages that may be anywhere. */
static pid_t mover_start(void)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
			_exit(1);
		mover_run();
	}
	return pid;
}

static void mover_stop(pid_t pid)
{
	if (kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		err(1, "the second mover");
}

/*
 * All pages are always present: rows and report must have all of them, and none may be gone.
 */
static void second_mover(struct round *r, const char *kind, size_t pages, size_t every)
{
	int from = pick_node(r), to = pick_other(r, from);
	const struct area *a;
	json_t *document, *account;
	pid_t mover;

	line_add(&victim.line, " node=%d %s=%zuK", from, kind, pages * 4);
	victim_start(&victim);
	a = victim_area(&victim, kind);
	view_area(&view, &victim, a);
	view_want(&view, a, to);
	for (size_t i = 0; i < pages; i += every)
		view.want[i] = ANYWHERE;
	mover = mover_start();
	line_add(&tool.line, "movepages --pages --partial-ok --to=%d -j%d %d", to, pick_jobs(r),
		 victim.pid);
	operand_range(&view);
	tool_run(r, &tool, 0);
	rows_check(r, &view, &tool);
	rows_cover(r, &view, &tool);
	tool_clear(&tool);

	to = pick_other(r, to);
	line_add(&tool.line, "movepages --json --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	operand_range(&view);
	tool_start(&tool);
	tool_finish(r, &tool);
	mover_stop(mover);
	account = account_check(r, &tool, &document);
	if (account) {
		expect_bytes(r, account, "scope", pages * PAGE);
		expect_bytes(r, account, "gone", 0);
		expect_status(r, &tool, value(account, "left", "bytes") ? 64 : 0);
	}
	json_decref(document);
	victim_end(r, &victim);
}

static void trap_second_mover(struct round *r)
{
	second_mover(r, "anon", pick(r, 16, 6000), pick(r, 1, 4));
}

static void trap_second_mover_huge(struct round *r)
{
	second_mover(r, "thp", HUGE_PAGES * pick(r, 1, 8), 1);
}

/* Untouched memory is in no report, has no node, and is not faulted in. */
static void trap_absent(struct round *r)
{
	static const char *const kinds[] = { "untouched", "zero", "hole", "anon" };
	const char *kind = kinds[pick(r, 0, 3)];
	int from = pick_node(r), to = pick_node(r);
	size_t pages = pick(r, 1, 2000), listed = 0;
	const struct area *a;

	line_add(&victim.line, " node=%d %s=%zuK", from, kind, pages * 4);
	victim_start(&victim);
	a = victim_area(&victim, kind);
	view_area(&view, &victim, a);
	view_want(&view, a, to);
	line_add(&tool.line, "movepages --pages --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	for (size_t i = pick(r, 0, 9); i < pages && listed < 200; i += pick(r, 1, 9), listed++)
		line_add(&tool.line, " %" PRIxPTR, view_page(&view, i));
	if (!listed)
		line_add(&tool.line, " %" PRIxPTR, view.start);
	tool_run(r, &tool, 0);
	expect(r, ROWS, rows_check(r, &view, &tool) == (listed ? listed : 1), "not %zu rows",
	       listed);
	tool_clear(&tool);

	to = pick_node(r);
	view_query(&view, view.was);
	line_add(&tool.line, "movepages --json --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	operand_range(&view);
	tool_run(r, &tool, 0);
	account_is(r, &tool, view_count(&view, to));
	for (size_t i = 0; i < pages; i++)
		expect(r, ROWS, (view.was[i] < 0) == (view.is[i] < 0),
		       "%" PRIxPTR " was %d and is %d", view_page(&view, i), view.was[i],
		       view.is[i]);
	victim_end(r, &victim);
}

/* ---- a node without room ---- */

static void *fills[MAX_FILLS];
static size_t fill_count;

/* Return a field of the node's meminfo, in bytes. */
static size_t node_memory(int node, const char *name)
{
	char path[64], line[256], word[64];
	size_t kib = 0, value;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Node %*d %63[^:]: %zu", word, &value) == 2 && !strcmp(word, name))
			kib = value;
	if (!f || fclose(f))
		err(1, "%s", path);
	return kib * 1024;
}

/* Return what the kernel reserves on a node, in bytes. */
static size_t node_minimum(int node)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	char line[256];
	size_t pages = 0, value;
	int at = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Node %d,", &at) != 1 && at == node &&
		    sscanf(line, " min %zu", &value) == 1)
			pages += value;
	if (!f || fclose(f))
		err(1, "/proc/zoneinfo");
	return pages * PAGE;
}

static void fill_more(int node)
{
	unsigned long mask = 1UL << node;
	void *p = mmap(NULL, FILL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mbind(p, FILL, MPOL_BIND, &mask, NODES + 1, 0))
		err(1, "filling node %d", node);
	memset(p, 1, FILL);
	fills[fill_count++] = p;
}

static void fill_less(void)
{
	munmap(fills[--fill_count], FILL);
}

static void fill_none(void)
{
	while (fill_count)
		fill_less();
}

/* Fill a node except for this much room. Drop the page cache, which also counts as room. */
static void fill_until(int node, size_t room)
{
	size_t bytes = node_minimum(node) + room;
	FILE *drop = fill_count ? NULL : fopen("/proc/sys/vm/drop_caches", "we");

	if (!fill_count && (!drop || fputs("1\n", drop) < 0 || fclose(drop)))
		err(1, "drop_caches");
	while (fill_count && node_memory(node, "MemFree") < bytes)
		fill_less();
	while (fill_count < MAX_FILLS && node_memory(node, "MemFree") > bytes + FILL)
		fill_more(node);
}

enum { FULL_NODE = 3 };

static void start_beside_full(struct round *r, size_t mib)
{
	const char *kind = pick(r, 0, 1) ? "thp" : "anon";

	line_add(&victim.line, " node=%d %s=%zuM", pick_other(r, FULL_NODE), kind, mib);
	victim_start(&victim);
	view_area(&view, &victim, victim_area(&victim, kind));
}

static void trap_full(struct round *r)
{
	struct counts c;

	start_beside_full(r, 2 * pick(r, 4, 20));
	fill_until(FULL_NODE, pick(r, 8, 30) * MIB);
	line_add(&tool.line, "movepages --json --force --to=%d -j%d %d", FULL_NODE, pick_jobs(r),
		 victim.pid);
	operand_range(&view);
	tool_start(&tool);
	tool_finish(r, &tool);
	c = view_count(&view, FULL_NODE);
	expect_status(r, &tool, c.stayed ? 64 : 0);
	account_is(r, &tool, c);
	victim_end(r, &victim);
}

/* Without --force there is not enough room, and nothing moves. */
static void trap_full_refused(struct round *r)
{
	struct counts c;

	start_beside_full(r, 2 * pick(r, 20, 24));
	fill_until(FULL_NODE, pick(r, 8, 12) * MIB);
	line_add(&tool.line, "movepages --json --to=%d %d", FULL_NODE, victim.pid);
	operand_range(&view);
	tool_run(r, &tool, 1);
	c = view_count(&view, FULL_NODE);
	expect(r, SUMS, !c.moved, "%zu pages moved", c.moved);
	expect(r, ROWS, strstr(tool.complaint, "not enough memory on node"), "it says %s",
	       tool.complaint);
	victim_end(r, &victim);
}

/* ---- complete processes ---- */

/* Return the bytes of the victim on a node, from numa_maps. */
static size_t numa_bytes(int node)
{
	char path[64], line[8192], name[16];
	size_t bytes = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/numa_maps", victim.pid);
	snprintf(name, sizeof(name), " N%d=", node);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *pages = strstr(line, name), *size = strstr(line, "kernelpagesize_kB=");

		if (pages && size)
			bytes += strtoull(pages + strlen(name), NULL, 10) * 1024 *
				 strtoull(strchr(size, '=') + 1, NULL, 10);
	}
	if (!f || fclose(f))
		err(1, "%s", path);
	return bytes;
}

/* Check that every pinned page that the report can list is listed. */
static void expect_named(struct round *r, const struct area *a, const json_t *document)
{
	json_t *process = json_array_get(json_object_get(document, "processes"), 0);
	json_t *left = json_object_get(process, "left_pages"), *page;
	size_t named = 0, i;

	json_array_foreach(left, i, page)
	{
		const char *text = json_string_value(json_object_get(page, "address"));
		uintptr_t address = strtoull(text ? text : "0", NULL, 16);

		named += !strcmp(a->kind, "pinned") ? is_pinned(a, address) :
						      address >= a->start && address < a->end;
	}
	expect(r, ROWS, named == a->pins || (named && json_array_size(left) == MAX_PINS),
	       "%zu of %zu pages that stayed are named", named, a->pins);
}

static void whole_process(struct round *r, const struct area *a, int from)
{
	static const char *const methods[] = { "process", "pages" };
	int to = pick_other(r, from);
	size_t before = numa_bytes(from), left;
	json_t *document, *account;

	line_add(&tool.line, "migratepages --json --method=%s %d %d %d",
		 methods[pick(r, 0, 3) == 0], victim.pid, from, to);
	tool_run(r, &tool, 64);
	left = numa_bytes(from);
	account = account_check(r, &tool, &document);
	if (account) {
		expect_bytes(r, account, "scope", before);
		expect_bytes(r, account, "left", left);
		expect_bytes(r, account, "moved", before - left);
		expect(r, SUMS, left == a->pins * PAGE, "%zu bytes stayed, %zu pages are pinned",
		       left, a->pins);
		expect_named(r, a, document);
	}
	json_decref(document);
	victim_end(r, &victim);
}

static void trap_spliced(struct round *r)
{
	int from = pick_node(r);
	size_t pages = pick(r, 16, 1000);

	line_add(&victim.line, " node=%d anon=%zuK pinned=%zuK:%zu", from, pick(r, 1, 300) * 4,
		 pages * 4, pick(r, 1, 16));
	victim_start(&victim);
	whole_process(r, victim_area(&victim, "pinned"), from);
}

static void trap_registered(struct round *r)
{
	int from = pick_node(r);
	struct area a;

	line_add(&victim.line, " node=%d anon=%zuK fixed=%zuK", from, pick(r, 1, 300) * 4,
		 pick(r, 1, 40) * 4);
	victim_start(&victim);
	a = *victim_area(&victim, "fixed");
	a.pins = (a.end - a.start) / PAGE;
	whole_process(r, &a, from);
}

/* ---- interruptions ---- */

/* Start a move, and wait until the first page has moved, or the end. */
static void move_begun(int to)
{
	void *page = (void *)view.start;
	int node = -EINPROGRESS;

	tool_start(&tool);
	do
		if (move_pages(view.pid, 1, &page, NULL, &node, 0) < 0)
			err(1, "move_pages");
	while (node != to && !tool_ended(&tool, 0));
}

static int start_to_end(struct round *r, const char *options)
{
	const char *kind = pick(r, 0, 2) ? "anon" : "thp";
	int from = pick_node(r), to = pick_other(r, from);

	line_add(&victim.line, " node=%d %s=%zuM", from, kind, 2 * pick(r, 2, 16));
	victim_start(&victim);
	view_area(&view, &victim, victim_area(&victim, kind));
	line_add(&tool.line, "movepages %s --to=%d -j%d %d", options, to, pick_jobs(r), victim.pid);
	operand_range(&view);
	move_begun(to);
	if (pick(r, 0, 3))
		usleep(pick(r, 0, 60000));
	return to;
}

static void trap_signalled(struct round *r)
{
	int to = start_to_end(r, "--json"), signal = pick(r, 0, 1) ? SIGINT : SIGTERM;
	struct counts c;
	json_t *document, *account;
	bool signalled;

	kill(tool.pid, signal);
	tool_finish(r, &tool);
	c = view_count(&view, to);
	signalled = WIFSIGNALED(tool.status) && WTERMSIG(tool.status) == signal;
	expect(r, STATUSES, signalled || (has_status(&tool, 0) && c.moved == view.count),
	       "wait status %#x, %zu of %zu pages moved", tool.status, c.moved, view.count);
	account = account_check(r, &tool, &document);
	if (account) {
		expect_bytes(r, account, "moved", c.moved * PAGE);
		expect_bytes(r, account, "gone", 0);
		expect_bytes(r, account, "left", value(account, "not_reached", "bytes"));
	}
	json_decref(document);
	victim_end(r, &victim);
}

/* After SIGKILL the next move works. */
static void trap_killed(struct round *r)
{
	int to = start_to_end(r, "--quiet");
	struct counts c;

	kill(tool.pid, SIGKILL);
	tool_finish(r, &tool);
	tool_clear(&tool);
	line_add(&tool.line, "movepages --json --to=%d %d", to, victim.pid);
	operand_range(&view);
	view_query(&view, view.was);
	tool_run(r, &tool, 0);
	c = view_count(&view, to);
	expect(r, SUMS, !c.stayed, "%zu pages stayed", c.stayed);
	account_is(r, &tool, c);
	victim_end(r, &victim);
}

/* ---- changing mappings ---- */

static int start_churn(struct round *r)
{
	int from = pick_node(r);

	line_add(&victim.line, " seed=%zu node=%d anon=%zuK churn=%zu", pick(r, 1, 1 << 30), from,
		 pick(r, 1, 2000) * 4, pick(r, 1, 3));
	victim_start(&victim);
	view_area(&view, &victim, victim_area(&victim, "anon"));
	return from;
}

/* Check that it exited with a documented status, and that the report adds up. */
static void churn_moved(struct round *r, int to)
{
	json_t *document, *account;
	struct counts c;

	tool_start(&tool);
	tool_finish(r, &tool);
	expect(r, STATUSES, has_status(&tool, 0) || has_status(&tool, 64), "wait status %#x: %s",
	       tool.status, tool.complaint);
	account = account_check(r, &tool, &document);
	if (account && has_status(&tool, 0))
		expect_bytes(r, account, "left", 0);
	json_decref(document);
	c = view_count(&view, to);
	expect(r, ROWS, !c.stayed, "%zu of the pages that do not change stayed", c.stayed);
}

static void option_settle(struct round *r)
{
	if (pick(r, 0, 1))
		line_add(&tool.line, " --settle=1");
}

static void trap_churn_migratepages(struct round *r)
{
	int from = start_churn(r), to = pick_other(r, from);
	bool whole = !pick(r, 0, 2);

	line_add(&tool.line, "migratepages --json");
	if (whole)
		line_add(&tool.line, " --method=process");
	else
		line_add(&tool.line, " -j%d", pick_jobs(r));
	option_settle(r);
	line_add(&tool.line, " %d all %d", victim.pid, to);
	churn_moved(r, to);
	victim_end(r, &victim);
}

static void trap_churn_movepages(struct round *r)
{
	int from = start_churn(r), to = pick_other(r, from);

	line_add(&tool.line, "movepages --json --to=%d -j%d", to, pick_jobs(r));
	option_settle(r);
	line_add(&tool.line, " %d", victim.pid);
	churn_moved(r, to);
	victim_end(r, &victim);
}

/* List pages and their nodes, which then change. */
static void trap_churn_list(struct round *r)
{
	int from = start_churn(r), to = pick_other(r, from);
	struct row row;
	char *list, *text;
	size_t count = 0;

	line_add(&tool.line, "movepages --pages %d", victim.pid);
	tool_run(r, &tool, 0);
	list = text = strdup(tool.output);
	tool_clear(&tool);
	line_add(&tool.line, "movepages --json --to=%d -j%d %d", to, pick_jobs(r), victim.pid);
	operand_range(&view);
	while (count < 1500 && rows_next(r, &text, &row))
		if (!pick(r, 0, 3) && ++count)
			line_add(&tool.line, " %" PRIxPTR, row.address);
	free(list);
	churn_moved(r, to);
	victim_end(r, &victim);
}

/* ---- the sweep ---- */

static const struct trap {
	const char *name;
	const char *about;
	void (*round)(struct round *r);
} traps[] = {
	{ "c1", "pinned pages, one destination", trap_pinned },
	{ "c2", "pinned pages, alternating destinations", trap_alternating },
	{ "c3", "a node that does not exist among others", trap_bad_node },
	{ "c4", "many addresses in one huge page", trap_huge },
	{ "c5", "a second mover", trap_second_mover },
	{ "c5-huge", "a second mover of huge pages", trap_second_mover_huge },
	{ "c6", "untouched and zero pages", trap_absent },
	{ "c7", "a full destination, --force", trap_full },
	{ "c7-refused", "a full destination", trap_full_refused },
	{ "c8", "a process with spliced pages", trap_spliced },
	{ "c8-fixed", "a process with registered buffers", trap_registered },
	{ "c9", "SIGINT and SIGTERM while moving", trap_signalled },
	{ "c9-kill", "SIGKILL while moving", trap_killed },
	{ "churn-migratepages", "migratepages, mappings that change", trap_churn_migratepages },
	{ "churn-movepages", "movepages, mappings that change", trap_churn_movepages },
	{ "churn-list", "pages listed before mappings changed", trap_churn_list },
};

static const struct trap *trap_find(const char *name)
{
	for (size_t i = 0; i < sizeof(traps) / sizeof(*traps); i++)
		if (!strcmp(traps[i].name, name))
			return &traps[i];
	errx(1, "unknown trap: %s", name);
}

static bool tally_is_good(const struct node_usage *t)
{
	unsigned long made = 0, wrong = 0;

	for (int i = 0; i < CHECKS; i++) {
		made += t->made[i];
		wrong += t->wrong[i];
	}
	return made && !wrong;
}

/* Return whether all checks passed. */
static bool trap_sweep(const struct trap *trap, size_t number, uint64_t rounds, uint64_t seed)
{
	struct node_usage tally = { 0 };
	uint64_t since = now_ms();
	bool good;

	for (uint64_t i = 0; i < rounds; i++) {
		struct round r = { trap->name, seed + i, (seed + i) << 20, &tally };

		trap->round(&r);
		tool_clear(&tool);
	}
	fill_none();
	good = tally_is_good(&tally);
	printf("%sok %zu - %s, %s: %" PRIu64 " rounds", good ? "" : "not ", number, trap->name,
	       trap->about, rounds);
	for (int i = 0; i < CHECKS; i++)
		printf(", %s %lu (%lu wrong)", check_names[i], tally.made[i], tally.wrong[i]);
	printf(", %" PRIu64 " s\n", (now_ms() - since) / 1000);
	return good;
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (end == text || *end)
		errx(1, "%s: not a number", text);
	return value;
}

int main(int argc, char **argv)
{
	const size_t all = sizeof(traps) / sizeof(*traps);
	uint64_t rounds = 3, seed = 1;
	size_t count, wrong = 0;
	int option;

	while ((option = getopt(argc, argv, "n:s:")) != -1) {
		if (option == '?')
			errx(1, "usage: traps [-n ROUNDS] [-s SEED] [TRAP...]");
		*(option == 'n' ? &rounds : &seed) = number(optarg);
	}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	count = argc > optind ? (size_t)(argc - optind) : all;
	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		const struct trap *t = argc > optind ? trap_find(argv[optind + i]) : &traps[i];

		wrong += !trap_sweep(t, i + 1, rounds, seed);
	}
	return wrong ? 1 : 0;
}
