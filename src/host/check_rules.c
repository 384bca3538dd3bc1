/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "host/check_rules.h"

#include "host/check_facts.h"
#include "util/array.h"
#include "util/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long lists of nodes end in "...": the lines around them are to stay readable. */
enum { NODES_SHOWN_MAX = 48 };

/* ---- saying it ---- */

static void say_state(struct finding *f, const char *state)
{
	snprintf(f->state, sizeof(f->state), "%s", state);
}

__attribute__((format(printf, 3, 4))) static void say(struct finding *f, enum verdict verdict,
						      const char *format, ...)
{
	va_list args;

	f->verdict = verdict;
	va_start(args, format);
	vsnprintf(f->meaning, sizeof(f->meaning), format, args);
	va_end(args);
}

/* The state of what cannot be read here: it may be there, or not. */
static const char unknown[] = "unknown";

/* A size that may not be known. */
static const char *size_text(uint64_t bytes, char *buf)
{
	return bytes == HOST_UNKNOWN ? "?" : text_size(bytes, buf);
}

/* ---- nodes ---- */

static void judge_nodes(const struct host *h, struct finding *f)
{
	unsigned int n = nodeset_count(&h->topology.memory);

	nodeset_format(&h->topology.memory, f->state, sizeof(f->state));
	if (h->no_sys) {
		say_state(f, unknown);
		say(f, VERDICT_PROBLEM,
		    "/sys cannot be read: mount it (mount -t sysfs sysfs /sys)");
	} else if (n == 0)
		say(f, VERDICT_CANNOT,
		    "there are no nodes to move pages between: this kernel was "
		    "built without NUMA");
	else if (n == 1)
		say(f, VERDICT_CANNOT, "there is no other node that pages could be moved to");
	else
		say(f, VERDICT_OK, "pages can be moved between these %u nodes", n);
}

static void judge_cpu_nodes(const struct host *h, struct finding *f)
{
	const struct nodeset memory = nodeset_minus(h->topology.memory, &h->topology.cpu);
	const struct nodeset cpu = nodeset_minus(h->topology.cpu, &h->topology.memory);
	char text[NODES_SHOWN_MAX];

	nodeset_format(&h->topology.cpu, f->state, sizeof(f->state));
	if (!nodeset_empty(&memory)) {
		nodeset_format(&memory, text, sizeof(text));
		say(f, VERDICT_OK, "%s: memory only, as CXL and HBM are; no CPU is local to it",
		    text);
	} else if (!nodeset_empty(&cpu)) {
		nodeset_format(&cpu, text, sizeof(text));
		say(f, VERDICT_OK, "%s: no memory, no destination", text);
	} else {
		say(f, VERDICT_OK, "every node with memory has CPUs");
	}
}

/* Of the nodes with memory. */
static void judge_allowed(const struct host *h, struct finding *f)
{
	const struct nodeset *memory = &h->topology.memory, *usable = &h->topology.allowed;
	const struct nodeset allowed = nodeset_and(*memory, usable);
	const struct nodeset rest = nodeset_minus(*memory, usable);
	char text[NODES_SHOWN_MAX];

	nodeset_format(&allowed, f->state, sizeof(f->state));
	nodeset_format(&rest, text, sizeof(text));
	if (nodeset_empty(&rest))
		say(f, VERDICT_OK, "the cpuset of this caller allows every node");
	else
		say(f, nodeset_count(&allowed) > 1 ? VERDICT_NOTE : VERDICT_PROBLEM,
		    "the cpuset of this caller keeps pages from %s: widen it (cpuset.mems, "
		    "AllowedMemoryNodes=), or run this outside",
		    text);
}

static void judge_node(const struct host *h, int node, struct finding *f)
{
	const struct host_node *n = &h->node[node];
	char free[TEXT_SIZE_MAX], total[TEXT_SIZE_MAX], room[TEXT_SIZE_MAX];

	snprintf(f->key, sizeof(f->key), "node%d", node);
	snprintf(f->what, sizeof(f->what), "node %d", node);
	snprintf(f->state, sizeof(f->state), "%s free", size_text(n->free, free));
	if (n->room == HOST_UNKNOWN)
		say(f, VERDICT_NOTE,
		    "of %s; the room there is not known, since /proc/zoneinfo "
		    "cannot be read",
		    size_text(n->total, total));
	else if (n->room == 0)
		say(f, VERDICT_NOTE,
		    "of %s; a move there is refused: others' memory would be "
		    "pushed out for it (--force does that)",
		    size_text(n->total, total));
	else
		say(f, VERDICT_OK, "of %s; room for %s without pushing out others' memory",
		    size_text(n->total, total), size_text(n->room, room));
}

