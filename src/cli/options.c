/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "cli/options.h"

#include "command/command.h"
#include "engine/limits.h"
#include "host/check.h"
#include "host/selftest.h"
#include "proc/vma.h"
#include "report/report.h"
#include "util/array.h"
#include "util/number.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BOTH = COMMAND_MIGRATEPAGES | COMMAND_MOVEPAGES,
	JOBS_MAX = 64,
	RETRIES_MAX = 100,
	DEFAULT_RETRIES = 3
};

#define SETTLE_DEFAULT	 10000000000ULL /* nanoseconds */
#define SELFTEST_DEFAULT (16ULL << 20)	/* bytes */

enum option_id {
	OPT_HELP = 'h',
	OPT_VERSION = 'V',
	OPT_DRY_RUN = 'n',
	OPT_JOBS = 'j',
	OPT_JSON = 'J',
	OPT_QUIET = 'q',
	OPT_VERBOSE = 'v',
	OPT_OUTPUT = 'o',
	OPT_BYTES = 'b',
	OPT_FROM = 256,
	OPT_TO,
	OPT_ROUTE,
	OPT_METHOD,
	OPT_PAGES,
	OPT_PARTIAL_OK,
	OPT_RETRIES,
	OPT_SHARED,
	OPT_HUGE,
	OPT_RATE,
	OPT_TIMEOUT,
	OPT_FORCE,
	OPT_PROGRESS,
	OPT_SETTLE,
	OPT_NOHEADINGS,
	OPT_RAW,
	OPT_MAP,
	OPT_COLOR,
	OPT_KIND,
	OPT_PATH,
	OPT_PAGES_FROM,
	OPT_SAVE,
	OPT_RESTORE,
	OPT_SPREAD,
	OPT_AT_LEAST,
	OPT_AT_MOST,
	OPT_CHECK,
	OPT_SELFTEST,
	OPT_TREE,
	OPT_CGROUP,
};

/* What a command line is about.  Each takes the options that the table names for it. */
enum task {
	LOOK = 1 << 0, /* tables, documents or lines of where pages are */
	MAP = 1 << 1,
	TEST = 1 << 2, /* --at-least and --at-most, and nothing else */
	MOVE = 1 << 3, /* or a dry run of that */
	RESTORE = 1 << 4,
	SAVE = 1 << 5,
	CHECK = 1 << 6,
	SELFTEST = 1 << 7,
	LOOKING = LOOK | MAP | SAVE,
	MOVING = MOVE | RESTORE,
	WORKING = LOOKING | TEST | MOVING,
	TABLES = LOOK | MOVING | SAVE,
};

struct cli_option {
	int id; /* the letter of those that have one */
	const char *name;
	const char *argument; /* NULL: takes none; "[X]": may be left out */
	int commands;
	int tasks; /* that take it */
	const char *help;
};

