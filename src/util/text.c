/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "util/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '\\';
}

char *text_escape(const char *s, size_t len, char *buf, size_t size)
{
	static const char dots[] = "...";
	size_t out = 0, fits = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		size_t width = is_plain(c) ? 1 : 4;

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

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
	       s[2] <= '7';
}

size_t text_unescape(char *s, size_t len)
{
	size_t out = 0;

	for (size_t in = 0; in < len; out++) {
		bool escaped = s[in] == '\\' && len - in > 3 && is_octal(s + in + 1);

		s[out] = escaped ? (char)((s[in + 1] - '0') << 6 | (s[in + 2] - '0') << 3 |
					  (s[in + 3] - '0')) :
				   s[in];
		in += escaped ? 4 : 1;
	}
	return out;
}

char *text_name(const char *s, char *buf, size_t size)
{
	return text_escape(s ? s : "", s ? strlen(s) : 0, buf, size);
}

/* Length of the UTF-8 character at @s as RFC 3629 has it, 0 if there is none. */
static size_t utf8_length(const unsigned char *s)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t len;
	} rows[] = {
		{ 0x01, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last)
			continue;
		if (rows[i].len > 1 && (s[1] < rows[i].low || s[1] > rows[i].high))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
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

bool text_word(struct text_part *rest, const char *between, struct text_part *word)
{
	const size_t n = strlen(between);
	size_t start = 0, end;

	while (start < rest->len && memchr(between, rest->at[start], n))
		start++;
	for (end = start; end < rest->len && !memchr(between, rest->at[end], n);)
		end++;
	*word = (struct text_part){ rest->at + start, end - start };
	*rest = (struct text_part){ rest->at + end, rest->len - end };
	return word->len > 0;
}

bool text_field(const char *text, size_t len, const char *name, struct text_part *value)
{
	struct text_part rest = { text, len }, line;
	size_t n = strlen(name);

	while (rest.len && text_split(&rest, '\n', &line)) {
		if (!text_part_begins(line, name) || line.len == n || line.at[n] != ':')
			continue;
		for (n++; n < line.len && (line.at[n] == ' ' || line.at[n] == '\t');)
			n++;
		*value = (struct text_part){ line.at + n, line.len - n };
		return true;
	}
	return false;
}

void text_add(struct text_line *line, const char *format, ...)
{
	size_t used = line->full < line->size ? line->full : line->size - 1;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line->buf + used, line->size - used, format, args);
	va_end(args);
	line->full += n > 0 ? (size_t)n : 0;
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
