/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <linux/capability.h>

#include "proc/access.h"
#include "unit.h"

#define CAP(name) (1ULL << CAP_##name)

struct parse_row {
	const char *what, *text;
	int ret;
	struct rights rights;
};

#define IDS "Name:\tcat\nUid:\t1000\t1001\t1002\t1001\nGid:\t50\t51\t52\t51\n"

static const struct parse_row parse_rows[] = {
	{ "all fields",
	  IDS "CapInh:\t0000000000000000\n"
	      "CapPrm:\t000001ffffffffff\nCapEff:\t0000000000080000\n",
	  0,
	  { 1000, 1001, 51, 0x1ffffffffff, CAP(SYS_PTRACE) } },
	{ "no capabilities", IDS "CapPrm:\t0\n", -EINVAL, { 0 } },
	{ "no user", "Name:\tcat\nGid:\t5\t5\t5\t5\nCapPrm:\t0\nCapEff:\t0\n", -EINVAL, { 0 } },
	{ "letters", "\nUid:\tx\tx\nGid:\t5\t5\nCapPrm:\t0\nCapEff:\t0\n", -EINVAL, { 0 } },
	{ "nothing", "", -EINVAL, { 0 } },
};

static void test_parse(void **state)
{
	const struct parse_row *row = *state;
	struct rights got = { 0 };

	assert_int_equal(access_parse(&got, row->text), row->ret);
	if (row->ret)
		return;
	assert_int_equal(got.real_uid, row->rights.real_uid);
	assert_int_equal(got.uid, row->rights.uid);
	assert_int_equal(got.gid, row->rights.gid);
	assert_int_equal(got.permitted, row->rights.permitted);
	assert_int_equal(got.effective, row->rights.effective);
}

/* ---- which check failed ---- */

enum { OWN_FILES = 1, HIDDEN = 2, ALL_BUT_PAGEMAP = 4, NAMESPACE = 8 };

struct judge_row {
	const char *what;
	enum refusal refusal;
	struct rights own, its;
	unsigned int facts;
};

#define USER                           \
	{                              \
		1000, 1000, 1000, 0, 0 \
	}
#define OTHER                          \
	{                              \
		1001, 1001, 1001, 0, 0 \
	}
#define ROOT(caps)                  \
	{                           \
		0, 0, 0, caps, caps \
	}
#define CAPABLE(permitted, effective)                  \
	{                                              \
		1000, 1000, 1000, permitted, effective \
	}

static const struct judge_row judge_rows[] = {
	{ "hidden", REFUSAL_HIDDEN, USER, OTHER, HIDDEN },
	{ "hidden from root", REFUSAL_HIDDEN, ROOT(0), OTHER, HIDDEN },
	{ "another user's process", REFUSAL_OWNER, USER, OTHER, OWN_FILES },
	{ "another user's process, protected", REFUSAL_OWNER, USER, OTHER, 0 },
	{ "root's process", REFUSAL_OWNER, USER, ROOT(~0ULL), OWN_FILES },
	{ "another real user ID", REFUSAL_OWNER, USER, { 1001, 1000, 1000, 0, 0 }, OWN_FILES },
	{ "in another group", REFUSAL_GROUP, USER, { 1000, 1000, 5, 0, 0 }, OWN_FILES },
	{ "protected", REFUSAL_PROTECTED, USER, USER, 0 },
	{ "protected, with capabilities", REFUSAL_PROTECTED, USER, CAPABLE(CAP(NET_RAW), 0), 0 },
	{ "with capabilities", REFUSAL_CAPABILITIES, USER, CAPABLE(CAP(NET_RAW), 0), OWN_FILES },
	{ "with no more capabilities", REFUSAL_MODULE, CAPABLE(CAP(NET_RAW), CAP(NET_RAW)),
	  CAPABLE(CAP(NET_RAW), 0), OWN_FILES },
	{ "the caller's own process", REFUSAL_MODULE, USER, USER, OWN_FILES },
	{ "caller: root without CAP_SYS_PTRACE", REFUSAL_ROOT, ROOT(CAP(SYS_NICE)), USER,
	  OWN_FILES },
	{ "caller: root with CAP_SYS_PTRACE", REFUSAL_MODULE, ROOT(~0ULL), USER, OWN_FILES },
	{ "caller: a user with CAP_SYS_PTRACE", REFUSAL_MODULE, CAPABLE(0, CAP(SYS_PTRACE)), OTHER,
	  OWN_FILES },
	{ "caller: root of a user namespace", REFUSAL_NAMESPACE, ROOT(~0ULL), OTHER,
	  OWN_FILES | NAMESPACE },
	{ "caller: root of a user namespace without capabilities", REFUSAL_ROOT, ROOT(0), OTHER,
	  OWN_FILES | NAMESPACE },
	{ "only pagemap", REFUSAL_PAGEMAP, ROOT(CAP(SYS_PTRACE)), USER,
	  OWN_FILES | ALL_BUT_PAGEMAP },
	{ "only pagemap, with all capabilities", REFUSAL_MODULE, ROOT(~0ULL), USER,
	  OWN_FILES | ALL_BUT_PAGEMAP },
};

static void test_judge(void **state)
{
	const struct judge_row *row = *state;
	const struct access_facts facts = {
		.own = row->own,
		.its = row->its,
		.own_files = row->facts & OWN_FILES,
		.hidden = row->facts & HIDDEN,
		.all_but_pagemap = row->facts & ALL_BUT_PAGEMAP,
		.in_user_namespace = row->facts & NAMESPACE,
	};

	assert_int_equal(access_judge(&facts), row->refusal);
}

/* ---- PIDs in containers ---- */

struct inner_row {
	const char *what, *status;
	pid_t inner;
};

#define BEFORE "Name:\tcat\nTgid:\t4711\n"
#define AFTER  "\nNSsid:\t9\t8\nVmPeak:\t 10 kB\n"

static const struct inner_row inner_rows[] = {
	{ "in this namespace", BEFORE "NSpid:\t4711" AFTER, 0 },
	{ "in a container", BEFORE "NSpid:\t4711\t7" AFTER, 7 },
	{ "in a container within a container", BEFORE "NSpid:\t4711\t70\t1" AFTER, 1 },
	{ "before kernel 4.1", BEFORE "NStgid:\t4711\t7" AFTER, 0 },
	{ "with a similar process name", "Name:\tNSpid:\t1\t2\nNSpid:\t4711" AFTER, 0 },
	{ "at the end of the text", BEFORE "NSpid:\t4711\t7", 7 },
	{ "cut after the tab", BEFORE "NSpid:\t4711\t", 0 },
	{ "letters", BEFORE "NSpid:\t4711\tx" AFTER, 0 },
	{ "nothing", "", 0 },
};

static void test_inner(void **state)
{
	const struct inner_row *row = *state;

	assert_int_equal(access_inner_pid(row->status), row->inner);
}

int main(void)
{
	struct unit_suite suite = { 0 };

	for (size_t i = 0; i < UNIT_ROWS(parse_rows); i++)
		unit_add(&suite, test_parse, &parse_rows[i], "status with %s", parse_rows[i].what);
	for (size_t i = 0; i < UNIT_ROWS(judge_rows); i++)
		unit_add(&suite, test_judge, &judge_rows[i], "denied: %s", judge_rows[i].what);
	for (size_t i = 0; i < UNIT_ROWS(inner_rows); i++)
		unit_add(&suite, test_inner, &inner_rows[i], "inner PID %s", inner_rows[i].what);
	return unit_run(&suite, "access");
}
