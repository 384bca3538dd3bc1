/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "util/bits.h"

#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int bits_next(const unsigned long *word, size_t words, int from)
{
	size_t i = (size_t)from / BITS_PER_WORD;
	unsigned long left = i < words ? word[i] & ~0UL << (size_t)from % BITS_PER_WORD : 0;

	while (!left && ++i < words)
		left = word[i];
	return left ? (int)(i * BITS_PER_WORD) + __builtin_ctzl(left) : -1;
}

void bits_or(unsigned long *word, size_t words, const unsigned long *other)
{
	for (size_t i = 0; i < words; i++)
		word[i] |= other[i];
}

bool bits_intersect(const unsigned long *word, size_t words, const unsigned long *other)
{
	for (size_t i = 0; i < words; i++)
		if (word[i] & other[i])
			return true;
	return false;
}

unsigned int bits_count(const unsigned long *word, size_t words)
{
	unsigned int count = 0;

	for (size_t i = 0; i < words; i++)
		count += (unsigned int)__builtin_popcountl(word[i]);
	return count;
}

int bits_format(const unsigned long *word, size_t words, char *buf, size_t size)
{
	static const char cut[] = ",...";
	struct text_line line = { buf, size, 0 };
	size_t fits = 0; /* length to keep if the text is cut */
	int last;

	for (int n = bits_next(word, words, 0); n >= 0; n = bits_next(word, words, last + 1)) {
		for (last = n; bits_next(word, words, last + 1) == last + 1;)
			last++;
		text_add(&line, n == last ? "%s%d" : "%s%d-%d", line.full ? "," : "", n, last);
		if (line.full + sizeof(cut) <= size)
			fits = line.full;
	}
	if (line.full == 0)
		text_add(&line, "none");
	if (line.full >= size && size)
		strcpy(buf + fits, size < sizeof(cut) ? "" : fits ? cut : cut + 1);
	return (int)line.full;
}

int bits_parse_list(unsigned long *word, size_t words, const char *text, size_t len)
{
	const uint64_t max = words * BITS_PER_WORD - 1;
	unsigned long fresh[BITS_WORDS(BITS_MAX)] = { 0 };
	struct text_part rest = { text, len - (len && text[len - 1] == '\n') }, item, start;
	uint64_t next = 0, first, last;

	if (rest.len == 0)
		rest.at = NULL;
	while (text_split(&rest, ',', &item)) {
		int rc;

		text_split(&item, '-', &start);
		rc = number_parse(start.at, start.len, max, &first);
		last = first;
		if (!rc && item.at)
			rc = number_parse(item.at, item.len, max, &last);
		if (rc)
			return rc;
		if (first < next || last < first)
			return -EINVAL;
		for (next = first; next <= last; next++)
			fresh[next / BITS_PER_WORD] |= 1UL << next % BITS_PER_WORD;
	}
	memcpy(word, fresh, words * sizeof(*word));
	return 0;
}

int bits_parse_field(unsigned long *word, size_t words, const char *text, size_t len,
		     const char *name)
{
	struct text_part value;

	if (!text_field(text, len, name, &value))
		return -ENOENT;
	return bits_parse_list(word, words, value.at, value.len);
}
