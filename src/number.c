/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "number.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Reads on after an overflow: a bad character later makes the text no number at all. */
static int digits_parse(const char *s, size_t len, unsigned int base, uint64_t *out)
{
	uint64_t value = 0;
	bool over = false;

	if (!len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned int)digit_value(s[i]);

		if (digit >= base)
			return -EINVAL;
		over |= __builtin_mul_overflow(value, base, &value);
		over |= __builtin_add_overflow(value, digit, &value);
	}
	if (over)
		return -ERANGE;
	*out = value;
	return 0;
}

static bool has_hex_prefix(const char *s, size_t len)
{
	return len >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
}

int number_parse(const char *s, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t value;
	int ret;

	if (len > 1 && s[0] == '0')
		return -EINVAL;
	ret = digits_parse(s, len, 10, &value);
	if (ret)
		return ret;
	if (value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

int number_parse_hex(const char *s, size_t len, uint64_t *out)
{
	size_t skip = has_hex_prefix(s, len) ? 2 : 0;

	return digits_parse(s + skip, len - skip, 16, out);
}

/* The power of 1024 that c stands for, 0 for none. */
static unsigned int suffix_power(char c)
{
	static const char suffixes[] = "KMGT";
	const char *found = memchr(suffixes, c, sizeof(suffixes) - 1);

	return found ? (unsigned int)(found - suffixes) + 1 : 0;
}

int number_parse_size(const char *s, size_t len, uint64_t *out)
{
	unsigned int power = len ? suffix_power(s[len - 1]) : 0;
	uint64_t value;
	int ret;

	if (has_hex_prefix(s, len))
		return number_parse_hex(s, len, out);
	ret = number_parse(s, len - !!power, UINT64_MAX, &value);
	if (ret)
		return ret;
	if (value > UINT64_MAX >> (10 * power))
		return -ERANGE;
	*out = value << (10 * power);
	return 0;
}
