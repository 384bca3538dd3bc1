/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "cli/options.h"

#include "command/command.h"
#include "command/watch.h"
#include "host/check.h"
#include "host/selftest.h"
#include "proc/vma.h"
#include "report/report.h"
#include "util/array.h"
#include "util/number.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

/* Names for the table: commands and actions. */
enum {
	MIGRATEPAGES = COMMAND_MIGRATEPAGES,
	MOVEPAGES = COMMAND_MOVEPAGES,
	BOTH = MIGRATEPAGES | MOVEPAGES
};
enum {
	LOOK = ACTION_LOOK,
	TEST = ACTION_TEST,
	MOVE = ACTION_MOVE,
	RESTORE = ACTION_RESTORE,
	MAP = ACTION_MAP,
	SAVE = ACTION_SAVE,
	SELFTEST = ACTION_SELFTEST,
	CHECK = ACTION_CHECK,
	LOOKING = LOOK | MAP | SAVE,
	MOVING = MOVE | RESTORE,
	WORKING = LOOKING | TEST | MOVING,
	TABLES = LOOK | MOVING | SAVE,
	IN_TABLES = 1 << 16, /* only if the action prints a table or lines */
	CHOOSES = 1 << 17    /* chooses the action; the largest value wins */
};

#define IN(member) offsetof(struct request, member)

/* An option; or, without a name, a heading of --help. */
struct option_row {
	int letter; /* 0: none */
	const char *name;
	const char *argument;  /* NULL: takes none; "[X]": optional */
	int commands, actions; /* that take it */
	/* Parse @text into @to, or exit.  NULL: a flag, or the text itself. */
	void (*parse)(const struct option_row *o, const char *text, void *to);
	size_t at; /* offset of its member in struct request; 0: it only chooses the action */
	const char *help;
	const char *absent;    /* the default of an optional argument */
	unsigned int min, max; /* of a number */
};

void options_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (strchr(format, '\n'))
		fputc('\n', stderr);
	else
		fprintf(stderr, "\nTry '%s --help' for more information.\n",
			program_invocation_short_name);
	exit(EXIT_FAILED);
}

/* ---- values ---- */

const char *options_part(const char *text, size_t len)
{
	static char buf[TEXT_NAME_MAX];

	return text_escape(text, len, buf, sizeof(buf));
}

static const char *shown(const char *text)
{
	return options_part(text, strlen(text));
}

void options_fail_extra(const char *operand, const char *option, const char *why)
{
	if (option)
		options_fail("extra operand '%s'\n%s %s", shown(operand), option, why);
	options_fail("extra operand '%s'", shown(operand));
}

static void parse_name(const struct option_row *o, const char *text, void *to)
{
	if (!*text)
		options_fail("--%s: empty %s", o->name, o->argument);
	*(const char **)to = text;
}

static void parse_pattern(const struct option_row *o, const char *text, void *to)
{
	char why[TEXT_NAME_MAX * 2];
	regex_t compiled;

	if (pid_pattern_compile(text, &compiled, &(struct text_line){ why, sizeof(why), 0 }))
		options_fail("%s", why);
	regfree(&compiled);
	parse_name(o, text, to);
}

static void parse_pids(const struct option_row *o, const char *text, void *to)
{
	(void)o;
	options_take_pids(to, text);
}

static void parse_number(const struct option_row *o, const char *text, void *to)
{
	uint64_t n;

	if (number_parse(text, strlen(text), o->max, &n) || n < o->min)
		options_fail("invalid --%s argument '%s': must be a number from %u to %u", o->name,
			     shown(text), o->min, o->max);
	*(unsigned int *)to = (unsigned int)n;
}

static void parse_amount(const struct option_row *o, const char *text, void *to)
{
	bool time = strstr(o->argument, "TIME");
	uint64_t *amount = to;
	int rc = (time ? number_parse_time : number_parse_size)(text, strlen(text), amount);

	if (rc == -ERANGE)
		options_fail("invalid --%s argument '%s': %s", o->name, shown(text),
			     time ? "longer than 292 years" : "too large");
	if (rc || *amount == 0)
		options_fail("invalid --%s argument '%s': not a %s", o->name, shown(text),
			     time ? "time (examples: 30, 1.5s, 5m, 1h, 3d)" :
				    "size (examples: 4096, 64K, 100MB, 1GiB)");
}

