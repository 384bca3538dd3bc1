/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_MIGRATE_PAGES_H
#define ENGINE_MIGRATE_PAGES_H

struct account;
struct engine;
struct node_map;
struct target;

/*
 * Moves by migrate_pages(2), which works on nodes, not on pages: the complete process, or the few
 * pages that move_pages(2) does not find.
 *
 * The call holds mmap_lock, before kernel 6.7 until it is finished.  Its result does not count the
 * pages that it skipped, so /proc/PID/numa_maps before and after shows what it moved.
 *
 * A pass is a map in which no node is both source and destination (see node_map_passes()); each
 * destination needs one call.
 */

/*
 * Move all pages that the pass selects (--method=process), and count them in @account.  Visit the
 * pages that did not move to find out why.  Return 0, or -errno of the call or of reading.
 */
int migrate_pages_whole(const struct engine *e, const struct target *target,
			const struct node_map *pass, struct account *account);

/*
 * Move the pages that the batches of this pass counted as OUTCOME_HIDDEN.
 *
 * Count the pages that the call moves as OUTCOME_MOVED, and remove hidden pages that are not on a
 * source node, because they are not selected.
 */
int migrate_pages_hidden(const struct target *target, const struct node_map *pass,
			 struct account *account);

#endif
