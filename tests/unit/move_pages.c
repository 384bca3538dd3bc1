/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Batches on a simulated kernel that gives every possible answer of move_pages(2).  It follows
 * do_pages_move() of kernel 6.1: pages for one node are queued until the node changes or a page
 * cannot be queued, then moved; if some did not move, the call stops, and does not write the
 * status of that run or of any page after it.
 */
#include <config.h>

#include <errno.h>
#include <numaif.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/batch.h"
#include "engine/limits.h"
#include "numa/interleave.h"
#include "numa/node_map.h"
#include "plan/outcome.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "proc/frames.h"
#include "proc/headroom.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "unit.h"

enum { BASE = 12, HUGE = 21, SPAN = 1 << (HUGE - BASE), PAGES_MAX = 4096, NODES = 4 };

/* Not mapped in this process, so its pagemap has no entry for it. */
#define ORIGIN 0x600000000000ULL

struct folio {
	int node;
	bool pinned, shared, taken, absent;
	bool splits, torn; /* during the move; torn: and one part is pinned */
	bool parts;	   /* its second move splits it, as moves in Linux 6.12 do */
	unsigned int moves;
	bool alone; /* its frame is not adjacent to those of its neighbours */
};

/* ---- the kernel ---- */

static struct {
	struct folio folio[2 * PAGES_MAX];
	size_t folio_of[PAGES_MAX]; /* of each base page */
	size_t folios, pages;
	long room[NODES]; /* number of folios that fit */
	unsigned int calls;
	unsigned long longest; /* run */
} sim;

static size_t sim_index(const void *address)
{
	return ((uintptr_t)address - ORIGIN) >> BASE;
}

static struct folio *sim_folio(const void *address)
{
	return &sim.folio[sim.folio_of[sim_index(address)]];
}

/* Split a folio for lack of a free huge page.  Return how many parts did not move. */
static long sim_split(const struct folio *whole, int node)
{
	size_t from = (size_t)(whole - sim.folio);
	long failed = 0;

	for (size_t page = 0, part = 0; page < sim.pages; page++) {
		bool pinned = whole->torn && part == 3;

		if (sim.folio_of[page] != from)
			continue;
		sim.folio_of[page] = sim.folios;
		sim.folio[sim.folios++] = (struct folio){ .node = pinned ? whole->node : node,
							  .pinned = pinned,
							  .alone = true };
		failed += pinned;
		part++;
	}
	return failed;
}

/* Move the isolated pages.  Return how many did not move, or -ENOMEM. */
static long sim_flush(void **pages, int node, unsigned long from, unsigned long until)
{
	long failed = 0;
	bool full = false;

	for (unsigned long i = from; i < until; i++) {
		struct folio *f = sim_folio(pages[i]);

		if (!f->taken)
			continue;
		f->taken = false;
		full = full || sim.room[node] == 0;
		if (full || f->pinned) {
			failed++;
			continue;
		}
		if (f->splits || (f->parts && ++f->moves == 2))
			failed += sim_split(f, node);
		f->node = node;
		f->alone = true;
		sim.room[node]--;
	}
	return full ? -ENOMEM : failed;
}

/* Isolate a page.  Return 0, or the status to store for it. */
static int sim_take(struct folio *f, int node, bool all)
{
	if (f->absent)
		return -ENOENT;
	if (f->taken)
		return -EBUSY;
	if (f->node == node)
		return 1 + node;
	if (f->shared && !all)
		return -EACCES;
	f->taken = true;
	return 0;
}

static long sim_move(unsigned long n, void **pages, const int *nodes, int *status, bool all)
{
	unsigned long start = 0, i;
	long left;

	sim.calls++;
	for (i = 0; i <= n; i++) {
		bool turn = i == n || (i > start && nodes[i] != nodes[start]);
		int stored = 0;

		if (!turn)
			stored = (uintptr_t)pages[i] == UINTPTR_MAX ?
					 -EFAULT :
					 sim_take(sim_folio(pages[i]), nodes[i], all);
		if (!turn && !stored)
			continue;
		if (stored)
			status[i] = stored > 0 ? stored - 1 : stored;
		if (i - start > sim.longest)
			sim.longest = i - start;
		left = i > start ? sim_flush(pages, nodes[start], start, i) : 0;
		if (left)
			return left < 0 ? left : left + (long)(n - i) - (stored != 0);
		for (unsigned long k = start; k < i; k++)
			status[k] = nodes[start];
		start = stored ? i + 1 : i;
		if (turn && i < n)
			i--;
	}
	return 0;
}

