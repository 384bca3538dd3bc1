/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_ARRAY_H
#define UTIL_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * array_room - room for one element more behind the @n that an array has
 *
 * Grows by doubling: an array is full whenever n is a power of two.  Returns
 * the array, moved perhaps, or NULL, and then the old one stands.
 */
static inline void *array_room(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return reallocarray(array, n ? 2 * n : 1, size);
}

#endif