/* The next slower tier behind @tier, or -1; and which nodes are in it. */
static int next_tier(const struct host *h, int tier, struct nodeset *nodes)
{
	const struct nodeset *memory = &h->topology.memory;
	int next = -1;

	*nodes = (struct nodeset){ 0 };
	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		int t = h->node[n].tier;

		if (t <= tier || (next >= 0 && t > next))
			continue;
		if (t != next)
			*nodes = (struct nodeset){ 0 };
		nodeset_add(nodes, n);
		next = t;
	}
	return next;
}

static unsigned int count_tiers(const struct host *h)
{
	struct nodeset nodes;
	unsigned int n = 0;
	int tier = -1;

	while ((tier = next_tier(h, tier, &nodes)) >= 0)
		n++;
	return n;
}

/* "0-1, then 2-3" */
static void list_tiers(const struct host *h, char *buf, size_t size)
{
	char text[NODES_SHOWN_MAX];
	struct nodeset nodes;
	size_t used = 0;
	int tier = -1;

	while ((tier = next_tier(h, tier, &nodes)) >= 0 && used < size) {
		nodeset_format(&nodes, text, sizeof(text));
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", then " : "",
					 text);
	}
}

static void judge_tiers(const struct host *h, struct finding *f)
{
	unsigned int n = count_tiers(h);
	char text[128] = "";

	list_tiers(h, text, sizeof(text));
	if (n == 0)
		say_state(f, h->no_tiers ? unknown : "not told");
	else
		snprintf(f->state, sizeof(f->state), "%u", n);
	if (n == 0 && h->no_tiers)
		say(f, VERDICT_OK, "/sys does not say");
	else if (n == 0)
		say(f, VERDICT_OK, "this kernel does not tell (6.1 does)");
	else if (n == 1)
		say(f, VERDICT_OK, "no node is a slower tier than another");
	else
		say(f, VERDICT_OK, "from the fast to the slow: %s", text);
}

/* ---- system calls ---- */

struct call {
	const char *works;
	enum verdict absent; /* what its absence means */
	const char *without;
	enum verdict refused;
	const char *barred; /* and why it matters that it is refused */
};

static void judge_call(const struct host *h, const struct call *c, int rc, struct finding *f)
{
	/* A filter may answer so, too: that matters only where something can be done. */
	bool absent = rc == -ENOSYS && (!h->filtered || c->absent == VERDICT_OK);

	say_state(f, rc == 0	 ? "permitted" :
		     absent	 ? "absent" :
		     h->filtered ? "filtered" :
				   "refused");
	if (rc == 0)
		say(f, VERDICT_OK, "%s", c->works);
	else if (absent)
		say(f, c->absent, "%s", c->without);
	else if (h->filtered)
		say(f, c->refused,
		    "%s: a seccomp filter refuses it, as those of containers do; "
		    "have the filter allow it, or run this outside",
		    c->barred);
	else
		say(f, c->refused,
		    "%s: it is refused (%s) even where it does nothing, perhaps by "
		    "a security module",
		    c->barred, strerror(-rc));
}

static void judge_move_pages(const struct host *h, struct finding *f)
{
	static const struct call call = {
		"pages can be found and moved",
		VERDICT_CANNOT,
		"this kernel was built without page migration",
		VERDICT_PROBLEM,
		"no page can be found or moved",
	};

	judge_call(h, &call, h->move_pages, f);
}

static void judge_migrate_pages(const struct host *h, struct finding *f)
{
	static const struct call call = {
		MIGRATEPAGES_NAME " --method=process works",
		VERDICT_NOTE,
		"this kernel has no " MIGRATEPAGES_NAME " --method=process",
		VERDICT_NOTE,
		MIGRATEPAGES_NAME " --method=process fails",
	};

	judge_call(h, &call, h->migrate_pages, f);
}

static void judge_pidfd_open(const struct host *h, struct finding *f)
{
	static const struct call call = {
		"a process is never taken for another with the same PID",
		VERDICT_OK,
		"before 5.3: its files alone tell whether a process is still the same",
		VERDICT_PROBLEM,
		"no process can be held on to",
	};

	judge_call(h, &call, h->pidfd_open, f);
}

