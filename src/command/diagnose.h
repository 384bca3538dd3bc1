/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_DIAGNOSE_H
#define COMMAND_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>

struct process;

/*
 * Why something failed, and what to do: found out after the failure, and only
 * then.  Each writes the rest of a line that names the process, and returns
 * @buf, which holds DIAGNOSE_MAX bytes.
 */

enum { DIAGNOSE_MAX = 384 };

/* @rc: what pidns_check_proc() returned. */
char *diagnose_proc(int rc, char *buf);

/*
 * @rc: what process_open() or address_space_read() returned
 * @search: of a process that is not there, look whether another has that number inside
 * of a container; takes as long as reading one file of every process
 */
char *diagnose_process(int rc, const struct process *p, bool search, char *buf);

/* @rc: what ended a move: engine_run(), migrate_pages_whole(). */
char *diagnose_move(int rc, const struct process *p, char *buf);

/* New pages keep coming to the source nodes: what puts them there (--settle). */
char *diagnose_unsettled(const struct process *p, char *buf);

#endif
