/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENGINE_CENSUS_H
#define ENGINE_CENSUS_H

#include <stddef.h>
#include <stdint.h>

struct limits;
struct address_space;
struct process;
struct finder_means;

/*
 * Where the transparent huge pages are, on kernels whose pagemap does not say (before
 * PAGEMAP_SCAN, 6.7).  smaps tells how much of a mapping is huge, and pagemap how many places
 * it has that look it: where the two agree, those are the huge pages; otherwise it stays open
 * (enum vma_huge).
 *
 * Reading smaps makes the kernel walk every page with the memory map locked.  So it is done
 * for listings only, and only for a process with less than this in memory (some 5 ms).
 */
#define CENSUS_BYTES_MAX (512ULL << 20)

/*
 * census_take - set mapping.huge of every mapping
 *
 * Leaves them HUGE_OPEN where the kernel tells by itself, or the process is too
 * large.  Returns 0 or -errno, as finder_next().
 */
int census_take(const struct process *p, const struct finder_means *means,
		struct address_space *space, const struct limits *limits);

/*
 * census_read - how much of each mapping smaps has as huge pages
 * @huge: bytes, one for each mapping; added to
 *
 * Returns 0 or -errno.
 */
int census_read(const struct process *p, const struct address_space *space, uint64_t *huge);

/*
 * census_parse - a line of smaps that counts huge pages; pure
 *
 * Returns 1 and their kibibytes, or 0 for every other line.
 */
int census_parse(const char *line, size_t len, uint64_t *kib);

#endif
