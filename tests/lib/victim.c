/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * victim: a target process with memory of known kinds on known nodes, controlled by a pipe.
 *
 *	victim [OPTION|KIND=SIZE]...
 *
 * Operands take effect in order, so an option applies to the operands after it:
 *
 *	node=N		put the pages of the mappings that follow on node N
 *			(`any`: by the inherited policy, the default);
 *			node=N,N...: in as many equal, consecutive parts
 *	seed=N		first value of the pattern
 *	cpu=N		run on this CPU only
 *	name=TEXT	the process's comm
 *	again=N[:private]
 *			map the last mapping N more times, at other addresses (`:private`: as
 *			a private mapping of its file), and read its pages there
 *	path=TEXT	create this file, and use it for the file mappings that follow
 *	thread=N	one more thread, which is bound to CPU N and waits
 *	first=ended	the first thread exits after the set-up; another one continues
 *	churn=N		N threads that constantly change their mappings, and fork
 *	KIND=SIZE	a mapping of SIZE bytes (K, M, G are allowed), kinds below;
 *			hugetlb=N: N huge pages, hugeshm=N: shared ones,
 *			hugesysv=N: of System V; hugefd=N: of a memfd;
 *			pinned=SIZE[:N]: N pinned pages;
 *			fixed=SIZE: all pinned, as buffers registered with io_uring;
 *			ragged=SIZE: every second page is freed, which leaves single free
 *			pages (not included in a check);
 *			torn=SIZE: huge pages mapped by base page table entries;
 *			scattered=SIZE: shared memory in which every second page is in no
 *			page table until it is read;
 *			pieces=SIZE: every page is a separate mapping; alike=SIZE: the
 *			kernel may merge its pages with those of another victim;
 *			swapped=SIZE: its pages are swapped out, if there is swap;
 *			unanswered=SIZE: a thread waits forever for a page fault in it;
 *			uring=SIZE, packet=SIZE, perf=SIZE: kernel pages of a ring shared
 *			with the process: io_uring(7), packet(7), perf_event_open(2);
 *			not written to;
 *			merged=SIZE: identical pages, which the kernel may merge;
 *			odd=SIZE: shared memory, in huge pages if possible, at an address
 *			where page tables cannot map them as huge;
 *			folios=SIZE: in folios as large as sysfs allows;
 *			device=SIZE: the memory of a device, path=... (a PCI BAR);
 *			reserved=SIZE: untouched, any size;
 *			guards=SIZE: every second page is a guard (kernel 6.13);
 *			marked=SIZE: userfaultfd write-protects shared memory, of which every
 *			second page is not there: its entry is a marker;
 *			hot=SIZE, warm=SIZE, sprinkled=SIZE: a thread reads every page all
 *			the time, every page every four seconds, every 64th page all the
 *			time; cold=SIZE: nobody reads it (see the command idle)
 *
 * Every touched page is filled with a pattern that depends on its offset and a seed. Then victim
 * prints one line `KIND START END [PINNED...]` per mapping, with addresses as in /proc/PID/maps
 * (`refused KIND REASON` if the kernel does not provide such a ring), and `ready PID`. Then it
 * reads commands, one per line, and answers each with a line:
 *
 *	check		`intact N pages`, or `corrupt ADDRESS`; with a busy
 *			mapping followed by `, worst stall N us`, with churn by
 *			`, N changes`
 *	touch SIZE	one more anon mapping, on the last node given: `anon START END`
 *	hint		use CPU time until NUMA balancing has marked the pages of the
 *			hinted mappings: `hinted`, or `unhinted` when it never did
 *	fork [N [KIND]]	`forked PID...`: N children (1) that hold everything, have read the
 *			mappings of this kind, and wait
 *	exec		the same program without operands: `ready PID`
 *	collapse	the kernel may make huge pages of mixed mappings: `collapsible`
 *	idle FROM TO	the pages of hot, warm, sprinkled and cold mappings that were not
 *			used between two times (seconds since 1970): `idle START-END...`,
 *			with `unclear` where a page was used at the edge of that time
 *	unmap KIND	`unmapped N` mappings
 *	quit		`bye`, and exit, as at end of input; children exit, too
 *
 * If something cannot be set up as requested, victim prints a message and exits with 1.
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/io_uring.h>
#include <linux/if_packet.h>
#include <linux/magic.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <numa.h>
#include <numaif.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	     (sizes.page)
#define HUGE_PAGE    (sizes.huge)
#define WORDS	     (PAGE / sizeof(uint64_t))
#define MAX_MAPPINGS 64
#define MAX_PINS     1024
#define MAX_NODES    1024
#define MAX_PARTS    4
#define MAX_CHURNS   8
#define CHURN_SLOTS  8
#define CHURN_PAGES  1024
#define ANY_NODE     (-1)
#define BATCH	     512
#define HINT_NS	     (UINT64_C(30) * 1000000000)
#define SECOND_NS    UINT64_C(1000000000)
#define MAX_USES     4096

/* Bytes of a base page and of a huge page. */
static struct {
	size_t page, huge;
} sizes;

enum touch { TOUCH_NONE, TOUCH_READ, TOUCH_WRITE };

struct vma;

#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED	(MAP_SHARED | MAP_ANONYMOUS)
#define SYSV	0

/* How to make a kind of memory. finish runs after the pages are touched and placed. */
struct kind {
	const char *name;
	int flags;  /* mmap(2); SYSV: shmget(2) */
	int advice; /* madvise(2), MADV_NORMAL for none */
	enum touch touch;
	size_t stride; /* every stride-th page is touched */
	void (*finish)(struct vma *m);
	int (*ring)(struct vma *m, off_t *offset); /* opens the file to map; -1: error */
};

/* When pages of a mapping were used: each step-th one. */
struct use {
	uint64_t begin, end; /* ns since 1970 */
	size_t step;
};

struct uses {
	struct use use[MAX_USES]; /* the last ones */
	atomic_size_t count;
};

struct vma {
	const struct kind *kind;
	struct uses *uses; /* NULL: nobody asks for them */
	uint64_t used;	   /* ns since 1970 */
	int refused;	   /* errno */
	unsigned char *start;
	size_t size;
	int node[MAX_PARTS]; /* of each part */
	size_t parts;
	int fd;
	const char *path;
	uint64_t seed;
	size_t pins;
	uintptr_t pinned[MAX_PINS];
};

/* A thread that maps and unmaps, and counts in the pages of a busy mapping. */
struct busy {
	struct vma *mapping;
	pthread_t thread;
	atomic_uint_fast64_t worst_ns;
	atomic_uintptr_t corrupt;
};

