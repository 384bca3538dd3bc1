/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_MIGRATE_PAGES_H
#define ENGINE_MIGRATE_PAGES_H

struct account;
struct engine;
struct node_map;
struct target;

/*
 * Moving by migrate_pages(2), which knows nodes and no pages: the whole
 * process in one go, or the few pages that move_pages(2) does not see.
 *
 * The call excludes the target from its memory map, up to kernel 6.6 for as
 * long as it takes.  Its result does not count what it passed over, so that
 * what happened is told by /proc/PID/numa_maps before and after.
 *
 * A pass is a map in which no node is source and destination (see
 * node_map_passes()); each destination takes one call.
 */

/*
 * migrate_pages_whole - --method=process: move all that the pass selects
 *
 * Counts into @account; pages that stayed are looked up, judged and named.
 * Returns 0, or -errno of the call or of reading.
 */
int migrate_pages_whole(const struct engine *e, const struct target *target,
			const struct node_map *pass, struct account *account);

/*
 * migrate_pages_hidden - finish what the batches of this pass left as OUTCOME_HIDDEN
 *
 * Those that the call moves become OUTCOME_MOVED; hidden pages that are on no
 * source node were never in scope and are taken out.
 */
int migrate_pages_hidden(const struct target *target, const struct node_map *pass,
			 struct account *account);

#endif
