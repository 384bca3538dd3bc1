/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/migrate_pages.h"

#include "engine/engine.h"
#include "engine/finder.h"
#include "numa/node_map.h"
#include "numa/nodeset.h"
#include "plan/account.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/numa_maps.h"
#include "proc/process.h"
#include "proc/syscalls.h"

#include <errno.h>

/* What there was, and what there is now. */
struct change {
	struct nodeset sources; /* nodes that are to be emptied */
	struct numa_maps before, after;
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t excess(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* One call for each destination; where one has no room the others still get theirs. */
static int call_for_pass(const struct move *move, const struct node_map *pass)
{
	struct nodeset destinations;
	int failure = 0;

	node_map_destinations(pass, &destinations);
	for (int d = nodeset_next(&destinations, 0); d >= 0;
	     d = nodeset_next(&destinations, d + 1)) {
		const struct nodeset to = nodeset_range(d, d);
		struct nodeset from = { { 0 } };
		long rc;

		for (int s = 0; s < NODES_MAX; s++)
			if (pass->to[s] == d && s != d)
				nodeset_add(&from, s);
		rc = sys_migrate(move->process->thread, &from, &to);
		if (rc < 0)
			failure = (int)rc;
		if (rc < 0 && rc != -ENOMEM)
			break;
	}
	return failure;
}

/* Returns what the calls failed with; *@rc is about reading. */
static int watch_pass(const struct move *move, const struct node_map *pass, struct change *c,
		      int *rc)
{
	int failure = 0;

	node_map_sources(pass, &c->sources);
	*rc = numa_maps_read(&c->before, move->process);
	if (*rc)
		return 0;
	failure = call_for_pass(move, pass);
	*rc = numa_maps_read(&c->after, move->process);
	if (!*rc)
		*rc = process_check(move->process);
	return failure;
}

/* ---- the pages that stayed, one by one ---- */

struct blame {
	const struct move *move;
	const struct node_map *pass;
	struct account *account;
	enum outcome reason; /* for those that others do not share */
	uint64_t bytes;
};

static enum outcome blame_page(const struct blame *b, const struct page *p)
{
	unsigned int base_shift = b->account->base_shift;
	uint8_t flags = finder_flags(b->move->process->pagemap, base_shift, p->address);

	if (b->move->all || flags & PAGE_ONCE)
		return b->reason;
	return b->move->maps->at[p->vma].kind == VMA_FILE && flags & PAGE_FILE ? OUTCOME_EXCLUDED :
										 OUTCOME_SHARED;
}

static int blame_pages(void *context, const struct page *pages, size_t n)
{
	struct blame *b = context;

	for (size_t i = 0; i < n; i++) {
		struct page p = pages[i];

		if (p.outcome != OUTCOME_PRESENT || b->pass->to[p.from] == p.from)
			continue;
		p.outcome = (uint8_t)blame_page(b, &p);
		account_pages(b->account, &p, 1);
		b->bytes += page_bytes(&p);
	}
	return 0;
}

/* Account for what is on the sources still; returns how many bytes were seen. */
static int blame_rest(const struct move *move, const struct node_map *pass, enum outcome reason,
		      struct account *account, uint64_t *bytes)
{
	struct blame blame = { move, pass, account, reason, 0 };
	const struct sink sink = { .pages = blame_pages, .context = &blame };
	int rc = engine_run_as(move, ENGINE_LOOK, pass, &sink);

	*bytes = blame.bytes;
	return rc;
}

/* What left the sources went to its destination, but for what the process freed. */
static void count_departures(const struct change *c, const struct node_map *pass,
			     struct account *account)
{
	uint64_t freed = 0, grown = 0;

	for (int n = 0; n < NODES_MAX; n++) {
		freed += excess(c->before.bytes[n], c->after.bytes[n]);
		grown += excess(c->after.bytes[n], c->before.bytes[n]);
	}
	freed = excess(freed, grown);
	for (int s = 0; s < NODES_MAX; s++) {
		uint64_t departed = excess(c->before.bytes[s], c->after.bytes[s]);
		uint64_t gone = smaller(freed, departed);

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

int migrate_pages_whole(const struct move *move, const struct node_map *pass,
			struct account *account)
{
	struct change c;
	uint64_t stayed, seen = 0;
	int rc, failure = watch_pass(move, pass, &c, &rc);
	enum outcome reason = failure == -ENOMEM ? OUTCOME_NO_ROOM : OUTCOME_BUSY;

	if (failure == -ENOMEM)
		failure = 0;
	if (rc || failure)
		return rc ? rc : failure;
	count_departures(&c, pass, account);
	stayed = numa_maps_on(&c.after, &c.sources);
	if (stayed)
		rc = blame_rest(move, pass, reason, account, &seen);
	account_bytes(account, reason, 0, 0, excess(stayed, seen));
	return rc;
}

int migrate_pages_hidden(const struct move *move, const struct node_map *pass,
			 struct account *account)
{
	struct change c;
	uint64_t hidden = account->by[OUTCOME_HIDDEN].bytes, moved, stayed, visible;
	int rc, failure = watch_pass(move, pass, &c, &rc);

	if (rc)
		return rc;
	visible = account_left(account).bytes - hidden + account->by[OUTCOME_EXCLUDED].bytes;
	for (int s = nodeset_next(&c.sources, 0); s >= 0; s = nodeset_next(&c.sources, s + 1)) {
		moved = smaller(excess(c.before.bytes[s], c.after.bytes[s]),
				account->by[OUTCOME_HIDDEN].bytes);
		account_withdraw(account, OUTCOME_HIDDEN, moved);
		account_bytes(account, OUTCOME_MOVED, s, pass->to[s], moved);
	}
	stayed = excess(numa_maps_on(&c.after, &c.sources), visible);
	hidden = account->by[OUTCOME_HIDDEN].bytes;
	account_withdraw(account, OUTCOME_HIDDEN, excess(hidden, stayed));
	return failure == -ENOMEM ? 0 : failure;
}