/* Memory that is mapped and unmapped. The first word of each page is 0 or its number. */
struct slot {
	unsigned char *start;
	size_t pages; /* 0: unmapped */
};

/* A thread that changes its slots. */
struct churn {
	pthread_t thread;
	uint64_t random;
	struct slot slots[CHURN_SLOTS];
	atomic_uint_fast64_t changes;
	atomic_uintptr_t corrupt;
};

struct victim {
	struct vma maps[MAX_MAPPINGS];
	size_t count;
	int node[MAX_PARTS];
	size_t parts;
	const char *path;
	uint64_t seed;
	struct busy busy;
	atomic_size_t user_maps; /* mappings for user_run() to use */
	struct churn churns[MAX_CHURNS];
	size_t churn_count;
	bool first_ended;
};

#define PATTERN_STEP UINT64_C(0x9e3779b97f4a7c15)

static uint64_t pattern_random(uint64_t seed)
{
	uint64_t x = seed + PATTERN_STEP;

	x ^= x >> 31;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return x ^ (x >> 29);
}

static bool page_is_touched(const struct vma *m, size_t offset)
{
	return m->kind->touch != TOUCH_NONE && offset / PAGE % m->kind->stride == 0;
}

/* The first word of a page. Each word is PATTERN_STEP more than the one before, so all words of
 * a mapping differ, and an emulator fills pages quickly. */
static uint64_t page_pattern(const struct vma *m, size_t offset)
{
	bool merged = !strcmp(m->kind->name, "merged");

	return pattern_random(m->seed) + (merged ? 0 : offset / sizeof(uint64_t)) * PATTERN_STEP;
}

static void page_fill(const struct vma *m, size_t offset)
{
	uint64_t *words = (void *)(m->start + offset), word = page_pattern(m, offset);

	for (size_t i = 0; i < WORDS; i++, word += PATTERN_STEP)
		words[i] = word;
}

static bool page_is_intact(const struct vma *m, size_t offset)
{
	const uint64_t *words = (const void *)(m->start + offset);
	bool zero = m->kind->touch == TOUCH_READ;
	uint64_t word = zero ? 0 : page_pattern(m, offset), step = zero ? 0 : PATTERN_STEP;

	for (size_t i = 0; i < WORDS; i++, word += step)
		if (words[i] != word)
			return false;
	return true;
}

static bool mapping_is(const struct vma *m, const char *kind)
{
	return m->size && !strcmp(m->kind->name, kind);
}

static void huge_pages_allow(bool allow)
{
	if (prctl(PR_SET_THP_DISABLE, !allow, 0, 0, 0))
		err(1, "PR_SET_THP_DISABLE");
}

static void page_touch(const struct vma *m, size_t offset)
{
	if (!page_is_touched(m, offset))
		return;
	if (m->kind->touch == TOUCH_WRITE)
		page_fill(m, offset);
	else if (!page_is_intact(m, offset))
		errx(1, "%s: fresh memory is not zero", m->kind->name);
}

/* Every second huge page in base pages. khugepaged collapses neither empty ranges nor memory of a
 * process without THP: the huge pages come first, then THP is disabled until `collapse`. */
static void mixed_touch(const struct vma *m, size_t from, size_t to)
{
	for (size_t odd = 0; odd < 2; odd++) {
		huge_pages_allow(!odd);
		for (size_t offset = from; offset < to; offset += PAGE)
			if (offset / HUGE_PAGE % 2 == odd)
				page_touch(m, offset);
	}
}

static void mapping_touch(const struct vma *m, size_t from, size_t to)
{
	if (mapping_is(m, "mixed")) {
		mixed_touch(m, from, to);
		return;
	}
	for (size_t offset = from; offset < to; offset += PAGE)
		page_touch(m, offset);
}

/* Find the nodes of pages of this process; negative: -errno. */
static void pages_query(unsigned long count, void **pages, int *nodes)
{
	for (unsigned long i = 0; i < count; i++)
		nodes[i] = -EINPROGRESS;
	if (move_pages(0, count, pages, NULL, nodes, 0) < 0)
		err(1, "move_pages");
}

static int page_node(void *page)
{
	int node;

	pages_query(1, &page, &node);
	return node;
}

static void pages_verify_node(const struct vma *m, int node, unsigned long count, void **pages)
{
	int nodes[BATCH];

	pages_query(count, pages, nodes);
	for (unsigned long i = 0; i < count; i++)
		if (nodes[i] != node)
			errx(1, "%s: page %p is on %d, not on node %d", m->kind->name, pages[i],
			     nodes[i], node);
}

static void part_verify_node(const struct vma *m, int node, size_t from, size_t to)
{
	void *pages[BATCH];
	unsigned long count = 0;

	if (node == ANY_NODE || m->kind->touch != TOUCH_WRITE)
		return;
	for (size_t offset = from; offset < to; offset += PAGE) {
		if (page_is_touched(m, offset))
			pages[count++] = m->start + offset;
		if (count == BATCH || offset + PAGE == to) {
			pages_verify_node(m, node, count, pages);
			count = 0;
		}
	}
}

/* The policy of the thread that first touches a page determines its node. */
static void policy_set(const struct vma *m, int node)
{
	unsigned long mask[MAX_NODES / (8 * sizeof(long))] = { 0 };
	size_t bits = 8 * sizeof(long);

	if (node != ANY_NODE)
		mask[node / bits] = 1UL << (node % bits);
	if (set_mempolicy(node == ANY_NODE ? MPOL_DEFAULT : MPOL_BIND,
			  node == ANY_NODE ? NULL : mask, MAX_NODES + 1))
		err(1, "%s: node %d", m->kind->name, node);
}

static void part_touch(const struct vma *m, int node, size_t from, size_t to)
{
	if (node != ANY_NODE)
		policy_set(m, node);
	mapping_touch(m, from, to);
	if (node != ANY_NODE)
		policy_set(m, ANY_NODE);
	part_verify_node(m, node, from, to);
}

static bool is_disk_directory(const char *dir)
{
	struct statfs fs;

	return dir && !statfs(dir, &fs) && fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC &&
	       !access(dir, W_OK);
}

static int path_open(const char *path, size_t size)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, size))
		err(1, "path");
	return fd;
}

static int file_open(size_t size)
{
	const char *dirs[] = { getenv("TMPDIR"), "/var/tmp", "/tmp", getenv("HOME"), "." };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		int fd;

		if (!is_disk_directory(dirs[i]))
			continue;
		fd = open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
		if (fd >= 0 && !ftruncate(fd, size))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	errx(1, "file: no directory on a disk file system to write to");
}

