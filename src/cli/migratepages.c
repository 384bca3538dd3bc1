/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "cli/options.h"

#include <string.h>

static const char usage[] =
	"Usage: " MIGRATEPAGES_NAME " [OPTION]... PIDS FROM TO\n"
	"       " MIGRATEPAGES_NAME
	" [OPTION]... --name=PATTERN|--unit=NAME|--cgroup=PATH FROM TO\n"
	"       " MIGRATEPAGES_NAME " [OPTION]... --route=A:B[,C:D...] PIDS\n"
	"       " MIGRATEPAGES_NAME " [OPTION]... --at-least=NODES:PCT PIDS\n"
	"Move the memory of running processes from the nodes FROM to the nodes TO.\n"
	"\n"
	"PIDS: PID[,PID...] | - to read PIDs from standard input\n"
	"FROM, TO: 0 | 0-3,5 | all | !0 | +0-1 | has-cpu | memory-only | local |\n"
	"          netdev:DEV ip:HOST file:PATH block:DEV pci:ADDRESS\n";

static const char examples[] =
	"\n"
	"Examples:\n"
	"  " MIGRATEPAGES_NAME " -n 1234 0 1          show what would move from node 0 to node 1\n"
	"  " MIGRATEPAGES_NAME " --unit=redis all 2   move all memory of a service to node 2\n"
	"\n"
	"Exit status:\n"
	"  0      success\n"
	"  1      failure\n"
	"  3      --at-least or --at-most does not hold\n"
	"  4      pages were moved, but the report could not be written\n"
	"  64     partial success: some pages or some processes were not moved\n"
	"  128+N  ended by signal N\n";

static void take_ends(struct request *r, char **operand, size_t n)
{
	static const char *const names[] = { "PIDS", "FROM", "TO" };
	const char *selector = options_selector(r);
	const size_t pids = selector ? 0 : 1;
	const bool ends = !r->where.route && !(r->thresholds.n && n == pids);
	const size_t wanted = ends ? pids + 2 : pids;

	if (n < wanted && n == 0)
		options_fail("missing operand %s", names[1 - pids]);
	if (n < wanted)
		options_fail("missing operand %s after '%s'", names[n + 1 - pids],
			     options_part(operand[n - 1], strlen(operand[n - 1])));
	if (n > wanted && r->where.route)
		options_fail_extra(operand[wanted], "--route", "replaces FROM and TO");
	if (n > wanted)
		options_fail_extra(operand[wanted], selector, "replaces PIDS");
	if (pids)
		options_take_pids(&r->who, operand[0]);
	if (ends) {
		r->where.from = operand[pids];
		r->where.to = operand[pids + 1];
	}
}

int main(int argc, char **argv)
{
	const struct options_command command = {
		.command = COMMAND_MIGRATEPAGES,
		.name = MIGRATEPAGES_NAME,
		.usage = usage,
		.examples = examples,
		.destination = "FROM and TO, or --route",
		.operands = take_ends,
	};

	return options_main(&command, argc, argv);
}
