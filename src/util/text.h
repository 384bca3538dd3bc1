/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text for people: names that come from elsewhere, and sizes.  Pure.
 *
 * Names of processes and files are chosen by whoever runs them, so no byte of
 * theirs reaches a terminal as it is.
 */

enum { TEXT_SIZE_MAX = 24, TEXT_NAME_MAX = 128 };

/*
 * text_escape - make any bytes printable ASCII
 * @s, @len: the bytes; NULs are allowed
 * @buf, @size: receives the text, always terminated; at least 8 bytes
 *
 * Bytes outside 0x20-0x7e, and the backslash, become \ooo as in /proc; a text
 * that does not fit ends in "...".  Returns @buf.
 */
char *text_escape(const char *s, size_t len, char *buf, size_t size);

/* text_escape() for a string; NULL gives "". */
char *text_name(const char *s, char *buf, size_t size);

/*
 * text_unescape - put bytes in the place of each \ooo, as /proc writes paths
 * @s, @len: the text, which is changed
 *
 * Return its new length.  Whatever is not three octal digits stays.
 */
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

/* Whether it is just @word; whether it begins with it. */
bool text_part_is(struct text_part part, const char *word);
bool text_part_begins(struct text_part part, const char *word);

/*
 * text_split - take the next piece of *@rest, up to @stop or the end
 *
 * What is left is behind the @stop; at is NULL when there was none.  Returns false when
 * at is NULL.  Lines: while (rest.len && text_split(&rest, '\n', &line))
 */
bool text_split(struct text_part *rest, char stop, struct text_part *piece);

/* Take the next word, with any of the characters @between around it; false: none is left. */
bool text_word(struct text_part *rest, const char *between, struct text_part *word);

/* Find the first line "NAME: VALUE"; @value is without the blanks before it. */
bool text_field(const char *text, size_t len, const char *name, struct text_part *value);

/*
 * text_utf8 - make any bytes valid UTF-8 for JSON
 *
 * Valid UTF-8 is kept; every other byte becomes U+FFFD.  Returns a string
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
 * text_size - bytes as "12K", "1.5G": 1024 to the next unit, at most one
 * decimal, and none that is zero.  @buf holds TEXT_SIZE_MAX bytes; returned.
 */
char *text_size(uint64_t bytes, char *buf);

#endif
