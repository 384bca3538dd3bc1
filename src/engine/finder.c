/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/finder.h"

#include "engine/limits.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "plan/seen.h"
#include "proc/address_space.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * An address range that one PAGEMAP_SCAN may walk: full of pages it does not
 * report it takes the kernel some 4 ms, empty no time.
 */
#define SLICE (1ULL << 30)

enum { ENTRIES_MAX = 512 }; /* of pagemap in one read: one page table */
enum { SAMPLES = 64 };

/* So many page tables are looked through in no time, without an estimate: 8 GiB. */
enum { FEW_TABLES = 4096 };

#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_SWAP    (1ULL << 62)
#define ENTRY_FILE    (1ULL << 61)
#define ENTRY_GUARD   (1ULL << 58) /* not a page, since 6.15; zero before */
#define ENTRY_ONCE    (1ULL << 56)
#define ENTRY_THERE   (ENTRY_PRESENT | ENTRY_SWAP)
#define ENTRY_KIND    (ENTRY_PRESENT | ENTRY_SWAP | ENTRY_FILE | ENTRY_ONCE)

/* The batch being filled. */
struct filling {
	struct page *page;
	size_t n;
	size_t room;
};

/* log2 of the size of a transparent huge page; 21 where the kernel does not say. */
static unsigned int probe_huge_shift(void)
{
	uint64_t size;

	if (file_read_number(AT_FDCWD, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
			     UINT64_MAX, &size) ||
	    size < 2)
		return 21;
	return (unsigned int)__builtin_ctzll(size);
}

static bool probe_ioctl(int pagemap, unsigned int base_shift, uint64_t extra)
{
	struct sys_region region[SYS_REGIONS_MAX];

	return sys_scan(pagemap, 0, 1ULL << base_shift, region, 1, extra) >= 0;
}

void finder_probe(struct finder_means *m, int pagemap)
{
	m->pagemap = pagemap;
	m->base_shift = sys_page_shift();
	m->huge_shift = probe_huge_shift();
	m->has_ioctl = probe_ioctl(pagemap, m->base_shift, 0);
	m->has_guards = m->has_ioctl && probe_ioctl(pagemap, m->base_shift, SYS_PAGE_GUARD);
}

void finder_start(struct finder *s, const struct finder_means *means, const struct plan *plan,
		  const struct address_space *maps, const struct limits *control)
{
	*s = (struct finder){ .plan = plan, .maps = maps, .means = *means, .control = control };
}

static size_t cost_of(unsigned int shift, unsigned int base_shift)
{
	return shift == base_shift || shift <= 14 ? 1 : (size_t)1 << (shift - 14);
}

static const struct vma *mapping_of(const struct finder *s, const struct range *r)
{
	return &s->maps->at[r->mapping];
}

/* Whether it is worth finding out which pages of a mapping are those of its file. */
static bool tells_files(const struct finder *s, const struct vma *m)
{
	struct seen_file f;

	return s->plan->before && !m->shared && seen_file(m, &f);
}

static bool is_visited(const struct finder *s, const struct page *p)
{
	const struct vma *m;
	struct seen_file f;
	uint64_t offset;

	if (!s->plan->before || p->vma == RANGE_NOT_MAPPED)
		return false;
	m = &s->maps->at[p->vma];
	if (!seen_is_of_file(m, p) || !seen_file(m, &f))
		return false;
	offset = mapping_offset(m, p->address);
	return seen_has(s->plan->before, &f, offset, offset + page_bytes(p));
}

/* Leaves out what was visited in another process. */
static void put(struct finder *s, struct filling *f, uint64_t address, unsigned int shift,
		uint8_t flags)
{
	size_t cost = cost_of(shift, s->means.base_shift);
	const struct range *r = &s->plan->range[s->range];
	struct page *p = &f->page[f->n];

	*p = (struct page){
		.address = address,
		.vma = r->mapping,
		.operand = r->asked,
		.range = (uint32_t)s->range,
		.from = -ENOENT,
		.to = NODE_NONE,
		.node = -ENOENT,
		.shift = (uint8_t)shift,
		.flags = (uint16_t)(flags | (r->single ? PAGE_SINGLE : 0)),
		.outcome = OUTCOME_NOT_PRESENT,
	};
	if (is_visited(s, p))
		return;
	f->n++;
	f->room -= cost < f->room ? cost : f->room;
}

