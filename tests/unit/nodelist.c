/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include "numa/nodelist.h"
#include "unit.h"
#include "util/text.h"

/* Machines, each set in the kernel's list format. */
struct machine {
	const char *name;
	const char *online, *memory, *cpu, *caller;
	const char *target, *local; /* NULL: no process yet */
};

#define MACHINE(id, ...) static const struct machine id = { __VA_ARGS__ }

MACHINE(one, "one node", "0", "0", "0", "0", "0", "0");
MACHINE(four, "four nodes", "0-3", "0-3", "0-3", "0-3", NULL, NULL);
MACHINE(sparse, "nodes 0 and 8", "0,8", "0,8", "0,8", "0,8", NULL, NULL);
MACHINE(hole, "nodes 0, 1 and 3", "0-1,3", "0-1,3", "0-1,3", "0-1,3", NULL, NULL);
MACHINE(wide, "two nodes, eight allowed", "0-1", "0-1", "0-1", "0-7", NULL, NULL);
MACHINE(bare, "node 2 without memory", "0-2", "0-1", "0-2", "0-2", NULL, NULL);
MACHINE(cxl, "node 2 without CPUs", "0-2", "0-2", "0-1", "0-2", "0-2", "0-1");
MACHINE(caged, "caller on 2-3", "0-3", "0-3", "0-3", "2-3", "0-3", "1");
MACHINE(kept, "process on 1-2", "0-3", "0-3", "0-3", "0-3", "1-2", "2-3");
MACHINE(apart, "caller on 0-1, process on 2-3", "0-3", "0-3", "0-3", "0-1", "2-3", "2");
MACHINE(loose, "process anywhere", "0-3", "0-3", "0-3", "0-3", "0-3", "0-3");
MACHINE(odd, "nodes 1, 3, 5 and 7, caller on 3-7", "0-7", "1,3,5,7", "0-7", "3-7", "0-5", "5");
MACHINE(gap, "caller on 0 and 2", "0-3", "0-3", "0-3", "0,2", NULL, NULL);
MACHINE(last, "nodes 0 and 1023", "0,1023", "0,1023", "0", "0,1023", NULL, NULL);
MACHINE(power, "nodes 0 and 8, and 252-255 without CPUs", "0,8,252-255", "0,8,252-255", "0,8",
	"0,8,252-255", "0,8,252-255", "8");
MACHINE(large, "64 nodes, 48-55 without memory, 56-63 without CPUs", "0-63", "0-47,56-63", "0-55",
	"0-63", "0-63", "0-3");

enum { FROM, TO };

struct row {
	const struct machine *machine;
	int direction;
	const char *text;
	size_t len;
	const char *set;   /* what it selects; NULL: an error */
	const char *error; /* the message */
};

#define IS(machine, direction, text, set)                              \
	{                                                              \
		&machine, direction, text, sizeof(text) - 1, set, NULL \
	}
#define NO(machine, direction, text, error)                              \
	{                                                                \
		&machine, direction, text, sizeof(text) - 1, NULL, error \
	}

#define DO4   "; usable nodes: 0-3"
#define DO1   "; usable node: 0"
#define WORDS "; expected numbers, ranges, all, has-cpu, memory-only or local"
#define SIGNS "; '!', '^' and '+' are allowed only at the start of the list"