static const struct cli_option options[] = {
	{ OPT_TO, "to", "NODES", COMMAND_MOVEPAGES, MOVE, "move there; without it only look" },
	{ OPT_FROM, "from", "NODES", COMMAND_MOVEPAGES, LOOKING | MOVE,
	  "only pages that are on these nodes" },
	{ OPT_TREE, "tree", NULL, BOTH, LOOK | MAP | TEST | MOVE,
	  "the processes, and all that descend from them" },
	{ OPT_CGROUP, "cgroup", "PATH", BOTH, LOOK | MAP | TEST | MOVE,
	  "those in a cgroup and below; instead of PIDS" },
	{ OPT_KIND, "kind", "KIND,...", COMMAND_MOVEPAGES, LOOKING | TEST | MOVE,
	  "only heap, stack, anon, file, shm, hugetlb mappings" },
	{ OPT_PATH, "path", "GLOB", COMMAND_MOVEPAGES, LOOKING | TEST | MOVE,
	  "only mappings of files that match" },
	{ OPT_ROUTE, "route", "A:B[,C:D...]", BOTH, MOVE,
	  "pairs: from A to B, from C to D; nodes can swap" },
	{ OPT_SPREAD, "spread", "[W,W...]", COMMAND_MOVEPAGES, MOVE,
	  "interleave over the --to nodes, by weight" },
	{ OPT_PAGES, "pages", NULL, COMMAND_MOVEPAGES, LOOK | MOVING,
	  "a line for each page, with its status" },
	{ OPT_MAP, "map", NULL, COMMAND_MOVEPAGES, MAP, "a picture of the address space, by node" },
	{ OPT_PAGES_FROM, "pages-from", "FILE", COMMAND_MOVEPAGES, LOOK | MAP | MOVE,
	  "PAGES, one a line (-: standard input)" },
	{ OPT_SAVE, "save", "FILE", COMMAND_MOVEPAGES, SAVE,
	  "remember which page is on which node" },
	{ OPT_RESTORE, "restore", "FILE", COMMAND_MOVEPAGES, RESTORE,
	  "move every page back there" },
	{ OPT_METHOD, "method", "pages|process", COMMAND_MIGRATEPAGES, MOVE,
	  "move_pages(2) in batches, or one migrate_pages(2)" },
	{ OPT_DRY_RUN, "dry-run", NULL, BOTH, MOVING, "say what would move, and move nothing" },
	{ OPT_JOBS, "jobs", "N", BOTH, WORKING | SELFTEST,
	  "threads that move (default: half the CPUs, 1 to 4)" },
	{ OPT_RETRIES, "retries", "N", BOTH, MOVING | SELFTEST,
	  "further tries for busy pages (default: 3)" },
	{ OPT_SETTLE, "settle", "[TIME]", BOTH, MOVE,
	  "pass again until nothing new comes (10 s at most)" },
	{ OPT_RATE, "rate", "SIZE", BOTH, MOVING,
	  "at most SIZE bytes a second, evenly (100M, 1G)" },
	{ OPT_TIMEOUT, "timeout", "TIME", BOTH, LOOKING | MOVING,
	  "end after TIME (30, 5m, 1h) and report" },
	{ OPT_SHARED, "shared", "auto|yes|no", BOTH, MOVING,
	  "pages others map too (auto: if privileged)" },
	{ OPT_HUGE, "huge", "split|keep", BOTH, MOVING,
	  "huge pages without a place as such (default: split)" },
	{ OPT_FORCE, "force", NULL, BOTH, MOVING,
	  "move although the destination has too little room" },
	{ OPT_PARTIAL_OK, "partial-ok", NULL, BOTH, WORKING,
	  "exit 0 instead of 64 when pages stayed" },
	{ OPT_AT_LEAST, "at-least", "NODES:PCT", BOTH, LOOK | MAP | TEST | MOVE,
	  "exit 3 if less is there afterwards" },
	{ OPT_AT_MOST, "at-most", "NODES:PCT", BOTH, LOOK | MAP | TEST | MOVE,
	  "exit 3 if more is there afterwards" },
	{ OPT_CHECK, "check", NULL, COMMAND_MOVEPAGES, CHECK,
	  "say what can be moved here, and what not" },
	{ OPT_SELFTEST, "selftest", "[SIZE]", COMMAND_MOVEPAGES, SELFTEST,
	  "move memory of its own from node to node" },
	{ OPT_PROGRESS, "progress", "auto|always|never", BOTH, MOVING,
	  "how far it is (auto: on a terminal)" },
	{ OPT_COLOR, "color", "auto|always|never", COMMAND_MOVEPAGES, MAP,
	  "colours in the picture (auto: on a terminal)" },
	{ OPT_OUTPUT, "output", "COL,...", BOTH, TABLES | CHECK,
	  "the columns of tables; see the manual page" },
	{ OPT_NOHEADINGS, "noheadings", NULL, BOTH, TABLES | CHECK,
	  "tables and pages without headings" },
	{ OPT_RAW, "raw", NULL, BOTH, TABLES | CHECK,
	  "tables and pages for programs, not aligned" },
	{ OPT_BYTES, "bytes", NULL, BOTH, TABLES | MAP, "sizes in bytes" },
	{ OPT_JSON, "json", NULL, BOTH, LOOK | MOVING | CHECK | SELFTEST,
	  "output as JSON (pages: as JSON lines)" },
	{ OPT_QUIET, "quiet", NULL, BOTH, WORKING, "no summary, no word about pages that stayed" },
	{ OPT_VERBOSE, "verbose", NULL, BOTH, WORKING, "the whole account" },
	{ OPT_HELP, "help", NULL, BOTH, 0, "this help" },
	{ OPT_VERSION, "version", NULL, BOTH, 0, "the version" },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* Options that one task takes, but not together. */
static const struct {
	int one, others[9];
} exclusive[] = {
	{ OPT_ROUTE, { OPT_FROM, OPT_TO, OPT_SPREAD } },
	{ OPT_TREE, { OPT_CGROUP } },
	{ OPT_PAGES_FROM, { OPT_TREE, OPT_CGROUP, OPT_SETTLE, OPT_AT_LEAST, OPT_AT_MOST } },
	{ OPT_PAGES, { OPT_OUTPUT, OPT_SETTLE } },
	{ OPT_JSON, { OPT_OUTPUT, OPT_NOHEADINGS, OPT_RAW } },
	{ OPT_QUIET, { OPT_VERBOSE } },
	{ OPT_DRY_RUN,
	  { OPT_RATE, OPT_RETRIES, OPT_PROGRESS, OPT_SETTLE, OPT_AT_LEAST, OPT_AT_MOST } },
	/* --method=process */
	{ OPT_METHOD,
	  { OPT_DRY_RUN, OPT_JOBS, OPT_RETRIES, OPT_RATE, OPT_TIMEOUT, OPT_SHARED, OPT_HUGE,
	    OPT_PROGRESS } },
};

/* The options that choose a task. The first one that is given does. */
static const struct {
	int option;
	enum task task;
} choices[] = {
	{ OPT_CHECK, CHECK }, { OPT_SELFTEST, SELFTEST }, { OPT_SAVE, SAVE },
	{ OPT_MAP, MAP },     { OPT_RESTORE, RESTORE },
};

void cli_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (try '%s --help')\n", program_invocation_short_name);
	exit(EXIT_FAILED);
}