/* Find the index of @word in @list, whose words end at @separators.  Returns -1 if it has none. */
static int find_word(const char *list, const char *separators, const char *word)
{
	for (int place = 0;; place++) {
		size_t n = strcspn(list, separators);

		if (text_part_is((struct text_part){ list, n }, word))
			return place;
		if (list[n] == '\0')
			return -1;
		list += n + 1;
	}
}

static void parse_choice(const struct option_row *o, const char *text, void *to)
{
	const char *choices = o->argument + (*o->argument == '[');
	int place = *text ? find_word(choices, "|]", text) : -1;

	if (place < 0)
		options_fail("invalid --%s argument '%s': must be one of %.*s", o->name,
			     shown(text), (int)strcspn(choices, "]"), choices);
	*(unsigned int *)to = (unsigned int)place; /* of an enum */
}

static void parse_interval(const struct option_row *o, const char *text, void *to)
{
	parse_amount(o, text, to);
	if (*(uint64_t *)to < 100000000)
		options_fail("invalid --%s argument '%s': shorter than 0.1 s", o->name,
			     shown(text));
}

static void parse_kinds(const struct option_row *o, const char *text, void *to)
{
	size_t at, len;

	if (vma_kinds_parse(text, strlen(text), to, &at, &len))
		options_fail("invalid --%s argument '%s': valid kinds are heap, stack, anon, file, "
			     "shm, hugetlb",
			     o->name, options_part(text + at, len));
}

static void parse_threshold(const struct option_row *o, const char *text, void *to)
{
	struct threshold_list *list = to;
	struct threshold *grown = array_room(list->at, list->n, sizeof(*grown));
	struct text_error error;

	if (!grown)
		err(EXIT_FAILED, NULL);
	list->at = grown;
	if (threshold_parse(text, strcmp(o->name, "at-most") == 0, &grown[list->n++], &error))
		options_fail("--%s: '%s' %s, as in 1:95%%", o->name,
			     options_part(text + error.offset, error.length), error.what);
}

