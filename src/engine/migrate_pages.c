/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/migrate_pages.h"

#include "engine/engine.h"
#include "engine/finder.h"
#include "numa/node_map.h"
#include "numa/nodeset.h"
#include "plan/account.h"
#include "plan/page.h"
#include "plan/outcome.h"
#include "proc/address_space.h"
#include "proc/numa_maps.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "util/number.h"

#include <errno.h>

/* Bytes per node before and after the calls. */
struct change {
	struct nodeset sources; /* nodes to empty */
	struct numa_maps before, after;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Make one call for each destination; continue if one has no room.  Return the error of the calls;
 * *@rc is the error of reading.
 */
static int watch_pass(const struct process *p, const struct node_map *pass, struct change *c,
		      int *rc)
{
	struct nodeset to;
	int failure = 0;

	node_map_sources(pass, &c->sources);
	node_map_destinations(pass, &to);
	*rc = numa_maps_read(&c->before, p);
	if (*rc)
		return 0;
	for (int d = nodeset_next(&to, 0); d >= 0; d = nodeset_next(&to, d + 1)) {
		const struct nodeset one = nodeset_range(d, d);
		struct nodeset from = { { 0 } };
		long result;

		for (int s = 0; s < NODES_MAX; s++)
			if (pass->to[s] == d && s != d)
				nodeset_add(&from, s);
		result = sys_migrate(p->thread, &from, &one);
		if (result < 0)
			failure = (int)result;
		if (result < 0 && result != -ENOMEM)
			break;
	}
	*rc = numa_maps_read(&c->after, p);
	if (!*rc)
		*rc = process_check(p);
	return failure;
}

/* ---- pages that did not move ---- */

struct blame {
	struct sink sink;
	const struct engine *engine;
	const struct target *target;
	const struct node_map *pass;
	struct account *account;
	enum outcome reason; /* of pages that are not shared */
	uint64_t bytes;
};

static int blame_pages(struct sink *sink, struct page *pages, size_t n)
{
	struct blame *b = (struct blame *)sink;

	for (size_t i = 0; i < n; i++) {
		struct page *p = &pages[i];
		uint8_t flags;

		if (p->outcome != OUTCOME_PRESENT || b->pass->to[p->from] == p->from)
			continue;
		flags = finder_flags(b->target->process->pagemap, b->account->base_shift,
				     p->address);
		if (b->engine->move_shared || flags & PAGE_ONCE)
			p->outcome = (uint8_t)b->reason;
		else if (b->target->space->at[p->vma].kind == VMA_FILE && flags & PAGE_FILE)
			p->outcome = OUTCOME_EXCLUDED;
		else
			p->outcome = OUTCOME_SHARED;
		account_pages(b->account, p, 1);
		b->bytes += page_bytes(p);
	}
	return 0;
}

/* Bytes that left a source went to its destination, except those that the process freed. */
static void count_departures(const struct change *c, const struct node_map *pass,
			     struct account *account)
{
	uint64_t freed = 0, grown = 0;

	for (int n = 0; n < NODES_MAX; n++) {
		freed += number_minus(c->before.bytes[n], c->after.bytes[n]);
		grown += number_minus(c->after.bytes[n], c->before.bytes[n]);
	}
	freed = number_minus(freed, grown);
	for (int s = 0; s < NODES_MAX; s++) {
		uint64_t departed = number_minus(c->before.bytes[s], c->after.bytes[s]);
		uint64_t gone = least(freed, departed);

		if (pass->to[s] == NODE_NONE)
			continue;
		if (pass->to[s] == s) {
			account_bytes(account, OUTCOME_ALREADY_THERE, s, s, c->before.bytes[s]);
			continue;
		}
		freed -= gone;
		account_bytes(account, OUTCOME_GONE, s, s, gone);
		account_bytes(account, OUTCOME_MOVED, s, pass->to[s], departed - gone);
	}
}

int migrate_pages_whole(const struct engine *e, const struct target *target,
			const struct node_map *pass, struct account *account)
{
	struct change c;
	uint64_t stayed;
	int rc, failure = watch_pass(target->process, pass, &c, &rc);
	struct blame blame = { { .pages = blame_pages },
			       e,
			       target,
			       pass,
			       account,
			       failure == -ENOMEM ? OUTCOME_NO_ROOM : OUTCOME_BUSY,
			       0 };

	if (rc || (failure && failure != -ENOMEM))
		return rc ? rc : failure;
	count_departures(&c, pass, account);
	stayed = numa_maps_on(&c.after, &c.sources);
	if (stayed)
		rc = engine_run(e, target, &(struct aim){ .map = pass }, ENGINE_LOCATE,
				&blame.sink);
	account_bytes(account, blame.reason, 0, 0, number_minus(stayed, blame.bytes));
	return rc;
}

int migrate_pages_hidden(const struct target *target, const struct node_map *pass,
			 struct account *account)
{
	struct change c;
	uint64_t hidden = account->by[OUTCOME_HIDDEN].bytes, moved, stayed, visible;
	int rc, failure = watch_pass(target->process, pass, &c, &rc);

	if (rc)
		return rc;
	visible = account_left(account).bytes - hidden + account->by[OUTCOME_EXCLUDED].bytes;
	for (int s = nodeset_next(&c.sources, 0); s >= 0; s = nodeset_next(&c.sources, s + 1)) {
		moved = least(number_minus(c.before.bytes[s], c.after.bytes[s]),
			      account->by[OUTCOME_HIDDEN].bytes);
		account_withdraw(account, OUTCOME_HIDDEN, moved);
		account_bytes(account, OUTCOME_MOVED, s, pass->to[s], moved);
	}
	stayed = number_minus(numa_maps_on(&c.after, &c.sources), visible);
	hidden = account->by[OUTCOME_HIDDEN].bytes;
	account_withdraw(account, OUTCOME_HIDDEN, number_minus(hidden, stayed));
	return failure == -ENOMEM ? 0 : failure;
}
