/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_THP_H
#define ENGINE_THP_H

#include <stddef.h>

struct batch;

/* Transparent huge pages that are interleaved, and those that the kernel splits. */

/*
 * thp_mark_lumps - flag what may be a huge page PAGE_LUMP, where the kernel does not tell
 *
 * A huge page cannot be on several nodes.  So base pages that may be one, or the selected
 * part of one, go to where a huge page would go: if they are not, they are interleaved in
 * larger pieces than asked, and still evenly.  What is on several nodes already is none,
 * and what smaps says has none (census.h) neither; so the pieces are found in place by the
 * next run.  page.from is known.  Nothing to do in other moves.
 */
void thp_mark_lumps(struct batch *b);

/*
 * thp_open_split - put the base pages in the place of huge pages that are no more
 *
 * Where the destination had no huge page, the kernel splits one and moves the parts, and
 * may move only some of them.  Those that did not arrive are OUTCOME_BUSY, to be tried on
 * their own.  Where the kernel does not tell huge pages, one that was split is taken for
 * one that is whole if all of it is on one node.  Returns 0 or -errno, and in *@opened the
 * number of huge pages.
 */
int thp_open_split(struct batch *b, size_t *opened);

#endif
