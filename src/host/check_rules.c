/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>
#include <names.h>

#include "host/check.h"

#include "util/text.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* Longer lists of nodes end in "...", to keep the lines readable. */
enum { NODES_SHOWN_MAX = 48, STATE_MAX = 64, TEXT_MAX = 128, CHECKS_MAX = 16 };

#define CPUSET                                                                \
	"the cpuset of this caller does not allow *: widen it (cpuset.mems, " \
	"AllowedMemoryNodes=), or run outside it"
#define FILTERED(what)                                                                             \
	what ": a seccomp filter blocks the call (container?); allow it in the filter, or run on " \
	     "the host"
#define REFUSED(what)  what ": the kernel refuses the call (*), perhaps because of a security module"
#define LACKING(what)  what "; run as root or with that capability"
#define METHOD_PROCESS MIGRATEPAGES_NAME " --method=process"

/*
 * The states of each check, in the order of finding_add()'s numbers, and what they mean.  A text
 * of this host replaces a "*", one in the state and one in the meaning.
 */
static const struct rule {
	const char *check; /* its key */
	const char *state;
	enum verdict verdict;
	const char *meaning;
} rules[] = {
	{ "nodes", "unknown", VERDICT_PROBLEM,
	  "/sys cannot be read: mount it (mount -t sysfs sysfs /sys)" },
	{ "nodes", "*", VERDICT_CANNOT,
	  "there are no nodes to move pages between: this kernel was built without NUMA" },
	{ "nodes", "*", VERDICT_CANNOT, "no other node can take pages" },
	{ "nodes", "*", VERDICT_OK, "pages can be moved between these * nodes" },
	{ "cpu_nodes", "*", VERDICT_OK, "every node with memory has CPUs" },
	{ "cpu_nodes", "*", VERDICT_OK, "memory-only nodes (such as CXL, HBM): *" },
	{ "cpu_nodes", "*", VERDICT_OK, "nodes without memory, not usable as destinations: *" },
	{ "allowed_nodes", "*", VERDICT_OK, "the cpuset of this caller allows every node" },
	{ "allowed_nodes", "*", VERDICT_PROBLEM, CPUSET },
	{ "allowed_nodes", "*", VERDICT_NOTE, CPUSET },
	{ "tiers", "unknown", VERDICT_UNKNOWN, "the memory tiers in /sys cannot be read" },
	{ "tiers", "not reported", VERDICT_OK, "kernels before 6.1 do not report memory tiers" },
	{ "tiers", "1", VERDICT_OK, "all nodes are in the same memory tier" },
	{ "tiers", "*", VERDICT_OK, "fastest first: *" },
	{ "node", "unknown", VERDICT_UNKNOWN,
	  "cannot read the node's meminfo or /proc/zoneinfo to find out whether a move fits" },
	{ "node", "* free", VERDICT_NOTE,
	  "no memory is available: moves are refused, because the kernel would reclaim memory of "
	  "other processes (--force moves anyway)" },
	{ "node", "* free", VERDICT_OK, "of *" },
	{ "move_pages", "permitted", VERDICT_OK, "pages can be found and moved" },
	{ "move_pages", "absent", VERDICT_CANNOT, "this kernel was built without page migration" },
	{ "move_pages", "filtered", VERDICT_PROBLEM, FILTERED("no page can be found or moved") },
	{ "move_pages", "refused", VERDICT_PROBLEM, REFUSED("no page can be found or moved") },
	{ "migrate_pages", "permitted", VERDICT_OK, METHOD_PROCESS " works" },
	{ "migrate_pages", "absent", VERDICT_NOTE, "this kernel has no " METHOD_PROCESS },
	{ "migrate_pages", "filtered", VERDICT_NOTE, FILTERED(METHOD_PROCESS " fails") },
	{ "migrate_pages", "refused", VERDICT_NOTE, REFUSED(METHOD_PROCESS " fails") },
	{ "pidfd_open", "permitted", VERDICT_OK, "PID reuse is detected reliably" },
	{ "pidfd_open", "absent", VERDICT_OK,
	  "kernel before 5.3: PID reuse is detected through /proc only" },
	{ "pidfd_open", "filtered", VERDICT_PROBLEM, FILTERED("no process can be opened") },
	{ "pidfd_open", "refused", VERDICT_PROBLEM, REFUSED("no process can be opened") },
	{ "pagemap_scan", "no pagemap", VERDICT_PROBLEM,
	  "/proc/self/pagemap cannot be opened, so no page is found: mount /proc, or use a kernel "
	  "with CONFIG_PROC_PAGE_MONITOR" },
	{ "pagemap_scan", "absent", VERDICT_NOTE,
	  "kernel before 6.7: scan time grows with mapped, not resident, size" },
	{ "pagemap_scan", "present", VERDICT_OK, "only resident pages are scanned" },
	{ "cap_sys_nice", "held", VERDICT_OK, "pages that several processes map can be moved" },
	{ "cap_sys_nice", "lacking", VERDICT_NOTE,
	  LACKING("pages that several processes map cannot be moved") },
	{ "cap_sys_nice", "without effect", VERDICT_NOTE,
	  "the kernel ignores it in a user namespace: pages that several processes map cannot be "
	  "moved; run outside it, as root" },
	{ "cap_sys_ptrace", "held", VERDICT_OK, "processes of every user can be moved" },
	{ "cap_sys_ptrace", "lacking", VERDICT_NOTE,
	  LACKING("only processes of this user can be moved, and only if they have no capability "
		  "that this command lacks") },
	{ "cap_dac_read_search", "held", VERDICT_OK,
	  "the pagemap of every user's processes can be read" },
	{ "cap_dac_read_search", "lacking", VERDICT_NOTE,
	  LACKING("the pagemap of other users' processes cannot be read, so their pages are not "
		  "found") },
	{ "cap_dac_read_search", "lacking", VERDICT_OK,
	  "CAP_DAC_OVERRIDE is held: the pagemap of every user's processes can be read" },
	{ "huge_pages", "unknown", VERDICT_UNKNOWN,
	  "/sys/kernel/mm/transparent_hugepage cannot be read" },
	{ "huge_pages", "*", VERDICT_OK, "the kernel makes no new huge pages" },
	{ "huge_pages", "*", VERDICT_OK,
	  "moved whole, or split if no huge page is free there (unless --huge=keep)" },
	{ "numa_balancing", "unknown", VERDICT_UNKNOWN,
	  "/proc/sys/kernel cannot be read; NUMA balancing may move pages back to the node whose "
	  "CPUs use them" },
	{ "numa_balancing", "absent", VERDICT_OK, "nothing moves pages back" },
	{ "numa_balancing", "off", VERDICT_OK, "nothing moves pages back" },
	{ "numa_balancing", "on", VERDICT_NOTE,
	  "it may move pages back to the node whose CPUs use them: also bind the process to CPUs "
	  "of the new node (taskset), or set sysctl kernel.numa_balancing=0" },
	{ "numa_balancing", "tiering", VERDICT_NOTE,
	  "it may move pages in use back to a faster tier: to keep them in place, set sysctl "
	  "kernel.numa_balancing=0" },
	{ "numa_balancing", "on, tiering", VERDICT_NOTE,
	  "it may move pages back to the node whose CPUs use them, and to a faster tier: to keep "
	  "them in place, set sysctl kernel.numa_balancing=0" },
	{ "demotion", "unknown", VERDICT_UNKNOWN,
	  "/sys/kernel/mm cannot be read; demotion may move pages to a slower tier" },
	{ "demotion", "absent", VERDICT_OK, "nothing moves pages to a slower tier" },
	{ "demotion", "off", VERDICT_OK, "nothing moves pages to a slower tier" },
	{ "demotion", "on", VERDICT_OK, "it has no effect without a slower tier" },
	{ "demotion", "on", VERDICT_NOTE,
	  "pages may move from a full node to a slower tier: to keep them in place, write false to "
	  "/sys/kernel/mm/numa/demotion_enabled" },
	{ "swap", "unknown", VERDICT_UNKNOWN,
	  "/proc/meminfo cannot be read; swapped-out pages cannot be moved" },
	{ "swap", "none", VERDICT_OK, "no swapped-out pages" },
	{ "swap", "* used", VERDICT_OK,
	  "swapped-out pages cannot be moved; they are swapped in according to the memory policy" },
	{ "idle_looks", "unknown", VERDICT_UNKNOWN,
	  "DAMON in /sys cannot be read; only root can read it" },
	{ "idle_looks", "absent", VERDICT_OK,
	  "idle pages cannot be listed: the kernel was built without CONFIG_DAMON_SYSFS" },
	{ "idle_looks", "free", VERDICT_OK, "idle pages can be listed" },
	{ "idle_looks", "taken by *", VERDICT_NOTE,
	  "DAMON has one user at a time; to list idle pages, free it: echo N "
	  ">/sys/module/*/parameters/enabled" },
	{ "idle_looks", "taken by another tool", VERDICT_NOTE,
	  "DAMON has one user at a time, and nr_kdamonds in /sys/kernel/mm/damon/admin/kdamonds is "
	  "*; to list idle pages, stop that tool (damo stop)" },
};

