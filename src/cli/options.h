/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "plan/request.h"

/*
 * The command line of both commands: parsing and --help use one table of options.  Only
 * this file and the front ends exit.
 */

/* What differs between the front ends. */
struct options_command {
	enum command command;
	const char *name;	 /* as installed */
	const char *usage;	 /* lines of --help before the options */
	const char *examples;	 /* lines after them */
	const char *destination; /* how a destination is given, for messages */
	/* Take the @n operands; the options are known. */
	void (*operands)(struct request *r, char **operand, size_t n);
};

/*
 * Parse and run the command.  Returns the exit status.  Bad usage ends the program before
 * anything is done; so do --help and --version, with status 0; a signal ends it, too.
 */
int options_main(const struct options_command *command, int argc, char **argv);

/*
 * Print a message on standard error and end with status 1.  A hint may follow it after a
 * newline; without one the hint is to try --help.
 */
__attribute__((noreturn, format(printf, 1, 2))) void options_fail(const char *format, ...);

/* Refuse an operand that is too many.  @option, or NULL, @why: what excludes it. */
__attribute__((noreturn)) void options_fail_extra(const char *operand, const char *option,
						  const char *why);

/* Make a part of a word printable, in a static buffer. */
const char *options_part(const char *text, size_t len);

/* Parse "PID[,PID...]", or "-" for standard input, or end the program. */
void options_take_pids(struct pid_source *who, const char *text);

/* The option that chooses processes in place of the operand PIDS, or NULL. */
const char *options_selector(const struct request *r);

#endif
