/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "cli/options.h"
#include "util/text.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"Usage: " MOVEPAGES_NAME " [OPTION]... PIDS [PAGES[=NODE]...]\n"
	"       " MOVEPAGES_NAME " --check | --selftest[=SIZE]\n"
	"Show on which nodes the pages of processes are; move chosen ones.\n"
	"\n"
	"PIDS: PID[,PID...] | - for PIDs on standard input; not with --cgroup\n"
	"PAGES: ADDRESS | START-END | START+SIZE, in hexadecimal as in /proc/PID/maps\n"
	"NODES: 0 | 0-3,5 | all | !0 | +0-1 | has-cpu | memory-only | local |\n"
	"       netdev:DEV ip:HOST file:PATH block:DEV pci:ADDRESS\n";

static const char examples[] =
	"\n"
	"Examples:\n"
	"  " MOVEPAGES_NAME " 1234                           which mapping is on which node?\n"
	"  " MOVEPAGES_NAME " --pages 1234 7f0000000000+16M  where is each page?\n"
	"  " MOVEPAGES_NAME " --to=1 --from=0 1234           move what is on node 0\n"
	"Exit status: 0 done, 1 failed, 3 unmet, 4 report lost, 64 partial, 77 cannot.\n"
	"See " MOVEPAGES_NAME "(8).\n";

/* The option that a =NODE of an operand does not go with, or NULL. */
static const char *node_excludes(const struct request *r)
{
	return r->where.to    ? "to" :
	       r->where.route ? "route" :
	       r->output.map  ? "map" :
	       r->output.save ? "save" :
	       r->how.settle  ? "settle" :
				NULL;
}

static void take_pages(struct request *r, char **text, size_t n)
{
	const char *option = node_excludes(r);

	r->which.operand_text = (const char **)text;
	r->which.operands = calloc(n + 1, sizeof(*r->which.operands));
	if (!r->which.operands)
		errx(EXIT_FAILED, "%s", strerror(ENOMEM));
	for (size_t i = 0; i < n; i++) {
		struct text_error error;
		char bad[TEXT_NAME_MAX];

		if (operand_parse(text[i], strlen(text[i]), &r->which.operands[i], &error))
			cli_fail(
				"PAGES: '%s' %s",
				text_escape(text[i] + error.offset, error.length, bad, sizeof(bad)),
				error.what);
		if (r->which.operands[i].node != OPERAND_NO_NODE && option)
			cli_fail("PAGES: =NODE and --%s are mutually exclusive", option);
	}
	r->which.n_operands = n;
}

/* Of files with addresses, which mean something to one process only. */
static void check_files(const struct request *r)
{
	const char *option = r->which.pages_from ? "pages-from" :
			     r->which.restore	 ? "restore" :
			     r->output.save	 ? "save" :
						   NULL;

	if (!option)
		return;
	if (!r->output.save && r->which.n_operands)
		cli_fail("PAGES and --%s are mutually exclusive", option);
	if (r->who.pids.n > 1 || r->who.input)
		cli_fail("--%s is for one process: addresses are those of one", option);
}

/* Of an action that is not about processes. */
static void take_none(enum request_action action, char **operand, size_t n)
{
	static const char *const takes[] = {
		[ACTION_CHECK] = "--check takes no PID and no PAGES",
		[ACTION_SELFTEST] = "--selftest takes no PID, and a SIZE only behind a '='",
	};
	char bad[TEXT_NAME_MAX];

	if (n)
		cli_fail("'%s': %s", text_name(operand[0], bad, sizeof(bad)), takes[action]);
}

static void take_operands(struct request *r, char **operand, size_t n)
{
	const size_t pids = r->who.cgroup ? 0 : 1;

	if (r->action != ACTION_WORK) {
		take_none(r->action, operand, n);
		return;
	}
	if (n < pids)
		cli_fail("PID is missing");
	if (n && r->who.cgroup)
		cli_fail("--cgroup takes the place of PID, and has no PAGES");
	if (pids)
		cli_take_pids(r, operand[0]);
	take_pages(r, operand + pids, n - pids);
	check_files(r);
	if (r->where.interleave && !r->where.to)
		cli_fail("--spread needs the nodes to spread over: --to");
}

int main(int argc, char **argv)
{
	static const struct cli_command command = {
		.command = COMMAND_MOVEPAGES,
		.name = MOVEPAGES_NAME,
		.usage = usage,
		.examples = examples,
		.destination = "--to, --route or =NODE",
		.operands = take_operands,
	};

	return cli_main(&command, argc, argv);
}
