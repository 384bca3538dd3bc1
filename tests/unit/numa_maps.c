/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "proc/numa_maps.h"
#include "unit.h"

struct row {
	const char *what, *line;
	int rc;
	uint64_t node0, node3; /* bytes */
};

static const struct row rows[] = {
	{ "base pages", "7f00 default anon=3 dirty=3 N0=2 N3=1 kernelpagesize_kB=4\n", 0, 8192,
	  4096 },
	{ "huge pages", "7f00 default huge anon=3 N0=2 N3=1 kernelpagesize_kB=2048\n", 0, 4194304,
	  2097152 },
	{ "a mapping without pages", "7f00 default\n", 0, 0, 0 },
	{ "a policy with a space", "7f00 prefer (many):0-1 anon=1 N0=1 kernelpagesize_kB=4\n", 0,
	  4096, 0 },
	{ "a file named like a count",
	  "7f00 default file=/N3\\0759 mapped=1 N0=1 "
	  "kernelpagesize_kB=4\n",
	  0, 4096, 0 },
	{ "a node number above the maximum", "7f00 default anon=1 N4096=1 kernelpagesize_kB=4\n", 0,
	  0, 0 },
	{ "more than 64 GiB of a mapping on a node",
	  "7f00 default anon=33554433 N0=1 N3=33554432 "
	  "kernelpagesize_kB=4\n",
	  0, 4096, 1ULL << 37 },
	{ "more bytes than 64 bits can count",
	  "7f00 default anon=4503599627370496 N0=4503599627370496 "
	  "kernelpagesize_kB=4\n",
	  -EINVAL, 0, 0 },
	{ "an invalid count after a valid one",
	  "7f00 default anon=2 N0=1 N3=x "
	  "kernelpagesize_kB=4\n",
	  -EINVAL, 0, 0 },
	{ "an invalid count", "7f00 default N0=x kernelpagesize_kB=4\n", -EINVAL, 0, 0 },
	{ "an invalid page size", "7f00 default N0=1 kernelpagesize_kB=x\n", -EINVAL, 0, 0 },
	{ "an io_uring of the kernel",
	  "7f00 default file=anon_inode:[io_uring] mapped=1 N0=1 "
	  "kernelpagesize_kB=4\n",
	  0, 0, 0 },
	{ "secret memory",
	  "7f00 default file=/secretmem\\040(deleted) mapped=1 N0=1 "
	  "kernelpagesize_kB=4\n",
	  0, 0, 0 },
	{ "a private page of a device",
	  "7f00 default file=/dev/mem anon=1 N0=1 kernelpagesize_kB=4\n", 0, 0, 0 },
	{ "vvar, neither of a file nor anonymous",
	  "7f00 default mapped=1 active=0 N0=1 kernelpagesize_kB=4\n", 0, 0, 0 },
	{ "an empty line", "\n", 0, 0, 0 },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	struct numa_maps p = { { 0 } };

	assert_int_equal(numa_maps_parse(&p, row->line, strlen(row->line)), row->rc);
	assert_int_equal(p.bytes[0], row->node0);
	assert_int_equal(p.bytes[3], row->node3);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++)
		unit_add(&suite, test_row, &rows[i], "numa_maps: %s", rows[i].what);
	return unit_run(&suite, "numa_maps");
}
