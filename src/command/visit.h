/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_VISIT_H
#define COMMAND_VISIT_H

struct job;

/*
 * The pages of one process: looked at or moved, in passes where there have to be several,
 * counted, and handed to the report.
 */

/*
 * visit_pages - all that was asked for, until nothing new comes (--settle)
 *
 * Returns 0 or what ended it: see engine_run() and migrate_pages_whole().
 */
int visit_pages(struct job *job);

/*
 * visit_shares - where the selected pages are now, for --at-least and --at-most
 *
 * Adds to what other processes have.  Returns 0, -ENOMEM or as engine_run().
 */
int visit_shares(struct job *job);

#endif
