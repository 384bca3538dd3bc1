/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_WATCH_H
#define COMMAND_WATCH_H

#include "plan/request.h"

/*
 * command_watch - repeat a look every request.output.watch nanoseconds
 *
 * On a terminal, each replaces the one before, until a key ends it; otherwise they follow each
 * other.  Return the exit status: that of a look that failed, which ends the watch, too.
 */
int command_watch(const struct request *request);

#endif
