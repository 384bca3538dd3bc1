/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Format, escape and split texts.  Pure. */

enum { TEXT_SIZE_MAX = 24, TEXT_NAME_MAX = 128, TEXT_WORD_MAX = 32 };

/*
 * Make any bytes printable ASCII.  Other users choose the names of processes and files, so
 * every name is escaped before it reaches a terminal.
 *
 * Bytes outside 0x20-0x7e, and the backslash, become \ooo as in /proc.  @size is at least 8;
 * a text that does not fit ends in "...".  Return @buf, terminated.
 */
char *text_escape(const char *s, size_t len, char *buf, size_t size);

/*
 * Quote a string if necessary, as one word of a POSIX shell; unprintable bytes become
 * $'\\ooo'.  Return a string that the caller frees, or NULL if memory ran out.
 */
char *text_shell(const char *s);

/* text_escape() for a string; NULL gives "". */
char *text_name(const char *s, char *buf, size_t size);

/* Decode each \ooo, as in paths in /proc, in place.  Return the new length. */
size_t text_unescape(char *s, size_t len);

/* A piece of a text; borrowed, not terminated. */
struct text_part {
	const char *at;
	size_t len;
};

/* An error in a text from the user. */
struct text_error {
	size_t offset, length; /* the invalid part */
	const char *what;      /* what is wrong with it: "is not a node number" */
};

/* Return whether the part equals @word, or begins with it. */
bool text_part_is(struct text_part part, const char *word);
bool text_part_begins(struct text_part part, const char *word);

/*
 * Take the next piece of *@rest, up to @stop or the end.  The rest begins after @stop; without
 * a @stop, its at is NULL.  Return false if at is NULL already.
 * Lines: while (rest.len && text_split(&rest, '\n', &line))
 */
bool text_split(struct text_part *rest, char stop, struct text_part *piece);

/* Take the next word; the characters @between separate words.  Return false if none is left. */
bool text_word(struct text_part *rest, const char *between, struct text_part *word);

/* Find the first line "NAME: VALUE"; @value has no leading spaces or tabs. */
bool text_field(const char *text, size_t len, const char *name, struct text_part *value);

/*
 * Return the edit distance of @a and @b, which is shorter than TEXT_WORD_MAX: the fewest bytes
 * to insert, delete or replace, or neighbours to swap.
 */
size_t text_distance(const char *a, size_t len, const char *b);

/*
 * Make any bytes valid UTF-8 for JSON: each invalid byte becomes U+FFFD.  Return a string that
 * the caller frees, or NULL if memory ran out.
 */
char *text_utf8(const char *s);

/* A line built piece by piece. */
struct text_line {
	char *buf;   /* always terminated; cut if it does not fit */
	size_t size; /* of buf, not 0 */
	size_t full; /* length of the uncut line */
};

__attribute__((format(printf, 2, 3))) void text_add(struct text_line *line, const char *format,
						    ...);

/*
 * Format bytes as "12K", "1.5G": powers of 1024, one decimal unless it is zero.  @buf holds
 * TEXT_SIZE_MAX bytes.  Return @buf.
 */
char *text_size(uint64_t bytes, char *buf);

/* Format a duration, in nanoseconds, as "12 ms", "0.9 s", "42 s" or "7 min"; likewise. */
char *text_time(uint64_t time, char *buf);

/* Format a speed as "64 MB/s" or "2.1 GB/s": powers of 1000.  @time: nanoseconds, not 0. */
char *text_speed(uint64_t bytes, uint64_t time, char *buf);

#endif