/* PROT_NONE on both sides keeps the kernel from merging two mappings. */
static unsigned char *space_reserve(size_t size)
{
	size_t all = size + 3 * HUGE_PAGE;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	unsigned char *space = mmap(NULL, all, PROT_NONE, flags, -1, 0);
	uintptr_t start = (uintptr_t)space + 2 * HUGE_PAGE;

	if (space == MAP_FAILED || madvise(space, all, MADV_DONTDUMP))
		err(1, "reserving %zu bytes", all);
	return space + (start / HUGE_PAGE * HUGE_PAGE - (uintptr_t)space);
}

/* It is removed with the last process that attaches it. */
static void *sysv_attach(size_t size, bool huge)
{
	int id = shmget(IPC_PRIVATE, size, 0600 | (huge ? SHM_HUGETLB : 0));
	void *start = id < 0 ? MAP_FAILED : shmat(id, space_reserve(size), SHM_REMAP);

	if (start == MAP_FAILED || shmctl(id, IPC_RMID, NULL))
		err(1, "System V shared memory");
	return start;
}

static int uring_open(struct vma *m, off_t *offset)
{
	struct io_uring_params params = { 0 };

	*offset = IORING_OFF_SQES;
	return syscall(SYS_io_uring_setup, m->size / sizeof(struct io_uring_sqe), &params);
}

static int packet_open(struct vma *m, off_t *offset)
{
	struct tpacket_req ring = {
		.tp_block_size = PAGE,
		.tp_block_nr = m->size / PAGE,
		.tp_frame_size = PAGE,
		.tp_frame_nr = m->size / PAGE,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	*offset = 0;
	return fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) ? -1 : fd;
}

/* The first page is a header, in addition to the data. */
static int perf_open(struct vma *m, off_t *offset)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(event),
		.config = PERF_COUNT_SW_DUMMY,
		.exclude_kernel = 1,
	};

	*offset = 0;
	m->size += PAGE;
	return syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The kernel chooses the address: io_uring cannot be mapped at a fixed one. */
static bool ring_map(struct vma *m)
{
	off_t offset;
	int fd = m->kind->ring(m, &offset);

	m->start = fd < 0 ? MAP_FAILED :
			    mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	m->refused = m->start == MAP_FAILED ? errno : 0;
	if (m->refused)
		m->size = 0;
	return !m->refused;
}

/* Device memory is mapped at once, and need not be touched. */
static int device_open(const char *path)
{
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		err(1, "device: path");
	return fd;
}

static int memfd_open(const struct vma *m)
{
	int fd = memfd_create(m->kind->name, m->kind->flags & MAP_HUGETLB ? MFD_HUGETLB : 0);

	if (fd < 0 || ftruncate(fd, m->size))
		err(1, "%s", m->kind->name);
	return fd;
}

static int mapping_open(const struct vma *m)
{
	if (m->kind->flags == SYSV || m->kind->flags & MAP_ANONYMOUS)
		return -1;
	if (mapping_is(m, "device"))
		return device_open(m->path);
	if (mapping_is(m, "memfd") || mapping_is(m, "hugefd"))
		return memfd_open(m);
	return m->path ? path_open(m->path, m->size) : file_open(m->size);
}

/* Keep its file open, to map it again. */
static void mapping_map(struct vma *m)
{
	int flags = m->kind->flags | MAP_FIXED, prot = PROT_READ | PROT_WRITE;

	m->fd = mapping_open(m);
	m->start = m->kind->flags == SYSV ?
			   sysv_attach(m->size, mapping_is(m, "hugesysv")) :
			   mmap(space_reserve(m->size) + (mapping_is(m, "odd") ? PAGE : 0), m->size,
				prot, flags, m->fd, 0);
	if (m->start == MAP_FAILED)
		err(1, "%s: mmap of %zu bytes", m->kind->name, m->size);
	if (m->kind->advice && madvise(m->start, m->size, m->kind->advice))
		err(1, "%s: madvise", m->kind->name);
}

static size_t smaps_huge_bytes(const struct vma *m)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char *line = NULL;
	size_t room = 0, bytes = 0, kib;
	uintptr_t start, end;
	bool inside = false;

	if (!smaps)
		err(1, "/proc/self/smaps");
	while (getline(&line, &room, smaps) > 0) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
			inside = start == (uintptr_t)m->start;
		else if (inside && sscanf(line, "AnonHugePages: %zu kB", &kib) == 1)
			bytes = kib * 1024;
	}
	free(line);
	fclose(smaps);
	return bytes;
}

static void thp_finish(struct vma *m)
{
	size_t huge = smaps_huge_bytes(m);

	if (huge != m->size)
		errx(1, "thp: only %zu of %zu bytes are huge pages", huge, m->size);
}

/* Map each huge page by base page table entries; it remains one folio. */
static void torn_finish(struct vma *m)
{
	thp_finish(m);
	for (size_t offset = PAGE; offset < m->size; offset += HUGE_PAGE)
		if (mprotect(m->start + offset, PAGE, PROT_READ) ||
		    mprotect(m->start + offset, PAGE, PROT_READ | PROT_WRITE))
			err(1, "torn: mprotect");
	if (madvise(m->start, m->size, MADV_NOHUGEPAGE) || smaps_huge_bytes(m))
		errx(1, "torn: %zu bytes are still huge pages", smaps_huge_bytes(m));
}

/* Free every second page, which leaves single free pages. */
static void ragged_finish(struct vma *m)
{
	for (size_t offset = PAGE; offset < m->size; offset += 2 * PAGE)
		if (madvise(m->start + offset, PAGE, MADV_DONTNEED))
			err(1, "ragged: madvise");
}

static void mixed_finish(struct vma *m)
{
	size_t huge = smaps_huge_bytes(m);

	if (huge * 2 != m->size)
		errx(1, "mixed: %zu of %zu bytes are huge pages", huge, m->size);
}

static void lock_finish(struct vma *m)
{
	if (mlock(m->start, m->size))
		err(1, "mlock");
}

static void protnone_finish(struct vma *m)
{
	if (mprotect(m->start, m->size, PROT_NONE))
		err(1, "mprotect");
}

