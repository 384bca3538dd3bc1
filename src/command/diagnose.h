/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_DIAGNOSE_H
#define COMMAND_DIAGNOSE_H

#include <stdbool.h>

struct process;

/*
 * Why something failed, and what to do: found out after the failure.  Functions write the
 * rest of a line that names the process into @buf of DIAGNOSE_MAX bytes, and return it.
 */

enum { DIAGNOSE_MAX = 384 };

/* @rc: of access_check_proc(). */
char *diagnose_proc(int rc, char *buf);

/*
 * @rc: of process_open() or address_space_read()
 * @search: whether to read a file of every process, to find one with that number in a container
 */
char *diagnose_process(int rc, const struct process *p, bool search, char *buf);

/* @rc: what ended a move: engine_run(), migrate_pages_whole(). */
char *diagnose_move(int rc, const struct process *p, char *buf);

/* New pages keep coming to the source nodes: what puts them there (--settle). */
char *diagnose_unsettled(const struct process *p, char *buf);

#endif
