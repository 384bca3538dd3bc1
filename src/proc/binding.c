/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/binding.h"

#include "proc/process.h"
#include "proc/status.h"
#include "util/file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The kernel walks 256 MiB of small pages in 3 ms. */
enum { FIRST_MAX = 256 << 20 };

void binding_parse_policy(const char *line, char *policy)
{
	/* Two of them have a space inside, and one begins with another. */
	static const char *const policies[] = {
		"default",    "local", "prefer (many)", "prefer", "bind", "weighted interleave",
		"interleave",
	};
	const char *start = strchr(line, ' ');

	*policy = '\0';
	for (size_t i = 0; start && !*policy && i < sizeof(policies) / sizeof(policies[0]); i++) {
		size_t len = strlen(policies[i]);

		if (strncmp(start + 1, policies[i], len) == 0)
			snprintf(policy, BINDING_POLICY_MAX, "%.*s",
				 (int)(len + strcspn(start + 1 + len, " \n")), start + 1);
	}
}

void binding_read(struct binding *b, const struct process *p, uint64_t first)
{
	/* So short that the kernel shows the first mapping only, which is the program. */
	char line[96];
	uint64_t balancing;

	*b = (struct binding){ .swap = status_read_sum(p->dir, "VmSwap") };
	if (first <= FIRST_MAX && file_read(p->dir, "numa_maps", line, sizeof(line)) > 0)
		binding_parse_policy(line, b->policy);
	process_add_cpus(p, &b->cpus);
	status_allowed(p->dir, &b->nodes, NULL);
	b->balances = file_read_number(AT_FDCWD, "/proc/sys/kernel/numa_balancing", UINT_MAX,
				       &balancing) == 0 &&
		      balancing;
}
