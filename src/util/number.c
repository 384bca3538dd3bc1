/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/number.h"
#include "util/text.h"

/* The value of a digit plus one; 0: not a digit.  A table, because page lists are long. */
static const unsigned char digits[256] = {
	['0'] = 1, 2,  3,  4,  5,  6,	       7,  8,  9,  10, ['A'] = 11,
	12,	   13, 14, 15, 16, ['a'] = 11, 12, 13, 14, 15, 16,
};

/* Continue after an overflow: a later bad character is -EINVAL, not -ERANGE. */
static int digits_parse(const char *s, size_t len, unsigned int base, uint64_t *out)
{
	uint64_t value = 0;
	bool over = false;

	if (!len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned int digit = digits[(unsigned char)s[i]] - 1U;

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
	int rc = len > 1 && s[0] == '0' ? -EINVAL : digits_parse(s, len, 10, &value);

	if (rc == 0 && value > max)
		rc = -ERANGE;
	if (rc == 0)
		*out = value;
	return rc;
}

int number_parse_hex(const char *s, size_t len, uint64_t *out)
{
	size_t skip = has_hex_prefix(s, len) ? 2 : 0;

	return digits_parse(s + skip, len - skip, 16, out);
}

/* Remove the unit, one of @letters, from the end of the text.  Return its value; 1: no unit. */
static uint64_t take_unit(const char *s, size_t *len, const char *letters, const uint64_t *values)
{
	const char *found = *len && s[*len - 1] ? strchr(letters, s[*len - 1]) : NULL;

	*len -= found != NULL;
	return found ? values[found - letters] : 1;
}

int number_parse_size(const char *s, size_t len, uint64_t *out)
{
	static const char letters[] = "KMGTPEkmgtpe";
	uint64_t unit = 1, base = 1024, value;
	size_t rest = len;
	const char *letter;
	int rc;

	if (has_hex_prefix(s, len))
		return number_parse_hex(s, len, out);
	if (rest > 1 && (s[rest - 1] == 'B' || s[rest - 1] == 'b')) {
		base = s[rest - 2] == 'i' ? 1024 : 1000;
		rest -= base == 1024 ? 2 : 1;
	}
	letter = rest ? memchr(letters, s[rest - 1], sizeof(letters) - 1) : NULL;
	if (!letter && rest < len)
		return -EINVAL;
	for (ptrdiff_t power = letter ? (letter - letters) % 6 + 1 : 0; power; power--)
		unit *= base;
	rc = number_parse(s, rest - (letter != NULL), UINT64_MAX / unit, &value);
	if (rc == 0)
		*out = value * unit;
	return rc;
}

/* Parse a decimal fraction: an integer up to @max, and the part after the point in 1/@scale. */
static int parse_decimal(const char *s, size_t len, uint64_t max, uint64_t scale, size_t places,
			 uint64_t *whole, uint64_t *part)
{
	const char *point = memchr(s, '.', len);
	size_t width = point ? (size_t)(point - s) : len;

	*part = 0;
	if (point && (width + 1 == len || len - width - 1 > places))
		return -EINVAL;
	for (size_t i = width + 1; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EINVAL;
		scale /= 10;
		*part += (uint64_t)(s[i] - '0') * scale;
	}
	return number_parse(s, width, max, whole);
}

int number_parse_time(const char *s, size_t len, uint64_t *out)
{
	static const uint64_t values[] = { 1, 60, 3600, 86400 }, second = 1000000000;
	uint64_t unit = take_unit(s, &len, "smhd", values), whole, part;
	int rc;

	rc = parse_decimal(s, len, INT64_MAX / second / unit - 1, second, SIZE_MAX, &whole, &part);
	if (rc == 0)
		*out = (whole * second + part) * unit;
	return rc;
}

int number_parse_percent(const char *s, size_t len, uint64_t *out)
{
	const uint64_t percent = 1000000000;
	uint64_t whole, part;
	int rc;

	if (len && s[len - 1] == '%')
		len--;
	rc = parse_decimal(s, len, 100, percent, 9, &whole, &part);
	if (rc == 0 && whole == 100 && part)
		rc = -ERANGE;
	if (rc == 0)
		*out = whole * percent + part;
	return rc;
}

int number_find_kib(const char *text, const char *name, uint64_t *out)
{
	struct text_part value, number;
	uint64_t kib;
	int rc;

	if (!text_field(text, strlen(text), name, &value))
		return -ENOENT;
	text_split(&value, ' ', &number);
	rc = number_parse(number.at, number.len, UINT64_MAX >> 11, &kib);
	if (!rc)
		*out = kib << 10;
	return rc;
}
