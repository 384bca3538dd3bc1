/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fail-malloc: a preloaded library that makes allocations fail, counted from main().
 *
 *	FAIL_MALLOC=N	fail the N-th; N+: the N-th and all later ones; 0: none
 *	FAIL_MALLOC_FD	write a byte to this descriptor for each allocation
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int main_fn(int, char **, char **);
typedef int start_fn(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void),
		     void *);

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*ld_fini)(void), void *stack_end);

static main_fn *real_main;
static bool in_main, from_on;
static unsigned long first;
static atomic_ulong made;
static int count_fd = -1;

/* Return whether this allocation must fail. */
static bool fails(void)
{
	unsigned long n;

	if (!in_main)
		return false;
	n = atomic_fetch_add(&made, 1) + 1;
	if (count_fd >= 0 && write(count_fd, "", 1) < 0)
		abort();
	if (!first || n < first || (n > first && !from_on))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

/* A free cannot fail. reallocarray(), strdup() etc. of glibc call these functions. */
void *realloc(void *old, size_t size)
{
	return (size || !old) && fails() ? NULL : __libc_realloc(old, size);
}

static int begin(int argc, char **argv, char **environment)
{
	const char *which = getenv("FAIL_MALLOC"), *fd = getenv("FAIL_MALLOC_FD");

	first = which ? strtoul(which, NULL, 10) : 0;
	from_on = which && strchr(which, '+');
	count_fd = fd ? atoi(fd) : -1;
	in_main = true;
	return real_main(argc, argv, environment);
}

int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*ld_fini)(void), void *stack_end)
{
	start_fn *start;

	*(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = main;
	return start(begin, argc, argv, init, fini, ld_fini, stack_end);
}