static uint8_t entry_flags(uint64_t entry)
{
	return (uint8_t)((entry & ENTRY_PRESENT ? PAGE_PRESENT : 0) |
			 (entry & ENTRY_SWAP ? PAGE_SWAP : 0) |
			 (entry & ENTRY_FILE ? PAGE_FILE : 0) |
			 (entry & ENTRY_ONCE ? PAGE_ONCE : 0));
}

static ssize_t read_entries(int pagemap, unsigned int base_shift, uint64_t address, uint64_t *entry,
			    size_t n)
{
	off_t at = (off_t)((address >> base_shift) * sizeof(*entry));
	size_t size = n * sizeof(*entry), have = 0;
	ssize_t got = 1;

	for (; have < size && got > 0; have += (size_t)got) {
		got = pread(pagemap, (char *)entry + have, size - have, at + (off_t)have);
		if (got < 0)
			return -errno;
	}
	n = have / sizeof(*entry);
	for (size_t i = 0; i < n; i++)
		if (entry[i] & ENTRY_GUARD)
			entry[i] = 0;
	return (ssize_t)n;
}

uint8_t finder_flags(int pagemap, unsigned int base_shift, uint64_t address)
{
	uint64_t entry;

	return read_entries(pagemap, base_shift, address, &entry, 1) == 1 ? entry_flags(entry) : 0;
}

/* The size of the pages of a region that PAGEMAP_SCAN calls huge. */
static unsigned int region_shift(const struct finder *s, const struct vma *m,
				 const struct sys_region *g)
{
	if (m->page_shift > s->means.base_shift)
		return m->page_shift;
	return g->categories & SYS_PAGE_HUGE ? s->means.huge_shift : s->means.base_shift;
}

/* Returns where the region ends, in whole pages of its size. */
static uint64_t put_region(struct finder *s, struct filling *f, const struct vma *m,
			   const struct sys_region *g)
{
	unsigned int shift = region_shift(s, m, g);
	uint64_t size = 1ULL << shift, address = g->start & ~(size - 1);
	uint8_t flags = g->categories & SYS_PAGE_PRESENT ? PAGE_PRESENT : PAGE_SWAP;

	flags |= g->categories & SYS_PAGE_FILE ? PAGE_FILE : 0;
	for (; address < g->end; address += size)
		put(s, f, address, shift, flags);
	return address;
}

static int fill_by_ioctl(struct finder *s, struct filling *f, const struct range *r)
{
	uint64_t end = r->end - s->at > SLICE ? s->at + SLICE : r->end;
	uint64_t found = 0, last = 0, room = f->room;
	const struct vma *m = mapping_of(s, r);
	uint64_t extra = (s->means.has_guards ? SYS_PAGE_GUARD : 0) |
			 (tells_files(s, m) ? SYS_PAGE_FILE : 0);
	int n = sys_scan(s->means.pagemap, s->at, end, s->region, room, extra);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		found += (s->region[i].end - s->region[i].start) >> s->means.base_shift;
		last = put_region(s, f, m, &s->region[i]);
	}
	s->at = n == SYS_REGIONS_MAX || found >= room ? last : end;
	return 0;
}

/* All there and alike, over just the place of a huge page. */
static bool is_block(const struct finder *s, uint64_t address, const uint64_t *entry, size_t n)
{
	const struct finder_means *m = &s->means;

	if (address & ((1ULL << m->huge_shift) - 1) || n != 1ULL << (m->huge_shift - m->base_shift))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(entry[i] & ENTRY_THERE) || (entry[i] ^ entry[0]) & ENTRY_KIND)
			return false;
	return true;
}

/* Whether @address is in a place of a mapping whose such places are huge pages. */
static bool is_huge_by_table(struct finder *s, const struct vma *m, uint64_t address)
{
	uint64_t entry[ENTRIES_MAX], head = address & ~((1ULL << s->means.huge_shift) - 1);
	size_t n = 1ULL << (s->means.huge_shift - s->means.base_shift);

	return m->huge == HUGE_ALL && n <= ENTRIES_MAX && head >= m->start &&
	       read_entries(s->means.pagemap, s->means.base_shift, head, entry, n) == (ssize_t)n &&
	       is_block(s, head, entry, n);
}