static const struct row rows[] = {
	/* numbers, ranges and lists */
	IS(four, FROM, "0", "0"),
	IS(four, FROM, "3", "3"),
	IS(four, FROM, "0-1,3", "0-1,3"),
	IS(four, FROM, "3,0-1", "0-1,3"),
	IS(four, FROM, "0-3", "0-3"),
	IS(four, FROM, "2-2", "2"),
	IS(four, FROM, "0,0,0-1,1", "0-1"),
	IS(four, TO, "1,2", "1-2"),
	IS(hole, TO, "0-3", "0-1,3"),
	IS(sparse, TO, "0-8", "0,8"),
	IS(bare, TO, "0-1", "0-1"),
	IS(last, TO, "1023", "1023"),
	IS(last, FROM, "0-1023", "0,1023"),
	NO(four, FROM, "3-1", "'3-1' is a descending range; write the lower end first"),
	NO(four, FROM, "0,3-1", "'3-1' (at 3) is a descending range; write the lower end first"),
	NO(four, FROM, "3-0", "'3-0' is a descending range; write the lower end first"),
	NO(one, TO, "1", "'1' is not a node of this machine" DO1),
	NO(one, TO, "0-1", "'1' (at 3) is not a node of this machine" DO1),
	NO(one, TO, "99999", "'99999' is not a node of this machine" DO1),
	NO(four, TO, "0,1,7", "'7' (at 5) is not a node of this machine" DO4),
	NO(four, TO, "7-9", "'7' (at 1) is not a node of this machine" DO4),
	NO(four, TO, "9-0", "'9' (at 1) is not a node of this machine" DO4),
	NO(hole, FROM, "0-2", "'2' (at 3) is not a node of this machine; usable nodes: 0-1,3"),
	NO(hole, FROM, "2-3", "'2' (at 1) is not a node of this machine; usable nodes: 0-1,3"),
	NO(sparse, FROM, "1", "'1' is not a node of this machine; usable nodes: 0,8"),

	/* numbers that are none, or too large */
	NO(four, FROM, "1023", "'1023' is not a node of this machine" DO4),
	NO(four, FROM, "1024", "'1024' is not a node of this machine" DO4),
	NO(last, FROM, "1024", "'1024' is not a node of this machine; usable nodes: 0,1023"),
	NO(four, FROM, "2147483648", "'2147483648' is not a node of this machine" DO4),
	NO(one, FROM, "4294967295", "'4294967295' is not a node of this machine" DO1),
	NO(one, FROM, "4294967296", "'4294967296' is not a node of this machine" DO1),
	NO(one, FROM, "0-4294967296", "'4294967296' (at 3) is not a node of this machine" DO1),
	NO(one, FROM, "9223372036854775808",
	   "'9223372036854775808' is not a node of this machine" DO1),
	NO(one, FROM, "18446744073709551615",
	   "'18446744073709551615' is not a node of this machine" DO1),
	NO(one, FROM, "18446744073709551616",
	   "'18446744073709551616' is not a node of this machine" DO1),
	NO(one, FROM, "0-18446744073709551615",
	   "'18446744073709551615' (at 3) is not a node of this machine" DO1),
	NO(one, FROM, "1000000000000000000000000000000",
	   "'1000000000000000000000000000000' is not a node of this machine" DO1),
	NO(one, FROM, "1000000000000000000000000000000000000000",
	   "'100000000000000000000000000000000000...' is not a node of this machine" DO1),
	NO(one, FROM, "00", "'00' has leading zeros; write plain decimal numbers"),
	NO(one, FROM, "010", "'010' has leading zeros; write plain decimal numbers"),
	NO(one, FROM, "0-00", "'00' (at 3) has leading zeros; write plain decimal numbers"),
	NO(one, FROM, "0x0", "'0x0' is not a node number" DO1),
	NO(one, FROM, "0x", "'0x' is not a node number" DO1),
	NO(one, FROM, " ", "' ' is not a node number" DO1),
	NO(one, FROM, " 0", "' 0' is not a node number" DO1),
	NO(one, FROM, "\t0", "'\\0110' is not a node number" DO1),
	NO(one, FROM, "0 ", "'0 ' is not a node number" DO1),
	NO(one, FROM, "0\n", "'0\\012' is not a node number" DO1),
	NO(one, FROM, "0, 0", "' 0' (at 3) is not a node number" DO1),
	NO(one, FROM, "0 ,0", "'0 ' (at 1) is not a node number" DO1),
	NO(one, FROM, "0- 0", "' 0' (at 3) is not a node number" DO1),
	NO(one, FROM, "0 -0", "'0 ' (at 1) is not a node number" DO1),
	NO(one, FROM, "0;0", "'0;0' is not a node number" DO1),
	NO(one, FROM, "0:0", "'0:0' is not a node number" DO1),
	NO(one, FROM, "0:1", "'0:1' is not a node number" DO1),
	NO(one, FROM, "0/0", "'0/0' is not a node number" DO1),
	NO(four, FROM, "0-3:2", "'3:2' (at 3) is not a node number" DO4),
	NO(one, FROM, "0-0-0", "'0-0' (at 3) is not a node number" DO1),
	NO(one, FROM, "0--0", "'-0' (at 3) is not a node number" DO1),
	NO(one, FROM, "0-all", "'all' (at 3) is not a node number" DO1),
	NO(one, FROM, "0\0", "'0\\000' is not a node number" DO1),
	NO(one, FROM, "\0", "'\\000' is not a node number" DO1),
	NO(one, FROM, "\0330m", "'\\0330m' is not a node number" DO1),
	NO(one, FROM, "\xff", "'\\377' is not a node number" DO1),

	/* places left empty */
	NO(one, FROM, "", "empty node list" DO1),
	NO(one, TO, "", "empty node list" DO1),
	NO(one, FROM, ",", "missing node at 1" DO1),
	NO(one, FROM, ",0", "missing node at 1" DO1),
	NO(one, FROM, "0,", "missing node at the end" DO1),
	NO(one, FROM, "0,,0", "missing node at 3" DO1),
	NO(one, FROM, "0-", "missing node at the end" DO1),
	NO(one, FROM, "0--", "'-' (at 3) is not a node number" DO1),
	NO(one, FROM, "-0", "missing node at 1" DO1),
	NO(one, FROM, "-1", "missing node at 1" DO1),
	NO(one, FROM, "-", "missing node at 1" DO1),
	NO(one, FROM, "0-,0", "missing node at 3" DO1),
	NO(one, FROM, "!", "missing node at the end" DO1),
	NO(one, FROM, "^", "missing node at the end" DO1),
	NO(one, FROM, "+", "missing node at the end" DO1),
	NO(one, FROM, "!+", "missing node at the end" DO1),
	NO(one, FROM, "+0-", "missing node at the end" DO1),

	/* words */
	IS(one, FROM, "all", "0"),
	IS(one, TO, "all", "0"),
	IS(one, FROM, "0,all", "0"),
	IS(four, FROM, "all,0", "0-3"),
	IS(one, FROM, "+all", "0"),
	IS(wide, FROM, "all", "0-1"),
	IS(wide, TO, "all", "0-1"),
	IS(bare, FROM, "all", "0-1"),
	IS(caged, TO, "all", "2-3"),
	IS(caged, FROM, "all", "0-3"),
	IS(kept, TO, "all", "1-2"),
	IS(kept, FROM, "all", "0-3"),
	IS(four, FROM, "has-cpu", "0-3"),
	IS(cxl, FROM, "has-cpu", "0-1"),
	IS(bare, FROM, "has-cpu", "0-1"),
	IS(caged, TO, "has-cpu", "2-3"),
	IS(cxl, FROM, "memory-only", "2"),
	IS(cxl, TO, "memory-only", "2"),
	IS(cxl, FROM, "!memory-only", "0-1"),
	IS(cxl, FROM, "0,memory-only", "0,2"),
	IS(cxl, FROM, "memory-only,has-cpu", "0-2"),
	IS(four, FROM, "!memory-only", "0-3"),
	IS(last, FROM, "memory-only", "1023"),
	IS(power, TO, "memory-only", "252-255"),
	IS(power, FROM, "has-cpu", "0,8"),
	IS(power, TO, "local", "8"),
	IS(power, FROM, "!local", "0,252-255"),
	IS(power, TO, "+2-3", "252-253"),
	IS(power, FROM, "8-252", "8,252"),
	IS(large, FROM, "all", "0-47,56-63"),
	IS(large, TO, "has-cpu", "0-47"),
	IS(large, TO, "memory-only", "56-63"),
	IS(large, TO, "+48-55", "56-63"),
	NO(four, FROM, "memory-only", "'memory-only' selects no node" DO4),
	NO(four, FROM, "!has-cpu", "'!has-cpu' selects no node" DO4),
	IS(cxl, TO, "local", "0-1"),
	IS(cxl, FROM, "!local", "2"),
	IS(kept, FROM, "local", "2-3"),
	IS(kept, TO, "local", "2"),
	IS(kept, TO, "local,1", "1-2"),
	IS(odd, TO, "local", "5"),
	NO(caged, TO, "local", "'local' selects no node; usable nodes: 2-3"),
	NO(four, TO, "local", "'local' needs a process" DO4),
	NO(loose, TO, "local",
	   "'local' is every node, because the process may run on all of them; "
	   "name nodes, or bind the process to CPUs first"),
	NO(loose, FROM, "0,local",
	   "'local' (at 3) is every node, because the process may run on "
	   "all of them; name nodes, or bind the process to CPUs first"),
	NO(one, FROM, "!local",
	   "'local' (at 2) is every node, because the process may run on all "
	   "of them; name nodes, or bind the process to CPUs first"),
	NO(one, FROM, "al", "'al' is not a node list" WORDS),
	NO(one, FROM, "alll", "'alll' is not a node list" WORDS),
	NO(one, FROM, "ALL", "'ALL' is not a node list" WORDS),
	NO(one, FROM, "all ", "'all ' is not a node list" WORDS),
	NO(one, FROM, "all-0", "'all-0' is not a node list" WORDS),
	NO(one, FROM, "same", "'same' is not a node list" WORDS),
	NO(one, FROM, "none", "'none' is not a node list" WORDS),
	NO(one, FROM, "foo:bar", "'foo:bar' is not a node list" WORDS),
	NO(one, FROM, "0,cpu", "'cpu' (at 3) is not a node list" WORDS),
	NO(one, FROM, "has_cpu", "'has_cpu' is not a node list" WORDS),
	NO(one, FROM, "all\0", "'all\\000' is not a node list" WORDS),

	/* inverted */
	IS(four, FROM, "!0", "1-3"),
	IS(four, FROM, "^0", "1-3"),
	IS(four, FROM, "!1-2", "0,3"),
	IS(sparse, FROM, "!0", "8"),
	IS(sparse, TO, "!8", "0"),
	IS(sparse, FROM, "^8", "0"),
	IS(hole, FROM, "!1", "0,3"),
	IS(bare, TO, "!0", "1"),
	IS(caged, TO, "!2", "3"),
	IS(caged, TO, "!+0", "3"),
	IS(caged, TO, "^+1", "2"),
	IS(caged, FROM, "!2", "0-1,3"),
	IS(caged, FROM, "!+0", "0-1,3"),
	IS(kept, TO, "!1", "2"),
	IS(last, TO, "!0", "1023"),
	NO(sparse, FROM, "!0,8", "'!0,8' selects no node; usable nodes: 0,8"),
	NO(one, FROM, "!0", "'!0' selects no node" DO1),
	NO(one, TO, "!0", "'!0' selects no node" DO1),
	NO(one, FROM, "!+0", "'!+0' selects no node" DO1),
	NO(one, FROM, "!all", "'!all' selects no node" DO1),
	NO(one, FROM, "!+all", "'!+all' selects no node" DO1),
	NO(caged, TO, "!0",
	   "'0' (at 2) is not allowed by the caller's cpuset; "
	   "usable nodes: 2-3"),
	NO(four, FROM, "!7", "'7' (at 2) is not a node of this machine" DO4),
	IS(four, FROM, "! 0", "1-3"),
	IS(four, FROM, "!  +0", "1-3"),
	NO(one, FROM, "! 0", "'! 0' selects no node" DO1),
	NO(four, FROM, " !0", "' !0' is not a node number" DO4),
	NO(four, FROM, "! ", "missing node at the end" DO4),
	NO(one, FROM, "!!", "'!' (at 2) has a misplaced sign" SIGNS),
	NO(one, FROM, "!!0", "'!0' (at 2) has a misplaced sign" SIGNS),
	NO(one, FROM, "!^0", "'^0' (at 2) has a misplaced sign" SIGNS),
	NO(one, FROM, "+!0", "'!0' (at 2) has a misplaced sign" SIGNS),
	NO(one, FROM, "0,!0", "'!0' (at 3) has a misplaced sign" SIGNS),

	/* relative */
	IS(one, FROM, "+0", "0"),
	IS(four, TO, "+1-2", "1-2"),
	IS(four, TO, "+0,2-3", "0,2-3"),
	IS(sparse, TO, "+1", "8"),
	IS(sparse, TO, "+0-1", "0,8"),
	IS(hole, FROM, "+2", "3"),
	IS(caged, TO, "+0", "2"),
	IS(caged, TO, "+1", "3"),
	IS(caged, FROM, "+0", "2"),
	IS(caged, FROM, "+0-1", "2-3"),
	IS(wide, TO, "+1", "1"),
	IS(odd, TO, "+0", "3"),
	IS(odd, TO, "+0-1", "3,5"),
	IS(odd, FROM, "+0-2", "3,5,7"),
	IS(odd, FROM, "!+0-2", "1"),
	IS(kept, TO, "+1", "1"),
	IS(gap, FROM, "+0-1", "0,2"),
	IS(gap, TO, "+0-1", "0,2"),
	IS(gap, FROM, "!+0-1", "1,3"),
	NO(odd, TO, "+2",
	   "'2' (node 7, at 2) is not allowed by the cpuset of the process; "
	   "usable nodes: 3,5"),
	NO(odd, TO, "+0-2",
	   "'2' (node 7, at 4) is not allowed by the cpuset of the process; "
	   "usable nodes: 3,5"),
	NO(one, FROM, "+1", "'1' (at 2) is beyond the last allowed node; usable: +0"),
	NO(four, FROM, "+4", "'4' (at 2) is beyond the last allowed node; usable: +0 to +3"),
	NO(bare, FROM, "+2", "'2' (at 2) is beyond the last allowed node; usable: +0 to +1"),
	NO(wide, FROM, "+7", "'7' (at 2) is beyond the last allowed node; usable: +0 to +1"),
	NO(four, FROM, "+0-18446744073709551615",
	   "'18446744073709551615' (at 4) is beyond "
	   "the last allowed node; usable: +0 to +3"),
	NO(four, FROM, "+3-1", "'3-1' (at 2) is a descending range; write the lower end first"),
	NO(one, FROM, "+ 0", "' 0' (at 2) is not a node number" DO1),
	NO(one, FROM, "+00", "'00' (at 2) has leading zeros; write plain decimal numbers"),
	NO(one, FROM, "++0", "'+0' (at 2) has a misplaced sign" SIGNS),
	NO(one, FROM, "0,+0", "'+0' (at 3) has a misplaced sign" SIGNS),
	NO(one, FROM, "0-+0", "'+0' (at 3) has a misplaced sign" SIGNS),

	/* which condition failed */
	IS(caged, FROM, "0-1", "0-1"),
	IS(kept, FROM, "0,3", "0,3"),
	IS(kept, TO, "1-2", "1-2"),
	NO(bare, TO, "2", "'2' has no memory; usable nodes: 0-1"),
	NO(bare, FROM, "0-2", "'2' (at 3) has no memory; usable nodes: 0-1"),
	NO(power, TO, "9", "'9' is not a node of this machine; usable nodes: 0,8,252-255"),
	NO(large, TO, "48", "'48' has no memory; usable nodes: 0-47,56-63"),
	NO(bare, TO, "3", "'3' is not a node of this machine; usable nodes: 0-1"),
	NO(wide, TO, "2", "'2' is not a node of this machine; usable nodes: 0-1"),
	NO(caged, TO, "1",
	   "'1' is not allowed by the caller's cpuset; "
	   "usable nodes: 2-3"),
	NO(caged, TO, "0-3",
	   "'0' (at 1) is not allowed by the caller's cpuset; "
	   "usable nodes: 2-3"),
	NO(kept, TO, "3",
	   "'3' is not allowed by the cpuset of the process; "
	   "usable nodes: 1-2"),
	NO(kept, TO, "1-3",
	   "'3' (at 3) is not allowed by the cpuset of the process; "
	   "usable nodes: 1-2"),
	NO(apart, TO, "2",
	   "'2' is not allowed by the caller's cpuset; "
	   "no node is usable: this command may use 0-1, the process 2-3"),
	NO(apart, TO, "1",
	   "'1' is not allowed by the cpuset of the process; "
	   "no node is usable: this command may use 0-1, the process 2-3"),
	NO(apart, TO, "all",
	   "'all' selects no node; "
	   "no node is usable: this command may use 0-1, the process 2-3"),

	/* devices: "netdev:N" is on node N, see device_fake() */
	IS(four, TO, "netdev:2", "2"),
	IS(four, TO, "0,netdev:2", "0,2"),
	IS(four, TO, "!netdev:2", "0-1,3"),
	IS(four, TO, "+0,netdev:2", "0,2"),
	IS(four, TO, "ip:1", "1"),
	IS(four, TO, "file:1", "1"),
	IS(four, TO, "block:1", "1"),
	IS(four, TO, "pci:1", "1"),
	NO(four, TO, "netdev:2,3", "'netdev:2,3' is not a fake device" DO4),
	NO(four, TO, "netdev:", "'netdev:' is not a fake device" DO4),
	NO(four, TO, "0,file:/a,b", "'file:/a,b' (at 3) is not a fake device" DO4),
	NO(four, TO, "netdev", "'netdev' is not a node list" WORDS),
	NO(four, TO, "usb:1", "'usb:1' is not a node list" WORDS),
	NO(four, TO, "0-netdev:1", "'netdev:1' (at 3) is not a node number" DO4),
	NO(four, TO, "netdev:7", "'netdev:7' (node 7) is not a node of this machine" DO4),
	NO(bare, TO, "netdev:2", "'netdev:2' (node 2) has no memory; usable nodes: 0-1"),
	NO(caged, TO, "2,pci:1",
	   "'pci:1' (node 1, at 3) is not allowed by the caller's "
	   "cpuset; usable nodes: 2-3"),
	NO(kept, TO, "ip:0",
	   "'ip:0' (node 0) is not allowed by the cpuset of the process; "
	   "usable nodes: 1-2"),
};