static const struct option_row options[] = {
	{ .commands = BOTH, .help = "Which processes" },
	{ 'p', "pid", "PID,...", BOTH, WORKING, parse_pids, IN(who),
	  .help = "select these processes, like the operand PIDS" },
	{ 0, "name", "PATTERN", BOTH, LOOKING | TEST | MOVE, parse_pattern, IN(who.name),
	  .help = "select processes by name, like pgrep -x" },
	{ 0, "unit", "NAME", BOTH, LOOKING | TEST | MOVE, parse_name, IN(who.cgroup.name),
	  .help = "select all processes of a systemd unit" },
	{ 0, "cgroup", "PATH", BOTH, LOOKING | TEST | MOVE, parse_name, IN(who.cgroup.name),
	  .help = "select all processes of a cgroup and its children" },
	{ 0, "tree", NULL, BOTH, LOOKING | TEST | MOVE, NULL, IN(who.tree),
	  .help = "include all descendants of these processes" },
	{ .commands = MOVEPAGES, .help = "Which memory" },
	{ 0, "from", "NODES", MOVEPAGES, LOOKING | MOVE, NULL, IN(where.from),
	  .help = "select only pages currently on NODES" },
	{ 0, "kind", "KIND,...", MOVEPAGES, LOOKING | TEST | MOVE, parse_kinds, IN(which.kinds),
	  .help = "select mappings: heap,stack,anon,file,shm,hugetlb" },
	{ 0, "path", "GLOB", MOVEPAGES, LOOKING | TEST | MOVE, parse_name, IN(which.path),
	  .help = "select mappings of files that match GLOB" },
	{ 0, "pages-from", "FILE", MOVEPAGES, LOOK | MAP | MOVE, NULL, IN(which.pages_from),
	  .help = "read PAGES from FILE, one per line (-: stdin)" },
	{ 0, "unmapped", "error|skip", MOVEPAGES, LOOK | MAP | MOVE, parse_choice,
	  IN(which.unmapped), .help = "fail on unmapped ranges in FILE, or skip them" },
	{ .commands = BOTH, .help = "Moving" },
	{ 0, "to", "NODES", MOVEPAGES, MOVE, NULL, IN(where.to),
	  .help = "move the selected pages to NODES" },
	{ 0, "route", "A:B[,C:D...]", BOTH, MOVE, NULL, IN(where.route),
	  .help = "move pages from A to B, from C to D, ..." },
	{ 0, "interleave", "NODES", MOVEPAGES, MOVE, NULL, IN(where.interleave),
	  .help = "interleave the selected pages over NODES" },
	{ 0, "weights", "W,...", MOVEPAGES, MOVE, NULL, IN(where.weights),
	  .help = "interleave W pages on each node in turn" },
	{ 0, "restore", "FILE", MOVEPAGES, RESTORE | CHOOSES, NULL, IN(which.restore),
	  .help = "move pages back to the placement in FILE" },
	{ 0, "save", "FILE", BOTH, SAVE | MOVE, NULL, IN(output.save),
	  .help = "save the placement to FILE before pages move" },
	{ 0, "method", "pages|process", MIGRATEPAGES, MOVE, parse_choice, IN(how.method),
	  .help = "use move_pages(2) or migrate_pages(2)" },
	{ 'n', "dry-run", NULL, BOTH, MOVING, NULL, IN(how.dry_run),
	  .help = "show what would be moved, without moving it" },
	{ 'j', "jobs", "N", BOTH, WORKING | SELFTEST, parse_number, IN(how.jobs),
	  .help = "use N threads (default: the idle CPUs, 1 to 4)", .min = 1, .max = 64 },
	{ 0, "retries", "N", BOTH, MOVING | SELFTEST, parse_number, IN(how.retries),
	  .help = "retry busy pages N times (default: 3)", .max = 100 },
	{ 0, "settle", "[TIME]", BOTH, MOVE, parse_amount, IN(how.settle),
	  .help = "repeat until no new pages appear (default: 10s)", .absent = "10" },
	{ 0, "rate", "SIZE", BOTH, MOVING, parse_amount, IN(how.rate),
	  .help = "limit the rate to SIZE bytes per second" },
	{ 0, "timeout", "TIME", BOTH, LOOKING | MOVING, parse_amount, IN(how.timeout),
	  .help = "stop after TIME, such as 30s, 5m, 1h" },
	{ 0, "shared", "auto|yes|no", BOTH, MOVING, parse_choice, IN(how.shared),
	  .help = "move pages that other processes map too" },
	{ 0, "huge", "split|keep", BOTH, MOVING, parse_choice, IN(how.huge),
	  .help = "split or keep huge pages if no huge page is free" },
	{ 0, "force", NULL, BOTH, LOOKING | TEST | MOVING, NULL, IN(how.force),
	  .help = "move even if memory is short; allow --cgroup=/" },
	{ 0, "partial-ok", NULL, BOTH, WORKING, NULL, IN(output.partial_ok),
	  .help = "exit 0, not 64, if some pages were not moved" },
	{ .commands = BOTH, .help = "Output" },
	{ 0, "pages", NULL, MOVEPAGES, LOOK | MOVING, NULL, IN(output.pages),
	  .help = "list individual pages" },
	{ 0, "mappings", NULL, MOVEPAGES, LOOK, NULL, IN(output.mappings),
	  .help = "print a row for each mapping" },
	{ 0, "map", NULL, MOVEPAGES, MAP | CHOOSES, NULL, 0,
	  .help = "draw a map of the address space" },
	{ 0, "watch", "[TIME]", MOVEPAGES, LOOK | MAP, parse_interval, IN(output.watch),
	  .help = "repeat until q is typed (default: every 2s)", .absent = "2" },
	{ 'o', "output", "COL,...", BOTH, TABLES | CHECK | IN_TABLES, NULL, IN(output.columns),
	  .help = "choose the columns of tables (+COL: add)" },
	{ 0, "sort", "COL", BOTH, TABLES | CHECK | IN_TABLES, parse_name, IN(output.sort),
	  .help = "sort tables by COL (-COL: in descending order)" },
	{ 0, "list-columns", NULL, BOTH, 0, NULL, 0, .help = "describe the columns of all tables" },
	{ 0, "noheadings", NULL, BOTH, TABLES | CHECK | IN_TABLES, NULL, IN(output.noheadings),
	  .help = "don't print headings" },
	{ 0, "raw", NULL, BOTH, TABLES | CHECK | IN_TABLES, NULL, IN(output.raw),
	  .help = "use raw output format" },
	{ 'b', "bytes", NULL, BOTH, TABLES | MAP | IN_TABLES, NULL, IN(output.bytes),
	  .help = "print sizes in bytes" },
	{ 'J', "json", NULL, BOTH, LOOK | MOVING | CHECK | SELFTEST, NULL, IN(output.json),
	  .help = "use JSON output format (JSON lines with --pages)" },
	{ 0, "progress", "auto|always|never", BOTH, MOVING, parse_choice, IN(output.progress),
	  .help = "show progress (auto: on a terminal)" },
	{ 0, "color", "[auto|always|never]", BOTH, TABLES | MAP | CHECK | SELFTEST | IN_TABLES,
	  parse_choice, IN(output.color), .help = "use colors (default: on a terminal)",
	  .absent = "always" },
	{ 'q', "quiet", NULL, BOTH, WORKING, NULL, IN(output.quiet),
	  .help = "suppress the summary and warnings" },
	{ 'v', "verbose", NULL, BOTH, WORKING | CHECK | SELFTEST, NULL, IN(output.verbose),
	  .help = "print a detailed report" },
	{ .commands = BOTH, .help = "Checks" },
	{ 0, "at-least", "NODES:PCT", BOTH, LOOK | MAP | TEST | MOVE, parse_threshold,
	  IN(thresholds), .help = "exit 3 if less than PCT% of the memory is on NODES" },
	{ 0, "at-most", "NODES:PCT", BOTH, LOOK | MAP | TEST | MOVE, parse_threshold,
	  IN(thresholds), .help = "exit 3 if more than PCT% of the memory is on NODES" },
	{ 0, "check", NULL, MOVEPAGES, CHECK | CHOOSES, NULL, 0,
	  .help = "check whether this machine can move pages" },
	{ 0, "selftest", "[SIZE]", MOVEPAGES, SELFTEST | CHOOSES, parse_amount, IN(selftest_size),
	  .help = "test moves between all nodes (default: 16M)", .absent = "16M" },
	{ .commands = BOTH, .help = "Help" },
	{ 'h', "help", NULL, BOTH, 0, NULL, 0, .help = "display this help and exit" },
	{ 'V', "version", NULL, BOTH, 0, NULL, 0, .help = "display the version and exit" },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* ---- help ---- */

static int argument_kind(const struct option_row *o)
{
	if (!o->argument)
		return no_argument;
	return o->argument[0] == '[' ? optional_argument : required_argument;
}

/* The tables of each command. */
static const struct {
	int commands;
	const char *name, *title;
	const struct report_form *form;
} tables[] = {
	{ MOVEPAGES, "processes", "The list of processes", &report_list },
	{ MOVEPAGES, "kinds", "One process, by kind of mapping", &report_kinds },
	{ MOVEPAGES, "mappings", "Its mappings (--mappings)", &report_placement },
	{ BOTH, "moves", "A move (--verbose)", &report_account },
	{ BOTH, "dry runs", "A dry run (--dry-run)", &report_dry_run },
	{ MOVEPAGES, "checks", "The checks of this host (--check)", &check_table },
};

/* Print the names of the columns of each table, or a line for each column. */
static void put_columns(const struct options_command *c, bool names)
{
	size_t at = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (!(tables[i].commands & c->command))
			continue;
		if (names)
			at = (size_t)printf("  %-11s", tables[i].name);
		else
			printf("%s:\n", tables[i].title);
		for (const struct column_kind *k = tables[i].form->columns; k->name; k++) {
			if (!names)
				printf("  %-13s %s\n", k->name, k->help);
			else if (at + strlen(k->name) < 80)
				at += (size_t)printf(" %s", k->name);
			else
				at = (size_t)printf("\n%14s%s", "", k->name);
		}
		fputs(names ? "\n" : "", stdout);
	}
}

