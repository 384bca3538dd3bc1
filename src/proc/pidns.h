/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROC_PIDNS_H
#define PROC_PIDNS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * PID namespaces, pid_namespaces(7): in a container processes have other numbers than
 * outside, /proc has those of the namespace that it was mounted in, and the system calls
 * take those of the caller's.
 */

/*
 * pidns_check_proc - does /proc have the numbers that the system calls take?
 *
 * Returns 0; -ENOENT, there is no /proc; -EXDEV, it is that of another namespace.
 */
int pidns_check_proc(void);

/* Whether the caller is in the namespace of the host. */
bool pidns_is_first(void);

/*
 * pidns_inner - the number that a process has in its own namespace
 * @status: the text of its status file, terminated
 *
 * Pure.  Returns 0 if that is the one we are in, or if the kernel does not tell (before 4.1).
 */
pid_t pidns_inner(const char *status);

/*
 * pidns_find - who has the number @inner in a namespace below this one?
 * @found: receives one of them
 *
 * Reads the status file of every process.  Returns how many there are.
 */
unsigned int pidns_find(pid_t inner, pid_t *found);

#endif
