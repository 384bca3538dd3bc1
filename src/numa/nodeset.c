/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numa/nodeset.h"
#include "util/number.h"

#define WORD_BITS ((int)(CHAR_BIT * sizeof(unsigned long)))

/* --- sets --- */

static int set_words(const struct bitmask *set)
{
	return (int)((set->size + (unsigned int)WORD_BITS - 1) / (unsigned int)WORD_BITS);
}

static unsigned long set_word(const struct bitmask *set, int i)
{
	return i < set_words(set) ? set->maskp[i] : 0;
}

struct bitmask *nodeset_init(struct nodeset *set)
{
	memset(set->words, 0, sizeof(set->words));
	set->mask.size = NODES_MAX;
	set->mask.maskp = set->words;
	return &set->mask;
}

/* Two blocks, since that is what numa_bitmask_free() frees. */
static struct bitmask *set_alloc(unsigned long bits)
{
	struct bitmask *set = malloc(sizeof(*set));

	if (!set)
		return NULL;
	set->size = bits;
	set->maskp = calloc((size_t)set_words(set), sizeof(*set->maskp));
	if (!set->maskp) {
		free(set);
		return NULL;
	}
	return set;
}

struct bitmask *nodeset_alloc(void)
{
	return set_alloc(NODES_MAX);
}

struct bitmask *cpus_alloc(void)
{
	return set_alloc(CPUS_MAX);
}

void nodeset_copy(struct bitmask *dst, const struct bitmask *src)
{
	for (int i = 0; i < set_words(dst); i++)
		dst->maskp[i] = set_word(src, i);
}

void nodeset_or(struct bitmask *dst, const struct bitmask *src)
{
	for (int i = 0; i < set_words(dst); i++)
		dst->maskp[i] |= set_word(src, i);
}

void nodeset_and(struct bitmask *dst, const struct bitmask *src)
{
	for (int i = 0; i < set_words(dst); i++)
		dst->maskp[i] &= set_word(src, i);
}

void nodeset_remove(struct bitmask *dst, const struct bitmask *src)
{
	for (int i = 0; i < set_words(dst); i++)
		dst->maskp[i] &= ~set_word(src, i);
}

/* The bits of word i that lie between first and last. */
static unsigned long range_word(int i, int first, int last)
{
	unsigned long word = ~0UL;

	if (i < first / WORD_BITS || i > last / WORD_BITS)
		return 0;
	if (i == first / WORD_BITS)
		word &= ~0UL << first % WORD_BITS;
	if (i == last / WORD_BITS)
		word &= ~0UL >> (WORD_BITS - 1 - last % WORD_BITS);
	return word;
}

void nodeset_or_range(struct bitmask *dst, const struct bitmask *src, int first, int last)
{
	for (int i = 0; i < set_words(dst); i++)
		dst->maskp[i] |= set_word(src, i) & range_word(i, first, last);
}

void nodeset_fill(struct bitmask *set)
{
	memset(set->maskp, 0xff, (size_t)set_words(set) * sizeof(*set->maskp));
}

bool nodeset_empty(const struct bitmask *set)
{
	return nodeset_next(set, 0) < 0;
}

bool nodeset_intersect(const struct bitmask *a, const struct bitmask *b)
{
	for (int i = 0; i < set_words(a); i++)
		if (a->maskp[i] & set_word(b, i))
			return true;
	return false;
}

bool nodeset_subset(const struct bitmask *part, const struct bitmask *whole)
{
	for (int i = 0; i < set_words(part); i++)
		if (part->maskp[i] & ~set_word(whole, i))
			return false;
	return true;
}

int nodeset_next(const struct bitmask *set, int from)
{
	for (int i = from / WORD_BITS; i < set_words(set); i++) {
		unsigned long word = set->maskp[i];

		if (i == from / WORD_BITS)
			word &= ~0UL << from % WORD_BITS;
		if (word)
			return i * WORD_BITS + __builtin_ctzl(word);
	}
	return -1;
}

int nodeset_nth(const struct bitmask *set, unsigned int n)
{
	for (int i = 0; i < set_words(set); i++) {
		unsigned long word = set->maskp[i];
		unsigned int count = (unsigned int)__builtin_popcountl(word);

		if (n >= count) {
			n -= count;
			continue;
		}
		while (n--)
			word &= word - 1;
		return i * WORD_BITS + __builtin_ctzl(word);
	}
	return -1;
}