static bool guesses; /* return blocks as PAGE_GUESS */
static void sim_show(void);

/* Replaces that of libnuma. */
long move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status,
		int flags)
{
	long rc;

	(void)pid;
	for (unsigned long i = 0; !nodes && i < count; i++)
		status[i] = sim_folio(pages[i])->absent ? -ENOENT : sim_folio(pages[i])->node;
	if (!nodes)
		return 0;
	rc = sim_move(count, pages, nodes, status, flags & MPOL_MF_MOVE_ALL);
	if (guesses)
		sim_show();
	if (rc >= 0)
		return rc;
	errno = (int)-rc;
	return -1;
}

/* Replaces that of libc: PAGEMAP_SCAN of one page reports whether it is huge. */
int ioctl(int fd, unsigned long request, ...)
{
	struct {
		uint64_t size, flags, start, end, walk_end, vec;
	} * scan;
	va_list arguments;
	size_t page;

	(void)fd;
	(void)request;
	va_start(arguments, request);
	scan = va_arg(arguments, void *);
	va_end(arguments);
	scan->walk_end = scan->end;
	page = sim_index((void *)(uintptr_t)scan->start);
	*(struct sys_region *)(uintptr_t)scan->vec = (struct sys_region){
		.start = scan->start,
		.end = scan->end,
		.categories = SYS_PAGE_PRESENT |
			      (sim.folio_of[page] == sim.folio_of[page + 1] ? SYS_PAGE_HUGE : 0),
	};
	return 1;
}

/* ---- pagemap, with frames ---- */

enum { NODE_FRAMES = 1 << 20 };

static const struct frames frames = { NODES,
				      { { 0, NODE_FRAMES, 0 },
					{ NODE_FRAMES, 2 * NODE_FRAMES, 1 },
					{ 2 * NODE_FRAMES, 3 * NODE_FRAMES, 2 },
					{ 3 * NODE_FRAMES, 4 * NODE_FRAMES, 3 } } };

static int pagemap = -1;

static bool sim_is_huge(size_t page)
{
	return sim.folio_of[page] == sim.folio_of[page / SPAN * SPAN + 1];
}

/* Replaces pagemap of the process. */
static void sim_show(void)
{
	static uint64_t entry[PAGES_MAX];
	size_t bytes = sim.pages * sizeof(entry[0]);

	for (size_t i = 0; i < sim.pages; i++) {
		const struct folio *f = &sim.folio[sim.folio_of[i]];
		uint64_t frame = (uint64_t)f->node * NODE_FRAMES + NODE_FRAMES / 2 + i;

		if (f->alone && !sim_is_huge(i))
			frame = (uint64_t)f->node * NODE_FRAMES + 1 + 2 * i;
		entry[i] = f->absent ? 0 : 1ULL << 63 | (uint64_t)!f->shared << 56 | frame;
	}
	if (pagemap < 0)
		pagemap = memfd_create("pagemap", 0);
	assert_int_equal(pwrite(pagemap, entry, bytes, (off_t)((ORIGIN >> BASE) * 8)), bytes);
}

/* ---- a process, as letters ---- */

/*
 * One letter per page: 0 1 2 3 its node, p pinned on node 0, q on node 2, s shared and x gone
 * on node 0; H a huge page on node 0, K pinned, S that splits when it moves, Z that splits
 * and leaves a part behind, T 512 pages that look like a huge page; L four pages on node 0
 * of a large folio, which move together, D such a folio that its second move splits.
 */
