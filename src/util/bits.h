/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_BITS_H
#define UTIL_BITS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Sets of small numbers, a bit each, and the kernel's text form of them.  Pure.
 *
 * A set is a struct with an array word[], which may be copied and compared like any
 * value; { 0 } is the empty one.  BITS(&set) are the first two arguments of a function.
 */
#define BITS_PER_WORD	  (CHAR_BIT * sizeof(unsigned long))
#define BITS_WORDS(count) ((count) / BITS_PER_WORD)
#define BITS(set)	  (set)->word, sizeof((set)->word) / sizeof((set)->word[0])

/* The widest set that bits_parse_list() reads. */
#define BITS_MAX 16384

/* The first member that is not below from, or -1. */
int bits_next(const unsigned long *word, size_t words, int from);

/* Adds the members of another set of the same width. */
void bits_or(unsigned long *word, size_t words, const unsigned long *other);

bool bits_intersect(const unsigned long *word, size_t words, const unsigned long *other);

unsigned int bits_count(const unsigned long *word, size_t words);

/*
 * Writes the set as the kernel lists it, "0-3,8", or "none" for the empty set. Always
 * terminated when size is not 0. A text that does not fit is cut behind a whole item and
 * ends in "..." (or is empty where not even that fits). Returns the length of the full
 * text: it was cut when that is size or more.
 */
int bits_format(const unsigned long *word, size_t words, char *buf, size_t size);

/*
 * Reads the kernel's list format (cpuset(7), "List format") as its files hold it: plain
 * ascending decimal numbers and ranges, "" for none, at most one newline, at the end.
 * Replaces the set on success, leaves it alone otherwise.
 * -EINVAL: something else; -ERANGE: a number beyond the width of the set.
 */
int bits_parse_list(unsigned long *word, size_t words, const char *text, size_t len);

/* The same of the line "NAME: LIST" (proc(5), cpuset(7)); -ENOENT: there is no such line. */
int bits_parse_field(unsigned long *word, size_t words, const char *text, size_t len,
		     const char *name);

#endif
