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
 * Finds transparent huge pages on kernels whose pagemap does not report them (before PAGEMAP_SCAN,
 * 6.7).  smaps has the bytes of huge pages in a mapping; pagemap shows which blocks may be huge
 * pages.  If the two numbers agree, these blocks are the huge pages; otherwise it is unknown
 * (enum vma_huge).
 *
 * To read smaps, the kernel walks every page with mmap_lock held.  So it is read only for
 * listings, of processes with at most CENSUS_BYTES_MAX in memory (some 5 ms).
 */
#define CENSUS_BYTES_MAX (512ULL << 20)

/*
 * Set vma.huge of every mapping.  Leave them HUGE_OPEN if the kernel reports huge pages, or the
 * process is too large.  Return 0 or -errno, as finder_next().
 */
int census_take(const struct process *p, const struct finder_means *means,
		struct address_space *space, const struct limits *limits);

/* Add the bytes of huge pages in each mapping, from smaps, to @huge.  Return 0 or -errno. */
int census_read(const struct process *p, const struct address_space *space, uint64_t *huge);

/*
 * Parse a line of smaps.  Return 1 and the KiB if it counts huge pages, or 0 for every other
 * line.  Pure.
 */
int census_parse(const char *line, size_t len, uint64_t *kib);

#endif
