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
 * What people are told of processes on standard error, beside the report; failures are in
 * documents, too.  Nothing is counted here.
 */

/* Of a process that was not visited. */
void messages_result(struct session *s, const struct work *w, const struct result *r);

/* How a visit ended.  @selected: whether there was something to visit. */
void messages_visit(struct session *s, const struct work *w, const struct result *r, bool selected);

/* The command ended before the turn of this process; and one line on all of these. */
void messages_not_reached(struct session *s, pid_t pid);
void messages_unreached(const struct session *s);

/* What came of the file of --save.  @rc: of placement_commit(), or 1 if that was not called. */
void messages_saved(const struct session *s, int rc);

/* How many pages of a process are not in it. */
void messages_unsaved(const struct session *s, const struct work *w, struct count unseen);

/* On a terminal, the command that undoes the move. */
void messages_undo(const struct session *s);

/* That nothing was selected in any process of a set. */
void messages_none_selected(const struct session *s);

/* How many of all processes the caller may not look at. */
void messages_refused(const struct session *s);

/* Where every place of a huge address space has to be looked at, say so before. */
void messages_long_look(const struct session *s, const struct work *w);

/* One line for each threshold that does not hold, and with -v for the others, too. */
void messages_thresholds(const struct session *s);

/* One line on what was moved in all, after the report. */
void messages_summary(const struct session *s);

/* The notes: whether memory will stay where it is.  For people, and for documents. */
bool messages_want_advice(const struct session *s);
void messages_advice(const struct session *s);

#endif