/* Flush standard output, and end. */
__attribute__((noreturn)) static void close_and_exit(void)
{
	int rc = report_close(stdout);

	if (rc)
		errx(EXIT_FAILED, "standard output: %s", strerror(-rc));
	exit(EXIT_DONE);
}

/* Print --help or --version. */
__attribute__((noreturn)) static void put_and_exit(const struct options_command *c, bool help)
{
	static const char *const signs[] = { "", "=", "[=" };
	char letter[8], left[64];

	if (help)
		fputs(c->usage, stdout);
	for (const struct option_row *o = options; help && o < options + OPTIONS; o++) {
		int kind = argument_kind(o);

		if (!(o->commands & c->command))
			continue;
		if (!o->name) {
			printf("\n%s:\n", o->help);
			continue;
		}
		snprintf(letter, sizeof(letter), "-%c,", o->letter);
		snprintf(left, sizeof(left), "  %3s --%s%s%s", o->letter ? letter : "", o->name,
			 signs[kind], o->argument ? o->argument + (kind == optional_argument) : "");
		if (strlen(left) > 26)
			printf("%s\n%28s%s\n", left, "", o->help);
		else
			printf("%-26s  %s\n", left, o->help);
	}
	if (help) {
		puts("\nColumns:");
		put_columns(c, true);
		printf("%s\nFor more details see %s(8).\n", c->examples, c->name);
	} else {
		printf("%s (%s)\n", c->name, PACKAGE_STRING);
	}
	close_and_exit();
}

