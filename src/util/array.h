/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_ARRAY_H
#define UTIL_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Make room for one more element after the first @n.  The array is full whenever @n is a power
 * of two.  Return the array, perhaps moved, or NULL, and then @array is still valid.
 */
static inline void *array_room(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : reallocarray(array, n ? 2 * n : 1, size);
}

#endif
