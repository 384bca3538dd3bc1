/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/advice.h"

#include "numa/topology.h"
#include "plan/account.h"
#include "proc/binding.h"
#include "proc/headroom.h"
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
	/* A policy set by the process or its parent. */
	if (colon && nodeset_parse_list(colon + 1, strlen(colon + 1), &policy) == 0)
		return f->whole && nodeset_intersect(&policy, &left) ? ADVICE_POLICY : 0;
	if (f->whole && !nodeset_empty(&f->cpu_nodes) && !nodeset_intersect(&f->cpu_nodes, &f->to))
		causes |= ADVICE_CPUS;
	if (f->balancing & balances && !nodeset_subset(&f->cpu_nodes, &f->to))
		causes |= ADVICE_BALANCING;
	return causes;
}

/* Write the command that keeps memory on the new nodes, if there is one. */
static void format_command(const struct advice_facts *f, bool cpus, const char *to,
			   struct note *note)
{
	struct text_line line = { note->command, sizeof(note->command), 0 };

	if (f->bindable && *f->unit)
		text_add(&line, "systemctl set-property %s AllowedMemoryNodes=%s", f->unit, to);
	else if (cpus && *f->cpus)
		text_add(&line, "taskset -acp %s %d", f->cpus, f->pid);
	else if (f->bindable)
		text_add(&line, "numactl --membind=%s (when it starts), or cpuset.mems=%s", to, to);
	snprintf(note->remedy, sizeof(note->remedy), "to stop this");
}

void advice_format(const struct advice_facts *f, unsigned int causes, struct advice *advice)
{
	char to[ADVICE_NAME_MAX], near[ADVICE_NAME_MAX];
	struct note *note = advice->note;

	nodeset_format(&f->to, to, sizeof(to));
	nodeset_format(&f->cpu_nodes, near, sizeof(near));
	advice->pid = f->pid;
	if (causes & ADVICE_POLICY) {
		note->cause = "policy";
		snprintf(note->text, sizeof(note->text), "new pages of %s follow its policy %s",
			 f->name, f->policy);
	} else if (causes & ADVICE_CPUS) {
		note->cause = "cpus";
		snprintf(note->text, sizeof(note->text),
			 "new pages of %s go to node%s %s, near its CPUs", f->name,
			 nodeset_count(&f->cpu_nodes) == 1 ? "" : "s", near);
	}
	if (causes & (ADVICE_POLICY | ADVICE_CPUS))
		format_command(f, causes & ADVICE_CPUS, to, note++);
	if (causes & ADVICE_BALANCING) {
		note->cause = "numa_balancing";
		snprintf(note->text, sizeof(note->text), "NUMA balancing may move pages of %s back",
			 f->name);
		if (f->whole && f->bindable && *f->unit)
			format_command(f, false, to, note);
		else {
			snprintf(note->remedy, sizeof(note->remedy), "to turn it off");
			snprintf(note->command, sizeof(note->command),
				 "sysctl kernel.numa_balancing=0");
		}
		note++;
	}
	advice->n = (size_t)(note - advice->note);
}

void advice_find(struct advice *advice, const struct process *p, const struct topology *t,
		 struct headroom_guard *guard, const struct account *account, bool whole)
{
	/* A short read: the kernel walks only the first mapping, which is the program. */
	char line[96], cgroup[4096];
	struct advice_facts f = { .pid = p->pid, .whole = whole };
	struct cpuset cpus = { { 0 } }, near;
	struct headroom room;
	uint64_t balancing = 0;

	*advice = (struct advice){ .pid = p->pid };
	if (account->flows == 0)
		return;
	for (size_t i = 0; i < account->flows; i++) {
		nodeset_add(&f.from, account->flow[i].from);
		nodeset_add(&f.to, account->flow[i].to);
	}
	report_name(p, f.name);
	if (file_read(p->dir, "numa_maps", line, sizeof(line)) > 0)
		binding_parse_policy(line, f.policy);
	if (file_read(p->dir, "cgroup", cgroup, sizeof(cgroup)) > 0)
		advice_unit(cgroup, f.unit);
	if (file_read_number(AT_FDCWD, "/proc/sys/kernel/numa_balancing", UINT_MAX, &balancing))
		balancing = 0;
	f.balancing = (unsigned int)balancing;
	/* A process that is bound to ZONE_MOVABLE has no memory for its page tables. */
	f.bindable = !headroom_now(guard, &room) && nodeset_intersect(&f.to, &room.kernel);
	/* Of all threads, because any of them may be bound. */
	process_add_cpus(p, &cpus);
	if (status_allowed(p->dir, &f.allowed, NULL) || bits_count(BITS(&cpus)) == 0 ||
	    topology_cpu_nodes(t, "", &cpus, &f.cpu_nodes) || topology_node_cpus("", &f.to, &near))
		return;
	f.allowed = nodeset_and(f.allowed, &t->memory);
	/* A truncated list must not be used in a command. */
	if (bits_count(BITS(&near)) == 0 ||
	    bits_format(BITS(&near), f.cpus, sizeof(f.cpus)) >= (int)sizeof(f.cpus))
		*f.cpus = '\0';
	advice_format(&f, advice_judge(&f), advice);
}
