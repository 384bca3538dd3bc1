/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <string.h>

#include "command/advice.h"
#include "unit.h"

struct text_row {
	const char *text, *result;
};

/* ---- policies ---- */

static const struct text_row policy_rows[] = {
	{ "5581c0c3d000 default file=/usr/bin/x mapped=3 N0=3 kernelpagesize_kB=4\n", "default" },
	{ "400000 bind:0\n", "bind:0" },
	{ "400000 bind=static:0-1,3 file=/a:b\n", "bind=static:0-1,3" },
	{ "400000 prefer:2 anon=1 N0=1\n", "prefer:2" },
	{ "400000 prefer (many):0,2 heap", "prefer (many):0,2" },
	{ "400000 weighted interleave:0-3 stack", "weighted interleave:0-3" },
	{ "400000 interleave:0-3\n500000 default\n", "interleave:0-3" },
	{ "400000 local\n", "local" },
	{ "400000 other:0\n", "" },
	{ "400000", "" },
	{ "", "" },
};

static void test_policy(void **state)
{
	const struct text_row *row = *state;
	char policy[ADVICE_NAME_MAX];

	advice_policy(row->text, policy);
	assert_string_equal(policy, row->result);
}

/* ---- units ---- */

static const struct text_row unit_rows[] = {
	{ "0::/system.slice/redis.service\n", "redis.service" },
	{ "0::/system.slice/redis.service", "redis.service" },
	{ "0::/system.slice/system-pg.slice/pg@16-main.service\n", "pg@16-main.service" },
	{ "0::/system.slice/docker-0a1b.scope\n", "docker-0a1b.scope" },
	{ "3:cpuset:/\n1:name=systemd:/system.slice/cron.service\n0::/system.slice/cron.service\n",
	  "cron.service" },
	{ "4:memory:/system.slice/other.service\n1:name=systemd:/a.slice/x.service\n",
	  "x.service" },
	{ "4:memory:/system.slice/other.service\n", "" },
	{ "0::/user.slice/user-1000.slice/session-3.scope\n", "" },
	{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n", "" },
	{ "0::/system.slice/redis.service/worker\n", "" },
	{ "0::/system.slice\n", "" },
	{ "0::/.service\n", "" },
	{ "0::/a;b.service\n", "" },
	{ "0::/a\\x2db.service\n", "" },
	{ "0::/\n", "" },
	{ "0::", "" },
	{ "\n\n", "" },
	{ "", "" },
};

static void test_unit(void **state)
{
	const struct text_row *row = *state;
	char unit[ADVICE_NAME_MAX];

	advice_unit(row->text, unit);
	assert_string_equal(unit, row->result);
}

/* ---- judging, and what is said ---- */

struct judge_row {
	const char *what;
	const char *from, *to, *allowed, *cpu_nodes;
	const char *policy;
	unsigned int balancing;
	const char *cpus, *unit;
	const char *line; /* behind the beginning; NULL: it stays */
};

#define RUNS_ON_0  "its CPUs are near node 0, where new pages go"
#define FOR_GOOD   "; to make it last: "
#define MAY_RETURN "NUMA balancing may move pages back"

static const struct judge_row judge_rows[] = {
	{ "runs there", "0", "2", "0-3", "2", "default", 1, "2", "", NULL },
	{ "runs anywhere", "0", "2", "0-3", "0-3", "default", 0, "2", "", NULL },
	{ "runs anywhere, balanced", "0", "2", "0-3", "0-3", "default", 1, "2", "",
	  MAY_RETURN FOR_GOOD "sysctl kernel.numa_balancing=0, or a cpuset" },
	{ "runs anywhere, balanced by tiers only", "0", "2", "0-3", "0-3", "default", 2, "2", "",
	  NULL },
	{ "was put on slow memory, balanced by tiers", "0", "2", "0-3", "0-1", "default", 2, "", "",
	  "its CPUs are near nodes 0-1, where new pages go, and " MAY_RETURN FOR_GOOD
	  "a cpuset with cpuset.mems=2, or a start under numactl --membind=2" },
	{ "runs elsewhere", "0", "2", "0-3", "0", "default", 0, "4-5", "",
	  RUNS_ON_0 FOR_GOOD "taskset -acp 4-5 7" },
	{ "runs nobody knows where", "0", "2", "0-3", "", "default", 0, "4-5", "", NULL },
	{ "runs elsewhere, policy unknown", "0", "2", "0-3", "0", "", 0, "4-5", "",
	  RUNS_ON_0 FOR_GOOD "taskset -acp 4-5 7" },
	{ "runs elsewhere, balanced", "0", "2", "0-3", "0", "local", 1, "4-5", "",
	  RUNS_ON_0 ", and " MAY_RETURN FOR_GOOD "taskset -acp 4-5 7" },
	{ "a unit that runs elsewhere", "0", "2", "0-3", "0", "default", 0, "4-5", "x.service",
	  RUNS_ON_0 FOR_GOOD
	  "systemctl set-property x.service AllowedCPUs=4-5 AllowedMemoryNodes=2" },
	{ "a unit, balanced", "0", "2", "0-3", "0-3", "default", 1, "4-5", "x.service",
	  MAY_RETURN FOR_GOOD "systemctl set-property x.service AllowedMemoryNodes=2" },
	{ "was put where no CPUs are", "0", "3", "0-3", "0", "default", 0, "", "x.service",
	  RUNS_ON_0 FOR_GOOD "systemctl set-property x.service AllowedMemoryNodes=3" },
	{ "is bound to the source", "0", "2", "0-3", "0-3", "bind:0", 1, "2", "",
	  "its memory policy is bind:0, and new pages follow it" FOR_GOOD
	  "a cpuset with cpuset.mems=2, or a start under numactl --membind=2" },
	{ "prefers the source", "0", "2", "0-3", "2", "prefer (many):0", 0, "2", "x.service",
	  "its memory policy is prefer (many):0, and new pages follow it" FOR_GOOD
	  "systemctl set-property x.service AllowedMemoryNodes=2" },
	{ "is interleaved", "0-1", "2", "0-3", "2", "interleave:0-3", 0, "2", "x.service",
	  "its memory policy is interleave:0-3, and new pages follow it" FOR_GOOD
	  "systemctl set-property x.service AllowedMemoryNodes=2" },
	{ "is bound to the destination", "0", "2", "0-3", "0", "bind:2", 1, "2", "", NULL },
	{ "is bound to another node", "0", "2", "0-3", "0", "bind:1", 1, "2", "", NULL },
	{ "is bound to a source that is a destination", "0-1", "1-2", "0-3", "0", "bind:1", 0, "2",
	  "", NULL },
	{ "may use nothing else", "0", "2", "2", "0", "bind:0", 1, "2", "", NULL },
	{ "may use two nodes", "0-1", "2-3", "0-3", "0", "default", 0, "4-7", "x.service",
	  RUNS_ON_0 FOR_GOOD
	  "systemctl set-property x.service AllowedCPUs=4-7 AllowedMemoryNodes=2-3" },
};

static void set_nodes(struct nodeset *set, const char *list)
{
	assert_int_equal(nodeset_parse_list(list, strlen(list), set), 0);
}

static void test_judge(void **state)
{
	const struct judge_row *row = *state;
	struct advice_facts facts = { .pid = 7, .balancing = row->balancing };
	char line[ADVICE_TEXT_MAX];
	unsigned int causes;

	set_nodes(&facts.from, row->from);
	set_nodes(&facts.to, row->to);
	set_nodes(&facts.allowed, row->allowed);
	set_nodes(&facts.cpu_nodes, row->cpu_nodes);
	strcpy(facts.policy, row->policy);
	strcpy(facts.cpus, row->cpus);
	strcpy(facts.unit, row->unit);
	causes = advice_judge(&facts);
	assert_int_equal(causes != 0, row->line != NULL);
	if (!row->line)
		return;
	advice_format(&facts, causes, line);
	assert_int_equal(strncmp(line, "this may not last: ", 19), 0);
	assert_string_equal(line + 19, row->line);
}

int main(void)
{
	struct unit_suite suite = { 0 };

	for (size_t i = 0; i < UNIT_ROWS(policy_rows); i++)
		unit_add(&suite, test_policy, &policy_rows[i], "policy %s", policy_rows[i].result);
	for (size_t i = 0; i < UNIT_ROWS(unit_rows); i++)
		unit_add(&suite, test_unit, &unit_rows[i], "unit %zu: %s", i, unit_rows[i].result);
	for (size_t i = 0; i < UNIT_ROWS(judge_rows); i++)
		unit_add(&suite, test_judge, &judge_rows[i], "a process that %s",
			 judge_rows[i].what);
	return unit_run(&suite, "stay");
}