static const char *shown(const char *text)
{
	static char buf[TEXT_NAME_MAX];

	return text_name(text, buf, sizeof(buf));
}

/* ---- help ---- */

static int argument_kind(const struct cli_option *o)
{
	if (!o->argument)
		return no_argument;
	return o->argument[0] == '[' ? optional_argument : required_argument;
}

static void put_option(const struct cli_option *o)
{
	char letter[8] = "    ", left[64];
	int kind = argument_kind(o);

	if (o->id < 256)
		snprintf(letter, sizeof(letter), "-%c, ", o->id);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name,
		 kind == required_argument ? "=" :
		 kind == optional_argument ? "[=" :
					     "",
		 kind == no_argument ? "" : o->argument + (kind == optional_argument));
	if (strlen(left) + strlen(o->help) + 2 > 80)
		printf("%s\n%28s%s\n", left, "", o->help);
	else
		printf("%-26s  %s\n", left, o->help);
}

static void put_help(const struct cli_command *c)
{
	fputs(c->usage, stdout);
	fputs("\nOptions:\n", stdout);
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].commands & c->command)
			put_option(&options[i]);
	fputs(c->examples, stdout);
}

__attribute__((noreturn)) static void exit_after_output(void)
{
	int rc = report_close(stdout);

	if (rc)
		errx(EXIT_FAILED, "standard output: %s", strerror(-rc));
	exit(EXIT_DONE);
}

/* ---- values ---- */

static unsigned int number_of(const struct cli_option *o, const char *text, uint64_t min,
			      uint64_t max)
{
	uint64_t n;

	if (number_parse(text, strlen(text), max, &n) || n < min)
		cli_fail("--%s: '%s' is no number from %d to %d", o->name, shown(text), (int)min,
			 (int)max);
	return (unsigned int)n;
}

static uint64_t size_of(const struct cli_option *o, const char *text)
{
	uint64_t size;
	int rc = number_parse_size(text, strlen(text), &size);

	if (rc == -ERANGE)
		cli_fail("--%s: '%s' is too large", o->name, shown(text));
	if (rc || size == 0)
		cli_fail("--%s: '%s' is no size (bytes, or with K, M, G, T)", o->name, shown(text));
	return size;
}

static uint64_t time_of(const struct cli_option *o, const char *text)
{
	uint64_t time;
	int rc = number_parse_time(text, strlen(text), &time);

	if (rc == -ERANGE)
		cli_fail("--%s: '%s' is longer than 292 years", o->name, shown(text));
	if (rc || time == 0)
		cli_fail("--%s: '%s' is no time (seconds, or with s, m, h, d)", o->name,
			 shown(text));
	return time;
}

/* The place of @text in the option's "a|b|c". */
static int choice_of(const struct cli_option *o, const char *text)
{
	const char *word = o->argument;

	for (int i = 0;; i++) {
		size_t n = strcspn(word, "|");

		if (strlen(text) == n && memcmp(text, word, n) == 0)
			return i;
		if (word[n] == '\0')
			cli_fail("--%s: '%s' is none of %s", o->name, shown(text), o->argument);
		word += n + 1;
	}
}