/* ---- mutually exclusive options, and options without effect ---- */

/* A command line while it is parsed. */
struct command_line {
	const struct options_command *command;
	struct request *request;
	const struct option_row *given[OPTIONS]; /* in order, without duplicates */
	size_t n;
	const char *choice; /* the option that chose the action, or NULL */
};

static bool is_given(const struct command_line *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->given[i]->name, name) == 0)
			return true;
	return false;
}

static void check_exclusive(const struct command_line *l)
{
	const struct request *r = l->request;
	const struct {
		const char *what;
		bool given;
		const char *others;
	} rows[] = {
		{ "--route", r->where.route, "from to interleave" },
		{ "--interleave", r->where.interleave, "to" },
		{ "--pid", is_given(l, "pid"), "name unit cgroup" },
		{ "--name", r->who.name, "unit cgroup" },
		{ "--unit", r->who.cgroup.unit, "cgroup" },
		{ "--tree", r->who.tree, "unit cgroup" },
		{ "--pages-from", r->which.pages_from,
		  "name unit tree cgroup settle at-least at-most" },
		{ "--pages", r->output.pages, "mappings output sort settle color" },
		{ "--json", r->output.json, "output sort noheadings raw color" },
		{ "--raw", r->output.raw, "color" },
		{ "--watch", r->output.watch, "pages-from timeout at-least at-most pages json" },
		{ "--quiet", r->output.quiet, "verbose" },
		{ "--verbose", r->output.verbose && r->action & (CHECK | SELFTEST),
		  "json output noheadings raw" },
		{ "--dry-run", r->how.dry_run,
		  "rate retries progress settle at-least at-most save" },
		{ "--method=process", r->how.method == METHOD_PROCESS,
		  "dry-run jobs retries rate timeout shared huge progress" },
		{ "PAGES: =NODE", r->which.names_nodes, "to interleave route map settle" },
		{ "PAGES", r->which.n_operands, "pages-from restore" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; rows[i].given && k < l->n; k++)
			if (find_word(rows[i].others, " ", l->given[k]->name) >= 0)
				options_fail("%s and --%s are mutually exclusive", rows[i].what,
					     l->given[k]->name);
	for (size_t k = 0; (r->who.pids.n > 1 || r->who.input) && k < l->n; k++)
		if (strcmp(l->given[k]->name, "pages-from") == 0)
			options_fail("--pages-from works with a single process only");
	if (r->output.watch && r->who.input)
		options_fail("--watch and PIDs on standard input are mutually exclusive");
}

static bool has_effect(const struct request *r, const struct option_row *o, int action)
{
	bool table = !(action & (MOVING | SAVE)) || r->output.verbose || r->how.dry_run ||
		     r->output.pages || r->output.json;

	if (o->actions & IN_TABLES && !table)
		return false;
	if (o->letter == 'v' && action & (LOOK | MAP))
		return r->thresholds.n;
	if (strcmp(o->name, "force") == 0 && !(action & MOVING))
		return r->who.cgroup.name && !r->who.cgroup.unit && o->actions & action;
	return o->actions & action;
}

/* Find the first option that has no effect.  Returns NULL if there is none. */
static const struct option_row *find_idle(const struct command_line *l, int action)
{
	for (size_t i = 0; i < l->n; i++)
		if (!has_effect(l->request, l->given[i], action))
			return l->given[i];
	return NULL;
}

/* Refuse options that have no effect. */
static void check_effects(const struct command_line *l)
{
	struct request *r = l->request;
	const struct option_row *o = find_idle(l, r->action), *other;

	/* Whether the file of --pages-from has destinations is known only when it is read. */
	if (r->which.pages_from && r->action & (LOOK | MAP)) {
		other = find_idle(l, MOVE);
		r->which.forbids_nodes = other ? other->name : NULL;
		r->which.needs_nodes = o && has_effect(r, o, MOVE) ? o->name : NULL;
	}
	if (!o || (r->which.needs_nodes && !r->which.forbids_nodes))
		return;
	if (o->actions & r->action && strcmp(o->name, "force") == 0)
		options_fail("--force needs a destination or --cgroup");
	if (o->actions & r->action && o->letter == 'v')
		options_fail("--verbose needs a destination, --at-least or --at-most");
	if (o->actions & r->action)
		options_fail("--%s needs --verbose: otherwise no table is printed", o->name);
	if (l->choice)
		options_fail("--%s and --%s are mutually exclusive", l->choice, o->name);
	if (o->actions & MOVE && !(o->actions & LOOK))
		options_fail("--%s needs a destination: %s", o->name, l->command->destination);
	if (r->action & MOVE)
		options_fail("%s and --%s are mutually exclusive",
			     is_given(l, "to")	       ? "--to" :
			     is_given(l, "route")      ? "--route" :
			     is_given(l, "interleave") ? "--interleave" :
							 "=NODE",
			     o->name);
	options_fail("--%s without a destination and --%s are mutually exclusive",
		     is_given(l, "at-least") ? "at-least" : "at-most", o->name);
}

const char *options_selector(const struct request *r)
{
	if (r->who.cgroup.name)
		return r->who.cgroup.unit ? "--unit" : "--cgroup";
	if (r->who.name)
		return "--name";
	return r->who.pids.n || r->who.input ? "--pid" : NULL;
}

/* ---- parsing ---- */

static bool is_option_of(const struct option_row *o, int commands)
{
	return o->name && o->commands & commands;
}

/*
 * Find the option whose name is most similar to a word; of two, the one with the longer common
 * prefix.  Returns NULL if none has half of its letters in common with the word.
 */
static const struct option_row *find_nearest(int command, const char *word, size_t len)
{
	const struct option_row *nearest = NULL;
	size_t least = SIZE_MAX, distance, prefix;

	for (const struct option_row *o = options; o < options + OPTIONS; o++) {
		if (!is_option_of(o, command))
			continue;
		distance = text_distance(word, len, o->name);
		for (prefix = 0; prefix < len && word[prefix] == o->name[prefix];)
			prefix++;
		if (2 * distance <= MAX(len, strlen(o->name)) &&
		    distance * TEXT_WORD_MAX - prefix < least) {
			least = distance * TEXT_WORD_MAX - prefix;
			nearest = o;
		}
	}
	return nearest;
}

/* Refuse an unknown long option.  @word: as given; @name, @len: the name in it */
__attribute__((noreturn)) static void refuse_name(int command, const char *word, const char *name,
						  size_t len)
{
	char why[TEXT_NAME_MAX * 8] = "";
	struct text_line line = { why, sizeof(why), 0 };
	const struct option_row *nearest = find_nearest(command, name, len);
	const char *other = command == COMMAND_MOVEPAGES ? MIGRATEPAGES_NAME : MOVEPAGES_NAME;

	for (const struct option_row *o = options; o < options + OPTIONS; o++) {
		if (is_option_of(o, command) && strncmp(o->name, name, len) == 0)
			text_add(&line, " '--%s'", o->name);
		if (is_option_of(o, BOTH & ~command) && !is_option_of(o, command) &&
		    text_part_is((struct text_part){ name, len }, o->name))
			options_fail("unrecognized option '%s'\n--%s is an option of %s",
				     shown(word), o->name, other);
	}
	if (line.full)
		options_fail("option '%s' is ambiguous; possibilities:%s", shown(word), why);
	if (nearest)
		options_fail("unrecognized option '%s'\ndid you mean --%s?", shown(word),
			     nearest->name);
	options_fail("unrecognized option '%s'", shown(word));
}

/*
 * Refuse an option that getopt_long() refused, with its messages, but escaped.  @id: its return
 * value.  optopt: the option, or 0 if the name is unknown.
 */
__attribute__((noreturn)) static void refuse_option(int command, int id, const char *word)
{
	char letter[] = { (char)optopt, '\0' };
	const bool is_long = optopt == 0 || optopt >= 256;

	if (is_long && optopt == 0)
		refuse_name(command, word, word + 2, strcspn(word + 2, "="));
	if (is_long)
		options_fail("option '--%s' %s an argument", options[optopt - 256].name,
			     id == ':' ? "requires" : "doesn't allow");
	if (id == ':')
		options_fail("option requires an argument -- '%s'", letter);
	options_fail("invalid option -- '%s'", shown(letter));
}

static void read_options(struct command_line *l, int argc, char **argv)
{
	char letters[2 * OPTIONS + 2], *letter = letters;
	struct option longs[OPTIONS + 1];
	int n = 0, id, i;

	*letter++ = ':'; /* distinguishes a missing argument from a bad option */
	for (i = 0; i < OPTIONS; i++) {
		const struct option_row *o = &options[i];

		if (!is_option_of(o, l->command->command))
			continue;
		longs[n++] = (struct option){ o->name, argument_kind(o), NULL, 256 + i };
		if (o->letter) {
			*letter++ = (char)o->letter;
			if (o->argument)
				*letter++ = ':';
		}
	}
	*letter = '\0';
	longs[n] = (struct option){ 0 };
	opterr = 0;
	while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_row *o = options;
		void *to;

		if (id == ':' || id == '?')
			refuse_option(l->command->command, id, argv[optind - 1]);
		while (id != o->letter && id != 256 + (o - options))
			o++;
		if (o->letter == 'h' || o->letter == 'V')
			put_and_exit(l->command, o->letter == 'h');
		if (strcmp(o->name, "list-columns") == 0) {
			put_columns(l->command, false);
			close_and_exit();
		}
		if (!is_given(l, o->name))
			l->given[l->n++] = o;
		if (o->actions & CHOOSES && (o->actions ^ CHOOSES) > (int)l->request->action) {
			l->request->action = (enum request_action)(o->actions ^ CHOOSES);
			l->choice = o->name;
		}
		to = (char *)l->request + o->at;
		if (o->parse)
			o->parse(o, optarg ? optarg : o->absent, to);
		else if (o->argument)
			*(const char **)to = optarg;
		else if (o->at)
			*(bool *)to = true;
	}
}

