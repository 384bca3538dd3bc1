/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_BITS_H
#define UTIL_BITS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Sets of small numbers, one bit each, and the kernel's text form of them.  Pure.
 *
 * A set is a struct with an array word[]; { 0 } is empty.  BITS(&set) gives a function its
 * first two arguments.
 */
#define BITS_PER_WORD	  (CHAR_BIT * sizeof(unsigned long))
#define BITS_WORDS(count) ((count) / BITS_PER_WORD)
#define BITS(set)	  (set)->word, sizeof((set)->word) / sizeof((set)->word[0])

/* Maximum width of a set for bits_parse_list(). */
#define BITS_MAX 16384

/* Find the first member at or above @from, or -1. */
int bits_next(const unsigned long *word, size_t words, int from);

/* Add the members of @other, which has the same width. */
void bits_or(unsigned long *word, size_t words, const unsigned long *other);

bool bits_intersect(const unsigned long *word, size_t words, const unsigned long *other);
unsigned int bits_count(const unsigned long *word, size_t words);

/*
 * Write the set in the kernel's list format, "0-3,8", or "none".  A text that does not fit is
 * cut after an item and ends in "..." if that fits.  Return the length of the full text; it
 * was cut if that is @size or more.
 */
int bits_format(const unsigned long *word, size_t words, char *buf, size_t size);

/*
 * Read the kernel's list format (cpuset(7), "List format"): ascending numbers and ranges, ""
 * for none, at most one newline at the end.  Replace the set only on success.
 * Return 0, -EINVAL, or -ERANGE for a number beyond the width of the set.
 */
int bits_parse_list(unsigned long *word, size_t words, const char *text, size_t len);

/* Read the list on the line "NAME: LIST".  Also return -ENOENT without such a line. */
int bits_parse_field(unsigned long *word, size_t words, const char *text, size_t len,
		     const char *name);

#endif
