/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/stat (process.h): fields are those found by counting spaces, whatever brackets and
 * spaces the name has.
 */
#include <config.h>

#include "fuzz.h"
#include "proc/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LAST = 52 };

/* Count from the state, the third field, after the last bracket. */
static bool second_look(const char *text, size_t len, int field, struct fuzz_part *word)
{
	const char *end = text + len, *at = memrchr(text, ')', len);

	if (!at || end - at < 4)
		return false;
	for (at += 2; field > 3; field--, at++)
		if (!(at = memchr(at, ' ', (size_t)(end - at))))
			return false;
	*word = (struct fuzz_part){ at, 0 };
	while (at + word->len < end && at[word->len] != ' ' && at[word->len] != '\n')
		word->len++;
	return true;
}

static void check_field(const char *text, size_t len, int field)
{
	uint64_t value = 0;
	int rc = process_parse_stat_field(text, len, field, &value);
	struct fuzz_part word = { text, 0 };
	bool is_there = second_look(text, len, field, &word);
	const char *at = word.at, *end = at + word.len;
	long second;

	HOLDS(is_there || rc == -EINVAL);
	if (!fuzz_number(&at, end, &second) || at != end)
		HOLDS(rc == -EINVAL);
	else if (second < FUZZ_MANY)
		HOLDS(rc == 0 && value == (uint64_t)second);
}

/* The same process with a different beginning and end. */
static void there_and_back(const struct process *p)
{
	struct process again = { 0 };
	char line[256];
	int len = snprintf(
		line, sizeof(line), "7 (%s) %c 1 1 1 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 %" PRIu64,
		p->name, p->zombie ? 'Z' : 'R', p->kernel_thread ? 0x00200000U : 0, p->start_time);

	HOLDS(process_parse_stat(line, (size_t)len, &again) == 0);
	HOLDS(strcmp(p->name, again.name) == 0);
	HOLDS(p->zombie == again.zombie && p->kernel_thread == again.kernel_thread);
	HOLDS(p->start_time == again.start_time);
}

void fuzz_target(const char *text, size_t len)
{
	struct process p = { 0 };
	int rc = process_parse_stat(text, len, &p);

	HOLDS(rc == 0 || rc == -EINVAL);
	for (int field = 3; field <= LAST; field += 7)
		check_field(text, len, field);
	if (rc == 0)
		there_and_back(&p);
}
