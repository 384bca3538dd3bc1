/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "plan/request.h"

/*
 * The command line of both commands.  Parsing and --help use the same table of options.  Only
 * this file and the front ends call exit(3).
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
 * Parse the command line and run the command.  Returns the exit status.  Exits on invalid usage,
 * before anything is done, and after --help and --version.  Terminates by the signal that
 * interrupted the command, if any.
 */
int options_main(const struct options_command *command, int argc, char **argv);

/*
 * Print a message on standard error and exit with status 1.  A hint may follow the message after
 * a newline; the default hint is to try --help.
 */
__attribute__((noreturn, format(printf, 1, 2))) void options_fail(const char *format, ...);

/* Refuse an extra operand.  @option: the option that excludes it, or NULL; @why: the reason */
__attribute__((noreturn)) void options_fail_extra(const char *operand, const char *option,
						  const char *why);

/* Make a part of a word printable, in a static buffer. */
const char *options_part(const char *text, size_t len);

/* Parse "PID[,PID...]", or "-" for standard input.  Exits if it is invalid. */
void options_take_pids(struct pid_source *who, const char *text);

/* The option that replaces the operand PIDS, or NULL. */
const char *options_selector(const struct request *r);

#endif
