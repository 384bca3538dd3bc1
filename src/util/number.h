/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as the user writes them. One strict reading for the whole project, so that no
 * operand is truncated, padded, signed or guessed at. Pure: (pointer, length) in, value
 * out; the text needs no terminating NUL and may hold any byte. Time is linear in len.
 *
 * All functions leave *out alone unless they return 0, and return
 *   -EINVAL  the text is not a number of this form (the empty text included)
 *   -ERANGE  it is, but the value is above the limit
 */
#ifndef UTIL_NUMBER_H
#define UTIL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Plain decimal, 0 to max: digits only, no sign, blank, base prefix or leading zero
 * ("0" itself is fine).
 */
int number_parse(const char *s, size_t len, uint64_t max, uint64_t *out);

/*
 * Hexadecimal with or without 0x (or 0X), both cases of digits, up to 64 bits. Leading
 * zeros are accepted: /proc/PID/maps (proc(5)) pads addresses with them.
 */
int number_parse_hex(const char *s, size_t len, uint64_t *out);

/*
 * A size in bytes: plain decimal as number_parse(), optionally followed by one of K, M,
 * G, T (powers of 1024); or hexadecimal, then with 0x and without a suffix.
 */
int number_parse_size(const char *s, size_t len, uint64_t *out);

/*
 * A span of time as timeout(1) has it: decimal seconds, with a fraction if need be, or
 * with one of s, m, h, d behind. Gives nanoseconds, fewer than INT64_MAX whatever the unit,
 * so that a sum with the time since boot fits.
 */
int number_parse_time(const char *s, size_t len, uint64_t *out);

/*
 * 0 to 100, with up to nine decimals and a percent sign if need be: "95", "99.5%".
 * Gives billionths of a percent.
 */
int number_parse_percent(const char *s, size_t len, uint64_t *out);

/*
 * The number of the line "NAME:   1024 kB" in a text of the kernel's, in bytes. -ENOENT:
 * there is no such line.
 */
int number_find_kib(const char *text, const char *name, uint64_t *out);

/* @a - @b, or 0 if that is less than nothing. */
static inline uint64_t number_minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

#endif