static void judge_pagemap(const struct host *h, struct finding *f)
{
	if (h->pagemap == HOST_NO_PAGEMAP) {
		say_state(f, "no pagemap");
		say(f, VERDICT_PROBLEM,
		    "/proc/self/pagemap cannot be opened, so no page is found: "
		    "mount /proc, or use a kernel with CONFIG_PROC_PAGE_MONITOR");
	} else if (h->pagemap == HOST_NO_SCAN) {
		say_state(f, "absent");
		say(f, VERDICT_NOTE,
		    "before 6.7: looking takes time for all that is mapped, "
		    "in memory or not");
	} else {
		say_state(f, "present");
		say(f, VERDICT_OK, "looking takes no time for what is not in memory");
	}
}

/* ---- capabilities ---- */

static void judge_capability(bool held, const char *with, const char *without, struct finding *f)
{
	say_state(f, held ? "held" : "lacking");
	if (held)
		say(f, VERDICT_OK, "%s", with);
	else
		say(f, VERDICT_NOTE, "%s; run this with that capability, as root has it", without);
}

static void judge_sys_nice(const struct host *h, struct finding *f)
{
	judge_capability(h->sys_nice, "pages that several processes map can be moved",
			 "pages that several processes map stay", f);
	if (!h->sys_nice || h->move_all == 0 || h->move_pages)
		return;
	say_state(f, "without effect");
	say(f, VERDICT_NOTE,
	    "held in a user namespace, where the kernel does not count it: pages "
	    "that several processes map stay; run this outside, as root");
}

static void judge_sys_ptrace(const struct host *h, struct finding *f)
{
	judge_capability(h->sys_ptrace, "processes of every user can be moved",
			 "only processes of this user can be moved, if they have no capability "
			 "that this lacks",
			 f);
}

static void judge_dac_read_search(const struct host *h, struct finding *f)
{
	judge_capability(h->dac_read_search, "the pagemap of every user's processes can be read",
			 "the pagemap of other users' processes cannot be read, nor their pages "
			 "found",
			 f);
	if (!h->dac_read_search && h->dac_override && h->sys_ptrace)
		say(f, VERDICT_OK,
		    "CAP_DAC_OVERRIDE is held: the pagemap of every user's processes "
		    "can be read");
}

/* ---- what the kernel does by itself ---- */

static void judge_huge_pages(const struct host *h, struct finding *f)
{
	bool made = *h->huge_pages && strcmp(h->huge_pages, "never") != 0;

	if (strcmp(h->huge_pages, "?") == 0) {
		say_state(f, unknown);
		say(f, VERDICT_OK, "/sys does not say whether there are any");
		return;
	}
	say_state(f, *h->huge_pages ? h->huge_pages : "absent");
	if (made)
		say(f, VERDICT_OK,
		    "they move whole, or in pieces where no free one is "
		    "(--huge=keep leaves them)");
	else
		say(f, VERDICT_OK, "no new ones are made");
}

/* As bits: 1 normal, 2 tiering. */
static void judge_balancing(const struct host *h, struct finding *f)
{
	static const char *const states[] = { "off", "on", "tiering", "on, tiering" };
	static const char *const meanings[] = {
		"nothing moves pages back",
		"may move pages back to the node whose CPUs use them: move the process to CPUs of "
		"the new node, too (taskset), or set sysctl kernel.numa_balancing=0",
		"may move pages that are in use back to a faster tier: to keep them where they "
		"are, set sysctl kernel.numa_balancing=0",
		"may move pages back to the node whose CPUs use them, and to a faster tier: to "
		"keep them where they are, set sysctl kernel.numa_balancing=0",
	};
	unsigned int mode = h->numa_balancing > 0 ? (unsigned int)h->numa_balancing & 3 : 0;

	if (h->numa_balancing == HOST_UNREAD) {
		say_state(f, unknown);
		say(f, VERDICT_NOTE,
		    "may move pages back to the node whose CPUs use them: "
		    "/proc/sys/kernel cannot be read here");
		return;
	}
	say_state(f, h->numa_balancing < 0 ? "absent" : states[mode]);
	say(f, mode ? VERDICT_NOTE : VERDICT_OK, "%s", meanings[mode]);
}

static void judge_demotion(const struct host *h, struct finding *f)
{
	say_state(f, h->demotion == HOST_UNREAD ? unknown :
		     h->demotion < 0		? "absent" :
		     h->demotion		? "on" :
						  "off");
	if (h->demotion == HOST_UNREAD)
		say(f, VERDICT_NOTE,
		    "may move pages on to a slower tier: /sys/kernel/mm cannot be "
		    "read here");
	else if (h->demotion > 0 && count_tiers(h) > 1)
		say(f, VERDICT_NOTE,
		    "a full node may move pages on to a slower tier: to keep them "
		    "where they are, write false to /sys/kernel/mm/numa/demotion_enabled");
	else if (h->demotion > 0)
		say(f, VERDICT_OK, "without effect: there is no slower tier");
	else
		say(f, VERDICT_OK, "nothing moves pages on to a slower tier");
}

