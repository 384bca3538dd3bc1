/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz targets: one file for each parser, which says what has to hold for any bytes at
 * all. Two programs are made of each:
 *
 *   with libFuzzer (tests/fuzz/run), which makes up inputs and keeps those that reach
 *   code no other input did;
 *   with replay.c, which runs the inputs of tests/fuzz/corpus/TARGET, so that what was
 *   found once is tried again by every `make check`, with any compiler.
 *
 * Under the sanitizers an input ends where its memory ends: reading one byte more is an
 * error.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a target defines: parse these bytes, and see that what has to hold does. */
void fuzz_target(const char *text, size_t len);

/* Ends the program, and so makes the input a finding, unless the condition holds. */
#define HOLDS(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

/* What libFuzzer calls: fuzz_target(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes up to the first NUL, as a string in memory that ends with it; to be freed. */
char *fuzz_string(const char *text, size_t len);

/* Whether there is nothing but printable ASCII in it. */
bool fuzz_is_plain(const char *s);

/* The bytes up to the first @stop or the end; @rest is what is behind it. */
struct fuzz_part {
	const char *at;
	size_t len;
};
struct fuzz_part fuzz_split(const char *text, size_t len, char stop, struct fuzz_part *rest);

/*
 * A second reading of plain decimal numbers, made to be seen to be right and not to be
 * fast: digits, no leading zero. Returns whether there is one at *at, which is moved
 * behind it; the value is at most FUZZ_MANY.
 */
#define FUZZ_MANY 1000000000L
bool fuzz_number(const char **at, const char *end, long *value);

/* "A" or "A-B" likewise; both are A for the former. */
bool fuzz_range(const char **at, const char *end, long *first, long *last);

#endif
