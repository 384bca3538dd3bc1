/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/advice.h"

#include "numa/topology.h"
#include "plan/account.h"
#include "proc/process.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLICY_LINE_MAX = 96 };

/* Bits of kernel.numa_balancing. */
enum { BALANCING_NORMAL = 1, BALANCING_TIERING = 2 };

/* ---- pieces of text ---- */

/* Two of them have a blank inside, and one begins with another. */
static const char *const policies[] = {
	"default", "local", "prefer (many)", "prefer", "bind", "weighted interleave", "interleave",
};

void advice_policy(const char *line, char *policy)
{
	const char *start = strchr(line, ' ');

	*policy = '\0';
	for (size_t i = 0; start && i < sizeof(policies) / sizeof(policies[0]); i++) {
		size_t len = strlen(policies[i]);

		if (strncmp(start + 1, policies[i], len))
			continue;
		len += strcspn(start + 1 + len, " \n");
		snprintf(policy, ADVICE_NAME_MAX, "%.*s", (int)len, start + 1);
		return;
	}
}

/* The nodes of a policy that has any: "bind=static:0-3". */
static bool policy_nodes(const char *policy, struct nodeset *nodes)
{
	const char *colon = strchr(policy, ':');

	return colon && nodeset_parse_list(colon + 1, strlen(colon + 1), nodes) == 0;
}

static bool ends_in(const char *s, size_t len, const char *end)
{
	size_t width = strlen(end);

	return len > width && memcmp(s + len - width, end, width) == 0;
}

static bool is_unit(const char *path, size_t path_len, const char *name, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789:_.@-";

	return (ends_in(name, len, ".service") || ends_in(name, len, ".scope")) &&
	       strspn(name, plain) >= len && len < ADVICE_NAME_MAX &&
	       !memmem(path, path_len, "/user-", 6);
}

void advice_unit(const char *cgroup, char *unit)
{
	*unit = '\0';
	/* "0::/system.slice/x.service", or with named hierarchies "1:name=systemd:/..." */
	for (const char *line = cgroup; *line; line += strspn(line, "\n")) {
		size_t len = strcspn(line, "\n");
		const char *name = memrchr(line, '/', len);
		bool ours = strncmp(line, "0::", 3) == 0 || memmem(line, len, ":name=systemd:", 14);

		if (ours && name && is_unit(line, len, name + 1, (size_t)(line + len - name) - 1))
			snprintf(unit, ADVICE_NAME_MAX, "%.*s", (int)(line + len - name) - 1,
				 name + 1);
		line += len;
	}
}

/* ---- judging ---- */

/* By a policy that the process, or who started it, chose. */
static unsigned int judge_policy(const struct advice_facts *f, const struct nodeset *policy)
{
	const struct nodeset left = nodeset_minus(f->from, &f->to);

	return nodeset_intersect(policy, &left) ? 1U << ADVICE_POLICY : 0;
}

unsigned int advice_judge(const struct advice_facts *f)
{
	bool all_near = nodeset_subset(&f->cpu_nodes, &f->to);
	unsigned int causes = 0, balances = BALANCING_NORMAL;
	struct nodeset policy;

	if (nodeset_subset(&f->allowed, &f->to))
		return 0;
	if (policy_nodes(f->policy, &policy))
		return judge_policy(f, &policy);
	if (!nodeset_empty(&f->cpu_nodes) && !nodeset_intersect(&f->cpu_nodes, &f->to))
		causes |= 1U << ADVICE_CPUS;
	if (!*f->cpus)
		balances |= BALANCING_TIERING;
	if (f->balancing & balances && !all_near)
		causes |= 1U << ADVICE_BALANCING;
	return causes;
}

/* ---- the line ---- */

static void add_nodes(struct text_line *line, const struct nodeset *nodes)
{
	char list[ADVICE_NAME_MAX];

	nodeset_format(nodes, list, sizeof(list));
	text_add(line, "%s", list);
}

static void add_causes(struct text_line *line, const struct advice_facts *f, unsigned int causes)
{
	const bool cpus = causes >> ADVICE_CPUS & 1;

	if (causes >> ADVICE_POLICY & 1)
		text_add(line, "its memory policy is %s, and new pages follow it", f->policy);
	if (cpus) {
		text_add(line, "its CPUs are near node%s ",
			 nodeset_count(&f->cpu_nodes) == 1 ? "" : "s");
		add_nodes(line, &f->cpu_nodes);
		text_add(line, ", where new pages go");
	}
	if (causes >> ADVICE_BALANCING & 1)
		text_add(line, "%sNUMA balancing may move pages back", cpus ? ", and " : "");
}

