/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "plan/request.h"

/*
 * The command line of both commands: one table of options, from which parsing and --help
 * are made.  Only this file and the front ends exit.
 */

/* What differs between the front ends. */
struct options_command {
	enum command command;
	const char *name;	 /* that it is installed under */
	const char *usage;	 /* lines of --help before the options */
	const char *examples;	 /* and after them */
	const char *destination; /* how a destination is given, for messages */
	/* Take the @n operands; the options are known. */
	void (*operands)(struct request *r, char **operand, size_t n);
};

/*
 * options_main - parse, run; returns the exit status
 *
 * Bad usage ends the program: one line on standard error, status 1, and nothing done.  So
 * do --help and --version, on standard output, status 0, and a signal that ended a move.
 */
int options_main(const struct options_command *command, int argc, char **argv);

/* One line on standard error, "try --help", status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void options_fail(const char *format, ...);

/* PIDs: "PID[,PID...]", "-" for those on standard input, or ends the program. */
void options_take_pids(struct request *r, const char *text);

#endif
