/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_SPLIT_H
#define ENGINE_SPLIT_H

#include <stddef.h>

struct batch;

/*
 * Transparent huge pages for which the destination had no huge page: the
 * kernel splits them and moves the parts, and may move only some of them.
 */

/*
 * split_open - put the base pages in the place of huge pages that are no more
 *
 * The parts that did not arrive are OUTCOME_BUSY, to be tried on their own.
 * Where the kernel does not tell huge pages, one that was split is taken for one
 * that is whole if all of it is on one node.  Returns 0 or -errno, and in
 * *@opened the number of huge pages.
 */
int split_open(struct batch *b, size_t *opened);

#endif
