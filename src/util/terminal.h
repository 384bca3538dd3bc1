/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_TERMINAL_H
#define UTIL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What a report needs to know of the place where it is shown. */

enum color_when {
	COLOR_AUTO, /* on a terminal, unless NO_COLOR or TERM=dumb says otherwise */
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* Columns: the terminal's, else those of $COLUMNS, else 80; 40 to 400. */
size_t terminal_width(FILE *f);

/* Lines of a terminal; 0: it is not one, or does not tell. */
size_t terminal_height(FILE *f);

bool terminal_has_color(FILE *f, enum color_when when);

/* How good what a text says is. */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_NOTE, TONE_BAD };

/* The escape sequence that begins this color; "" of TONE_PLAIN. */
const char *tone_color(enum tone tone);
#define COLOR_OFF "\033[0m"

/* Whether it is a terminal that shows UTF-8, by the locale. */
bool terminal_has_utf8(FILE *f);

#endif
