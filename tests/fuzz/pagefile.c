/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files read line by line (listfile.h): same lines as from splitting the full text, up to the
 * first invalid one; a line that is put back is read again.
 *
 * A byte from LONG on denotes hundreds of bytes, so short inputs make long lines.
 */
#include <config.h>

#include "command/listfile.h"
#include "fuzz.h"
#include "util/text.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CONTENTS_MAX = PAGEFILE_BUFFER + 2 * PAGEFILE_LINE_MAX, LONG = 0xf0 };

static char contents[CONTENTS_MAX];

static size_t contents_make(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t width = c < LONG ? 1 : (c - LONG + 1U) * (PAGEFILE_LINE_MAX / 15);

		if (n + width > sizeof(contents))
			break;
		memset(contents + n, c < LONG ? c : 'x', width);
		n += width;
	}
	return n;
}

static int file_with(size_t n)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	HOLDS(ftruncate(fd, 0) == 0);
	HOLDS(pwrite(fd, contents, n, 0) == (ssize_t)n);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* The expected result of reading this line. */
static int expected(struct fuzz_part line)
{
	if (line.len > PAGEFILE_LINE_MAX)
		return -EMSGSIZE;
	return line.len && memchr(line.at, '\0', line.len) ? -EILSEQ : 1;
}

static void check_taken(struct pagefile *f, struct fuzz_part line)
{
	const char *text;
	size_t len;

	for (int again = 0; again < 2; again++) {
		int rc = pagefile_line(f, NULL, &text, &len);

		HOLDS(rc == expected(line));
		if (rc != 1)
			return;
		HOLDS(len == line.len && memcmp(text, line.at, len) == 0);
		if (!again)
			pagefile_put_back(f);
	}
}

void fuzz_target(const char *text, size_t len)
{
	static struct pagefile f;
	struct fuzz_part rest = { contents, contents_make(text, len) }, line;
	char buf[1024];
	struct text_line why = { buf, sizeof(buf), 0 };
	uint64_t number = 0;
	int rc = 1;

	memset(&f, 0, offsetof(struct pagefile, buffer));
	f.name = "a\nb";
	f.fd = file_with(rest.len);
	while (rc == 1 && rest.len) {
		line = fuzz_split(rest.at, rest.len, '\n', &rest);
		check_taken(&f, line);
		HOLDS(f.line == ++number);
		rc = expected(line);
	}
	if (rc == 1)
		HOLDS(pagefile_line(&f, NULL, &text, &len) == 0);
	else
		HOLDS(fuzz_is_plain(pagefile_explain(&f, rc, &why)->buf));
}