static void pin_finish(struct vma *m)
{
	size_t pages = m->size / PAGE;
	int ends[2];

	if (m->pins > pages)
		errx(1, "pinned: %zu pages, %zu to be pinned", pages, m->pins);
	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[1], F_SETPIPE_SZ, m->pins * PAGE) < 0)
		err(1, "pipe");
	for (size_t i = 0; i < m->pins; i++) {
		size_t index = (2 * i + 1) * pages / (2 * m->pins);
		unsigned char *page = m->start + index * PAGE;
		struct iovec part = { .iov_base = page, .iov_len = PAGE };

		if (vmsplice(ends[1], &part, 1, SPLICE_F_NONBLOCK) != (ssize_t)PAGE)
			err(1, "vmsplice");
		m->pinned[i] = (uintptr_t)page;
	}
}

/* The kernel pins the pages of a registered buffer as long as its ring is open. */
static void fix_finish(struct vma *m)
{
	struct io_uring_params params = { 0 };
	struct iovec buffer = { .iov_base = m->start, .iov_len = m->size };
	int ring = syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0 ||
	    syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1) < 0)
		err(1, "io_uring");
}

/* Neighbours with different protection are not merged. */
static void pieces_finish(struct vma *m)
{
	for (size_t offset = PAGE; offset < m->size; offset += 2 * PAGE)
		if (mprotect(m->start + offset, PAGE, PROT_READ))
			err(1, "pieces: mprotect");
}

static void swapped_finish(struct vma *m)
{
	if (madvise(m->start, m->size, MADV_PAGEOUT))
		err(1, "swapped: madvise");
}

static void *touch_forever(void *page)
{
	*(volatile char *)page;
	errx(1, "unanswered: a page came");
}

/* Page faults reported to this descriptor are never resolved. */
static void unanswered_finish(struct vma *m)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (uintptr_t)m->start, m->size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct pollfd asked = { .fd = fd, .events = POLLIN };
	pthread_t thread;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &area))
		err(1, "userfaultfd");
	errno = pthread_create(&thread, NULL, touch_forever, m->start);
	if (errno || poll(&asked, 1, -1) != 1)
		err(1, "unanswered");
}

static void merged_finish(struct vma *m)
{
	if (madvise(m->start, m->size, MADV_MERGEABLE))
		err(1, "merged: madvise");
}

/* Make every second page a guard: a page table entry without a page. */
static void guards_finish(struct vma *m)
{
	const int install = 102; /* MADV_GUARD_INSTALL, since 6.13 */

	for (size_t offset = PAGE; offset < m->size; offset += 2 * PAGE)
		if (madvise(m->start + offset, PAGE, install))
			err(1, "guards: madvise");
}

static void marked_finish(struct vma *m)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_WP_HUGETLBFS_SHMEM };
	struct uffdio_range range = { (uintptr_t)m->start, m->size };
	struct uffdio_register area = { .range = range, .mode = UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect protect = { .range = range,
					       .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &area) ||
	    ioctl(fd, UFFDIO_WRITEPROTECT, &protect))
		err(1, "marked: userfaultfd");
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		err(1, "clock_gettime");
	return t.tv_sec * SECOND_NS + t.tv_nsec;
}

static void use_end(struct vma *m, struct use use)
{
	use.end = now_ns(CLOCK_REALTIME);
	m->uses->use[m->uses->count % MAX_USES] = use;
	m->uses->count++;
}

static char mapping_read(const struct vma *m)
{
	char byte = 0;

	for (size_t offset = 0; offset < m->size; offset += PAGE)
		byte ^= *(volatile char *)(m->start + offset);
	return byte;
}

/* A child that reads the mappings of a kind, reports it, and lives as long as its parent. */
static pid_t child_start(const struct vma *maps, size_t count, const char *kind)
{
	pid_t parent = getpid(), child;
	int ends[2];
	char byte = 0;

	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
			_exit(1);
		for (size_t i = 0; i < count; i++)
			if (mapping_is(&maps[i], kind))
				byte ^= mapping_read(&maps[i]);
		if (write(ends[1], &byte, 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		errx(1, "the child did not start");
	close(ends[0]);
	return child;
}

/* Pages not in a log are unused, so it begins with the touch that made the pages. */
static void uses_finish(struct vma *m)
{
	m->uses = calloc(1, sizeof(*m->uses));
	if (!m->uses)
		err(1, "uses");
	use_end(m, (struct use){ 0, now_ns(CLOCK_REALTIME), 1 });
}

static void share_finish(struct vma *m)
{
	child_start(m, 1, m->kind->name);
}

static const struct kind kinds[] = {
	{ "anon", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, NULL, NULL },
	{ "thp", PRIVATE, MADV_HUGEPAGE, TOUCH_WRITE, 1, thp_finish, NULL },
	{ "torn", PRIVATE, MADV_HUGEPAGE, TOUCH_WRITE, 1, torn_finish, NULL },
	{ "mixed", PRIVATE, MADV_HUGEPAGE, TOUCH_WRITE, 1, mixed_finish, NULL },
	{ "hugetlb", PRIVATE | MAP_HUGETLB, MADV_NORMAL, TOUCH_WRITE, 1, NULL, NULL },
	{ "hugeshm", SHARED | MAP_HUGETLB, MADV_NORMAL, TOUCH_WRITE, 1, NULL, NULL },
	{ "hugesysv", SYSV, MADV_NORMAL, TOUCH_WRITE, 1, NULL, NULL },
	{ "shm", SHARED, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, NULL, NULL },
	{ "sysv", SYSV, MADV_NORMAL, TOUCH_WRITE, 1, NULL, NULL },
	{ "shared", SHARED, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, share_finish, NULL },
	{ "cow", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, share_finish, NULL },
	{ "memfd", MAP_SHARED, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, NULL, NULL },
	{ "hugefd", MAP_SHARED | MAP_HUGETLB, MADV_NORMAL, TOUCH_WRITE, 1, NULL, NULL },
	{ "file", MAP_SHARED, MADV_RANDOM, TOUCH_WRITE, 1, NULL, NULL },
	{ "hole", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 2, NULL, NULL },
	{ "ragged", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, ragged_finish, NULL },
	{ "scattered", SHARED, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, ragged_finish, NULL },
	{ "untouched", PRIVATE, MADV_NOHUGEPAGE, TOUCH_NONE, 1, NULL, NULL },
	{ "folios", PRIVATE, MADV_NORMAL, TOUCH_WRITE, 1, NULL, NULL },
	{ "zero", PRIVATE, MADV_NOHUGEPAGE, TOUCH_READ, 1, NULL, NULL },
	{ "protnone", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, protnone_finish, NULL },
	{ "locked", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, lock_finish, NULL },
	{ "pinned", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, pin_finish, NULL },
	{ "fixed", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, fix_finish, NULL },
	{ "hinted", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, NULL, NULL },
	{ "busy", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, NULL, NULL },
	{ "pieces", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, pieces_finish, NULL },
	{ "alike", PRIVATE, MADV_MERGEABLE, TOUCH_WRITE, 1, NULL, NULL },
	{ "swapped", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, swapped_finish, NULL },
	{ "unanswered", PRIVATE, MADV_NOHUGEPAGE, TOUCH_NONE, 1, unanswered_finish, NULL },
	{ "uring", SHARED, MADV_NORMAL, TOUCH_NONE, 1, NULL, uring_open },
	{ "packet", SHARED, MADV_NORMAL, TOUCH_NONE, 1, NULL, packet_open },
	{ "perf", SHARED, MADV_NORMAL, TOUCH_NONE, 1, NULL, perf_open },
	{ "guards", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 2, guards_finish, NULL },
	{ "marked", SHARED, MADV_NOHUGEPAGE, TOUCH_WRITE, 2, marked_finish, NULL },
	{ "reserved", PRIVATE | MAP_NORESERVE, MADV_NOHUGEPAGE, TOUCH_NONE, 1, NULL, NULL },
	{ "merged", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, merged_finish, NULL },
	{ "odd", SHARED, MADV_HUGEPAGE, TOUCH_WRITE, 1, NULL, NULL },
	{ "device", MAP_SHARED, MADV_NORMAL, TOUCH_NONE, 1, NULL, NULL },
	{ "hot", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, uses_finish, NULL },
	{ "warm", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, uses_finish, NULL },
	{ "sprinkled", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, uses_finish, NULL },
	{ "cold", PRIVATE, MADV_NOHUGEPAGE, TOUCH_WRITE, 1, uses_finish, NULL },
};

static const struct kind *kind_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *known = kinds[i].name;

		if (strlen(known) == length && !strncmp(known, name, length))
			return &kinds[i];
	}
	return NULL;
}

