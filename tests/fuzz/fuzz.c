/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_target((const char *)data, size);
	return 0;
}

void fuzz_fail(const char *condition, const char *file, int line)
{
	fflush(stdout);
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

char *fuzz_string(const char *text, size_t len)
{
	char *s = strndup(text, len);

	if (!s)
		abort();
	return s;
}

bool fuzz_is_plain(const char *s)
{
	while (*s >= 0x20 && *s <= 0x7e)
		s++;
	return *s == '\0';
}

struct fuzz_part fuzz_split(const char *text, size_t len, char stop, struct fuzz_part *rest)
{
	const char *found = len ? memchr(text, stop, len) : NULL;
	size_t width = found ? (size_t)(found - text) : len;

	*rest = (struct fuzz_part){ text + width + !!found, len - width - !!found };
	return (struct fuzz_part){ text, width };
}

bool fuzz_number(const char **at, const char *end, long *value)
{
	const char *first = *at;

	for (*value = 0; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		*value = *value * 10 + (**at - '0');
		if (*value > FUZZ_MANY)
			*value = FUZZ_MANY;
	}
	return *at > first && (*first != '0' || *at == first + 1);
}

bool fuzz_range(const char **at, const char *end, long *first, long *last)
{
	if (!fuzz_number(at, end, first))
		return false;
	*last = *first;
	if (*at == end || **at != '-')
		return true;
	++*at;
	return fuzz_number(at, end, last);
}