static void judge_swap(const struct host *h, struct finding *f)
{
	char total[TEXT_SIZE_MAX], used[TEXT_SIZE_MAX];

	if (h->swap_total == HOST_UNKNOWN) {
		say_state(f, unknown);
		say(f, VERDICT_OK, "/proc/meminfo cannot be read; pages in swap do not move");
		return;
	}
	if (h->swap_total == 0) {
		say_state(f, "none");
		say(f, VERDICT_OK, "no page is kept from moving by being in swap");
		return;
	}
	snprintf(f->state, sizeof(f->state), "%s of %s used",
		 text_size(h->swap_total - h->swap_free, used), text_size(h->swap_total, total));
	say(f, VERDICT_OK,
	    "pages in swap are on no node and do not move; they come back to where "
	    "the memory policy says");
}

/* ---- all of it ---- */

struct judge {
	const char *key, *what;
	void (*judge)(const struct host *h, struct finding *f);
};

static const struct judge of_nodes[] = {
	{ "nodes", "nodes with memory", judge_nodes },
	{ "cpu_nodes", "nodes with CPUs", judge_cpu_nodes },
	{ "allowed_nodes", "allowed nodes", judge_allowed },
	{ "tiers", "memory tiers", judge_tiers },
};

static const struct judge of_kernel[] = {
	{ "move_pages", "move_pages(2)", judge_move_pages },
	{ "migrate_pages", "migrate_pages(2)", judge_migrate_pages },
	{ "pidfd_open", "pidfd_open(2)", judge_pidfd_open },
	{ "pagemap_scan", "PAGEMAP_SCAN", judge_pagemap },
	{ "cap_sys_nice", "CAP_SYS_NICE", judge_sys_nice },
	{ "cap_sys_ptrace", "CAP_SYS_PTRACE", judge_sys_ptrace },
	{ "cap_dac_read_search", "CAP_DAC_READ_SEARCH", judge_dac_read_search },
	{ "huge_pages", "transparent huge pages", judge_huge_pages },
	{ "numa_balancing", "NUMA balancing", judge_balancing },
	{ "demotion", "demotion", judge_demotion },
	{ "swap", "swap", judge_swap },
};

static struct finding *add(struct findings *f)
{
	struct finding *grown = array_room(f->at, f->n, sizeof(*grown));

	if (!grown)
		return NULL;
	f->at = grown;
	memset(&f->at[f->n], 0, sizeof(*grown));
	return &f->at[f->n++];
}

static int add_judged(struct findings *f, const struct host *h, const struct judge *judge, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct finding *one = add(f);

		if (!one)
			return -ENOMEM;
		snprintf(one->key, sizeof(one->key), "%s", judge[i].key);
		snprintf(one->what, sizeof(one->what), "%s", judge[i].what);
		judge[i].judge(h, one);
	}
	return 0;
}

static int add_nodes(struct findings *f, const struct host *h)
{
	const struct nodeset *memory = &h->topology.memory;

	for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
		struct finding *one = add(f);

		if (!one)
			return -ENOMEM;
		judge_node(h, n, one);
	}
	return 0;
}

/* Where there are no nodes, that is all there is to be said of them. */
int findings_of(struct findings *f, const struct host *h)
{
	size_t n = nodeset_empty(&h->topology.memory) ? 1 : sizeof(of_nodes) / sizeof(of_nodes[0]);
	int rc;

	*f = (struct findings){ 0 };
	rc = add_judged(f, h, of_nodes, n);
	if (!rc)
		rc = add_nodes(f, h);
	if (!rc)
		rc = add_judged(f, h, of_kernel, sizeof(of_kernel) / sizeof(of_kernel[0]));
	return rc;
}

void findings_free(struct findings *f)
{
	free(f->at);
	*f = (struct findings){ 0 };
}

enum verdict findings_verdict(const struct findings *f)
{
	enum verdict gravest = VERDICT_OK;

	for (size_t i = 0; i < f->n; i++)
		if (f->at[i].verdict > gravest)
			gravest = f->at[i].verdict;
	return gravest;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_NOTE] = "note",
		[VERDICT_PROBLEM] = "problem",
		[VERDICT_CANNOT] = "cannot",
	};

	return names[v];
}