static uint64_t stall_measure(void)
{
	uint64_t begin = now_ns(CLOCK_MONOTONIC);
	void *p = mmap(NULL, 16 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, 16 * PAGE))
		err(1, "busy");
	return now_ns(CLOCK_MONOTONIC) - begin;
}

/* Both ends of a page count the rounds; a lost write makes a count go back. */
static bool page_count(const struct vma *m, size_t offset, uint64_t round)
{
	volatile uint64_t *words = (volatile void *)(m->start + offset);

	if (round && (words[1] != round - 1 || words[WORDS - 2] != round - 1))
		return false;
	words[1] = round;
	words[WORDS - 2] = round;
	return true;
}

static void *busy_run(void *arg)
{
	struct busy *b = arg;

	for (uint64_t round = 0; !b->corrupt; round++) {
		for (size_t at = 0; at < b->mapping->size; at += PAGE) {
			uint64_t stall = at / PAGE % 16 ? 0 : stall_measure();

			if (stall > b->worst_ns)
				b->worst_ns = stall;
			if (!page_count(b->mapping, at, round))
				b->corrupt = (uintptr_t)b->mapping->start + at;
		}
	}
	return NULL;
}

static void busy_start(struct busy *b, struct vma *m)
{
	if (b->mapping)
		errx(1, "busy: only one");
	b->mapping = m;
	if (pthread_create(&b->thread, NULL, busy_run, b))
		errx(1, "busy: no thread");
}

/* ---- use: mappings with pages that are read now and then ---- */

struct use_pattern {
	const char *kind;
	uint64_t every_ns;
	size_t step;
};

static const struct use_pattern *use_pattern(const struct vma *m)
{
	static const struct use_pattern patterns[] = {
		{ "hot", 0, 1 },
		{ "warm", 4 * SECOND_NS, 1 },
		{ "sprinkled", 0, 64 },
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		if (mapping_is(m, patterns[i].kind))
			return &patterns[i];
	return NULL;
}

static void mapping_use(struct vma *m)
{
	const struct use_pattern *pattern = use_pattern(m);
	struct use use = { .begin = now_ns(CLOCK_REALTIME) };

	if (!pattern || use.begin - m->used < pattern->every_ns)
		return;
	m->used = use.begin;
	use.step = pattern->step;
	for (size_t offset = 0; offset < m->size; offset += use.step * PAGE)
		*(volatile unsigned char *)(m->start + offset);
	use_end(m, use);
}

/* The accessed bit is set when the TLB is filled: empty it, as any other program that runs
 * on the same CPU would. For so many pages mprotect(2) empties all of it. */
static void tlb_empty(void)
{
	static unsigned char *pages;
	size_t bytes = 256 * PAGE;

	if (!pages)
		pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);
	if (pages == MAP_FAILED)
		err(1, "emptying the TLB");
	for (size_t offset = 0; offset < bytes; offset += PAGE)
		pages[offset]++;
	if (mprotect(pages, bytes, PROT_READ) || mprotect(pages, bytes, PROT_READ | PROT_WRITE))
		err(1, "emptying the TLB");
}

static void *user_run(void *arg)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct victim *v = arg;

	for (;; nanosleep(&pause, NULL)) {
		size_t count = v->user_maps;

		for (size_t i = 0; i < count; i++)
			mapping_use(&v->maps[i]);
		tlb_empty();
	}
	return NULL;
}

/* One thread for all of them. */
static void user_start(struct victim *v)
{
	pthread_t thread;
	size_t before = atomic_exchange(&v->user_maps, v->count);

	if (!before && pthread_create(&thread, NULL, user_run, v))
		errx(1, "user: no thread");
}

enum idleness { IDLE, USED, UNCLEAR };

static enum idleness page_idleness(const struct vma *m, size_t index, uint64_t from, uint64_t to)
{
	size_t count = m->uses->count, n = count < MAX_USES ? count : MAX_USES;
	enum idleness result = IDLE;

	if (m->uses->use[(count - n) % MAX_USES].begin > from)
		result = UNCLEAR; /* earlier ones are forgotten */
	for (size_t i = count - n; i < count; i++) {
		const struct use *use = &m->uses->use[i % MAX_USES];

		if (index % use->step || use->end < from || use->begin >= to + SECOND_NS)
			continue;
		/* Both times are without their fraction. */
		if (use->begin >= from + SECOND_NS && use->end <= to)
			return USED;
		result = UNCLEAR;
	}
	return result;
}

