/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/request.h"

bool request_moves(const struct request *r)
{
	for (size_t i = 0; i < r->which.n_operands; i++)
		if (r->which.operands[i].node != OPERAND_NO_NODE)
			return true;
	return r->where.to || r->where.route || r->which.restore;
}

bool request_may_have_several(const struct request *r)
{
	return r->who.pids.n > 1 || r->who.input || r->who.tree || r->who.cgroup;
}

bool request_only_checks(const struct request *r)
{
	return r->thresholds.n && !request_moves(r) && !r->output.pages && !r->output.map &&
	       !r->output.json;
}

bool request_visits_once(const struct request *r)
{
	return r->which.n_operands == 0 && !r->output.pages && !r->output.map &&
	       !r->which.pages_from && !r->which.restore && !r->output.save &&
	       r->how.method == METHOD_PAGES;
}
