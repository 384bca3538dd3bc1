/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "plan/request.h"

/*
 * The pipeline that both commands are front ends of:
 *
 *	request		what was asked			request.h, cli.h
 *	processes	found, and held fast		process.h, explain.h
 *	mappings	what the process has mapped	mappings.h, hugetlb.h
 *	plan		which ranges; which node where	plan.h, pagelist.h,
 *			nodelist.h, route.h, topology.h
 *	batches		present pages, moved		scan.h, batch.h, submit.h,
 *			by workers			move.h, migrate.h
 *	outcome		what became of each page	outcome.h, account.h
 *	report		told				report.h
 *
 * with all that is asked of the kernel in kernel.h.
 *
 * command_run() does it all, and writes to standard output and standard error.
 * Returns what the command should exit with, or -N: signal N ends it.
 */
int command_run(const struct request *request);

#endif
