/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_MESSAGES_H
#define COMMAND_MESSAGES_H

#include "plan/account.h"

#include <stdbool.h>
#include <sys/types.h>

struct result;
struct session;
struct work;

/*
 * Messages on standard error, apart from the report; failures are also added to documents.
 * Functions count nothing.
 */

/* Report a process that was not visited. */
void messages_result(struct session *s, const struct work *w, const struct result *r);

/* Report how a visit ended.  @selected: there was something to visit. */
void messages_visit(struct session *s, const struct work *w, const struct result *r, bool selected);

/* Report one process that the command did not reach; and all of them, in one line. */
void messages_not_reached(struct session *s, pid_t pid);
void messages_unreached(const struct session *s);

/* Report if --save failed.  @rc: of placement_commit(), or 1 if that was not called. */
void messages_saved(const struct session *s, int rc);

/* Report how many pages of a process were not saved. */
void messages_unsaved(const struct session *s, const struct work *w, struct count unseen);

/* On a terminal, print the command that undoes the move. */
void messages_undo(const struct session *s);

/* Report that no mapping was selected in any process of a set. */
void messages_none_selected(const struct session *s);

/* Report how many of all processes the caller may not inspect. */
void messages_refused(const struct session *s);

/* Warn before a slow scan of a huge address space. */
void messages_slow_scan(const struct session *s, const struct work *w);

/* Print a line for each unmet threshold, and with -v also for the others. */
void messages_thresholds(const struct session *s);

/* Print one line on all moves, after the report. */
void messages_summary(const struct session *s);

/* The notes on memory that may not stay: whether they are wanted; print them. */
bool messages_want_advice(const struct session *s);
void messages_advice(const struct session *s);

#endif