/* Whether a text may be the name of a process, like "redis". */
static bool is_word(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char rest[] = "0123456789_-.:@";

	for (size_t i = 0; i < len; i++)
		if (!memchr(letters, text[i], sizeof(letters) - 1) &&
		    (i == 0 || !memchr(rest, text[i], sizeof(rest) - 1)))
			return false;
	return len > 0;
}

void options_take_pids(struct pid_source *who, const char *text)
{
	pid_t max = pid_max();
	struct pid_error error;
	struct pid_list list;
	char why[PID_WHY_MAX];
	const char *bad;
	bool unit;
	int rc;

	if (strcmp(text, "-") == 0) {
		who->input = true;
		return;
	}
	rc = pid_list_parse(text, strlen(text), max, false, &list, &error);
	if (!rc)
		rc = pid_list_add_all(&who->pids, &list);
	pid_list_free(&list);
	if (rc == -ENOMEM)
		err(EXIT_FAILED, NULL);
	if (!rc)
		return;
	if (error.length == 0)
		options_fail("invalid list of PIDs: '%s' (empty element)", shown(text));
	pid_error_format(&error, text, max, why);
	bad = options_part(text + error.offset, error.length);
	if (error.too_large || !is_word(bad, strlen(bad)))
		options_fail("%s", why);
	unit = strstr(bad, ".service");
	options_fail("%s\nto select by %s, use --%s=%s", why, unit ? "unit" : "name",
		     unit ? "unit" : "name", bad);
}