/* Copy @text, and replace its "*" by @insert. */
static void text_insert(char *buf, size_t size, const char *text, const char *insert)
{
	const char *star = strchrnul(text, '*');

	snprintf(buf, size, "%.*s%s%s", (int)(star - text), text, *star ? insert : "",
		 *star ? star + 1 : "");
}

/* Add the state @n of a check.  @state, @meaning: texts of this host, which replace "*". */
static struct finding *finding_add(struct findings *f, const char *key, const char *what,
				   unsigned int n, const char *state, const char *meaning)
{
	struct finding *one = &f->at[f->n++];
	const struct rule *rule = rules;

	while (strcmp(rule->check, key) != 0)
		rule++;
	rule += n;
	text_insert(one->key, sizeof(one->key), key, "");
	text_insert(one->what, sizeof(one->what), what, "");
	text_insert(one->state, sizeof(one->state), rule->state, state);
	text_insert(one->meaning, sizeof(one->meaning), rule->meaning, meaning);
	one->verdict = rule->verdict;
	if (one->verdict > f->verdict)
		f->verdict = one->verdict;
	return one;
}

/* Write "0-1, then 2-3", the fastest tier first.  Returns the number of tiers. */
static unsigned int list_tiers(const struct host *h, char *buf, size_t size)
{
	const struct nodeset *memory = &h->topology.memory;
	struct text_line line = { .buf = buf, .size = size };
	char text[NODES_SHOWN_MAX];
	unsigned int tiers = 0;

	*buf = '\0';
	for (int tier = -1;;) {
		struct nodeset nodes = { 0 };
		int next = INT_MAX;

		for (int n = nodeset_next(memory, 0); n >= 0; n = nodeset_next(memory, n + 1)) {
			if (h->node[n].tier > tier && h->node[n].tier < next) {
				next = h->node[n].tier;
				nodes = (struct nodeset){ 0 };
			}
			if (h->node[n].tier == next)
				nodeset_add(&nodes, n);
		}
		if (next == INT_MAX)
			return tiers;
		tier = next;
		nodeset_format(&nodes, text, sizeof(text));
		text_add(&line, "%s%s", tiers++ ? ", then " : "", text);
	}
}

