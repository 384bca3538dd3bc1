/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz targets: one file per parser, with the invariants that hold for arbitrary bytes. Each is
 * built into two programs:
 *
 *   with libFuzzer (tests/fuzz/run), which generates inputs and keeps those that reach new code;
 *   with replay.c, which runs the inputs of tests/fuzz/corpus/TARGET in every `make check`, with
 *   any compiler.
 *
 * Under the sanitizers an input ends where its memory ends: reading one more byte is an error.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Defined by each target: parse the bytes and check the invariants. */
void fuzz_target(const char *text, size_t len);

/* Abort, which makes the input a finding, unless the condition holds. */
#define HOLDS(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

/* The entry point for libFuzzer; calls fuzz_target(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Copy the bytes up to the first NUL to a string of exactly that size; the caller frees it. */
char *fuzz_string(const char *text, size_t len);

/* Return whether the text is printable ASCII. */
bool fuzz_is_plain(const char *s);

/* Return the bytes up to the first @stop or the end; @rest: the bytes after it. */
struct fuzz_part {
	const char *at;
	size_t len;
};
struct fuzz_part fuzz_split(const char *text, size_t len, char stop, struct fuzz_part *rest);

/*
 * Parse a plain decimal number, without leading zeros: a second implementation, obviously correct
 * but slow. Return whether there is a number at *at, and advance *at past it. The value is at
 * most FUZZ_MANY.
 */
#define FUZZ_MANY 1000000000L
bool fuzz_number(const char **at, const char *end, long *value);

/* Parse "A" or "A-B" likewise; for "A" both values are A. */
bool fuzz_range(const char **at, const char *end, long *first, long *last);

#endif