static size_t span_of(char c)
{
	if (strchr("HKSZT", c))
		return SPAN;
	return strchr("LD", c) ? 4 : 1;
}

static void sim_add(char c)
{
	size_t repeat = c == 'T' ? SPAN : 1, pages = span_of(c) / repeat;
	int node = strchr("123", c) ? c - '0' : c == 'q' ? 2 : 0;

	for (size_t r = 0; r < repeat; r++) {
		sim.folio[sim.folios] = (struct folio){ .node = node,
							.pinned = strchr("pqK", c),
							.shared = c == 's',
							.absent = c == 'x',
							.splits = strchr("SZ", c),
							.torn = c == 'Z',
							.parts = c == 'D' };
		for (size_t k = 0; k < pages; k++)
			sim.folio_of[sim.pages++] = sim.folios;
		sim.folios++;
	}
}

static void sim_begin(const char *letters, long room)
{
	memset(&sim, 0, sizeof(sim));
	for (; *letters; letters++)
		sim_add(*letters);
	for (int n = 0; n < NODES; n++)
		sim.room[n] = room;
}

static void add_page(struct batch *b, size_t index, unsigned int shift, uint8_t flags)
{
	b->page[b->n++] = (struct page){
		.address = ORIGIN + ((uint64_t)index << BASE),
		.from = -ENOENT,
		.to = NODE_NONE,
		.node = -ENOENT,
		.shift = (uint8_t)shift,
		.flags = PAGE_PRESENT | flags,
		.outcome = OUTCOME_NOT_PRESENT,
	};
}

/* Make pages like the finder: known huge pages, or blocks. */
static void batch_begin(struct batch *b, const char *letters, bool known)
{
	size_t at = 0;

	for (; *letters; letters++) {
		bool huge = strchr("HKSZ", *letters), block = huge || *letters == 'T';
		size_t span = span_of(*letters);

		if (block && guesses && at % SPAN == 0) {
			add_page(b, at, HUGE, 0);
			b->page[b->n - 1].flags = PAGE_PRESENT | PAGE_GUESS;
			b->page[b->n - 1].from = b->page[b->n - 1].node =
				(int16_t)sim.folio[sim.folio_of[at]].node;
			at += span;
			continue;
		}
		for (size_t k = 0; k < span; k++)
			if (!(huge && known) || k == 0)
				add_page(b, at + k, huge && known ? HUGE : BASE,
					 block && !known && k == 0 ? PAGE_BLOCK : 0);
		at += span;
	}
}

/* ---- tests ---- */

struct row {
	const char *name, *letters;
	const char
		*expected;  /* per page: m moved, a already, b busy, s shared, g gone, n no room */
	unsigned int calls; /* maximum number of calls that move */
	long room;
	bool expect_huge; /* huge pages in the batch before */
};

#define MANY 1000000

static const struct row rows[] = {
	{ "pages of one node move in one call", "0000", "mmmm", 1, MANY, 0 },
	{ "pages already in place are not passed", "0110", "maam", 1, MANY, 0 },
	{ "pages for two nodes take a call each", "0202", "mmmm", 2, MANY, 0 },
	{ "only a pinned page stays", "00p00", "mmbmm", 4, MANY, 0 },
	{ "only pinned pages for both nodes stay", "0p2q02", "mbmbmm", 8, MANY, 0 },
	{ "a shared page needs a privilege to move", "0s0", "msm", 1, MANY, 0 },
	{ "after a pinned and a shared page all pages are tried", "0p0s00p0", "mbmsmmbm", 8, MANY,
	  0 },
	{ "a freed page is gone", "0x0", "mgm", 1, MANY, 0 },
	{ "a huge page moves once", "H", "m", 1, MANY, 0 },
	{ "a huge page moves once if one is expected", "H", "m", 1, MANY, 1 },
	{ "huge pages and others move together", "H0H0", "mmmm", 2, MANY, 0 },
	{ "a pinned huge page is one busy page", "K", "b", 6, MANY, 0 },
	{ "a pinned huge page is one busy page if one is expected", "K", "b", 6, MANY, 1 },
	{ "other pages move in spite of a pinned huge page", "0K0H0", "mbmmm", 8, MANY, 0 },
	{ "512 pages that look like a huge page", "T", "m", 1, MANY, 0 },
	{ "512 pages that look like an expected huge page", "T", "m", 2, MANY, 1 },
	{ "a full node", "000", "mnn", 1, 1, 0 },
	{ "a full node is not tried again", "0K00H", "nnnnn", 2, 0, 0 },
};

