/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "engine/finder.h"

#include "engine/limits.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "plan/seen.h"
#include "proc/address_space.h"
#include "proc/frames.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 *	plan	|------------ range ------------|	  |- range -|	. .  single pages
 *	walked	|  slice  |  slice  |  slice  |s|	  | slice |s|	1 GiB with PAGEMAP_SCAN;
 *									a page table else
 *	batches	[ as much room as the engine gives ][ a batch may end in the middle ][ ...
 *
 * The position of the finder is an address (at) in a range (range).  It returns the present pages
 * of a range, and every page that was requested by its address.
 */

/*
 * The address range of one PAGEMAP_SCAN.  If full of pages that it does not report, it takes some
 * 4 ms; if empty, no time.
 */
#define SLICE (1ULL << 30)

enum { ENTRIES_MAX = 512 }; /* of pagemap in one read: one page table */
enum { SAMPLES = 64, PLACED_MIN = 32 };

/* So few page tables are read in no time, without an estimate: 8 GiB. */
enum { FEW_TABLES = 4096 };

#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_SWAP    (1ULL << 62)
#define ENTRY_FILE    (1ULL << 61)
#define ENTRY_GUARD   (1ULL << 58) /* not a page, since 6.15; zero before */
#define ENTRY_ONCE    (1ULL << 56)
#define ENTRY_FRAME   ((1ULL << 55) - 1) /* 0: not shown */
#define ENTRY_THERE   (ENTRY_PRESENT | ENTRY_SWAP)
#define ENTRY_KIND    (ENTRY_PRESENT | ENTRY_SWAP | ENTRY_FILE | ENTRY_ONCE)

/* The batch being filled. */
struct filling {
	struct page *page;
	size_t n;
	size_t room;
	int rc; /* -ENOMEM */
};

void finder_probe(struct finder_means *m, int pagemap)
{
	struct sys_region region[SYS_REGIONS_MAX];
	uint64_t size = 0;

	file_read_number(AT_FDCWD, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", UINT64_MAX,
			 &size);
	*m = (struct finder_means){ .pagemap = pagemap, .base_shift = sys_page_shift() };
	/* A kernel without THP: the size that a page table of 8-byte entries maps. */
	m->huge_shift = size < 2 ? 2 * m->base_shift - 3 : (unsigned int)__builtin_ctzll(size);
	size = 1ULL << m->base_shift;
	m->has_ioctl = sys_scan(pagemap, 0, size, region, 1, 0) >= 0;
	m->has_guards = m->has_ioctl && sys_scan(pagemap, 0, size, region, 1, SYS_PAGE_GUARD) >= 0;
}

void finder_start(struct finder *s, const struct finder_means *means, const struct plan *plan,
		  const struct address_space *space, const struct limits *limits)
{
	*s = (struct finder){ .plan = plan, .space = space, .means = *means, .limits = limits };
	s->common.range = UINT32_MAX;
	seen_init(&s->here, means->base_shift);
}

void finder_resume(struct finder *s, struct finder_edge edge)
{
	const struct range *first = s->plan->range;

	if (s->plan->n && !first->single && first->start == edge.end)
		s->at = edge.at;
}

void finder_end(struct finder *s)
{
	seen_free(&s->here);
}

static const struct vma *range_vma(const struct finder *s, const struct range *r)
{
	return &s->space->at[r->vma];
}

/* Return whether pages were visited in earlier processes. */
static bool has_before(const struct finder *s)
{
	return s->plan->before && !seen_is_empty(s->plan->before);
}

/* Return 1 if the page was visited: in another process, or by another entry; 0; or -ENOMEM. */
static int is_visited(struct finder *s, const struct page *p)
{
	const struct range *r = &s->plan->range[p->range];
	bool twin = p->flags & PAGE_PRESENT && p->address < r->twin_end &&
		    p->address + page_bytes(p) > r->twin_start;
	const struct vma *m;
	struct seen_file f;
	uint64_t start, end;

	if ((!has_before(s) && !twin) || p->vma == RANGE_NOT_MAPPED)
		return 0;
	m = &s->space->at[p->vma];
	if (!seen_is_of_file(m, p) || !seen_file(m, &f))
		return 0;
	start = vma_offset(m, p->address);
	end = start + page_bytes(p);
	if (has_before(s) && seen_has(s->plan->before, &f, start, end))
		return 1;
	if (!twin)
		return 0;
	return seen_has(&s->here, &f, start, end) ? 1 : seen_add(&s->here, &f, start, end);
}

static void begin_range(struct finder *s)
{
	const struct range *r = &s->plan->range[s->range];

	s->common = (struct page){
		.vma = r->vma,
		.operand = r->asked,
		.range = (uint32_t)s->range,
		.to = NODE_NONE,
		.flags = r->single ? PAGE_SINGLE : 0,
		.outcome = OUTCOME_NOT_PRESENT,
	};
	s->shares = has_before(s) || r->twin_end;
}

/* Add a page to the batch, unless it was visited before. */
static void put(struct finder *s, struct filling *f, uint64_t address, unsigned int shift,
		uint8_t flags, int node)
{
	size_t cost = finder_cost(shift, s->means.base_shift);
	struct page *p = &f->page[f->n];
	int visited;

	if (s->common.range != s->range)
		begin_range(s);
	*p = s->common;
	p->address = address;
	p->from = p->node = (int16_t)node;
	p->shift = (uint8_t)shift;
	p->flags |= flags;
	visited = s->shares ? is_visited(s, p) : 0;
	if (visited < 0)
		f->rc = visited;
	if (visited)
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

/*
 * Return the node of a page from its frame, or -ENOENT.  The zero page and device memory have
 * frames too, but are neither exclusively mapped nor, except the huge zero page, file pages.
 */
static int entry_node(struct finder *s, uint64_t entry, unsigned int shift)
{
	uint64_t sure = shift == s->means.base_shift ? ENTRY_ONCE | ENTRY_FILE : ENTRY_ONCE;
	uint64_t frame = entry & ENTRY_FRAME;
	const struct frame_span *span;

	if (!s->means.frames || !(entry & ENTRY_PRESENT) || !(entry & sure) || !frame)
		return -ENOENT;
	if (frame < s->near.start || frame >= s->near.end) {
		span = frames_find(s->means.frames, frame);
		if (!span)
			return -ENOENT;
		s->near = *span;
	}
	return s->near.node;
}

/*
 * Set the nodes of the pages from @i on, from their frames.  Skip short runs: a read for each takes
 * longer than one query for the complete batch.
 */
static void place_pages(struct finder *s, struct filling *f, size_t i)
{
	unsigned int base = s->means.base_shift;
	uint64_t entry[ENTRIES_MAX];

	while (s->means.frames && i < f->n) {
		struct page *p = &f->page[i];
		size_t n = 1;
		ssize_t got;

		while (i + n < f->n && n < ENTRIES_MAX && p->shift == base && p[n].shift == base &&
		       p[n].address == p->address + (n << base))
			n++;
		got = 0;
		if (n >= PLACED_MIN || p->shift > base)
			got = read_entries(s->means.pagemap, base, p->address, entry, n);
		for (ssize_t k = 0; k < got; k++)
			p[k].from = p[k].node = (int16_t)entry_node(s, entry[k], p->shift);
		i += n;
	}
}

static int fill_by_ioctl(struct finder *s, struct filling *f, const struct range *r)
{
	uint64_t end = r->end - s->at > SLICE ? s->at + SLICE : r->end;
	uint64_t found = 0, last = 0, room = f->room;
	size_t first = f->n;
	const struct vma *m = range_vma(s, r);
	struct seen_file file;
	/*
	 * Only these mappings need to know which pages are the file's and which are copies.  The
	 * first of several processes is one of them: the next processes are to know its pages.
	 */
	bool tells_files = (s->plan->before || s->plan->tells_files || r->twin_end) && !m->shared &&
			   seen_file(m, &file);
	uint64_t extra = (s->means.has_guards ? SYS_PAGE_GUARD : 0) |
			 (tells_files ? SYS_PAGE_FILE : 0);
	int n = sys_scan(s->means.pagemap, s->at, end, s->region, room, extra);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		const struct sys_region *g = &s->region[i];
		uint8_t flags = g->categories & SYS_PAGE_PRESENT ? PAGE_PRESENT : PAGE_SWAP;
		unsigned int shift = m->page_shift;

		if (shift == s->means.base_shift && g->categories & SYS_PAGE_HUGE)
			shift = s->means.huge_shift;
		flags |= g->categories & SYS_PAGE_FILE ? PAGE_FILE : 0;
		found += (g->end - g->start) >> s->means.base_shift;
		/* Round to pages of this size. */
		for (last = g->start & ~((1ULL << shift) - 1); last < g->end; last += 1ULL << shift)
			put(s, f, last, shift, flags, -ENOENT);
	}
	place_pages(s, f, first);
	/* A huge page may extend past the end. */
	s->at = n == SYS_REGIONS_MAX || found >= room || last > end ? last : end;
	return 0;
}

/*
 * Return whether the entries may be a huge page: complete, aligned, all with the same flags, and
 * with contiguous frames if frames are shown.
 */
static bool is_block(const struct finder_means *m, uint64_t address, const uint64_t *entry,
		     size_t n)
{
	uint64_t alike = ENTRY_KIND | (m->frames ? ENTRY_FRAME : 0);
	uint64_t step = m->frames ? 1 : 0, expected = entry[0];

	if (address & ((1ULL << m->huge_shift) - 1) || n != 1ULL << (m->huge_shift - m->base_shift))
		return false;
	if (!(entry[0] & ENTRY_THERE) || (m->frames && entry[0] & (n - 1)))
		return false;
	for (size_t i = 1; i < n; i++)
		if ((entry[i] ^ (expected += step)) & alike)
			return false;
	return true;
}

bool finder_is_whole(const struct finder_means *m, uint64_t address)
{
	uint64_t entry[ENTRIES_MAX];
	size_t n = 1ULL << (m->huge_shift - m->base_shift);

	return m->frames && n <= ENTRIES_MAX &&
	       read_entries(m->pagemap, m->base_shift, address, entry, n) == (ssize_t)n &&
	       entry[0] & ENTRY_FRAME && is_block(m, address, entry, n);
}

/* Return whether @address is in a block of a mapping of which all blocks are huge pages. */
static bool is_huge_by_table(struct finder *s, const struct vma *m, uint64_t address)
{
	uint64_t entry[ENTRIES_MAX], head = address & ~((1ULL << s->means.huge_shift) - 1);
	size_t n = 1ULL << (s->means.huge_shift - s->means.base_shift);

	return m->huge == HUGE_ALL && n <= ENTRIES_MAX && head >= m->start &&
	       read_entries(s->means.pagemap, s->means.base_shift, head, entry, n) == (ssize_t)n &&
	       is_block(&s->means, head, entry, n);
}

/* Return whether to assume that a block is a huge page: private, and the last block was one. */
static bool is_guess(struct finder *s, const struct vma *m, const uint64_t *entry)
{
	return s->expects_huge && atomic_load(s->expects_huge) && !m->shared &&
	       m->kind != VMA_FILE && entry_node(s, entry[0], s->means.huge_shift) >= 0;
}

static int fill_by_table(struct finder *s, struct filling *f, const struct range *r)
{
	uint64_t entry[ENTRIES_MAX];
	unsigned int shift = s->means.base_shift;
	uint64_t span = (uint64_t)ENTRIES_MAX << shift, end = (s->at & ~(span - 1)) + span;
	size_t first = f->n, want = ((end < r->end ? end : r->end) - s->at) >> shift;
	const struct vma *m = range_vma(s, r);
	ssize_t n = read_entries(s->means.pagemap, shift, s->at, entry, want);
	bool block, guess;

	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	block = m->huge != HUGE_NONE && is_block(&s->means, s->at, entry, (size_t)n);
	guess = block && is_guess(s, m, entry);
	if (!guess && f->n && f->room < (size_t)n) {
		f->room = 0;
		return 0;
	}
	if (guess)
		put(s, f, s->at, s->means.huge_shift, entry_flags(entry[0]),
		    entry_node(s, entry[0], shift));
	for (ssize_t i = 0; !guess && i < n; i++)
		if (entry[i] & ENTRY_THERE)
			put(s, f, s->at + ((uint64_t)i << shift), shift, entry_flags(entry[i]),
			    entry_node(s, entry[i], shift));
	if (guess || (block && f->n - first == (size_t)n))
		f->page[first].flags |= guess ? PAGE_GUESS : PAGE_BLOCK;
	s->at += (uint64_t)n << shift;
	return 0;
}

/* Add the page of this size that contains the current address. */
static void fill_one(struct finder *s, struct filling *f, unsigned int shift)
{
	uint8_t flags;

	s->at &= ~((1ULL << shift) - 1);
	flags = finder_flags(s->means.pagemap, s->means.base_shift, s->at);
	if (flags & (PAGE_PRESENT | PAGE_SWAP))
		put(s, f, s->at, shift, flags, -ENOENT);
	s->at += 1ULL << shift;
}

/* Go to the next range.  If it is adjacent, keep the address: a huge page may extend into it. */
static void next_range(struct finder *s)
{
	const struct range *r = &s->plan->range[s->range++];
	bool follows = s->range < s->plan->n && r[1].start == r->end && r[1].vma == r->vma &&
		       !r->single;

	s->edge = (struct finder_edge){ r->end, s->at };
	s->at = follows ? s->at : 0;
}

/* Adjacent single pages: their entries, read in as few calls as one page needs. */
struct neighbours {
	size_t n;
	uint64_t entry[ENTRIES_MAX];
	bool huge[ENTRIES_MAX]; /* part of a transparent huge page */
};

static int read_neighbours(struct finder *s, struct neighbours *p, const struct range *r)
{
	const struct vma *m = range_vma(s, r);
	uint64_t end;
	ssize_t n;
	int regions;

	memset(p->entry, 0, p->n * sizeof(p->entry[0]));
	memset(p->huge, 0, p->n * sizeof(p->huge[0]));
	n = read_entries(s->means.pagemap, s->means.base_shift, r->start, p->entry, p->n);
	if (n <= 0)
		return (int)n; /* pagemap ends before [vsyscall] */
	if (m->page_shift > s->means.base_shift)
		return 0;
	if (!s->means.has_ioctl) {
		for (size_t i = 0; i < p->n; i++)
			p->huge[i] = is_huge_by_table(s, m, r[i].start);
		return 0;
	}
	end = r->start + ((uint64_t)p->n << s->means.base_shift);
	regions = sys_scan(s->means.pagemap, r->start, end, s->region, p->n, 0);
	for (int i = 0; i < regions; i++) {
		const struct sys_region *g = &s->region[i];
		uint64_t at = g->start > r->start ? g->start : r->start;

		if (g->categories & SYS_PAGE_HUGE)
			for (; at < g->end && at < end; at += 1ULL << s->means.base_shift)
				p->huge[(at - r->start) >> s->means.base_shift] = true;
	}
	return regions < 0 ? regions : 0;
}

/* Return whether the batch has space.  All requested parts of a huge page go into one batch. */
static bool has_place(const struct finder *s, const struct filling *f)
{
	const struct range *r = &s->plan->range[s->range];

	return f->room || (f->n && f->n < FINDER_PAGES_MAX && s->range < s->plan->n && r->single &&
			   (r->start ^ f->page[f->n - 1].address) >> s->means.huge_shift == 0);
}

/* Add the adjacent single pages from the next range on. */
static int put_singles(struct finder *s, struct filling *f, const struct range *r)
{
	unsigned int shift = s->means.base_shift;
	struct neighbours p = { .n = 1 };
	size_t max = f->room < ENTRIES_MAX ? f->room : ENTRIES_MAX;
	int rc;

	if (r->vma == RANGE_NOT_MAPPED) {
		put(s, f, r->start, shift, 0, -ENOENT);
		next_range(s);
		return 0;
	}
	if (range_vma(s, r)->page_shift > shift)
		max = 1;
	if (max > s->plan->n - s->range)
		max = s->plan->n - s->range;
	while (p.n < max && r[p.n].single && r[p.n].vma == r->vma &&
	       r[p.n].start == r->start + ((uint64_t)p.n << shift))
		p.n++;
	rc = read_neighbours(s, &p, r);
	for (size_t i = 0; !rc && i < p.n && has_place(s, f); i++) {
		uint8_t flags = entry_flags(p.entry[i]);

		shift = range_vma(s, r)->page_shift;
		if (p.huge[i] && flags & (PAGE_PRESENT | PAGE_SWAP))
			shift = s->means.huge_shift;
		put(s, f, r[i].start & ~((1ULL << shift) - 1), shift, flags,
		    entry_node(s, p.entry[i], shift));
		next_range(s);
	}
	return rc;
}

ssize_t finder_next(struct finder *s, struct page *pages, size_t room)
{
	struct filling f = { .page = pages, .room = room };
	int rc = 0, end = 0;

	while (!rc && s->range < s->plan->n && has_place(s, &f)) {
		const struct range *r = &s->plan->range[s->range];
		const struct vma *m;

		if (s->until)
			end = sys_time() >= s->until ? -ETIME : 0;
		else
			end = limits_reason(s->limits);
		if (end)
			break;
		if (r->single) {
			rc = put_singles(s, &f, r);
			continue;
		}
		if (s->at < r->start)
			s->at = r->start;
		if (s->at >= r->end) {
			next_range(s);
			continue;
		}
		m = range_vma(s, r);
		if (s->means.has_ioctl)
			rc = fill_by_ioctl(s, &f, r);
		else if (m->page_shift > s->means.base_shift)
			fill_one(s, &f, m->page_shift);
		else if (is_huge_by_table(s, m, s->at))
			fill_one(s, &f, s->means.huge_shift);
		else
			rc = fill_by_table(s, &f, r);
		if (s->at >= r->end)
			next_range(s);
	}
	rc = rc ? rc : f.rc;
	if (!rc && !f.n)
		rc = end;
	return rc < 0 ? rc : (ssize_t)f.n;
}

uint64_t finder_estimate(const struct finder_means *m, const struct plan *plan)
{
	uint64_t span = (uint64_t)ENTRIES_MAX << m->base_shift, bytes = 0, start, step;
	uint64_t entry[ENTRIES_MAX];
	const struct range *r = plan->range; /* the largest */

	for (size_t i = 0; i < plan->n; i++) {
		uint64_t size = plan->range[i].end - plan->range[i].start;

		bytes += size;
		if (size > r->end - r->start)
			r = &plan->range[i];
	}
	if (m->has_ioctl || bytes / span <= FEW_TABLES)
		return 0;
	step = (r->end - r->start) / SAMPLES;
	start = sys_time();
	for (uint64_t i = 0; i < SAMPLES; i++)
		read_entries(m->pagemap, m->base_shift, r->start + i * step, entry, ENTRIES_MAX);
	return (sys_time() - start) / SAMPLES * (bytes / span);
}