int options_main(const struct options_command *command, int argc, char **argv)
{
	struct request r = { command->command, ACTION_LOOK, .who.self = getpid(),
			     .how.retries = 3 };
	struct command_line l = { .command = command, .request = &r };
	int status, fd;

	program_invocation_short_name = (char *)command->name;
	program_invocation_name = (char *)command->name;
	/*
	 * Occupy closed standard streams, so files that are opened later do not become one.  With
	 * O_PATH, reading and writing still fail.  EMFILE: none of the three is closed.
	 */
	do
		fd = open("/", O_PATH);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0 && errno != EMFILE)
		err(EXIT_FAILED, "/");
	if (fd >= 0)
		close(fd);
	unsetenv("POSIXLY_CORRECT"); /* options may follow operands */
	signal(SIGXFSZ, SIG_IGN);    /* report EFBIG like any other error */
	if (argc < 1)
		options_fail("argv is empty");
	read_options(&l, argc, argv);
	r.who.cgroup.unit = is_given(&l, "unit");
	r.who.cgroup.root = r.how.force;
	command->operands(&r, argv + optind, (size_t)(argc - optind));
	check_exclusive(&l);
	if (!l.choice && (request_has_destination(&r) || r.which.names_nodes)) {
		r.action = ACTION_MOVE;
	} else if (!l.choice && r.output.save && r.command == COMMAND_MOVEPAGES &&
		   !r.which.pages_from) {
		r.action = ACTION_SAVE;
		l.choice = "save";
	} else if (!l.choice && r.thresholds.n && !r.output.pages && !r.output.json) {
		r.action = ACTION_TEST;
	}
	if (is_given(&l, "unmapped") && !r.which.pages_from && r.action & WORKING)
		options_fail("--unmapped needs --pages-from");
	if (r.where.weights && !r.where.interleave && r.action & WORKING)
		options_fail("--weights needs --interleave");
	check_effects(&l);
	if (r.action == ACTION_CHECK)
		status = check_request(&r);
	else
		status = r.action == ACTION_SELFTEST ? selftest_run(&r) :
			 r.output.watch		     ? command_watch(&r) :
						       command_run(&r, stdout, NULL);
	pid_list_free(&r.who.pids);
	free(r.which.operands);
	free(r.thresholds.at);
	if (status >= 0)
		return status;
	/* End as if the signal had not been caught. */
	signal(-status, SIG_DFL);
	raise(-status);
	return EXIT_FAILED;
}