static unsigned int kinds_of(const struct cli_option *o, const char *text)
{
	unsigned int kinds;
	size_t at, len;
	char bad[TEXT_NAME_MAX];

	if (vma_kinds_parse(text, strlen(text), &kinds, &at, &len))
		cli_fail("--%s: '%s' is no kind of mapping: heap, stack, anon, file, shm or "
			 "hugetlb",
			 o->name, text_escape(text + at, len, bad, sizeof(bad)));
	return kinds;
}

static const char *pattern_of(const struct cli_option *o, const char *text)
{
	if (text[0] == '\0')
		cli_fail("--%s: the pattern is empty", o->name);
	return text;
}

static const char *cgroup_of(const struct cli_option *o, const char *text)
{
	if (text[0] == '\0')
		cli_fail("--%s: the path is empty", o->name);
	return text;
}

static void add_share(struct request *r, const struct cli_option *o, const char *text)
{
	struct threshold *grown = array_room(r->thresholds.at, r->thresholds.n, sizeof(*grown));
	struct text_error error;
	char bad[TEXT_NAME_MAX];

	if (!grown)
		errx(EXIT_FAILED, "%s", strerror(ENOMEM));
	r->thresholds.at = grown;
	if (threshold_parse(text, o->id == OPT_AT_MOST, &grown[r->thresholds.n++], &error))
		cli_fail("--%s: '%s' %s, as in 1:95%%", o->name,
			 text_escape(text + error.offset, error.length, bad, sizeof(bad)),
			 error.what);
}

static void ask_selftest(struct request *r, const struct cli_option *o, const char *size)
{
	r->action = ACTION_SELFTEST;
	r->selftest_size = size ? size_of(o, size) : SELFTEST_DEFAULT;
}

static void apply(const struct cli_command *c, struct request *r, const struct cli_option *o,
		  const char *value)
{
	switch (o->id) {
	case OPT_TO: r->where.to = value; break;
	case OPT_FROM: r->where.from = value; break;
	case OPT_TREE: r->who.tree = true; break;
	case OPT_CGROUP: r->who.cgroup = cgroup_of(o, value); break;
	case OPT_KIND: r->which.kinds = kinds_of(o, value); break;
	case OPT_PATH: r->which.path = pattern_of(o, value); break;
	case OPT_PAGES_FROM: r->which.pages_from = value; break;
	case OPT_SAVE: r->output.save = value; break;
	case OPT_RESTORE: r->which.restore = value; break;
	case OPT_ROUTE: r->where.route = value; break;
	case OPT_SPREAD:
		r->where.interleave = true;
		r->where.weights = value;
		break;
	case OPT_PAGES: r->output.pages = true; break;
	case OPT_METHOD: r->how.method = (enum method)choice_of(o, value); break;
	case OPT_DRY_RUN: r->how.dry_run = true; break;
	case OPT_JOBS: r->how.jobs = number_of(o, value, 1, JOBS_MAX); break;
	case OPT_RETRIES: r->how.retries = number_of(o, value, 0, RETRIES_MAX); break;
	case OPT_RATE: r->how.rate = size_of(o, value); break;
	case OPT_SETTLE: r->how.settle = value ? time_of(o, value) : SETTLE_DEFAULT; break;
	case OPT_AT_LEAST: add_share(r, o, value); break;
	case OPT_AT_MOST: add_share(r, o, value); break;
	case OPT_TIMEOUT: r->how.timeout = time_of(o, value); break;
	case OPT_SHARED: r->how.shared = (enum sharing)choice_of(o, value); break;
	case OPT_HUGE: r->how.keep_huge = choice_of(o, value); break;
	case OPT_FORCE: r->how.force = true; break;
	case OPT_SELFTEST: ask_selftest(r, o, value); break;
	case OPT_PROGRESS: r->output.progress = (enum progress_when)choice_of(o, value); break;
	case OPT_PARTIAL_OK: r->output.partial_ok = true; break;
	case OPT_JSON: r->output.json = true; break;
	case OPT_OUTPUT: r->output.columns = value; break;
	case OPT_NOHEADINGS: r->output.noheadings = true; break;
	case OPT_RAW: r->output.raw = true; break;
	case OPT_BYTES: r->output.bytes = true; break;
	case OPT_MAP: r->output.map = true; break;
	case OPT_CHECK: r->action = ACTION_CHECK; break;
	case OPT_COLOR: r->output.color = (enum color_when)choice_of(o, value); break;
	case OPT_QUIET: r->output.quiet = true; break;
	case OPT_VERBOSE: r->output.verbose = true; break;
	case OPT_HELP: put_help(c); exit_after_output();
	case OPT_VERSION: printf("%s (%s)\n", c->name, PACKAGE_STRING); exit_after_output();
	}
}

