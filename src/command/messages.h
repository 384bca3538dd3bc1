/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_MESSAGES_H
#define COMMAND_MESSAGES_H

#include <stdbool.h>
#include <sys/types.h>

struct job;
struct request;
struct run;
struct shortage;

/*
 * What people are told of a process on standard error, beside the report; what went wrong
 * is counted, too (struct run), and is in documents.
 */

/* It failed.  @why: one line. */
void messages_failed(struct run *run, const struct job *job, const char *why);

/*
 * Likewise, but for what is to be expected of one of a set of processes: that it is gone
 * when it is its turn, or of the kernel.  @rc: what ended its visit.
 */
void messages_given_up(struct run *run, const struct job *job, int rc, const char *why);

/* The list of pages is wrong, or cannot be read. */
void messages_list_failed(struct run *run);

void messages_no_room(struct run *run, struct job *job, const struct shortage *shortage);

/* The command ended before the turn of this process; and one line on all of these. */
void messages_not_reached(struct run *run, pid_t pid);
void messages_unreached(struct run *run);

/* How a visit ended.  @rc: what it returned. */
void messages_visit(struct run *run, struct job *job, int rc);

/* That nothing was selected in any process of a set. */
void messages_none_selected(const struct run *run);

/* Whether what was moved will stay: found for the first process for which it will not. */
void messages_find_advice(struct run *run, const struct job *job);
void messages_advice(const struct run *run);

/* A terminal gets a line on a move whatever came of it, unless all of it is shown anyway. */
bool messages_is_for_terminal(const struct run *run);

#endif