static void put_entries(struct finder *s, struct filling *f, const struct vma *m,
			const uint64_t *entry, size_t n)
{
	bool block = m->huge != HUGE_NONE && is_block(s, s->at, entry, n);
	size_t first = f->n;

	for (size_t i = 0; i < n; i++)
		if (entry[i] & ENTRY_THERE)
			put(s, f, s->at + ((uint64_t)i << s->means.base_shift), s->means.base_shift,
			    entry_flags(entry[i]));
	if (block && f->n - first == n)
		f->page[first].flags |= PAGE_BLOCK;
}

static int fill_by_table(struct finder *s, struct filling *f, const struct range *r)
{
	uint64_t entry[ENTRIES_MAX];
	uint64_t span = (uint64_t)ENTRIES_MAX << s->means.base_shift;
	uint64_t end = (s->at & ~(span - 1)) + span;
	size_t want = ((end < r->end ? end : r->end) - s->at) >> s->means.base_shift;
	ssize_t n = read_entries(s->means.pagemap, s->means.base_shift, s->at, entry, want);

	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	if (f->n && f->room < (size_t)n) {
		f->room = 0;
		return 0;
	}
	put_entries(s, f, mapping_of(s, r), entry, (size_t)n);
	s->at += (uint64_t)n << s->means.base_shift;
	return 0;
}

/* The page of that size that the scan is at, or in the middle of. */
static int fill_one(struct finder *s, struct filling *f, unsigned int shift)
{
	uint8_t flags;

	s->at &= ~((1ULL << shift) - 1);
	flags = finder_flags(s->means.pagemap, s->means.base_shift, s->at);
	if (flags & (PAGE_PRESENT | PAGE_SWAP))
		put(s, f, s->at, shift, flags);
	s->at += 1ULL << shift;
	return 0;
}

static int fill_from_range(struct finder *s, struct filling *f, const struct range *r)
{
	const struct vma *m = mapping_of(s, r);

	if (s->means.has_ioctl)
		return fill_by_ioctl(s, f, r);
	if (m->page_shift > s->means.base_shift)
		return fill_one(s, f, m->page_shift);
	if (is_huge_by_table(s, m, s->at))
		return fill_one(s, f, s->means.huge_shift);
	return fill_by_table(s, f, r);
}

static void next_range(struct finder *s)
{
	s->range++;
	s->at = 0;
}

/* Single pages side by side: what the kernel says of them, in as few calls as one takes. */
struct neighbours {
	size_t n;
	uint64_t entry[ENTRIES_MAX];
	bool huge[ENTRIES_MAX]; /* part of a transparent huge page */
};

static size_t count_neighbours(const struct finder *s, size_t room)
{
	const struct range *r = &s->plan->range[s->range];
	size_t max = mapping_of(s, r)->page_shift > s->means.base_shift ? 1 : ENTRIES_MAX, n = 1;

	if (max > room)
		max = room;
	if (max > s->plan->n - s->range)
		max = s->plan->n - s->range;
	while (n < max && r[n].single && r[n].mapping == r->mapping &&
	       r[n].start == r->start + ((uint64_t)n << s->means.base_shift))
		n++;
	return n;
}

static int mark_huge(struct finder *s, struct neighbours *p, uint64_t start)
{
	uint64_t end = start + ((uint64_t)p->n << s->means.base_shift);
	int n = sys_scan(s->means.pagemap, start, end, s->region, p->n, 0);

	for (int i = 0; i < n; i++) {
		const struct sys_region *g = &s->region[i];
		uint64_t at = g->start > start ? g->start : start;

		if (g->categories & SYS_PAGE_HUGE)
			for (; at < g->end && at < end; at += 1ULL << s->means.base_shift)
				p->huge[(at - start) >> s->means.base_shift] = true;
	}
	return n < 0 ? n : 0;
}

