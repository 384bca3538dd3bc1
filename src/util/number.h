/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_NUMBER_H
#define UTIL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Numbers as the user writes them, read strictly: no sign, blank or padding.  Pure, and
 * linear in @len; the text may hold any byte and need not be terminated.  Functions set
 * *@out only when they return 0; otherwise they return -EINVAL (not a number of this form,
 * or no text) or -ERANGE (above the limit).
 */

/* Plain decimal, 0 to @max, without leading zeros. */
int number_parse(const char *s, size_t len, uint64_t max, uint64_t *out);

/* Hexadecimal, with or without 0x, up to 64 bits; leading zeros are fine. */
int number_parse_hex(const char *s, size_t len, uint64_t *out);

/*
 * Bytes, as in util-linux: plain decimal, with K, M, G, T, P or E, or KiB and so on, for powers
 * of 1024, and KB and so on for those of 1000; or 0x and hexadecimal.
 */
int number_parse_size(const char *s, size_t len, uint64_t *out);

/*
 * A time as timeout(1) has it: decimal seconds, with an optional fraction and s, m, h or d.
 * In nanoseconds, fewer than INT64_MAX whatever the unit: the sum with the time since boot
 * fits.
 */
int number_parse_time(const char *s, size_t len, uint64_t *out);

/* 0 to 100, with up to nine decimals and an optional "%", in billionths of a percent. */
int number_parse_percent(const char *s, size_t len, uint64_t *out);

/* The number of the line "NAME:   1024 kB" in bytes; -ENOENT: there is no such line. */
int number_find_kib(const char *text, const char *name, uint64_t *out);

/* @a - @b, or 0 if that is less than nothing. */
static inline uint64_t number_minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

#endif
