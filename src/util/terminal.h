/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_TERMINAL_H
#define UTIL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The properties of an output stream that a report depends on. */

enum color_when {
	COLOR_AUTO, /* on a terminal, unless NO_COLOR or TERM=dumb is set */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* Return the width in columns, 40 to 400: the terminal's, else $COLUMNS, else 80. */
size_t terminal_width(FILE *f);

/* Lines of a terminal; 0: it is not one, or does not tell. */
size_t terminal_height(FILE *f);

/*
 * Write a text that begins in column @at, and break its lines between words at the width of
 * @terminal.  Further lines begin in column @indent.
 */
void terminal_wrap(FILE *f, FILE *terminal, const char *text, size_t at, size_t indent);

bool terminal_has_color(FILE *f, enum color_when when);

/* How to color a text. */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_NOTE, TONE_BAD };

/* Return the escape sequence that begins the color; "" for TONE_PLAIN. */
const char *tone_color(enum tone tone);
#define COLOR_OFF "\033[0m"

/* Return whether the stream is a terminal and its locale uses UTF-8. */
bool terminal_has_utf8(FILE *f);

#endif
