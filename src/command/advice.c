/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/advice.h"

#include "numa/topology.h"
#include "plan/account.h"
#include "proc/process.h"
#include "proc/status.h"
#include "util/file.h"
#include "util/text.h"

#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

/* Bits of kernel.numa_balancing. */
enum { BALANCING_NORMAL = 1, BALANCING_TIERING = 2 };

void advice_policy(const char *line, char *policy)
{
	/* Two of them have a blank inside, and one begins with another. */
	static const char *const policies[] = {
		"default",    "local", "prefer (many)", "prefer", "bind", "weighted interleave",
		"interleave",
	};
	const char *start = strchr(line, ' ');

	*policy = '\0';
	for (size_t i = 0; start && !*policy && i < sizeof(policies) / sizeof(policies[0]); i++) {
		size_t len = strlen(policies[i]);

		if (strncmp(start + 1, policies[i], len) == 0)
			snprintf(policy, ADVICE_NAME_MAX, "%.*s",
				 (int)(len + strcspn(start + 1 + len, " \n")), start + 1);
	}
}

void advice_unit(const char *cgroup, char *unit)
{
	/* "0::/system.slice/x.service", or with named hierarchies "1:name=systemd:/..." */
	static const char form[] = "^(0::|[0-9]+:name=systemd:).*/"
				   "([a-zA-Z0-9:_.@-]+\\.(service|scope))$";
	regmatch_t at[3];
	regex_t line;

	*unit = '\0';
	if (regcomp(&line, form, REG_EXTENDED | REG_NEWLINE))
		return;
	if (regexec(&line, cgroup, 3, at, 0) == 0 && at[2].rm_eo - at[2].rm_so < ADVICE_NAME_MAX &&
	    !memmem(cgroup + at[0].rm_so, (size_t)(at[0].rm_eo - at[0].rm_so), "/user-", 6))
		snprintf(unit, ADVICE_NAME_MAX, "%.*s", (int)(at[2].rm_eo - at[2].rm_so),
			 cgroup + at[2].rm_so);
	regfree(&line);
}

unsigned int advice_judge(const struct advice_facts *f)
{
	const struct nodeset left = nodeset_minus(f->from, &f->to);
	const char *colon = strchr(f->policy, ':'); /* "bind=static:0-3" */
	unsigned int causes = 0, balances = BALANCING_NORMAL | (*f->cpus ? 0 : BALANCING_TIERING);
	struct nodeset policy;

	if (nodeset_subset(&f->allowed, &f->to))
		return 0;
	/* A policy that the process, or who started it, chose. */
	if (colon && nodeset_parse_list(colon + 1, strlen(colon + 1), &policy) == 0)
		return nodeset_intersect(&policy, &left) ? ADVICE_POLICY : 0;
	if (!nodeset_empty(&f->cpu_nodes) && !nodeset_intersect(&f->cpu_nodes, &f->to))
		causes |= ADVICE_CPUS;
	if (f->balancing & balances && !nodeset_subset(&f->cpu_nodes, &f->to))
		causes |= ADVICE_BALANCING;
	return causes;
}

char *advice_format(const struct advice_facts *f, unsigned int causes, char *buf)
{
	struct text_line line = { buf, ADVICE_TEXT_MAX, 0 };
	const bool cpus = causes & ADVICE_CPUS, bind = cpus && *f->cpus;
	char to[ADVICE_NAME_MAX], near[ADVICE_NAME_MAX];

	nodeset_format(&f->to, to, sizeof(to));
	nodeset_format(&f->cpu_nodes, near, sizeof(near));
	text_add(&line, "this may not last: ");
	if (causes & ADVICE_POLICY)
		text_add(&line, "its memory policy is %s, and new pages follow it", f->policy);
	if (cpus)
		text_add(&line, "its CPUs are near node%s %s, where new pages go",
			 nodeset_count(&f->cpu_nodes) == 1 ? "" : "s", near);
	if (causes & ADVICE_BALANCING)
		text_add(&line, "%sNUMA balancing may move pages back", cpus ? ", and " : "");
	text_add(&line, "; to make it last: ");
	if (*f->unit)
		text_add(&line, "systemctl set-property %s %s%s%sAllowedMemoryNodes=%s", f->unit,
			 bind ? "AllowedCPUs=" : "", bind ? f->cpus : "", bind ? " " : "", to);
	else if (bind)
		text_add(&line, "taskset -acp %s %d", f->cpus, f->pid);
	else if (causes == ADVICE_BALANCING)
		text_add(&line, "sysctl kernel.numa_balancing=0, or a cpuset");
	else
		text_add(&line,
			 "a cpuset with cpuset.mems=%s, or a start under numactl --membind=%s", to,
			 to);
	return buf;
}

void advice_find(struct advice *stay, const struct process *p, const struct topology *t,
		 const struct account *account)
{
	static const char *const names[] = { "policy", "cpus", "numa_balancing" };
	/* So little that the kernel looks at the first mapping only, which is the program. */
	char line[96], cgroup[4096];
	struct advice_facts f = { .pid = p->pid };
	struct cpuset cpus = { { 0 } }, near;
	uint64_t balancing = 0;
	unsigned int causes;

	*stay = (struct advice){ .pid = p->pid };
	if (account->flows == 0)
		return;
	for (size_t i = 0; i < account->flows; i++) {
		nodeset_add(&f.from, account->flow[i].from);
		nodeset_add(&f.to, account->flow[i].to);
	}
	if (file_read(p->dir, "numa_maps", line, sizeof(line)) > 0)
		advice_policy(line, f.policy);
	if (file_read(p->dir, "cgroup", cgroup, sizeof(cgroup)) > 0)
		advice_unit(cgroup, f.unit);
	if (file_read_number(AT_FDCWD, "/proc/sys/kernel/numa_balancing", UINT_MAX, &balancing))
		balancing = 0;
	f.balancing = (unsigned int)balancing;
	/* Of all threads: those that are bound may not be the first. */
	process_add_cpus(p, &cpus);
	if (status_allowed(p->dir, &f.allowed, NULL) || bits_count(BITS(&cpus)) == 0 ||
	    topology_cpu_nodes(t, "", &cpus, &f.cpu_nodes) || topology_node_cpus("", &f.to, &near))
		return;
	f.allowed = nodeset_and(f.allowed, &t->memory);
	/* A list that does not fit is of no use in a command. */
	if (bits_count(BITS(&near)) == 0 ||
	    bits_format(BITS(&near), f.cpus, sizeof(f.cpus)) >= (int)sizeof(f.cpus))
		*f.cpus = '\0';
	causes = advice_judge(&f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (causes & 1U << i)
			stay->cause[stay->causes++] = names[i];
	if (causes)
		advice_format(&f, causes, stay->text);
}
