/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "plan/request.h"

#include <stdio.h>

struct report_past;

/*
 * Run a request about processes, and write the report to @out, which is closed, and messages to
 * standard error (src/README.md describes the data flow).  @past is the previous report, with
 * --watch; else NULL.  Return the exit status, or -N if signal N ended the command; main() must
 * raise it again.
 */
int command_run(const struct request *request, FILE *out, struct report_past *past);

#endif
