/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_escape(), with a buffer whose size is the first byte: no byte stays raw, and text that fits
 * survives a round trip. text_utf8(): jansson accepts every result.
 */
#include <config.h>

#include "fuzz.h"
#include "util/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MIN = 8, SIZE_MAX_HERE = 72 };

/* Decode an escaped text. Return the number of bytes. */
static size_t read_back(const char *s, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; n++) {
		unsigned int byte = (unsigned char)s[i];

		HOLDS(byte != '\\' || (i + 3 < len && sscanf(s + i + 1, "%3o", &byte) == 1));
		i += s[i] == '\\' ? 4 : 1;
		out[n] = (char)byte;
	}
	return n;
}

static void check_escape(const char *text, size_t len, size_t size)
{
	char *buf = malloc(size), back[SIZE_MAX_HERE];
	size_t full = 0, n;

	HOLDS(buf && text_escape(text, len, buf, size) == buf);
	HOLDS(strlen(buf) < size && fuzz_is_plain(buf));
	for (size_t i = 0; i < len; i++)
		full += text[i] >= 0x20 && text[i] <= 0x7e && text[i] != '\\' ? 1 : 4;
	n = strlen(buf);
	if (full >= size) {
		HOLDS(n >= 3 && strcmp(buf + n - 3, "...") == 0);
		n -= 3;
	}
	n = read_back(buf, n, back);
	HOLDS(full < size ? n == len : n < len);
	HOLDS(memcmp(back, text, n) == 0);
	free(buf);
}

static void check_utf8(const char *text, size_t len)
{
	char *s = fuzz_string(text, len), *valid = text_utf8(s);
	json_t *was = json_string(s), *is = json_string(valid);

	HOLDS(valid && is);
	HOLDS(!was || strcmp(s, valid) == 0);
	HOLDS(strlen(valid) >= strlen(s));
	json_decref(was);
	json_decref(is);
	free(valid);
	free(s);
}

void fuzz_target(const char *text, size_t len)
{
	size_t size = SIZE_MIN;

	if (len)
		size += (unsigned char)text[0] % (SIZE_MAX_HERE - SIZE_MIN);
	check_escape(text + !!len, len - !!len, size);
	check_utf8(text, len);
}