/* A device whose name is one digit is on that node. */
static int device_fake(const char *text, size_t len, struct nodeset *nodes, char *why,
		       size_t why_size)
{
	const char *colon = memchr(text, ':', len);

	if (!colon || colon + 2 != text + len || colon[1] < '0' || colon[1] > '9') {
		snprintf(why, why_size, "is not a fake device");
		return -ENODEV;
	}
	nodeset_add(nodes, colon[1] - '0');
	return 0;
}

/* A fake machine: its sets, and the world that borrows them. */
struct made {
	struct nodeset online, memory, cpu, caller, target, local;
	struct nodelist_world world;
};

static const struct nodeset *set_make(struct nodeset *set, const char *list)
{
	if (!list)
		return NULL;
	*set = (struct nodeset){ 0 };
	assert_int_equal(nodeset_parse_list(list, strlen(list), set), 0);
	return set;
}

static const struct nodelist_world *make(struct made *made, const struct machine *machine,
					 int direction)
{
	made->world = (struct nodelist_world){
		.online = set_make(&made->online, machine->online),
		.memory = set_make(&made->memory, machine->memory),
		.cpu = set_make(&made->cpu, machine->cpu),
		.caller = set_make(&made->caller, machine->caller),
		.target = set_make(&made->target, machine->target),
		.local = set_make(&made->local, machine->local),
		.destination = direction == TO,
		.device = device_fake,
	};
	return &made->world;
}