unsigned int nodeset_count(const struct bitmask *set)
{
	unsigned int count = 0;

	for (int i = 0; i < set_words(set); i++)
		count += (unsigned int)__builtin_popcountl(set->maskp[i]);
	return count;
}

/* --- the kernel's list format --- */

static int run_end(const struct bitmask *set, int first)
{
	while (nodeset_next(set, first + 1) == first + 1)
		first++;
	return first;
}

static int item_format(char *buf, size_t size, int first, int last)
{
	if (first == last)
		return snprintf(buf, size, "%d", first);
	return snprintf(buf, size, "%d-%d", first, last);
}

/* Writes as many whole items as fit; *used is their length, the result that of all. */
static size_t list_write(const struct bitmask *set, char *buf, size_t size, size_t *used)
{
	int first = nodeset_next(set, 0);
	size_t full = 0;
	char item[32];

	for (*used = 0; first >= 0;) {
		int last = run_end(set, first);
		size_t comma = full ? 1 : 0;
		size_t len = comma + (size_t)item_format(item, sizeof(item), first, last);

		if (full + len < size) {
			sprintf(buf + full, "%s%s", comma ? "," : "", item);
			*used += len;
		}
		full += len;
		first = nodeset_next(set, last + 1);
	}
	return full;
}

static int none_write(char *buf, size_t size)
{
	static const char none[] = "none";

	if (size >= sizeof(none))
		memcpy(buf, none, sizeof(none));
	return (int)sizeof(none) - 1;
}

int nodeset_format(const struct bitmask *set, char *buf, size_t size)
{
	static const char cut[] = ",...";
	size_t used, full;

	if (size)
		buf[0] = '\0';
	if (nodeset_empty(set))
		return none_write(buf, size);
	full = list_write(set, buf, 0, &used);
	if (full < size)
		list_write(set, buf, size, &used);
	else if (size >= sizeof(cut)) {
		list_write(set, buf, size - sizeof(cut) + 1, &used);
		strcpy(buf + used, used ? cut : cut + 1);
	}
	return (int)full;
}

/* One "N" or "A-B" of a list; *next is the lowest number that may follow. */
static int list_item(const char *s, size_t len, uint64_t *next, struct bitmask *set)
{
	const char *dash = memchr(s, '-', len);
	size_t left = dash ? (size_t)(dash - s) : len;
	uint64_t first, last;
	int ret;

	ret = number_parse(s, left, set->size - 1, &first);
	if (ret)
		return ret;
	last = first;
	if (dash)
		ret = number_parse(dash + 1, len - left - 1, set->size - 1, &last);
	if (ret)
		return ret;
	if (first < *next || last < first)
		return -EINVAL;
	for (*next = first; *next <= last; (*next)++)
		numa_bitmask_setbit(set, (unsigned int)*next);
	return 0;
}

static int list_items(const char *text, size_t len, struct bitmask *set)
{
	const char *end = text + len;
	uint64_t next = 0;

	for (;;) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		const char *stop = comma ? comma : end;
		int ret = list_item(text, (size_t)(stop - text), &next, set);

		if (ret || !comma)
			return ret;
		text = comma + 1;
	}
}

int nodeset_parse_list(const char *text, size_t len, struct bitmask *set)
{
	unsigned long words[CPUS_MAX / (CHAR_BIT * sizeof(unsigned long))] = { 0 };
	struct bitmask fresh = { set->size, words };
	int ret = 0;

	if (set->size > CPUS_MAX)
		return -ERANGE;
	if (len && text[len - 1] == '\n')
		len--;
	if (len)
		ret = list_items(text, len, &fresh);
	if (!ret)
		nodeset_copy(set, &fresh);
	return ret;
}

/* --- /proc/PID/status --- */

static const char *line_value(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || memcmp(line, name, n) || line[n] != ':')
		return NULL;
	return line + n + 1;
}

int status_parse_list(const char *text, size_t len, const char *name, struct bitmask *set)
{
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		const char *value = line_value(text, (size_t)(stop - text), name);

		if (value) {
			while (value < stop && (*value == '\t' || *value == ' '))
				value++;
			return nodeset_parse_list(value, (size_t)(stop - value), set);
		}
		text = newline ? newline + 1 : end;
	}
	return -ENOENT;
}
