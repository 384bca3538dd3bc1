/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/status.h"

#include "numa/topology.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int status_text(pid_t pid, char **status)
{
	char path[32];
	size_t len;
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	rc = file_read_all(AT_FDCWD, path, status, &len);
	return rc == -ENOENT ? -ESRCH : rc;
}

int status_number(const char *status, const char *name, int word, unsigned int base,
		  uint64_t *value)
{
	struct text_part rest, part;

	if (!text_field(status, strlen(status), name, &rest))
		return -ENOENT;
	while (text_word(&rest, " \t", &part)) {
		if (word-- > 0)
			continue;
		return base == 16 ? number_parse_hex(part.at, part.len, value) :
				    number_parse(part.at, part.len, UINT64_MAX, value);
	}
	return -ENOENT;
}

uint64_t status_sum(const char *status, const char *names)
{
	struct text_part rest = { names, strlen(names) }, word;
	uint64_t sum = 0;

	while (text_word(&rest, " ", &word)) {
		uint64_t bytes = 0;
		char name[32];
		int rc;

		snprintf(name, sizeof(name), "%.*s", (int)word.len, word.at);
		rc = number_find_kib(status, name, &bytes);
		if (rc && rc != -ENOENT)
			return UINT64_MAX;
		sum += bytes;
	}
	return sum;
}

uint64_t status_read_sum(int dir, const char *names)
{
	char *text = file_read_text(dir, "status");
	uint64_t sum = text ? status_sum(text, names) : UINT64_MAX;

	free(text);
	return sum;
}

int status_allowed(int dir, struct nodeset *mems, struct cpuset *cpus)
{
	char *text;
	size_t len;
	int rc = file_read_all(dir, "status", &text, &len);

	if (!rc && mems)
		rc = topology_parse_allowed(text, len, mems);
	if (!rc && cpus && bits_parse_field(BITS(cpus), text, len, "Cpus_allowed_list"))
		rc = -EBADMSG;
	free(text);
	return rc;
}
