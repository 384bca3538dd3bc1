/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "cli/options.h"
#include "util/text.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"Usage: " MOVEPAGES_NAME " [OPTION]... PIDS [PAGES[=NODE]...]\n"
	"       " MOVEPAGES_NAME " [OPTION]... --name=PATTERN|--unit=NAME|--cgroup=PATH\n"
	"       " MOVEPAGES_NAME " [OPTION]...\n"
	"       " MOVEPAGES_NAME " [OPTION]... --restore=FILE [PIDS]\n"
	"       " MOVEPAGES_NAME " --check | --selftest[=SIZE]\n"
	"Show or change the NUMA placement of the memory of processes.\n"
	"\n"
	"PIDS: PID[,PID...] | - to read PIDs from standard input\n"
	"PAGES: ADDRESS | START-END | START+SIZE, in hexadecimal as in /proc/PID/maps\n"
	"NODES: 0 | 0-3,5 | all | !0 | +0-1 | has-cpu | memory-only | local |\n"
	"       netdev:DEV ip:HOST file:PATH block:DEV pci:ADDRESS\n";

static const char examples[] =
	"\n"
	"Examples:\n"
	"  " MOVEPAGES_NAME "                                show the nodes of all processes\n"
	"  " MOVEPAGES_NAME " 1234                           show the nodes of one process\n"
	"  " MOVEPAGES_NAME " --pages 1234 7f0000000000+16M  show the node of each page\n"
	"  " MOVEPAGES_NAME " --to=1 --from=0 --name=redis   move pages from node 0 to node 1\n"
	"\n"
	"Exit status:\n"
	"  0      success\n"
	"  1      failure\n"
	"  3      --at-least or --at-most does not hold\n"
	"  4      pages were moved, but the report could not be written\n"
	"  64     partial success: some pages or some processes were not moved\n"
	"  77     --check or --selftest: this machine cannot move pages\n"
	"  128+N  ended by signal N\n";

/* Whether the request can be about all processes. */
static bool looks_at_processes(const struct request *r)
{
	return r->action == ACTION_LOOK && !r->where.to && !r->where.route &&
	       !r->where.interleave && !r->thresholds.n && !r->output.mappings &&
	       !r->output.pages && !r->which.pages_from && !r->who.tree;
}

static void take_operands(struct request *r, char **operand, size_t n)
{
	const char *selector = options_selector(r);
	const bool pids = !selector;
	struct text_error error;

	if (n && r->action == ACTION_CHECK)
		options_fail_extra(operand[0], "--check", "takes no PIDS and no PAGES");
	if (n && r->action == ACTION_SELFTEST)
		options_fail_extra(operand[0], "--selftest", "takes no PIDS, and a SIZE after '='");
	if (n && (r->who.cgroup.name || r->who.name))
		options_fail_extra(operand[0], selector, "replaces PIDS, and takes no PAGES");
	if (r->action & (ACTION_CHECK | ACTION_SELFTEST))
		return;
	if (pids && n == 0 && r->which.restore)
		return;
	if (pids && n == 0 && looks_at_processes(r)) {
		r->who.all = true;
		return;
	}
	if (pids && n == 0)
		options_fail("missing operand PIDS");
	if (pids)
		options_take_pids(&r->who, *operand++);
	n -= pids;
	r->which.n_operands = n;
	r->which.operand_text = (const char **)operand;
	r->which.operands = calloc(n + 1, sizeof(*r->which.operands));
	if (!r->which.operands)
		err(EXIT_FAILED, NULL);
	for (size_t i = 0; i < r->which.n_operands; i++) {
		struct operand *o = &r->which.operands[i];

		if (operand_parse(operand[i], strlen(operand[i]), o, &error))
			options_fail("PAGES: '%s' %s",
				     options_part(operand[i] + error.offset, error.length),
				     error.what);
		r->which.names_nodes |= o->node != OPERAND_NO_NODE;
	}
}

int main(int argc, char **argv)
{
	const struct options_command command = {
		.command = COMMAND_MOVEPAGES,
		.name = MOVEPAGES_NAME,
		.usage = usage,
		.examples = examples,
		.destination = "--to, --interleave, --route or =NODE",
		.operands = take_operands,
	};

	return options_main(&command, argc, argv);
}
