/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_NUMBER_H
#define UTIL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parse numbers strictly: no signs, spaces or padding.  Pure, and linear in @len; the text may
 * contain any byte and need not be terminated.  Functions return 0 and set *@out, or return
 * -EINVAL (not a number of this form, or empty) or -ERANGE (above the limit).
 */

/* Parse plain decimal, 0 to @max, without leading zeros. */
int number_parse(const char *s, size_t len, uint64_t max, uint64_t *out);

/* Parse hexadecimal, with or without 0x, up to 64 bits; leading zeros are allowed. */
int number_parse_hex(const char *s, size_t len, uint64_t *out);

/*
 * Parse a size in bytes, as util-linux does: plain decimal with K, M, G, T, P or E, or KiB
 * etc., for powers of 1024, or KB etc. for powers of 1000; or 0x and hexadecimal.
 */
int number_parse_size(const char *s, size_t len, uint64_t *out);

/*
 * Parse a duration, as timeout(1) does: decimal seconds, with an optional fraction and s, m, h
 * or d.  *@out is in nanoseconds, and below INT64_MAX even after adding the time since boot.
 */
int number_parse_time(const char *s, size_t len, uint64_t *out);

/* Parse 0 to 100, with up to nine decimals and an optional "%", in billionths of a percent. */
int number_parse_percent(const char *s, size_t len, uint64_t *out);

/* Parse the line "NAME:   1024 kB" of @text, in bytes.  Also return -ENOENT: no such line. */
int number_find_kib(const char *text, const char *name, uint64_t *out);

/* Return @a - @b, at least 0. */
static inline uint64_t number_minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

#endif
