/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "util/terminal.h"

#include "util/number.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 400 };

size_t terminal_width(FILE *f)
{
	const char *text = getenv("COLUMNS");
	uint64_t width = WIDTH_DEFAULT;
	struct winsize size;

	if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	else if (text)
		number_parse(text, strlen(text), UINT64_MAX, &width);
	if (width < WIDTH_MIN)
		return WIDTH_MIN;
	return width > WIDTH_MAX ? WIDTH_MAX : (size_t)width;
}

size_t terminal_height(FILE *f)
{
	struct winsize size;

	return ioctl(fileno(f), TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

void terminal_wrap(FILE *f, FILE *terminal, const char *text, size_t at, size_t indent)
{
	const size_t width = terminal_width(terminal);
	const char *between = "";
	size_t len;

	for (; *text; text += len, text += *text == ' ', between = " ") {
		len = strcspn(text, " ");
		if (*between && at + 1 + len > width) {
			fprintf(f, "\n%*s", (int)indent, "");
			at = indent;
			between = "";
		}
		at += (size_t)fprintf(f, "%s%.*s", between, (int)len, text);
	}
	fputc('\n', f);
}

bool terminal_has_color(FILE *f, enum color_when when)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return isatty(fileno(f)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

const char *tone_color(enum tone tone)
{
	static const char *const colors[] = { "", "\033[32m", "\033[33m", "\033[31m" };

	return colors[tone];
}

bool terminal_has_utf8(FILE *f)
{
	locale_t locale = isatty(fileno(f)) ? newlocale(LC_CTYPE_MASK, "", NULL) : NULL;
	bool utf8 = locale && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale)
		freelocale(locale);
	return utf8;
}
