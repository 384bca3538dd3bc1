/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SPLIT_H
#define SPLIT_H

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
 * Only where the kernel tells huge pages; elsewhere a huge page that was split
 * is taken for one that moved if all of it arrived.  Returns 0 or -errno, and
 * in *@opened the number of huge pages.
 */
int split_open(struct batch *b, size_t *opened);

#endif