/* ---- parsing ---- */

/* What getopt_long(3) needs, made from the table. */
struct getopt_tables {
	char letters[2 * OPTIONS + 2];
	struct option longs[OPTIONS + 1];
};

static void make_tables(const struct cli_command *c, struct getopt_tables *t)
{
	char *letter = t->letters;
	size_t n = 0;

	*letter++ = ':'; /* so that a missing argument is told from a bad option */
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct cli_option *o = &options[i];

		if (!(o->commands & c->command))
			continue;
		t->longs[n++] = (struct option){ o->name, argument_kind(o), NULL, o->id };
		if (o->id >= 256)
			continue;
		*letter++ = (char)o->id;
		if (o->argument)
			*letter++ = ':';
	}
	*letter = '\0';
	t->longs[n] = (struct option){ 0 };
}

static const struct cli_option *find_option(int id)
{
	size_t i = 0;

	while (i < OPTIONS && options[i].id != id)
		i++;
	return i < OPTIONS ? &options[i] : NULL;
}

/* The options of a command line, each once. */
struct given {
	const struct cli_option *option[OPTIONS];
	size_t n;
};

static bool is_given(const struct given *g, int id)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->option[i]->id == id)
			return true;
	return false;
}

static bool is_in(int id, const int *ids)
{
	while (*ids && *ids != id)
		ids++;
	return *ids;
}

static bool is_of_tables(int id)
{
	return is_in(id, (const int[]){ OPT_OUTPUT, OPT_NOHEADINGS, OPT_RAW, OPT_BYTES, 0 });
}

__attribute__((noreturn)) static void exclude(int one, const char *value, const char *other)
{
	cli_fail("--%s%s and --%s are mutually exclusive", find_option(one)->name, value, other);
}

static void check_exclusive(const struct request *r, const struct given *g)
{
	for (size_t i = 0; i < sizeof(exclusive) / sizeof(exclusive[0]); i++) {
		int one = exclusive[i].one;

		for (size_t k = 0; k < g->n && is_given(g, one); k++)
			if (is_in(g->option[k]->id, exclusive[i].others) &&
			    (one != OPT_METHOD || r->how.method == METHOD_PROCESS))
				exclude(one, one == OPT_METHOD ? "=process" : "",
					g->option[k]->name);
	}
}

static size_t find_choice(const struct given *g)
{
	size_t i = 0;

	while (i < sizeof(choices) / sizeof(choices[0]) && !is_given(g, choices[i].option))
		i++;
	return i;
}

/* Does @task print a table or lines, for these options? */
static bool has_table(const struct given *g, enum task task)
{
	return !(task & (MOVING | SAVE)) || is_given(g, OPT_VERBOSE) || is_given(g, OPT_DRY_RUN) ||
	       is_given(g, OPT_PAGES) || is_given(g, OPT_JSON);
}

static bool has_effect(const struct request *r, const struct given *g, enum task task,
		       const struct cli_option *o)
{
	if (is_of_tables(o->id) && !has_table(g, task))
		return false;
	if (o->id == OPT_VERBOSE && task & (LOOK | MAP))
		return r->thresholds.n;
	return o->tasks & task;
}

static const struct cli_option *find_idle(const struct request *r, const struct given *g,
					  enum task task)
{
	for (size_t i = 0; i < g->n; i++)
		if (!has_effect(r, g, task, g->option[i]))
			return g->option[i];
	return NULL;
}

/* Complain about an option that would have no effect. */
__attribute__((noreturn)) static void refuse(const struct cli_command *c, enum task task,
					     const struct given *g, const struct cli_option *o)
{
	if (o->id == OPT_COLOR && task != CHECK && task != SELFTEST)
		cli_fail("--color needs --map");
	if (is_of_tables(o->id) && !has_table(g, task))
		cli_fail("--%s needs --verbose: without it there is no table", o->name);
	if (o->id == OPT_VERBOSE && task & (LOOK | MAP))
		cli_fail("--verbose needs a destination, --at-least or --at-most");
	if (!(task & (LOOK | TEST)))
		exclude(choices[find_choice(g)].option, "", o->name);
	if (o->tasks & MOVE && !(o->tasks & LOOK))
		cli_fail("--%s needs a destination: %s", o->name, c->destination);
	cli_fail("--%s without a destination and --%s are mutually exclusive",
		 is_given(g, OPT_AT_LEAST) ? "at-least" : "at-most", o->name);
}

