/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_MOVE_PAGES_H
#define ENGINE_MOVE_PAGES_H

struct batch;

/*
 * Have move_pages(2) move the pages of a batch, and find out which did.
 *
 * The call is taken at its word only where it says that everything moved.  In
 * every other case the pages are located again, for these reasons (kernel
 * function do_pages_move()): a run of pages for one node that did not all move
 * leaves its status slots unwritten, and the call stops behind that run; the
 * second address within a huge page is called busy although it does move; and
 * why a page stayed is not said at all.
 *
 * Pages are given by destination and in order of addresses, so that a call is
 * one run, with one address for each huge page.  Where it is not known what is
 * huge (PAGE_BLOCK), the answer tells: of a huge page given by its first
 * address all of it moves; given by all addresses, the second one is busy.
 */

/*
 * move_pages_submit - move every page with outcome OUTCOME_BUSY to its page.to
 *
 * Sets outcome and node of each; it stays OUTCOME_BUSY if it could not be
 * moved for no known reason.  Returns 0, or -errno of what makes further calls
 * pointless: -ESRCH or -ESTALE (process_check()), -EPERM, -ENODEV, ...
 */
int move_pages_submit(struct batch *b);

#endif