static const char *const splits[] = { "S", "0S0", "SS", "Z", "0Z0", "HZS", "ZKZ", "SpZ", "TZ0" };

static const char letter_of[OUTCOMES] = {
	[OUTCOME_MOVED] = 'm',	   [OUTCOME_ALREADY_THERE] = 'a', [OUTCOME_BUSY] = 'b',
	[OUTCOME_SHARED] = 's',	   [OUTCOME_GONE] = 'g',	  [OUTCOME_NO_ROOM] = 'n',
	[OUTCOME_UNREACHED] = 'u', [OUTCOME_NOT_SELECTED] = 'o',  [OUTCOME_NOT_MOVABLE] = 'k',
};

static struct vma mapping = {
	.start = ORIGIN, .end = ORIGIN + (1ULL << 40), .page_shift = BASE, .kind = VMA_ANON
};
static const struct address_space maps = { &mapping, 1 };
static struct range range = { .start = ORIGIN, .end = ORIGIN + (1ULL << 40), .to = RANGE_BY_MAP };
static const struct plan plan = { .range = &range, .n = 1 };

/* Replaces the map; NULL: no destination. */
static const struct interleave *spread;

/* Arguments and results of a move. */
static uint64_t next, ended; /* when bytes may move, and the time limit */
static int result;
static struct process self;

static struct batch *work(const char *letters, bool known, bool expect_huge, long room,
			  unsigned int retries)
{
	static struct batch batch;
	static struct visit visit;
	static struct limits control;
	static struct headroom_guard guard;
	static struct engine engine;
	static struct aim aim;
	static struct finder_means means = { .base_shift = BASE, .huge_shift = HUGE };
	static const struct target target = { &self, &maps, &means, NULL };
	static struct node_map route;

	if (!self.pid)
		assert_int_equal(process_open(getpid(), &self), 0);
	node_map_clear(&route);
	route.to[0] = route.to[1] = 1;
	route.to[2] = 3;
	engine = (struct engine){ .retries = retries, .limits = &control, .room = &guard };
	aim = (struct aim){ .map = &route, .interleave = spread };
	limits_start(&control, 0, 0);
	control.pace.next = next;
	control.deadline = ended;
	headroom_guard_start(&guard, true);
	memset(&visit, 0, sizeof(visit));
	visit.engine = &engine;
	visit.target = &target;
	visit.aim = &aim;
	visit.mode = ENGINE_MOVE;
	visit.plan = &plan;
	visit.base_shift = BASE;
	visit.huge_shift = HUGE;
	visit.sees_huge = known;
	atomic_store(&visit.separates, known);
	memset(&batch, 0, sizeof(batch));
	batch.visit = &visit;
	atomic_store(&visit.expects_huge, expect_huge);
	sim_begin(letters, room);
	if (guesses)
		sim_show();
	means.frames = guesses ? &frames : NULL;
	means.pagemap = pagemap;
	batch_begin(&batch, letters, known);
	assert_int_equal(mover_place(&batch), result);
	return &batch;
}

/* Format the outcomes, a letter for each page; one for 512 alike (see T). */
static void describe(const struct batch *b, const char *letters, char *text)
{
	size_t i = 0;

	for (; *letters; letters++) {
		size_t span = *letters == 'T' ? SPAN : 1;

		while (i < b->n && b->page[i].flags & PAGE_TAIL)
			i++;
		*text++ = letter_of[b->page[i].outcome];
		for (size_t k = 1; k < span; k++)
			if (b->page[i + k].outcome != b->page[i].outcome)
				text[-1] = '?';
		if (*letters == 'T' && b->page[i].shift != BASE)
			text[-1] = '!';
		if (strchr("HK", *letters) && b->page[i].shift != HUGE && text[-1] != 'n')
			text[-1] = '!';
		i += span;
		if (strchr("HK", *letters) && text[-1] == 'n' && b->page[i - 1].shift == BASE)
			i += SPAN - 1;
	}
	*text = '\0';
}

