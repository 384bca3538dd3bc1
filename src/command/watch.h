/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_WATCH_H
#define COMMAND_WATCH_H

#include "plan/request.h"

/*
 * Repeat a report every request.output.watch nanoseconds.
 *
 * On a terminal, each report replaces the previous one, until a key is pressed; otherwise they are
 * printed one after the other.  A failure ends the repetition.  Return the last exit status.
 */
int command_watch(const struct request *request);

#endif
