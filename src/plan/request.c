/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/request.h"

bool request_may_have_several(const struct request *r)
{
	return r->who.pids.n > 1 || r->who.input || r->who.tree || r->who.cgroup;
}

bool request_visits_once(const struct request *r)
{
	return r->action & (ACTION_LOOK | ACTION_TEST | ACTION_MOVE) && !r->output.pages &&
	       r->which.n_operands == 0 && !r->which.pages_from && r->how.method == METHOD_PAGES;
}
