/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/cgroup.h"
#include "unit.h"

struct mount_row {
	const char *line, *path;
	const char *directory; /* NULL: not visible */
};

#define V2(root) "29 22 0:25 " root " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
#define V1	 "33 32 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"

static const struct mount_row mount_rows[] = {
	{ V2("/"), "/system.slice/x.service", "/sys/fs/cgroup/system.slice/x.service" },
	{ V2("/"), "/", "/sys/fs/cgroup/" },
	{ V1, "/batch", "/sys/fs/cgroup/cpuset/batch" },
	{ V2("/docker/1f"), "/docker/1f/init", "/sys/fs/cgroup/init" },
	{ V2("/docker/1f"), "/docker/1f", "/sys/fs/cgroup" },
	{ V2("/docker/1f"), "/docker/1ff", NULL },
	{ V2("/docker/1f"), "/system.slice", NULL },
	{ V2("/"), "system.slice", NULL },
	{ "29 22 0:25 / /mnt/c\\040g rw - cgroup2 cgroup2 rw\n", "/x", "/mnt/c g/x" },
	{ "29 22 0:25 /a\\134b /mnt rw - cgroup2 cgroup2 rw\n", "/a\\b/c", "/mnt/c" },
	{ "30 22 0:26 / /sys/fs/bpf rw - bpf bpf rw\n", "/", NULL },
	{ "31 22 0:27 / /mnt rw - tmpfs cgroup2 rw\n", "/", NULL },
	{ " - cgroup2 ", "/", NULL },
	{ "", "/", NULL },
};

static void test_mount(void **state)
{
	const struct mount_row *row = *state;
	char *got = cgroup_directory(row->line, row->path);

	assert_int_equal(got != NULL, row->directory != NULL);
	if (got)
		assert_string_equal(got, row->directory);
	free(got);
}

struct name_row {
	const char *cgroup, *name;
	bool unit, matches;
};

#define REDIS "/system.slice/redis.service"

static const struct name_row name_rows[] = {
	{ REDIS, "redis.service", false, true },
	{ REDIS, "system.slice/redis.service", false, true },
	{ REDIS, "redis.service", true, true },
	{ REDIS, "redis", false, false },
	{ REDIS, "edis.service", false, false },
	{ REDIS, "slice/redis.service", false, false },
	{ REDIS, "system.slice", false, false },
	{ REDIS, "/system.slice/redis.service", false, false },
	{ REDIS "/a", "redis.service", false, false },
	{ REDIS, "", false, false },
	{ "/_memory.slice", "memory.slice", true, true },
	{ "/_memory.slice", "memory.slice", false, false },
	{ "/__x.service", "_x.service", true, true },
	{ "/a_x.service", "x.service", true, false },
	{ "/", "x", false, false },
	{ "/x", "x", false, true },
	{ "", "x", true, false },
};

static void test_name(void **state)
{
	const struct name_row *row = *state;

	assert_int_equal(cgroup_matches(row->cgroup, row->name, row->unit), row->matches);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(mount_rows); i++)
		unit_add(&suite, test_mount, &mount_rows[i], "mount %zu: %s is %s", i,
			 mount_rows[i].path,
			 mount_rows[i].directory ? mount_rows[i].directory : "not visible");
	for (size_t i = 0; i < UNIT_ROWS(name_rows); i++)
		unit_add(&suite, test_name, &name_rows[i], "name %zu: %s %s %s", i,
			 name_rows[i].cgroup, name_rows[i].matches ? "is" : "is not",
			 name_rows[i].name);
	return unit_run(&suite, "cgroup");
}