/* Copy without room for a NUL, so memory checkers detect a read past the end. */
static char *copy_exact(const char *text, size_t len)
{
	char *copy = malloc(len + !len);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static void test_row(void **state)
{
	const struct row *row = *state;
	struct made made;
	const struct nodelist_world *world = make(&made, row->machine, row->direction);
	char *text = copy_exact(row->text, row->len);
	char got[NODES_TEXT_MAX], line[NODELIST_TEXT_MAX] = "";
	struct text_line why = { line, sizeof(line), 0 };
	struct nodeset nodes = nodeset_all();
	bool early = !world->local && strcmp(row->text, "local") == 0;
	int ret;

	ret = nodelist_parse(text, row->len, world, &nodes, &why);
	nodeset_format(&nodes, got, sizeof(got));
	assert_int_equal(ret, row->set ? 0 : early ? -EAGAIN : -EINVAL);
	assert_string_equal(got, row->set ? row->set : "none");
	assert_string_equal(line, row->set ? "" : row->error);
	assert_int_equal(why.full, strlen(line));
	free(text);
}

static void test_without_devices(void **state)
{
	struct made made;
	struct nodelist_world world = *make(&made, &four, TO);
	struct nodeset nodes;
	char line[NODELIST_TEXT_MAX];
	struct text_line why = { line, sizeof(line), 0 };

	(void)state;
	world.device = NULL;
	assert_int_equal(nodelist_parse("ip:1", 4, &world, &nodes, &why), -EINVAL);
	assert_string_equal(line, "'ip:1' is a device, which is not allowed here" DO4);
}

static void test_usable(void **state)
{
	struct made made;
	struct nodeset nodes;
	char got[NODES_TEXT_MAX];

	(void)state;
	nodes = nodelist_usable(make(&made, &odd, TO));
	nodeset_format(&nodes, got, sizeof(got));
	assert_string_equal(got, "3,5");
	nodes = nodelist_usable(make(&made, &odd, FROM));
	nodeset_format(&nodes, got, sizeof(got));
	assert_string_equal(got, "1,3,5,7");
}

static void test_refusal_agrees(void **state)
{
	struct made made;
	struct nodeset usable;

	for (int direction = FROM; direction <= TO; direction++) {
		const struct nodelist_world *world = make(&made, *state, direction);

		usable = nodelist_usable(world);
		for (int n = 0; n < NODES_MAX; n++)
			assert_int_equal(nodelist_refusal(world, n) == NULL,
					 nodeset_has(&usable, n));
		assert_string_equal(nodelist_refusal(world, -1), "is not a node of this machine");
		assert_string_equal(nodelist_refusal(world, NODES_MAX),
				    "is not a node of this machine");
		assert_string_equal(nodelist_refusal(world, INT_MAX),
				    "is not a node of this machine");
	}
}

/* With every buffer size: no overflow, terminated, and a prefix of the full text. */
static void test_short_buffers(void **state)
{
	struct made made;
	const struct nodelist_world *world = make(&made, &apart, TO);
	char whole[NODELIST_TEXT_MAX], part[NODELIST_TEXT_MAX];
	struct text_line line = { whole, sizeof(whole), 0 };
	struct nodeset nodes;
	int full;

	(void)state;
	nodelist_parse("2,9", 3, world, &nodes, &line);
	full = (int)line.full;
	for (size_t size = 1; size < sizeof(part); size++) {
		size_t kept_length = size <= (size_t)full ? size - 1 : (size_t)full;

		memset(part, 'x', sizeof(part));
		line = (struct text_line){ part, size, 0 };
		nodelist_parse("2,9", 3, world, &nodes, &line);
		assert_int_equal(line.full, full);
		assert_int_equal(strlen(part), kept_length);
		assert_memory_equal(part, whole, kept_length);
		assert_int_equal(part[size], 'x');
	}
}

/* The slowest list to parse: many items that each select all nodes. */
static void test_linear(void **state)
{
	static const char item[] = "0-1023,";
	const size_t count = 150000, len = count * (sizeof(item) - 1) - 1;
	char *text = malloc(len + 1);
	struct made made;
	const struct nodelist_world *world = make(&made, &last, TO);
	char message[NODELIST_TEXT_MAX];
	struct text_line why = { message, sizeof(message), 0 };
	struct nodeset nodes;
	clock_t start = clock();

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < len + 1; i++)
		text[i] = item[i % (sizeof(item) - 1)];
	assert_int_equal(nodelist_parse(text, len, world, &nodes, &why), 0);
	memset(text, '9', len);
	assert_int_equal(nodelist_parse(text, len, world, &nodes, &why), -EINVAL);
	assert_non_null(strstr(message, "...' is not a node of this machine;"));
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	free(text);
}