/* Every option must have an effect on what is done. */
static void check_effects(const struct cli_command *c, struct request *r, const struct given *g)
{
	size_t choice = find_choice(g);
	enum task task = choice < sizeof(choices) / sizeof(choices[0]) ? choices[choice].task :
			 request_moves(r)			       ? MOVE :
			 request_only_checks(r)			       ? TEST :
									 LOOK;
	const struct cli_option *o = find_idle(r, g, task), *other;

	/* Whether the file of --pages-from sends pages to nodes is found out when it is read. */
	if (r->which.pages_from && task & (LOOK | MAP)) {
		other = find_idle(r, g, MOVE);
		r->which.only_looks = other ? other->name : NULL;
		r->which.only_moves = o && has_effect(r, g, MOVE, o) ? o->name : NULL;
	}
	if (o && (!r->which.only_moves || r->which.only_looks))
		refuse(c, task, g, o);
}

/* What getopt_long(3) did not accept, as it was typed. */
__attribute__((noreturn)) static void reject(char **argv, int what)
{
	if (what == ':')
		cli_fail("option '%s' needs an argument", shown(argv[optind - 1]));
	if (optopt > 0 && optopt < 256 && strncmp(argv[optind - 1], "--", 2) != 0)
		cli_fail("there is no option '-%s'", shown((char[]){ (char)optopt, '\0' }));
	cli_fail("there is no option '%s', or not with that argument", shown(argv[optind - 1]));
}

static void parse_options(const struct cli_command *c, struct request *r, int argc, char **argv)
{
	struct given given = { .n = 0 };
	struct getopt_tables tables;
	int id;

	make_tables(c, &tables);
	opterr = 0;
	while ((id = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		const struct cli_option *o = find_option(id);

		if (!o)
			reject(argv, id);
		if (!is_given(&given, id))
			given.option[given.n++] = o;
		apply(c, r, o, optarg);
	}
	check_exclusive(r, &given);
	c->operands(r, argv + optind, (size_t)(argc - optind));
	check_effects(c, r, &given);
}

void cli_take_pids(struct request *r, const char *text)
{
	pid_t max = process_pid_max();
	struct pid_error error;
	char why[PID_WHY_MAX];
	int rc;

	r->who.input = strcmp(text, "-") == 0;
	if (r->who.input)
		return;
	rc = pid_list_parse(text, strlen(text), max, &r->who.pids, &error);
	if (rc == -ENOMEM)
		errx(EXIT_FAILED, "%s", strerror(ENOMEM));
	if (rc && error.length == 0)
		cli_fail("PID: '%s' has an empty place where a PID should be", shown(text));
	if (rc)
		cli_fail("PID: %s", pid_error_format(&error, text, max, why));
}

/*
 * A file that is opened later must not become a standard stream that was closed.
 * With O_PATH reading and writing still fail as if it were.  No free descriptor
 * below the limit: then none of the three is free either.
 */
static void occupy_standard_streams(void)
{
	int fd;

	do
		fd = open("/", O_PATH);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0 && errno != EMFILE)
		err(EXIT_FAILED, "/");
	if (fd >= 0)
		close(fd);
}

static enum exit_status act(const struct request *r)
{
	static enum exit_status (*const actions[])(const struct request *) = {
		[ACTION_WORK] = command_run,
		[ACTION_CHECK] = check_request,
		[ACTION_SELFTEST] = selftest_run,
	};

	return actions[r->action](r);
}

int cli_main(const struct cli_command *command, int argc, char **argv)
{
	struct request r = {
		.command = command->command,
		.how.retries = DEFAULT_RETRIES,
	};
	enum exit_status status;

	program_invocation_short_name = (char *)command->name;
	program_invocation_name = (char *)command->name;
	occupy_standard_streams();
	unsetenv("POSIXLY_CORRECT"); /* options may follow operands, as the manual says */
	signal(SIGXFSZ, SIG_IGN);    /* what is too large for the limit is told as any error */
	if (argc < 1)
		cli_fail("started without a name and arguments");
	parse_options(command, &r, argc, argv);
	status = act(&r);
	pid_list_free(&r.who.pids);
	free(r.which.operands);
	free(r.thresholds.at);
	if (limits_signal())
		limits_raise();
	return status;
}
