/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/survey.h"

#include "command/resolve.h"
#include "command/work.h"
#include "engine/census.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * What is listed or selected is to be in whole pages.  What is spread, too; but a move of
 * everything finds out by moving which pages are huge, and then knows of those that were
 * split: there it is enough to know where there are none.  Merged pages move together, too,
 * and are taken for a huge one unless that is known.
 */
static int take_census(struct job *job)
{
	const struct request *request = job->run->request;
	bool in_pages = request->output.pages || request->which.n_operands ||
			request->how.huge == HUGE_KEEP || request->which.pages_from ||
			request->which.restore || request->how.dry_run;
	int rc = 0;

	if (in_pages || request->where.interleave || process_is_merged(&job->process))
		rc = census_take(&job->process, &job->means, &job->maps, &job->run->control);
	for (size_t i = 0; !in_pages && i < job->maps.n; i++)
		if (job->maps.at[i].huge == HUGE_ALL)
			job->maps.at[i].huge = HUGE_OPEN;
	return rc;
}

int survey_mappings(struct job *job)
{
	const struct request *request = job->run->request;
	int rc = address_space_read(&job->process, &job->maps);

	address_space_select(&job->maps, request->which.kinds, request->which.path);
	if (!rc)
		rc = take_census(job);
	/* What is read of an earlier program is empty. */
	return rc == -ESRCH && process_check(&job->process) == -ESTALE ? -ESTALE : rc;
}

int survey_plan(struct job *job, char *why)
{
	struct run *run = job->run;
	int rc = resolve_plan(run->request, &job->process, &job->maps, &job->plan, why);

	if (rc || !run->once)
		return rc;
	rc = plan_cut(&job->plan, &job->maps, &run->before, job->means.huge_shift, &job->before);
	if (rc)
		snprintf(why, RESOLVE_WHY_MAX, "%s", strerror(-rc));
	return rc;
}

int survey_renew(struct job *job)
{
	char why[RESOLVE_WHY_MAX];
	int rc = process_check(&job->process);

	if (rc || job->run->request->which.n_operands)
		return rc;
	plan_free(&job->plan);
	address_space_free(&job->maps);
	rc = survey_mappings(job);
	return rc ? rc : survey_plan(job, why);
}