static const char *size_text(uint64_t bytes, char *buf)
{
	return bytes == HOST_UNKNOWN ? strcpy(buf, "?") : text_size(bytes, buf);
}

static void findings_of_nodes(struct findings *f, const struct host *h)
{
	const struct nodeset *memory = &h->topology.memory, *cpu = &h->topology.cpu;
	const struct nodeset allowed = nodeset_and(*memory, &h->topology.allowed);
	const struct nodeset barred = nodeset_minus(*memory, &h->topology.allowed);
	const struct nodeset only_memory = nodeset_minus(*memory, cpu);
	const struct nodeset only_cpu = nodeset_minus(*cpu, memory);
	char state[STATE_MAX], text[TEXT_MAX], total[TEXT_SIZE_MAX], available[TEXT_SIZE_MAX];
	unsigned int n = nodeset_count(memory);

	nodeset_format(memory, state, sizeof(state));
	snprintf(text, sizeof(text), "%u", n);
	finding_add(f, "nodes", "nodes with memory", h->no_sys ? 0 : 1 + MIN(n, 2), state, text);
	/* Without nodes there are no further findings about them. */
	if (!n)
		return;

	nodeset_format(cpu, state, sizeof(state));
	n = nodeset_empty(&only_cpu) ? 0 : 2;
	if (!nodeset_empty(&only_memory))
		n = 1;
	nodeset_format(n == 1 ? &only_memory : &only_cpu, text, NODES_SHOWN_MAX);
	finding_add(f, "cpu_nodes", "nodes with CPUs", n, state, text);

	nodeset_format(&allowed, state, sizeof(state));
	nodeset_format(&barred, text, NODES_SHOWN_MAX);
	n = nodeset_empty(&barred) ? 0 : 1 + (nodeset_count(&allowed) > 1);
	finding_add(f, "allowed_nodes", "allowed nodes", n, state, text);

	n = list_tiers(h, text, sizeof(text));
	snprintf(state, sizeof(state), "%u", n);
	finding_add(f, "tiers", "memory tiers", n ? 1 + MIN(n, 2) : !h->no_tiers, state, text);

	for (int i = nodeset_next(memory, 0); i >= 0; i = nodeset_next(memory, i + 1)) {
		const struct host_node *node = &h->node[i];
		struct finding *one;

		n = node->available ? 2 : 1;
		if (node->total == HOST_UNKNOWN || node->free == HOST_UNKNOWN ||
		    node->available == HOST_UNKNOWN)
			n = 0;
		snprintf(text, sizeof(text), "%s; %s are available to moves",
			 size_text(node->total, total), size_text(node->available, available));
		one = finding_add(f, "node", "node", n, size_text(node->free, state), text);
		snprintf(one->key, sizeof(one->key), "node%d", i);
		snprintf(one->what, sizeof(one->what), "node %d", i);
	}
}

