/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "plan/request.h"

/*
 * Run a request about processes, and write to standard output and standard error (src/README.md
 * describes the data flow).  Return the exit status, or -N if signal N ended the command; main()
 * must raise it again.
 */
int command_run(const struct request *request);

#endif