/* Only the new mapping is to be shared with a child, so the others stay out of it. */
static void others_advise(struct victim *v, const struct vma *but, int advice)
{
	for (size_t i = 0; i < v->count; i++) {
		struct vma *m = &v->maps[i];

		if (m == but || !m->size || !madvise(m->start, m->size, advice))
			continue;
		/* Linux 7.2 does not undo MADV_DONTFORK for hugetlb: then it stays so. */
		if (!(m->kind->flags & MAP_HUGETLB) || advice != MADV_DOFORK || errno != EINVAL)
			err(1, "%s: madvise %d", m->kind->name, advice);
	}
}

static struct vma *mapping_add(struct victim *v, const struct kind *kind, size_t size, size_t pins)
{
	struct vma *m = &v->maps[v->count];

	if (v->count == MAX_MAPPINGS)
		errx(1, "more than %d mappings", MAX_MAPPINGS);
	*m = (struct vma){
		.kind = kind, .size = size, .parts = v->parts, .path = v->path, .pins = pins
	};
	memcpy(m->node, v->node, sizeof(m->node));
	m->seed = v->seed + ((uint64_t)v->count++ << 40);
	if (kind->ring) {
		if (ring_map(m))
			mapping_read(m);
		return m;
	}
	mapping_map(m);
	for (size_t part = 0; part < m->parts; part++)
		part_touch(m, m->node[part], size / m->parts * part, size / m->parts * (part + 1));
	if (kind->finish == share_finish)
		others_advise(v, m, MADV_DONTFORK);
	if (kind->finish)
		kind->finish(m);
	if (kind->finish == share_finish)
		others_advise(v, m, MADV_DOFORK);
	if (mapping_is(m, "busy"))
		busy_start(&v->busy, m);
	if (use_pattern(m))
		user_start(v);
	return m;
}

/* Memory without a file is shared memory: mremap(2) with an old size of 0 maps it again. */
static void mapping_repeat(struct victim *v, bool private)
{
	struct vma *last = &v->maps[v->count - 1], *m = &v->maps[v->count];
	int flags = (private ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED;
	unsigned char *space;

	if (!v->count || v->count == MAX_MAPPINGS)
		errx(1, "again: no mapping, or too many");
	space = space_reserve(last->size);
	*m = *last;
	m->start = m->fd >= 0 ?
			   mmap(space, m->size, PROT_READ | PROT_WRITE, flags, m->fd, 0) :
			   mremap(last->start, 0, m->size, MREMAP_MAYMOVE | MREMAP_FIXED, space);
	if (m->start == MAP_FAILED)
		err(1, "again: %s", m->kind->name);
	v->count++;
	mapping_read(m);
}

static void mapping_print(const struct vma *m)
{
	if (m->refused) {
		printf("refused %s %s\n", m->kind->name, strerror(m->refused));
		return;
	}
	printf("%s %" PRIxPTR " %" PRIxPTR, m->kind->name, (uintptr_t)m->start,
	       (uintptr_t)m->start + m->size);
	for (size_t i = 0; i < m->pins; i++)
		printf(" %" PRIxPTR, m->pinned[i]);
	putchar('\n');
}

static uint64_t number_parse(const char *text, char **end)
{
	uint64_t value;

	errno = 0;
	value = strtoull(text, end, 10);
	if (errno || *end == text)
		errx(1, "%s: not a number", text);
	return value;
}

static size_t size_parse(const char *text, char **end)
{
	static const char units[] = "KMG";
	uint64_t value = number_parse(text, end);
	const char *unit = **end ? strchr(units, **end) : NULL;

	if (!unit)
		return value;
	(*end)++;
	return value << 10 * (unit - units + 1);
}

static long whole_number(const char *text)
{
	char *end;
	long value = number_parse(text, &end);

	if (*end)
		errx(1, "%s: not a number", text);
	return value;
}

static struct vma *vma_parse(struct victim *v, const struct kind *kind, const char *text)
{
	char *end;
	size_t size = size_parse(text, &end), pins = !strcmp(kind->name, "pinned");

	if (kind->flags & MAP_HUGETLB || !strcmp(kind->name, "hugesysv"))
		size *= HUGE_PAGE;
	if (pins && *end == ':')
		pins = number_parse(end + 1, &end);
	if (*end || !size || size % (v->parts * PAGE) || pins > MAX_PINS)
		errx(1, "%s=%s: bad size", kind->name, text);
	return mapping_add(v, kind, size, pins);
}

static void node_set(struct victim *v, const char *text)
{
	const char *rest = text;
	char *end;

	v->node[0] = ANY_NODE;
	v->parts = 1;
	if (!strcmp(text, "any"))
		return;
	for (v->parts = 0; v->parts < MAX_PARTS; rest = end + 1) {
		uint64_t node = number_parse(rest, &end);

		if (node >= MAX_NODES)
			errx(1, "node=%s: no such node", text);
		v->node[v->parts++] = (int)node;
		if (*end != ',')
			break;
	}
	if (*end)
		errx(1, "node=%s: not a list of at most %d nodes", text, MAX_PARTS);
}

static void again_set(struct victim *v, const char *text)
{
	char *end;
	uint64_t n = number_parse(text, &end);
	bool private = !strcmp(end, ":private");

	if (*end && !private)
		errx(1, "again=%s: not known", text);
	while (n-- > 0)
		mapping_repeat(v, private);
}

static void seed_set(struct victim *v, const char *text)
{
	v->seed = whole_number(text);
}

static void cpu_set(struct victim *v, const char *text)
{
	cpu_set_t cpus;

	(void)v;
	CPU_ZERO(&cpus);
	CPU_SET(whole_number(text), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "cpu=%s", text);
}

static void name_set(struct victim *v, const char *text)
{
	(void)v;
	if (prctl(PR_SET_NAME, text))
		err(1, "name");
}

/* ---- churn: mappings that change all the time ---- */

static size_t churn_random(struct churn *c, size_t below)
{
	return pattern_random(++c->random) % below;
}

static void slot_map(struct churn *c, struct slot *s)
{
	size_t pages = 1 + churn_random(c, CHURN_PAGES);
	void *start = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (start == MAP_FAILED)
		err(1, "churn: mmap");
	*s = (struct slot){ start, pages };
}

/* Unmap all of it, or all but its first pages. */
static void slot_unmap(struct churn *c, struct slot *s)
{
	size_t kept = churn_random(c, 2) ? churn_random(c, s->pages) : 0;

	if (munmap(s->start + kept * PAGE, (s->pages - kept) * PAGE))
		err(1, "churn: munmap");
	s->pages = kept;
}

static void slot_resize(struct churn *c, struct slot *s)
{
	size_t pages = 1 + churn_random(c, CHURN_PAGES);
	void *start = mremap(s->start, s->pages * PAGE, pages * PAGE, MREMAP_MAYMOVE);

	if (start != MAP_FAILED)
		*s = (struct slot){ start, pages };
	else if (errno != EFAULT) /* parts that the kernel did not merge again */
		err(1, "churn: mremap");
}

static void slot_write(struct churn *c, struct slot *s)
{
	for (size_t i = churn_random(c, s->pages); i < s->pages; i++) {
		uint64_t *word = (void *)(s->start + i * PAGE);

		if (*word && *word != i + 1)
			c->corrupt = (uintptr_t)word;
		*word = i + 1;
	}
}

static void slot_empty(struct churn *c, struct slot *s)
{
	size_t first = churn_random(c, s->pages);

	if (madvise(s->start + first * PAGE, (s->pages - first) * PAGE, MADV_DONTNEED))
		err(1, "churn: MADV_DONTNEED");
}

/* The kernel returns an error if it cannot make huge pages of it. */
static void slot_collapse(struct churn *c, struct slot *s)
{
	const int collapse = 25; /* MADV_COLLAPSE, since 6.1 */

	(void)c;
	madvise(s->start, s->pages * PAGE, collapse);
}

/* Split it temporarily into three mappings. */
static void slot_protect(struct churn *c, struct slot *s)
{
	size_t first = churn_random(c, s->pages);

	if (mprotect(s->start + first * PAGE, PAGE, PROT_READ) ||
	    mprotect(s->start + first * PAGE, PAGE, PROT_READ | PROT_WRITE))
		err(1, "churn: mprotect");
}

static void slot_fork(struct churn *c, struct slot *s)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		err(1, "churn: fork");
	slot_write(c, s);
}

