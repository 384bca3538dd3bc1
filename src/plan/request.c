/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/request.h"

bool request_moves(const struct request *r)
{
	for (size_t i = 0; i < r->n_operands; i++)
		if (r->operands[i].node != OPERAND_NO_NODE)
			return true;
	return r->to || r->route || r->restore || r->list_sends;
}

bool request_may_have_several(const struct request *r)
{
	return r->pids.n > 1 || r->pids_from_input || r->tree || r->cgroup;
}

bool request_only_checks(const struct request *r)
{
	return r->n_shares && !request_moves(r) && !r->pages && !r->map && !r->json;
}

bool request_visits_once(const struct request *r)
{
	return r->n_operands == 0 && !r->pages && !r->map && !r->pages_from && !r->restore &&
	       !r->save && r->method == METHOD_PAGES;
}
