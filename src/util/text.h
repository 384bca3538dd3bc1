/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text for people, and pieces of texts.  Pure. */

enum { TEXT_SIZE_MAX = 24, TEXT_NAME_MAX = 128, TEXT_WORD_MAX = 32 };

/*
 * Make any bytes printable ASCII.  Other users choose the names of processes and files, so
 * none reaches a terminal as it is.
 *
 * Bytes outside 0x20-0x7e, and the backslash, become \ooo as in /proc.  @size is at least 8;
 * a text that does not fit ends in "...".  Returns @buf, terminated.
 */
char *text_escape(const char *s, size_t len, char *buf, size_t size);

/*
 * Quote a string, where it needs that, so that a POSIX shell reads it as one word; what is
 * not printable becomes $'\\ooo'.  Return a string that the caller frees, or NULL when there
 * is no memory.
 */
char *text_shell(const char *s);

/* text_escape() for a string; NULL gives "". */
char *text_name(const char *s, char *buf, size_t size);

/* Replace each \ooo, as /proc writes paths, in place.  Return the new length. */
size_t text_unescape(char *s, size_t len);

/* A piece of a text; borrowed, and not terminated. */
struct text_part {
	const char *at;
	size_t len;
};

/* What is wrong with a text that a user gave. */
struct text_error {
	size_t offset, length; /* the part that is wrong */
	const char *what;      /* why, in words */
};

/* Return whether it is just @word, or begins with it. */
bool text_part_is(struct text_part part, const char *word);
bool text_part_begins(struct text_part part, const char *word);

/*
 * Take the next piece of *@rest, up to @stop or the end.  The rest begins after @stop; its
 * at is NULL when there was none.  Return false when at is NULL.
 * Lines: while (rest.len && text_split(&rest, '\n', &line))
 */
bool text_split(struct text_part *rest, char stop, struct text_part *piece);

/* Take the next word, with any of the characters @between around it; false: none is left. */
bool text_word(struct text_part *rest, const char *between, struct text_part *word);

/* Find the first line "NAME: VALUE"; @value is without the blanks before it. */
bool text_field(const char *text, size_t len, const char *name, struct text_part *value);

/*
 * Return the fewest steps from @a to the word @b, of less than TEXT_WORD_MAX bytes: a byte that
 * is inserted, deleted or replaced, or two neighbours that change places.
 */
size_t text_distance(const char *a, size_t len, const char *b);

/*
 * Make any bytes valid UTF-8 for JSON: each byte that is not becomes U+FFFD.  Return a string
 * that the caller frees, or NULL when there is no memory.
 */
char *text_utf8(const char *s);

/* A line that is put together piece by piece. */
struct text_line {
	char *buf;   /* always terminated; what does not fit is cut */
	size_t size; /* of buf, not 0 */
	size_t full; /* length of the line if it all fits */
};

__attribute__((format(printf, 2, 3))) void text_add(struct text_line *line, const char *format,
						    ...);

/*
 * Write bytes as "12K", "1.5G": powers of 1024, one decimal unless it is zero.  @buf holds
 * TEXT_SIZE_MAX bytes; returned.
 */
char *text_size(uint64_t bytes, char *buf);

/* Write a duration, in nanoseconds, as "12 ms", "0.9 s", "42 s" or "7 min"; likewise. */
char *text_time(uint64_t time, char *buf);

/* Write a speed as "64 MB/s" or "2.1 GB/s": powers of 1000.  @time: nanoseconds, not 0. */
char *text_speed(uint64_t bytes, uint64_t time, char *buf);

#endif