static int read_neighbours(struct finder *s, struct neighbours *p, const struct range *r)
{
	const struct vma *m = mapping_of(s, r);
	ssize_t n;

	memset(p->entry, 0, p->n * sizeof(p->entry[0]));
	memset(p->huge, 0, p->n * sizeof(p->huge[0]));
	n = read_entries(s->means.pagemap, s->means.base_shift, r->start, p->entry, p->n);
	if (n <= 0)
		return (int)n; /* pagemap ends before [vsyscall] */
	if (m->page_shift > s->means.base_shift)
		return 0;
	if (s->means.has_ioctl)
		return mark_huge(s, p, r->start);
	for (size_t i = 0; i < p->n; i++)
		p->huge[i] = is_huge_by_table(s, m, r[i].start);
	return 0;
}

/* Whether the next range is a single page where the last page may be huge. */
static bool is_same_place(const struct finder *s, const struct filling *f)
{
	const struct range *r = &s->plan->range[s->range];

	return s->range < s->plan->n && r->single && f->n &&
	       (r->start ^ f->page[f->n - 1].address) >> s->means.huge_shift == 0;
}

/* All that was asked for of one huge page goes into one batch. */
static bool has_place(const struct finder *s, const struct filling *f)
{
	return f->room || (f->n < FINDER_PAGES_MAX && is_same_place(s, f));
}

static int put_neighbours(struct finder *s, struct filling *f)
{
	const struct range *r = &s->plan->range[s->range];
	struct neighbours p = { .n = count_neighbours(s, f->room ? f->room : 1) };
	int rc;

	rc = read_neighbours(s, &p, r);
	for (size_t i = 0; !rc && i < p.n && has_place(s, f); i++) {
		uint8_t flags = entry_flags(p.entry[i]);
		unsigned int shift = mapping_of(s, r)->page_shift;

		if (p.huge[i] && flags & (PAGE_PRESENT | PAGE_SWAP))
			shift = s->means.huge_shift;
		put(s, f, r[i].start & ~((1ULL << shift) - 1), shift, flags);
		next_range(s);
	}
	return rc;
}

static int put_single(struct finder *s, struct filling *f)
{
	const struct range *r = &s->plan->range[s->range];

	if (r->mapping != RANGE_NOT_MAPPED)
		return put_neighbours(s, f);
	put(s, f, r->start, s->means.base_shift, 0);
	next_range(s);
	return 0;
}

/* Whether to end now: 0 or -errno. */
static int should_end(const struct finder *s)
{
	if (!s->until)
		return limits_reason(s->control);
	return sys_time() >= s->until ? -ETIMEDOUT : 0;
}

ssize_t finder_next(struct finder *s, struct page *pages, size_t room)
{
	struct filling f = { .page = pages, .room = room };
	int rc = 0, end = 0;

	while (!rc && !(end = should_end(s)) && s->range < s->plan->n && has_place(s, &f)) {
		const struct range *r = &s->plan->range[s->range];

		if (r->single) {
			rc = put_single(s, &f);
			continue;
		}
		if (s->at < r->start)
			s->at = r->start;
		rc = fill_from_range(s, &f, r);
		if (s->at >= r->end)
			next_range(s);
	}
	if (!rc && !f.n)
		rc = end;
	return rc < 0 ? rc : (ssize_t)f.n;
}

static const struct range *largest_range(const struct plan *plan)
{
	const struct range *largest = &plan->range[0];

	for (size_t i = 1; i < plan->n; i++)
		if (plan->range[i].end - plan->range[i].start > largest->end - largest->start)
			largest = &plan->range[i];
	return largest;
}

uint64_t finder_estimate(const struct finder_means *m, const struct plan *plan)
{
	uint64_t span = (uint64_t)ENTRIES_MAX << m->base_shift, bytes = 0, start, step;
	uint64_t entry[ENTRIES_MAX];
	const struct range *r;

	for (size_t i = 0; i < plan->n; i++)
		bytes += plan->range[i].end - plan->range[i].start;
	if (m->has_ioctl || bytes / span <= FEW_TABLES)
		return 0;
	r = largest_range(plan);
	step = (r->end - r->start) / SAMPLES;
	start = sys_time();
	for (uint64_t i = 0; i < SAMPLES; i++)
		read_entries(m->pagemap, m->base_shift, r->start + i * step, entry, ENTRIES_MAX);
	return (sys_time() - start) / SAMPLES * (bytes / span);
}