static void check(const struct row *row, bool known)
{
	const struct batch *b = work(row->letters, known, row->expect_huge, row->room, 0);
	char got[64];

	describe(b, row->letters, got);
	assert_string_equal(got, row->expected);
	assert_in_range(sim.calls, 1, row->calls);
}

static void test_known(void **state)
{
	check(*state, true);
}

static void test_blocks(void **state)
{
	check(*state, false);
}

/* A wrong guess costs a call, and a guess that does not move some more. */
static void test_guesses(void **state)
{
	struct row row = *(const struct row *)*state;

	row.calls = row.calls * 2 + 2;
	guesses = true;
	check(&row, false);
	guesses = false;
}

/* The reported node is that of the folio, whatever the kernel reports. */
static void check_truth(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct page *p = &b->page[i];
		const struct folio *f = sim_folio((void *)(uintptr_t)p->address);

		if (p->flags & PAGE_TAIL)
			continue;
		if (f->absent) {
			assert_int_equal(p->outcome, OUTCOME_GONE);
			continue;
		}
		assert_int_equal(p->node, f->node);
		assert_int_equal(p->outcome == OUTCOME_BUSY, f->pinned);
		assert_int_equal(p->outcome == OUTCOME_SHARED, f->shared);
		assert_true(f->pinned || f->shared || f->node == 1 || f->node == 3);
	}
}

static size_t count_busy(const struct batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->page[i].outcome == OUTCOME_BUSY && !(b->page[i].flags & PAGE_TAIL);
	return n;
}

/* Parts of split huge pages are reported one by one, even of guesses. */
static void test_split(void **state)
{
	const char *letters = *state;
	size_t left = 0;

	for (const char *l = letters; *l; l++)
		left += strchr("ZpK", *l) != NULL;
	for (int i = 0; i < 4; i++) {
		const struct batch *b;

		guesses = i == 3;
		b = work(letters, i == 1, i == 2, MANY, 1);
		check_truth(b);
		assert_int_equal(count_busy(b), left);
	}
	guesses = false;
}