static void add_command(struct text_line *line, const struct advice_facts *f, unsigned int causes)
{
	bool bind_cpus = causes >> ADVICE_CPUS & 1 && *f->cpus;

	if (*f->unit) {
		text_add(line, "systemctl set-property %s ", f->unit);
		if (bind_cpus)
			text_add(line, "AllowedCPUs=%s ", f->cpus);
		text_add(line, "AllowedMemoryNodes=");
		add_nodes(line, &f->to);
	} else if (bind_cpus) {
		text_add(line, "taskset -acp %s %d", f->cpus, f->pid);
	} else if (causes == 1U << ADVICE_BALANCING) {
		text_add(line, "sysctl kernel.numa_balancing=0, or a cpuset");
	} else {
		text_add(line, "a cpuset with cpuset.mems=");
		add_nodes(line, &f->to);
		text_add(line, ", or a start under numactl --membind=");
		add_nodes(line, &f->to);
	}
}

char *advice_format(const struct advice_facts *f, unsigned int causes, char *buf)
{
	struct text_line line = { buf, ADVICE_TEXT_MAX, 0 };

	text_add(&line, "this may not last: ");
	add_causes(&line, f, causes);
	text_add(&line, "; to make it last: ");
	add_command(&line, f, causes);
	return buf;
}

/* ---- finding out ---- */

static void take_flows(struct advice_facts *f, const struct account *a)
{
	for (size_t i = 0; i < a->flows; i++) {
		nodeset_add(&f->from, a->flow[i].from);
		nodeset_add(&f->to, a->flow[i].to);
	}
}

static unsigned int read_balancing(void)
{
	uint64_t value;

	return file_read_number(AT_FDCWD, "/proc/sys/kernel/numa_balancing", UINT_MAX, &value) ?
		       0 :
		       (unsigned int)value;
}

/* So little is read that the kernel looks at the first mapping only, which is the program. */
static void read_policy(const struct process *p, char *policy)
{
	char line[POLICY_LINE_MAX];

	*policy = '\0';
	if (process_read(p, "numa_maps", line, sizeof(line)) > 0)
		advice_policy(line, policy);
}

static void read_unit(const struct process *p, char *unit)
{
	char text[4096];

	*unit = '\0';
	if (process_read(p, "cgroup", text, sizeof(text)) > 0)
		advice_unit(text, unit);
}

static bool read_cpus(struct advice_facts *f, const struct process *p, const struct topology *t)
{
	struct cpuset cpus = { { 0 } }, near;

	/* Of all threads: those that are bound may not be the first. */
	process_add_cpus(p, &cpus);
	if (bits_count(BITS(&cpus)) == 0 || topology_cpu_nodes(t, "", &cpus, &f->cpu_nodes) ||
	    topology_node_cpus("", &f->to, &near))
		return false;

	/* A list that does not fit is of no use in a command. */
	if (bits_count(BITS(&near)) == 0 ||
	    bits_format(BITS(&near), f->cpus, sizeof(f->cpus)) >= (int)sizeof(f->cpus))
		*f->cpus = '\0';
	return true;
}

static bool read_facts(struct advice_facts *f, const struct process *p, const struct topology *t)
{
	f->pid = p->pid;
	f->balancing = read_balancing();
	read_policy(p, f->policy);
	read_unit(p, f->unit);
	if (status_read(p->dir, &f->allowed, NULL) || !read_cpus(f, p, t))
		return false;
	f->allowed = nodeset_and(f->allowed, &t->memory);
	return true;
}

void advice_find(struct advice *stay, const struct process *p, const struct topology *t,
		 const struct account *account)
{
	static const char *const names[ADVICE_CAUSES] = { "policy", "cpus", "numa_balancing" };
	struct advice_facts f = { 0 };
	unsigned int causes = 0;

	*stay = (struct advice){ .pid = p->pid };
	take_flows(&f, account);
	if (account->flows && read_facts(&f, p, t))
		causes = advice_judge(&f);
	for (unsigned int c = 0; c < ADVICE_CAUSES; c++)
		if (causes >> c & 1)
			stay->cause[stay->causes++] = names[c];
	if (causes)
		advice_format(&f, causes, stay->text);
}
