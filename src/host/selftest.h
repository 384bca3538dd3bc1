/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_SELFTEST_H
#define HOST_SELFTEST_H

#include "plan/request.h"

/*
 * --selftest: does moving work on this host, and how fast is it?
 *
 * A child (selftest_child.h) holds memory, and the engine moves it from each node that the
 * caller may use to each other one, several times, in base pages and in transparent huge
 * pages.  After each move the child compares every byte with what it wrote, every page is
 * located, apart from what the move reported, and huge pages are counted anew (smaps).
 *
 * Only moves of which all that was right have their time in the matrix (bandwidth.h).  A
 * pair that went wrong is not tried again; the others are.
 *
 * Writes to standard output and standard error.  Returns EXIT_DONE, EXIT_FAILED,
 * EXIT_CANNOT where there are no two nodes, or -N: signal N ends it.
 */
int selftest_run(const struct request *request);

#endif