static void test_any(void **state)
{
	static const char alphabet[] = "000012pqsxHKTSZ";
	unsigned int seed = (unsigned int)(uintptr_t)*state;
	char letters[8] = "";

	for (size_t i = 0; i + 1 < sizeof(letters); i++)
		letters[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
	for (int i = 0; i < 4; i++)
		check_truth(work(letters, i & 1, i & 2, MANY, 1));
	guesses = true;
	check_truth(work(letters, false, true, MANY, 1));
	guesses = false;
}

/* Guesses take one call, with one address for each huge page. */
static void test_guess_right(void **state)
{
	const struct batch *b;

	(void)state;
	guesses = true;
	b = work("HHHHHH", false, true, MANY, 1);
	guesses = false;
	check_truth(b);
	assert_int_equal(b->n, 6);
	assert_int_equal(sim.calls, 1);
	assert_true(atomic_load(&b->visit->expects_huge));
}

/* 512 pages that look like a huge page: opened, and the next block is not guessed. */
static void test_guess_wrong(void **state)
{
	const struct batch *b;
	size_t split = 0;

	(void)state;
	guesses = true;
	b = work("T", false, true, MANY, 1);
	guesses = false;
	check_truth(b);
	assert_int_equal(b->n, SPAN);
	assert_false(atomic_load(&b->visit->expects_huge));
	for (size_t i = 0; i < b->n; i++)
		split += (b->page[i].flags & PAGE_SPLIT) != 0;
	assert_int_equal(split, 0);
}

/* After the end nothing is opened: it would delay the response to Ctrl-C. */
static void test_guess_ended(void **state)
{
	const struct batch *b;

	(void)state;
	guesses = true;
	ended = 1;
	b = work("H", false, true, MANY, 1);
	ended = 0;
	guesses = false;
	assert_int_equal(b->n, 1);
	assert_int_equal(b->page[0].outcome, OUTCOME_UNREACHED);
}

static void find_again(struct batch *b, const char *letters, bool known)
{
	b->n = 0;
	batch_begin(b, letters, known);
	assert_int_equal(mover_place(b), 0);
}

/* Blocks already in place are not known to be huge. */
static void test_guess_stays(void **state)
{
	const struct batch *b;

	(void)state;
	guesses = true;
	b = work("T", false, true, MANY, 1);
	find_again((struct batch *)b, "T", false);
	guesses = false;
	assert_int_equal(b->n, SPAN);
	for (size_t i = 0; i < b->n; i++)
		assert_int_equal(b->page[i].outcome, OUTCOME_ALREADY_THERE);
}

/* Runs are short on kernels that make the pages of a run inaccessible together. */
static void test_runs(void **state)
{
	char letters[1000 + 1] = "";
	const struct batch *b;

	(void)state;
	memset(letters, '0', 1000);
	b = work(letters, true, false, MANY, 1);
	check_truth(b);
	assert_int_equal(b->n, 1000);
	assert_int_equal(sim.calls, 1);
	assert_int_equal(sim.longest, BATCH_RUN);
	work(letters, false, false, MANY, 1);
	assert_int_equal(sim.longest, 1000);
}

/* Pages that stay, at the first, at the last and at other places of a run. */
static void test_run_stops(void **state)
{
	char letters[600 + 1] = "";

	memset(letters, '0', 600);
	for (size_t i = 0; i < 600; i += BATCH_RUN - 1)
		letters[i] = *(const char *)*state;
	letters[255] = letters[256] = *(const char *)*state;
	check_truth(work(letters, true, false, MANY, 1));
	check_truth(work(letters, false, false, MANY, 1));
}

/* ---- ends ---- */

/* A batch after the end of the move is only counted. */
static void test_ended(void **state)
{
	const struct batch *b;
	char got[8];

	(void)state;
	ended = 1;
	b = work("0100", true, false, MANY, 0);
	ended = 0;
	describe(b, "0100", got);
	assert_string_equal(got, "uauu");
	assert_int_equal(sim.calls, 0);
	assert_true(b->visit->unreached);
	assert_false(work("0100", true, false, MANY, 0)->visit->unreached);
}

/* Return a descriptor of a process that has exited. */
static int ended_child(void)
{
	pid_t pid = fork();
	int fd;

	if (pid == 0)
		_exit(0);
	fd = sys_pidfd(pid);
	assert_true(fd >= 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return fd;
}

/* The process exits before the batch moves: pages that are not selected are not gone. */
static void test_exits(void **state)
{
	const struct batch *b;
	char got[8];

	(void)state;
	work("0", true, false, MANY, 0); /* opens this process */
	close(self.pidfd);
	self.pidfd = ended_child();
	result = -ESRCH;
	b = work("0310", true, false, MANY, 0);
	result = 0;
	close(self.pidfd);
	self.pidfd = -1;
	describe(b, "0310", got);
	assert_string_equal(got, "gogg");
}

/* The time that a batch waits for the rate limit is not part of its duration. */
static void test_waits(void **state)
{
	(void)state;
	next = sys_time() + 20000000;
	assert_true(work("0", true, false, MANY, 0)->waited > 0);
	next = 0;
	assert_int_equal(work("0", true, false, MANY, 0)->waited, 0);
}

/* ---- interleaving ---- */

struct spread_row {
	const char *name, *letters;
	bool known; /* the kernel reports huge pages */
};

static const struct spread_row spread_rows[] = {
	{ "base pages are interleaved", "00000012", false },
	{ "a possible huge page is interleaved as one page", "HTHT00", false },
	{ "huge pages are interleaved as one page each", "HHHHH00", true },
	{ "512 pages known to be base pages are interleaved one by one", "THTH0", true },
	{ "pages on several nodes are not a huge page", "1H0T", false },
	{ "pages of a folio are on the destination of the last one", "0L0L00L", false },
	{ "the same if the kernel reports huge pages", "0L0L00L", true },
	{ "pages of a folio that the kernel splits are interleaved", "0D0D00D", true },
};

/* Return the destination by the offset; that of the huge page if it is, or may be, part of one. */
static int node_wanted(const struct spread_row *row, const struct page *p)
{
	size_t at = (p->address - ORIGIN) >> BASE, start = 0;
	const char *l = row->letters;

	while (start + span_of(*l) <= at)
		start += span_of(*l++);
	/* Pages before the first boundary of huge pages cannot be one. */
	if (start % SPAN == 0 && (*l == 'H' || (*l == 'T' && !row->known)))
		return interleave_node(spread, p->address >> HUGE);
	return interleave_node(spread, p->address >> BASE);
}

static void check_spread(const struct spread_row *row, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct page *p = &b->page[i];
		bool there = p->outcome == OUTCOME_MOVED || p->outcome == OUTCOME_ALREADY_THERE;

		if (p->flags & PAGE_TAIL)
			continue;
		assert_int_equal(p->node, sim_folio((void *)(uintptr_t)p->address)->node);
		assert_int_equal(there, p->node == p->to);
		if (!strpbrk(row->letters, "1L"))
			assert_true(there);
		if (row->letters[0] != '1')
			assert_int_equal(p->to, node_wanted(row, p));
	}
}

static void test_spread(void **state)
{
	const struct spread_row *row = *state;
	static struct interleave s;
	char line[256];
	struct text_line why = { line, sizeof(line), 0 };
	struct nodeset nodes = nodeset_range(0, NODES - 2);
	struct batch *b;
	unsigned int calls;

	assert_int_equal(interleave_make(&s, NULL, &nodes, &why), 0);
	spread = &s;
	b = work(row->letters, row->known, false, MANY, 0);
	check_spread(row, b);
	calls = sim.calls;
	find_again(b, row->letters, row->known);
	check_spread(row, b);
	if (!strchr(row->letters, 'L') && row->letters[0] != '1')
		assert_int_equal(sim.calls, calls);
	spread = NULL;
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(rows); i++) {
		unit_add(&suite, test_known, &rows[i], "%s", rows[i].name);
		unit_add(&suite, test_blocks, &rows[i], "%s (huge pages not reported)",
			 rows[i].name);
		unit_add(&suite, test_guesses, &rows[i], "%s (huge pages guessed)", rows[i].name);
	}
	for (size_t i = 0; i < UNIT_ROWS(splits); i++)
		unit_add(&suite, test_split, splits[i], "huge pages are split: %s", splits[i]);
	unit_add(&suite, test_guess_right, NULL, "guessed huge pages move in one call");
	unit_add(&suite, test_guess_wrong, NULL, "a wrong guess is opened, and is the last one");
	unit_add(&suite, test_guess_stays, NULL, "a guess that does not move is opened");
	unit_add(&suite, test_guess_ended, NULL, "a guess after the end is not opened");
	unit_add(&suite, test_runs, NULL, "no run is longer than 128 pages");
	for (const char *l = "p1xsq2"; *l; l++)
		unit_add(&suite, test_run_stops, l, "'%c' among the pages of long runs", *l);
	unit_add(&suite, test_ended, NULL, "pages after the end are only counted");
	unit_add(&suite, test_exits, NULL, "pages not in scope are not gone with the process");
	unit_add(&suite, test_waits, NULL, "the waiting time of a batch is recorded");
	for (uintptr_t seed = 1; seed <= 100; seed++)
		unit_add(&suite, test_any, (void *)seed, "random pages of all kinds, seed %d",
			 (int)seed);
	for (size_t i = 0; i < UNIT_ROWS(spread_rows); i++)
		unit_add(&suite, test_spread, &spread_rows[i], "%s", spread_rows[i].name);
	return unit_run(&suite, "submit");
}