static void *thread_pass(void *arg)
{
	return arg;
}

static void slot_thread(struct churn *c, struct slot *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_pass, s) || pthread_join(thread, NULL))
		errx(1, "churn: no thread");
	slot_write(c, s);
}

static void (*const slot_changes[])(struct churn *c, struct slot *s) = {
	slot_write,    slot_write,   slot_unmap, slot_resize, slot_empty,
	slot_collapse, slot_protect, slot_fork,	 slot_thread,
};

static void *churn_run(void *arg)
{
	const size_t count = sizeof(slot_changes) / sizeof(*slot_changes);
	struct churn *c = arg;

	for (; !c->corrupt; c->changes++) {
		struct slot *s = &c->slots[churn_random(c, CHURN_SLOTS)];

		if (s->pages)
			slot_changes[churn_random(c, count)](c, s);
		else
			slot_map(c, s);
	}
	return NULL;
}

static void churn_start(struct victim *v)
{
	struct churn *c = &v->churns[v->churn_count];

	c->random = v->seed + ((uint64_t)++v->churn_count << 40);
	if (pthread_create(&c->thread, NULL, churn_run, c))
		errx(1, "churn: no thread");
}

static void churn_set(struct victim *v, const char *text)
{
	long count = whole_number(text);

	if (count < 1 || count > (long)(MAX_CHURNS - v->churn_count))
		errx(1, "churn=%s: not so many threads", text);
	while (count--)
		churn_start(v);
}

static void path_set(struct victim *v, const char *text)
{
	v->path = text;
}

static void *wait_forever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void thread_set(struct victim *v, const char *text)
{
	pthread_attr_t attributes;
	pthread_t thread;
	cpu_set_t cpus;

	(void)v;
	CPU_ZERO(&cpus);
	CPU_SET(whole_number(text), &cpus);
	if (pthread_attr_init(&attributes) ||
	    pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus) ||
	    pthread_create(&thread, &attributes, wait_forever, NULL))
		errx(1, "thread=%s: no thread", text);
}

static void first_set(struct victim *v, const char *text)
{
	if (strcmp(text, "ended"))
		errx(1, "first=%s: not known", text);
	v->first_ended = true;
}

static const struct {
	const char *name;
	void (*set)(struct victim *v, const char *text);
} options[] = {
	{ "node=", node_set },	   { "seed=", seed_set },   { "cpu=", cpu_set },
	{ "name=", name_set },	   { "churn=", churn_set }, { "path=", path_set },
	{ "thread=", thread_set }, { "first=", first_set }, { "again=", again_set },
};

static void operand_apply(struct victim *v, const char *operand)
{
	const char *equals = strchr(operand, '=');
	const struct kind *kind;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		size_t length = strlen(options[i].name);

		if (!strncmp(operand, options[i].name, length)) {
			options[i].set(v, operand + length);
			return;
		}
	}
	kind = equals ? kind_find(operand, equals - operand) : NULL;
	if (!kind)
		errx(1, "%s: no such option or kind", operand);
	vma_parse(v, kind, equals + 1);
}

/* Returns the address of the first bad page, 0 if all are good; adds up good pages. */
static uintptr_t mapping_check(struct vma *m, size_t *pages)
{
	bool sealed = mapping_is(m, "protnone");
	struct use use = { now_ns(CLOCK_REALTIME), 0, 1 };
	uintptr_t bad = 0;

	if (m->kind->touch == TOUCH_NONE)
		return 0;
	if (sealed && mprotect(m->start, m->size, PROT_READ))
		err(1, "mprotect");
	for (size_t offset = 0; !bad && offset < m->size; offset += PAGE) {
		if (!page_is_touched(m, offset))
			continue;
		if (!page_is_intact(m, offset))
			bad = (uintptr_t)m->start + offset;
		++*pages;
	}
	if (sealed && mprotect(m->start, m->size, PROT_NONE))
		err(1, "mprotect");
	if (m->uses)
		use_end(m, use);
	return bad;
}

static void command_check(struct victim *v, char *rest)
{
	size_t pages = 0;
	uint64_t changes = 0;
	uintptr_t bad = v->busy.corrupt;

	(void)rest;
	for (size_t i = 0; i < v->churn_count; i++) {
		bad = bad ? bad : v->churns[i].corrupt;
		changes += v->churns[i].changes;
	}
	for (size_t i = 0; !bad && i < v->count; i++)
		if (&v->maps[i] != v->busy.mapping && !mapping_is(&v->maps[i], "ragged"))
			bad = mapping_check(&v->maps[i], &pages);
	if (bad)
		printf("corrupt %" PRIxPTR, bad);
	else
		printf("intact %zu pages", pages);
	if (v->busy.mapping)
		printf(", worst stall %" PRIuFAST64 " us", v->busy.worst_ns / 1000);
	if (v->churn_count)
		printf(", %" PRIu64 " changes", changes);
	putchar('\n');
}

