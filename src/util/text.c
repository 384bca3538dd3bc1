/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "util/text.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

char *text_escape(const char *s, size_t len, char *buf, size_t size)
{
	static const char dots[] = "...";
	size_t out = 0, fits = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		size_t width = c >= 0x20 && c <= 0x7e && c != '\\' ? 1 : 4;

		if (out + width >= size) {
			memcpy(buf + fits, dots, sizeof(dots));
			return buf;
		}
		if (width == 1)
			buf[out] = (char)c;
		else
			snprintf(buf + out, size - out, "\\%03o", c);
		out += width;
		if (out + sizeof(dots) <= size)
			fits = out;
	}
	buf[out] = '\0';
	return buf;
}

size_t text_unescape(char *s, size_t len)
{
	size_t out = 0;

	for (size_t in = 0; in < len; out++) {
		uint64_t byte = 0;
		size_t digits = 0;

		while (s[in] == '\\' && digits < 3 && len - in > digits + 1 &&
		       s[in + digits + 1] >= '0' && s[in + digits + 1] <= '7')
			byte = byte << 3 | (uint64_t)(s[in + ++digits] - '0');
		if (digits < 3 || byte > UCHAR_MAX) {
			s[out] = s[in++];
		} else {
			s[out] = (char)byte;
			in += 4;
		}
	}
	return out;
}

char *text_shell(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789%+,-./:=@_^";
	bool plain_text = true;
	char *out = malloc(4 * strlen(s) + sizeof("$''")), *o = out;

	if (!out || (*s && s[strspn(s, plain)] == '\0'))
		return out ? strcpy(out, s) : NULL;
	for (const char *c = s; *c; c++)
		plain_text &= *c >= 0x20 && *c <= 0x7e;
	for (o = stpcpy(o, plain_text ? "'" : "$'"); *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (plain_text)
			o += sprintf(o, c == '\'' ? "'\\''" : "%c", c);
		else
			o += sprintf(o, isalnum(c) ? "%c" : "\\%03o", c);
	}
	strcpy(o, "'");
	return out;
}

char *text_name(const char *s, char *buf, size_t size)
{
	return text_escape(s ? s : "", s ? strlen(s) : 0, buf, size);
}

/* Return the length of the UTF-8 character at @s (RFC 3629), or 0 if it is not valid. */
static size_t utf8_length(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const int ones = __builtin_clz(~((unsigned int)s[0] << 24));
	const size_t len = ones ? (size_t)ones : 1;
	uint32_t c = s[0] & (0xffU >> len);

	if (ones == 1 || ones > 4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return len > 1 && (c < least[len] || c > 0x10ffff || c >> 11 == 0x1b) ? 0 : len;
}

char *text_utf8(const char *s)
{
	char *out = malloc(3 * strlen(s) + 1), *o = out;

	if (!out)
		return NULL;
	while (*s) {
		size_t len = utf8_length((const unsigned char *)s);

		if (len)
			o = mempcpy(o, s, len);
		else
			o = mempcpy(o, "\xef\xbf\xbd", 3);
		s += len ? len : 1;
	}
	*o = '\0';
	return out;
}

bool text_part_is(struct text_part part, const char *word)
{
	return part.len == strlen(word) && memcmp(part.at, word, part.len) == 0;
}

bool text_part_begins(struct text_part part, const char *word)
{
	size_t len = strlen(word);

	return part.len >= len && memcmp(part.at, word, len) == 0;
}

bool text_split(struct text_part *rest, char stop, struct text_part *piece)
{
	const char *found = rest->at ? memchr(rest->at, stop, rest->len) : NULL;

	*piece = *rest;
	*rest = (struct text_part){ NULL, 0 };
	if (found) {
		*rest = (struct text_part){ found + 1, piece->len };
		piece->len = (size_t)(found - piece->at);
		rest->len -= piece->len + 1;
	}
	return piece->at;
}

/* Return a bit for each byte of @set, all of which are below 64: white space and punctuation. */
static uint64_t bits_of(const char *set)
{
	uint64_t bits = 0;

	for (; *set; set++)
		bits |= 1ULL << *set;
	return bits;
}

static inline bool has_bit(uint64_t bits, char c)
{
	return (unsigned char)c < 64 && (bits >> c & 1);
}

bool text_word(struct text_part *rest, const char *between, struct text_part *word)
{
	const char *at = rest->at, *end = at + rest->len, *start;
	const uint64_t bits = bits_of(between);

	while (at < end && has_bit(bits, *at))
		at++;
	for (start = at; at < end && !has_bit(bits, *at);)
		at++;
	*word = (struct text_part){ start, (size_t)(at - start) };
	*rest = (struct text_part){ at, (size_t)(end - at) };
	return word->len > 0;
}

bool text_field(const char *text, size_t len, const char *name, struct text_part *value)
{
	struct text_part rest = { text, len }, line, key;

	while (rest.len && text_split(&rest, '\n', &line)) {
		text_split(&line, ':', &key);
		if (!line.at || !text_part_is(key, name))
			continue;
		for (; line.len && (*line.at == ' ' || *line.at == '\t'); line.len--)
			line.at++;
		*value = line;
		return true;
	}
	return false;
}

void text_add(struct text_line *line, const char *format, ...)
{
	size_t used = line->full < line->size ? line->full : line->size - !!line->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line->buf + used, line->size - used, format, args);
	va_end(args);
	line->full += n > 0 ? (size_t)n : 0;
}

size_t text_distance(const char *a, size_t len, const char *b)
{
	size_t rows[3][TEXT_WORD_MAX], n = strlen(b);

	if (n >= TEXT_WORD_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];

		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			if (i == 0) {
				row[k] = k;
				continue;
			}
			row[k] = MIN(MIN(above[k], row[k - 1]) + 1,
				     above[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = MIN(row[k], rows[(i + 1) % 3][k - 2] + 1);
		}
	}
	return rows[len % 3][n];
}

char *text_size(uint64_t bytes, char *buf)
{
	static const char units[] = "BKMGTPE";
	uint64_t whole = bytes, tenths = 0;
	size_t unit = 0;

	while (whole >= 1024 && unit + 2 < sizeof(units)) {
		tenths = (whole % 1024) * 10 / 1024;
		whole /= 1024;
		unit++;
	}
	if (tenths && whole < 100)
		snprintf(buf, TEXT_SIZE_MAX, "%llu.%llu%c", (unsigned long long)whole,
			 (unsigned long long)tenths, units[unit]);
	else
		snprintf(buf, TEXT_SIZE_MAX, "%llu%c", (unsigned long long)whole, units[unit]);
	return buf;
}

char *text_time(uint64_t time, char *buf)
{
	const double s = (double)time / 1e9;

	if (s < 0.1)
		snprintf(buf, TEXT_SIZE_MAX, "%.0f ms", s * 1e3);
	else if (s < 600)
		snprintf(buf, TEXT_SIZE_MAX, s < 10 ? "%.1f s" : "%.0f s", s);
	else
		snprintf(buf, TEXT_SIZE_MAX, "%.0f min", s / 60);
	return buf;
}

char *text_speed(uint64_t bytes, uint64_t time, char *buf)
{
	const double speed = (double)bytes * 1e3 / (double)time; /* MB/s */

	if (speed >= 1e3)
		snprintf(buf, TEXT_SIZE_MAX, "%.1f GB/s", speed / 1e3);
	else
		snprintf(buf, TEXT_SIZE_MAX, speed < 10 ? "%.1f MB/s" : "%.0f MB/s", speed);
	return buf;
}
