/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "plan/request.h"

/*
 * command_run - do what was asked with the pages of processes
 *
 * Writes to standard output and standard error.  src/README.md has the way that the data
 * goes.  Returns the exit status, or -N if signal N ended the work: it is for main() to
 * raise that again.
 */
int command_run(const struct request *request);

#endif
