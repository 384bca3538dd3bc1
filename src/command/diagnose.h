/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_DIAGNOSE_H
#define COMMAND_DIAGNOSE_H

#include <stdbool.h>

struct process;

/*
 * Diagnoses failures after the fact and suggests remedies.  Functions write text that follows
 * "process 210: " into @buf of DIAGNOSE_MAX bytes, and return it.
 */

enum { DIAGNOSE_MAX = 384 };

/* Explain @rc of access_check_proc(). */
char *diagnose_proc(int rc, char *buf);

/*
 * Explain @rc of process_open() or address_space_read().
 * @search: read a file of every process, to find one with this PID in a container
 */
char *diagnose_process(int rc, const struct process *p, bool search, char *buf);

/* Explain @rc of engine_run() or migrate_pages_whole(). */
char *diagnose_move(int rc, const struct process *p, char *buf);

/* Explain why new pages keep appearing on the source nodes (--settle). */
char *diagnose_unsettled(const struct process *p, char *buf);

#endif
