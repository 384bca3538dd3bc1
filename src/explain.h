/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct process;

/*
 * Why something failed, and what to do: found out after the failure, and only
 * then.  Each writes the rest of a line that names the process, and returns
 * @buf, which holds EXPLAIN_MAX bytes.
 */

enum { EXPLAIN_MAX = 384 };

/* @rc: what pidns_check_proc() returned. */
char *explain_proc(int rc, char *buf);

/*
 * @rc: what process_open() or mappings_read() returned
 * @search: of a process that is not there, look whether another has that number inside
 * of a container; takes as long as reading one file of every process
 */
char *explain_process(int rc, const struct process *p, bool search, char *buf);

/* @rc: what ended a move: move_run(), migrate_whole(). */
char *explain_move(int rc, const struct process *p, char *buf);

/* New pages keep coming to the source nodes: what puts them there (--settle). */
char *explain_unsettled(const struct process *p, char *buf);

#endif