/* @rc: of a call that does nothing, 0 or -errno */
static void finding_add_call(struct findings *f, const struct host *h, const char *key,
			     const char *what, int rc)
{
	unsigned int n = h->filtered ? 2 : 3;

	/* A filter may also return -ENOSYS, which matters only if users can act on it. */
	if (rc == -ENOSYS && (!h->filtered || strcmp(key, "pidfd_open") == 0))
		n = 1;
	finding_add(f, key, what, rc ? n : 0, "", strerror(-rc));
}

/* Whether DAMON can report idle pages. */
static void finding_of_idle_looks(struct findings *f, const struct host *h)
{
	char kdamonds[TEXT_SIZE_MAX];
	unsigned int n = h->kdamonds > 0 ? 4 : (unsigned int)(h->kdamonds - HOST_UNREAD);

	snprintf(kdamonds, sizeof(kdamonds), "%d", h->kdamonds);
	if (h->kdamonds != HOST_ABSENT && h->damon_module)
		n = 3;
	finding_add(f, "idle_looks", "DAMON", n, h->damon_module,
		    n == 3 ? h->damon_module : kdamonds);
}

int findings_of(struct findings *f, const struct host *h)
{
	char state[STATE_MAX], total[TEXT_SIZE_MAX], used[TEXT_SIZE_MAX], tiers[TEXT_MAX];
	unsigned int n = CHECKS_MAX + nodeset_count(&h->topology.memory);

	*f = (struct findings){ .at = calloc(n, sizeof(*f->at)) };
	if (!f->at)
		return -ENOMEM;
	findings_of_nodes(f, h);

	finding_add_call(f, h, "move_pages", "move_pages(2)", h->call.move_pages);
	finding_add_call(f, h, "migrate_pages", "migrate_pages(2)", h->call.migrate_pages);
	finding_add_call(f, h, "pidfd_open", "pidfd_open(2)", h->call.pidfd_open);
	finding_add(f, "pagemap_scan", "PAGEMAP_SCAN", h->pagemap, "", "");

	n = h->held.sys_nice ? 0 : 1;
	if (h->held.sys_nice && h->call.move_all && !h->call.move_pages)
		n = 2;
	finding_add(f, "cap_sys_nice", "CAP_SYS_NICE", n, "", "");
	finding_add(f, "cap_sys_ptrace", "CAP_SYS_PTRACE", !h->held.sys_ptrace, "", "");
	n = h->held.dac_override && h->held.sys_ptrace ? 2 : 1;
	finding_add(f, "cap_dac_read_search", "CAP_DAC_READ_SEARCH",
		    h->held.dac_read_search ? 0 : n, "", "");

	n = strcmp(h->huge_pages, "absent") == 0 || strcmp(h->huge_pages, "never") == 0 ? 1 : 2;
	finding_add(f, "huge_pages", "transparent huge pages", *h->huge_pages ? n : 0,
		    h->huge_pages, "");
	/* As bits: 1 normal, 2 tiering. */
	n = (unsigned int)(h->numa_balancing < 0 ? h->numa_balancing : h->numa_balancing & 3) + 2;
	finding_add(f, "numa_balancing", "NUMA balancing", n, "", "");
	n = (unsigned int)(h->demotion + 2);
	if (h->demotion > 0 && list_tiers(h, tiers, sizeof(tiers)) > 1)
		n++;
	finding_add(f, "demotion", "demotion", n, "", "");

	snprintf(state, sizeof(state), "%s of %s", size_text(h->swap_total - h->swap_free, used),
		 size_text(h->swap_total, total));
	n = h->swap_total ? 2 : 1;
	finding_add(f, "swap", "swap", h->swap_total == HOST_UNKNOWN ? 0 : n, state, "");
	finding_of_idle_looks(f, h);
	return 0;
}
