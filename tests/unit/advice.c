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
	char policy[BINDING_POLICY_MAX];

	binding_parse_policy(row->text, policy);
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

/* ---- causes and notes ---- */

enum { PART = 1, MOVABLE = 2 }; /* only a part was moved; to nodes the kernel cannot use */

struct judge_row {
	const char *what;
	unsigned int how;
	const char *from, *to, *allowed, *cpu_nodes;
	const char *policy;
	unsigned int balancing;
	const char *cpus, *unit;
	const char *notes; /* one per line; "": its memory stays */
};

#define RUNS_ON(NODE) "new pages of redis (7) go to node" NODE ", near its CPUs"
#define POLICY(TEXT)  "new pages of redis (7) follow its policy " TEXT
#define MAY_RETURN    "NUMA balancing may move pages of redis (7) back"
#define STOP	      "; to stop this: "
#define TURN_OFF      "; to turn it off: sysctl kernel.numa_balancing=0"

static const struct judge_row judge_rows[] = {
	{ "runs on the destination", 0, "0", "2", "0-3", "2", "default", 1, "2", "", "" },
	{ "may run on all nodes", 0, "0", "2", "0-3", "0-3", "default", 0, "2", "", "" },
	{ "may run on all nodes, balanced", 0, "0", "2", "0-3", "0-3", "default", 1, "2", "",
	  MAY_RETURN TURN_OFF },
	{ "may run on all nodes, balanced by tiers only", 0, "0", "2", "0-3", "0-3", "default", 2,
	  "2", "", "" },
	{ "was moved to slow memory, balanced by tiers", 0, "0", "2", "0-3", "0-1", "default", 2,
	  "", "",
	  RUNS_ON("s 0-1") STOP
	  "numactl --membind=2 (when it starts), or cpuset.mems=2\n" MAY_RETURN TURN_OFF },
	{ "was moved to slow memory in ZONE_MOVABLE", MOVABLE, "0", "2", "0-3", "0-1", "default", 2,
	  "", "x.service", RUNS_ON("s 0-1") "\n" MAY_RETURN TURN_OFF },
	{ "runs on the source", 0, "0", "2", "0-3", "0", "default", 0, "4-5", "",
	  RUNS_ON(" 0") STOP "taskset -acp 4-5 7" },
	{ "runs on the source, and a few pages were moved", PART, "0", "2", "0-3", "0", "default",
	  0, "4-5", "x.service", "" },
	{ "runs on the source, balanced, and a few pages were moved", PART, "0", "2", "0-3", "0",
	  "default", 1, "4-5", "x.service", MAY_RETURN TURN_OFF },
	{ "runs on unknown nodes", 0, "0", "2", "0-3", "", "default", 0, "4-5", "", "" },
	{ "runs on the source, policy unknown", 0, "0", "2", "0-3", "0", "", 0, "4-5", "",
	  RUNS_ON(" 0") STOP "taskset -acp 4-5 7" },
	{ "runs on the source, balanced", 0, "0", "2", "0-3", "0", "local", 1, "4-5", "",
	  RUNS_ON(" 0") STOP "taskset -acp 4-5 7\n" MAY_RETURN TURN_OFF },
	{ "is a unit that runs on the source", 0, "0", "2", "0-3", "0", "default", 0, "4-5",
	  "x.service", RUNS_ON(" 0") STOP "systemctl set-property x.service AllowedMemoryNodes=2" },
	{ "is a unit, balanced", 0, "0", "2", "0-3", "0-3", "default", 1, "4-5", "x.service",
	  MAY_RETURN STOP "systemctl set-property x.service AllowedMemoryNodes=2" },
	{ "was moved to a node without CPUs", 0, "0", "3", "0-3", "0", "default", 0, "",
	  "x.service", RUNS_ON(" 0") STOP "systemctl set-property x.service AllowedMemoryNodes=3" },
	{ "is bound to the source", 0, "0", "2", "0-3", "0-3", "bind:0", 1, "2", "",
	  POLICY("bind:0") STOP "numactl --membind=2 (when it starts), or cpuset.mems=2" },
	{ "is bound to the source, and a few pages were moved", PART, "0", "2", "0-3", "0-3",
	  "bind:0", 1, "2", "", "" },
	{ "is bound to the source, ZONE_MOVABLE", MOVABLE, "0", "2", "0-3", "0-3", "bind:0", 1, "2",
	  "x.service", POLICY("bind:0") },
	{ "prefers the source", 0, "0", "2", "0-3", "2", "prefer (many):0", 0, "2", "x.service",
	  POLICY("prefer (many):0") STOP "systemctl set-property x.service "
					 "AllowedMemoryNodes=2" },
	{ "is interleaved", 0, "0-1", "2", "0-3", "2", "interleave:0-3", 0, "2", "x.service",
	  POLICY("interleave:0-3") STOP "systemctl set-property x.service "
					"AllowedMemoryNodes=2" },
	{ "is bound to the destination", 0, "0", "2", "0-3", "0", "bind:2", 1, "2", "", "" },
	{ "is bound to another node", 0, "0", "2", "0-3", "0", "bind:1", 1, "2", "", "" },
	{ "is bound to a source that is a destination", 0, "0-1", "1-2", "0-3", "0", "bind:1", 0,
	  "2", "", "" },
	{ "may use only the destination", 0, "0", "2", "2", "0", "bind:0", 1, "2", "", "" },
	{ "may use two nodes", 0, "0-1", "2-3", "0-3", "0", "default", 0, "4-7", "x.service",
	  RUNS_ON(" 0") STOP "systemctl set-property x.service AllowedMemoryNodes=2-3" },
};

static void set_nodes(struct nodeset *set, const char *list)
{
	assert_int_equal(nodeset_parse_list(list, strlen(list), set), 0);
}

static void test_judge(void **state)
{
	const struct judge_row *row = *state;
	struct advice_facts facts = { .pid = 7,
				      .name = "redis (7)",
				      .whole = !(row->how & PART),
				      .bindable = !(row->how & MOVABLE),
				      .balancing = row->balancing };
	char text[1024] = "";
	struct text_line all = { text, sizeof(text), 0 };
	struct advice advice = { 0 };

	set_nodes(&facts.from, row->from);
	set_nodes(&facts.to, row->to);
	set_nodes(&facts.allowed, row->allowed);
	set_nodes(&facts.cpu_nodes, row->cpu_nodes);
	strcpy(facts.policy, row->policy);
	strcpy(facts.cpus, row->cpus);
	strcpy(facts.unit, row->unit);
	advice_format(&facts, advice_judge(&facts), &advice);
	for (size_t i = 0; i < advice.n; i++) {
		const struct note *note = &advice.note[i];

		text_add(&all, "%s%s", i ? "\n" : "", note->text);
		if (*note->command)
			text_add(&all, "; %s: %s", note->remedy, note->command);
	}
	assert_string_equal(text, row->notes);
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
