/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "plan/request.h"

/*
 * The command line, for both commands: one table of options, from which
 * parsing and --help are made.  Only this file and the front ends exit.
 */

/* What differs between the front ends. */
struct cli_command {
	enum command command;
	const char *name;	 /* that it is installed under */
	const char *usage;	 /* lines of --help before the options */
	const char *examples;	 /* and after them */
	const char *destination; /* how a destination is given, for messages */
	/* Take the operands, @n of them; what they need is checked here. */
	void (*operands)(struct request *r, char **operand, size_t n);
};

/*
 * cli_main - parse, run, exit status
 *
 * Bad usage ends the program: one line on standard error, status 1, and
 * nothing done.  So do --help and --version, on standard output, status 0.
 */
int cli_main(const struct cli_command *command, int argc, char **argv);

/* One line on standard error, "Try --help", status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void cli_fail(const char *format, ...);

/* PIDs: "PID[,PID...]", "-" for those on standard input, or ends the program. */
void cli_take_pids(struct request *r, const char *text);

#endif
