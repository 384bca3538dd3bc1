/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers (number.h): only strict forms are accepted, and the values are those of a computation
 * in 128 bits.
 */
#include <config.h>

#include "fuzz.h"
#include "util/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

#define WIDE_MANY ((wide)1 << 90)

/* Parse digits of @base to the end; return false for anything else, or nothing. */
static bool by_hand(const char *s, size_t len, unsigned int base, wide *value)
{
	static const char digits[] = "0123456789abcdef";

	*value = 0;
	for (size_t i = 0; i < len; i++) {
		char lower = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] + 32) : s[i];
		const char *digit = lower ? strchr(digits, lower) : NULL;

		if (!digit || (unsigned int)(digit - digits) >= base)
			return false;
		*value = *value * base + (unsigned int)(digit - digits);
		if (*value > WIDE_MANY)
			*value = WIDE_MANY;
	}
	return len > 0;
}

static bool decimal_by_hand(const char *s, size_t len, wide *value)
{
	return (len < 2 || s[0] != '0') && by_hand(s, len, 10, value);
}

static void agree(int rc, uint64_t got, bool is_number, wide value, uint64_t max)
{
	if (!is_number)
		HOLDS(rc == -EINVAL);
	else if (value > max)
		HOLDS(rc == -ERANGE);
	else
		HOLDS(rc == 0 && got == value);
}

static bool has_prefix(const char *s, size_t len)
{
	return len >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
}

static void check_plain(const char *s, size_t len)
{
	static const uint64_t limits[] = { UINT64_MAX, 1023, 0 };
	uint64_t got = 0;
	wide value;
	bool is = decimal_by_hand(s, len, &value);
	size_t skip = has_prefix(s, len) ? 2 : 0;
	int rc;

	for (size_t i = 0; i < 3; i++) {
		rc = number_parse(s, len, limits[i], &got);
		agree(rc, got, is, value, limits[i]);
	}
	rc = number_parse_hex(s, len, &got);
	is = by_hand(s + skip, len - skip, 16, &value);
	agree(rc, got, is, value, UINT64_MAX);
}

/* The suffix of a size: its length and its factor. */
static size_t size_suffix(const char *s, size_t len, wide *unit)
{
	static const char *const ends[] = { "", "iB", "ib", "B", "b" };
	static const char units[] = "KMGTPE";
	size_t best = 0;

	*unit = 1;
	for (size_t e = 0; e < 5; e++) {
		for (size_t u = 0; u < 6; u++) {
			char upper[4], lower[4];
			wide value = 1;

			snprintf(upper, sizeof(upper), "%c%s", units[u], ends[e]);
			snprintf(lower, sizeof(lower), "%c%s", units[u] + 32, ends[e]);
			for (size_t i = 0; i <= u; i++)
				value *= e < 3 ? 1024 : 1000;
			if (len < strlen(upper) || strlen(upper) < best ||
			    (memcmp(s + len - strlen(upper), upper, strlen(upper)) != 0 &&
			     memcmp(s + len - strlen(upper), lower, strlen(upper)) != 0))
				continue;
			best = strlen(upper);
			*unit = value;
		}
	}
	return best;
}

static void check_size(const char *s, size_t len)
{
	uint64_t got = 0;
	wide value, unit;
	int rc = number_parse_size(s, len, &got);

	if (has_prefix(s, len)) {
		bool is = by_hand(s + 2, len - 2, 16, &value);

		agree(rc, got, is, value, UINT64_MAX);
		return;
	}
	if (!decimal_by_hand(s, len - size_suffix(s, len, &unit), &value)) {
		HOLDS(rc == -EINVAL);
		return;
	}
	/* The product must fit into 128 bits. */
	agree(rc, got, true, value > UINT64_MAX ? value : value * unit, UINT64_MAX);
}

/* Fractions: the value of "A" or "A.B", in billionths. */
static bool billionths(const char *s, size_t len, wide *value)
{
	struct fuzz_part part, whole = fuzz_split(s, len, '.', &part);
	wide digits = 0;

	if (!decimal_by_hand(whole.at, whole.len, value))
		return false;
	*value *= 1000000000;
	if (whole.len == len)
		return true;
	if (!by_hand(part.at, part.len, 10, &digits))
		return false;
	by_hand(part.at, part.len < 9 ? part.len : 9, 10, &digits);
	for (size_t i = part.len; i < 9; i++)
		digits *= 10;
	*value += digits;
	return true;
}

static void check_fractions(const char *s, size_t len)
{
	size_t sign = len && s[len - 1] == '%';
	size_t letter = len && s[len - 1] && strchr("smhd", s[len - 1]);
	static const unsigned int seconds[256] = {
		['s'] = 1, ['m'] = 60, ['h'] = 3600, ['d'] = 86400
	};
	const char *point = len ? memchr(s, '.', len) : NULL;
	uint64_t got = 0;
	wide value;
	int rc = number_parse_percent(s, len, &got);
	bool is = billionths(s, len - sign, &value) && (!point || s + len - sign - point <= 10);

	if (!is)
		HOLDS(rc == -EINVAL);
	else
		agree(rc, got, true, value, 100000000000);
	rc = number_parse_time(s, len, &got);
	if (!billionths(s, len - letter, &value)) {
		HOLDS(rc != 0);
		return;
	}
	value *= letter ? seconds[(unsigned char)s[len - 1]] : 1;
	if (rc == 0)
		HOLDS(value == got);
	else
		HOLDS(rc == -ERANGE && value > 9220000000000000000u);
}

void fuzz_target(const char *text, size_t len)
{
	check_plain(text, len);
	check_size(text, len);
	check_fractions(text, len);
}