static void rows_add(struct unit_suite *suite)
{
	static const char *const directions[] = { "from", "to" };
	char text[80];

	for (size_t i = 0; i < UNIT_ROWS(rows); i++) {
		const struct row *row = &rows[i];

		text_escape(row->text, row->len, text, sizeof(text));
		unit_add(suite, test_row, row, "%s, %s \"%s\": %s%s%s", row->machine->name,
			 directions[row->direction], text, row->set ? "{" : "",
			 row->set ? row->set : row->error, row->set ? "}" : "");
	}
}

int main(void)
{
	static const struct machine *const machines[] = {
		&one,  &four,  &sparse, &hole, &wide, &bare, &cxl,   &caged,
		&kept, &apart, &loose,	&odd,  &gap,  &last, &power, &large,
	};
	struct unit_suite suite = { NULL, 0 };

	rows_add(&suite);
	for (size_t i = 0; i < UNIT_ROWS(machines); i++)
		unit_add(&suite, test_refusal_agrees, machines[i],
			 "%s: a node is rejected if and only if it is not usable",
			 machines[i]->name);
	unit_add(&suite, test_without_devices, NULL, "devices are an error without a resolver");
	unit_add(&suite, test_usable, NULL, "usable nodes depend on the direction");
	unit_add(&suite, test_short_buffers, NULL,
		 "an error message fits into a buffer of any size");
	unit_add(&suite, test_linear, NULL, "a megabyte is parsed in linear time");
	return unit_run(&suite, "nodelist");
}