static void command_touch(struct victim *v, char *rest)
{
	mapping_print(vma_parse(v, &kinds[0], rest));
}

static void command_fork(struct victim *v, char *rest)
{
	char *kind = strchr(rest, ' ');
	size_t count;

	if (kind)
		*kind++ = '\0';
	count = *rest ? (size_t)whole_number(rest) : 1;
	printf("forked");
	for (fflush(stdout); count > 0; count--)
		printf(" %d", child_start(v->maps, v->count, kind ? kind : ""));
	putchar('\n');
}

static void command_exec(struct victim *v, char *rest)
{
	(void)v;
	(void)rest;
	execl("/proc/self/exe", program_invocation_name, (char *)NULL);
	err(1, "exec");
}

static void command_unmap(struct victim *v, char *rest)
{
	int count = 0;

	for (size_t i = 0; i < v->count; i++) {
		struct vma *m = &v->maps[i];

		if (!mapping_is(m, rest) || m == v->busy.mapping)
			continue;
		if (munmap(m->start, m->size))
			err(1, "munmap");
		m->size = 0;
		count++;
	}
	printf("unmapped %d\n", count);
}

static void command_collapse(struct victim *v, char *rest)
{
	(void)v;
	(void)rest;
	huge_pages_allow(true);
	puts("collapsible");
}

static void command_idle(struct victim *v, char *rest)
{
	uint64_t from = number_parse(rest, &rest) * SECOND_NS;
	uint64_t to = number_parse(rest, &rest) * SECOND_NS;

	printf("idle");
	for (size_t i = 0; i < v->count; i++) {
		const struct vma *m = &v->maps[i];
		uintptr_t start = 0;

		for (size_t offset = 0; m->uses && offset <= m->size; offset += PAGE) {
			enum idleness is = USED;

			if (offset < m->size)
				is = page_idleness(m, offset / PAGE, from, to);
			if (is == UNCLEAR)
				printf(" unclear");
			if (is == IDLE && !start)
				start = (uintptr_t)m->start + offset;
			if (is == IDLE || !start)
				continue;
			printf(" %" PRIxPTR "-%" PRIxPTR, start, (uintptr_t)m->start + offset);
			start = 0;
		}
	}
	putchar('\n');
}

static uint64_t vmstat_hints(void)
{
	FILE *vmstat = fopen("/proc/vmstat", "re");
	char line[128];
	uint64_t value = 0;

	while (vmstat && fgets(line, sizeof(line), vmstat))
		if (sscanf(line, "numa_pte_updates %" SCNu64, &value) == 1)
			break;
	if (vmstat)
		fclose(vmstat);
	return value;
}

/* Kernels 6.1 to 6.4 hide pages without access from move_pages(2). */
static bool kernel_hides_pages(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, node;
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (page == MAP_FAILED || mprotect(page, PAGE, PROT_NONE))
		err(1, "a page without access");
	node = page_node(page);
	munmap(page, PAGE);
	return node == -ENOENT;
}

/* Return whether the first and last page are hidden; the kernel marks pages in order. */
static bool mapping_is_hidden(const struct vma *m)
{
	return page_node(m->start) == -ENOENT && page_node(m->start + m->size - PAGE) == -ENOENT;
}

static bool hints_are_set(const struct victim *v, uint64_t since)
{
	bool hides = kernel_hides_pages(), set = true;
	size_t pages = 0;

	for (size_t i = 0; i < v->count; i++) {
		if (!mapping_is(&v->maps[i], "hinted"))
			continue;
		pages += v->maps[i].size / PAGE;
		set = set && (!hides || mapping_is_hidden(&v->maps[i]));
	}
	return set && (hides || vmstat_hints() - since >= pages);
}

/* If pages are not visible, use the system-wide counter of markings. */
static void command_hint(struct victim *v, char *rest)
{
	const clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
	uint64_t since = vmstat_hints(), end = now_ns(clock) + HINT_NS;

	(void)rest;
	while (now_ns(clock) < end) {
		if (hints_are_set(v, since)) {
			puts("hinted");
			return;
		}
	}
	puts("unhinted");
}

static void command_quit(struct victim *v, char *rest)
{
	(void)v;
	(void)rest;
	puts("bye");
	exit(0);
}

static const struct {
	const char *name;
	void (*run)(struct victim *v, char *rest);
} commands[] = {
	{ "check", command_check }, { "touch", command_touch }, { "fork", command_fork },
	{ "exec", command_exec },   { "unmap", command_unmap }, { "hint", command_hint },
	{ "idle", command_idle },   { "quit", command_quit },	{ "collapse", command_collapse },
};

static void command_run(struct victim *v, char *line)
{
	const char *name = strsep(&line, " ");

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		commands[i].run(v, line ? line : (char[]){ "" });
		return;
	}
	printf("unknown command %s\n", name);
}

/* A zombie has no memory, so its maps are empty. */
static bool first_has_ended(void)
{
	char path[32], byte;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/maps", getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 1 : read(fd, &byte, 1);
	if (fd >= 0)
		close(fd);
	return n <= 0;
}

/* Answer commands until end of input. */
static void *serve(void *arg)
{
	static char line[256];
	struct victim *v = arg;

	while (v->first_ended && !first_has_ended())
		sched_yield();
	for (size_t i = 0; i < v->count; i++)
		mapping_print(&v->maps[i]);
	printf("ready %d\n", getpid());
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		command_run(v, line);
	}
	exit(0);
}

/* The default size of huge pages is also that of transparent ones. */
static void sizes_read(void)
{
	char line[128];
	size_t kib = 2048;
	FILE *f = fopen("/proc/meminfo", "r");

	sizes.page = (size_t)sysconf(_SC_PAGESIZE);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Hugepagesize: %zu kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	sizes.huge = kib * 1024;
}

int main(int argc, char **argv)
{
	static struct victim v = { .node = { ANY_NODE }, .parts = 1, .seed = 1 };
	pthread_t thread;

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	sizes_read();
	for (int i = 1; i < argc; i++)
		operand_apply(&v, argv[i]);
	if (!v.first_ended)
		serve(&v);
	if (pthread_create(&thread, NULL, serve, &v))
		errx(1, "first=ended: no thread");
	pthread_exit(NULL);
}
