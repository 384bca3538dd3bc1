/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_SURVEY_H
#define COMMAND_SURVEY_H

struct job;

/*
 * What one process has mapped, and which of it is visited.
 *
 * Functions fill job->maps, plan and before; job->means is known.
 */

/* The mappings.  Returns 0 or -errno, as address_space_read() and census_take(). */
int survey_mappings(struct job *job);

/*
 * survey_plan - what there is to visit in them: not what was visited in another process
 * @why: RESOLVE_WHY_MAX bytes, receives one line on an error
 *
 * Returns 0 or -errno, as resolve_plan().
 */
int survey_plan(struct job *job, char *why);

/*
 * survey_renew - both again, with what was mapped meanwhile
 *
 * Where only parts were asked for, these remain the plan.  Returns 0 or -errno, as
 * process_check() and survey_mappings().
 */
int survey_renew(struct job *job);

#endif
