/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target: a process whose memory is moved, and that measures its own stalls.
 *
 *	target small|huge|sparse|shared SIZE [THREAD...]
 *
 * SIZE bytes of memory (K, M, G, T) are touched on node 0; then the policy is the default one.
 * `small` has 4 KiB pages, `huge` transparent huge pages of 2 MiB; `sparse` touches 1,000 pages of
 * 4 KiB and reserves the rest; `shared` has 4 KiB pages that children share. It prints `memory
 * START END`, with addresses as in /proc/PID/maps, `work ADDRESS`, and `ready PID`. ADDRESS has two
 * counts of 8 bytes: mappings made and pages touched.
 *
 * Each thread repeats one of these:
 *
 *	map	map, touch and unmap one page, and sleep for PAUSE_US
 *	touch	write to TOUCHES random pages of the memory, and sleep
 *	mixed	both, and sleep
 *	churn	map, touch and unmap one page
 *	slow	map, touch and unmap one page, and sleep a hundred times as long
 *
 * A thread that touched pages without sleeping would take one of the two CPUs from the threads
 * that move the pages.
 *
 * It reads commands, one per line, and answers each with a line:
 *
 *	reset		reset the worst times: `reset`
 *	stall		the worst times since the reset, including operations in progress:
 *			`map_us N touch_us N`
 *	where		`where NODE=PAGES...`, in pages of 4 KiB
 *	fork N		start N processes that read all of the memory, with a thread `slow` each,
 *			whose worst times count, too: `forked PID...`
 *	back		move the memory to node 0: `back`, or `not back: WHY`
 *	quit		`bye`, and exit; the end of input does the same
 *
 * If something cannot be set up as requested, target prints a message and exits with 1.
 */
#include <config.h>

#include <err.h>
#include <inttypes.h>
#include <numa.h>
#include <numaif.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PAGE	     ((size_t)4096)
#define HUGE_PAGE    ((size_t)2 << 20)
#define SPARSE_PAGES ((size_t)1000)
#define BATCH	     4096
#define MAX_NODES    1024
#define BACK_TRIES   10
#define TOUCHES	     64
#define PAUSE_US     1000
#define MAX_THREADS  4

struct kind {
	const char *name;
	int advice;	/* madvise(2) */
	size_t unit;	/* bytes that move as one */
	size_t touched; /* number of pages to touch, 0: all */
	int sharing;	/* MAP_SHARED or MAP_PRIVATE */
};

struct memory {
	const struct kind *kind;
	unsigned char *start;
	size_t size;
	size_t stride; /* bytes from one touched page to the next */
};

enum work { WORK_MAP, WORK_TOUCH, WORK_END };

/* What a thread does between two sleeps. */
struct routine {
	const char *name;
	unsigned int times[WORK_END];
	useconds_t rest; /* microseconds, or 0 */
};

struct thread {
	const struct target *target;
	const struct routine *routine;
	uint64_t random;
	atomic_uint_fast64_t rounds;
	pthread_t id;
};

struct target {
	struct memory memory;
	struct thread threads[MAX_THREADS];
	size_t n_threads;
	size_t argument;    /* of the command */
	atomic_bool pauses; /* threads pause, nothing is measured */
};

/*
 * Per kind of work: the count, read by calls.c, and the worst time in nanoseconds.  They and the
 * number of processes that are ready are shared with children.
 */
static atomic_uint_fast64_t *counts, *longest, *ready;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static size_t size_parse(const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	size_t n = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (end == text || !n || (*end && (!unit || end[1])))
		errx(1, "bad size '%s'", text);
	return unit ? n << 10 * (unit - units + 1) : n;
}

/* Memory. */

static void policy_set(const struct memory *m, int mode, struct bitmask *nodes)
{
	if (mbind(m->start, m->size, mode, nodes ? nodes->maskp : NULL, nodes ? nodes->size + 1 : 0,
		  0))
		err(1, "mbind");
}

static size_t huge_kib(const struct memory *m)
{
	char line[512], start[32];
	FILE *f = fopen("/proc/self/smaps", "re");
	bool inside = false;
	size_t kib = 0;

	if (!f)
		err(1, "/proc/self/smaps");
	snprintf(start, sizeof(start), "%" PRIxPTR "-", (uintptr_t)m->start);
	while (fgets(line, sizeof(line), f)) {
		if (strchr("0123456789abcdef", line[0]))
			inside = strncmp(line, start, strlen(start)) == 0;
		else if (inside)
			sscanf(line, "AnonHugePages: %zu", &kib);
	}
	fclose(f);
	return kib;
}

static bool is_of_its_kind(const struct memory *m)
{
	return huge_kib(m) << 10 == (m->kind->unit == HUGE_PAGE ? m->size : 0);
}

static void memory_map(struct memory *m)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	unsigned char *p = mmap(NULL, m->size + HUGE_PAGE, PROT_NONE, flags, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	p += -(uintptr_t)p % HUGE_PAGE;
	flags ^= MAP_PRIVATE;
	m->start = mmap(p, m->size, PROT_READ | PROT_WRITE, flags | m->kind->sharing | MAP_FIXED,
			-1, 0);
	if (m->start == MAP_FAILED)
		err(1, "mmap");
	if (madvise(m->start, m->size, m->kind->advice))
		err(1, "madvise");
}

static void memory_make(struct memory *m)
{
	struct bitmask *nodes = numa_allocate_nodemask();

	memory_map(m);
	numa_bitmask_setbit(nodes, 0);
	policy_set(m, MPOL_BIND, nodes);
	for (size_t at = 0; at < m->size; at += m->stride)
		m->start[at] = 1;
	policy_set(m, MPOL_DEFAULT, NULL);
	numa_bitmask_free(nodes);
	if (!is_of_its_kind(m))
		errx(1, "%zu KiB in huge pages", huge_kib(m));
}

/* Fill a batch of addresses, `stride` bytes apart, from `*at`; advance `*at`. */
static unsigned long batch_fill(const struct memory *m, size_t *at, size_t stride, void **page)
{
	unsigned long n = 0;

	for (; n < BATCH && *at < m->size; *at += stride)
		page[n++] = m->start + *at;
	return n;
}

/* Count the touched pages of 4 KiB on each node; [MAX_NODES]: on no node. */
static void pages_count(const struct memory *m, size_t *count)
{
	void *page[BATCH];
	int status[BATCH];
	unsigned long n;

	memset(count, 0, (MAX_NODES + 1) * sizeof(*count));
	for (size_t at = 0; (n = batch_fill(m, &at, m->stride, page)) > 0;) {
		if (move_pages(0, n, page, NULL, status, 0))
			err(1, "move_pages");
		for (unsigned long i = 0; i < n; i++)
			count[status[i] < 0 ? MAX_NODES : status[i]]++;
	}
}

static bool is_on_node_0(const struct memory *m)
{
	size_t count[MAX_NODES + 1];

	pages_count(m, count);
	return count[0] == (m->size + m->stride - 1) / m->stride;
}

static void pages_move_back(const struct memory *m)
{
	static const int nodes[BATCH];
	void *page[BATCH];
	int status[BATCH];
	unsigned long n;
	size_t stride = m->stride > m->kind->unit ? m->stride : m->kind->unit;

	for (size_t at = 0; (n = batch_fill(m, &at, stride, page)) > 0;)
		if (move_pages(0, n, page, nodes, status, MPOL_MF_MOVE) < 0)
			err(1, "move_pages");
}

/* Threads. */

static void map_one(void)
{
	unsigned char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	*(volatile unsigned char *)p = 1;
	if (munmap(p, PAGE))
		err(1, "munmap");
}

static void touch_one(struct thread *t)
{
	const struct memory *m = &t->target->memory;

	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	*(volatile unsigned char *)(m->start + t->random % (m->size / m->stride) * m->stride) = 2;
}

static void work_run(struct thread *t, enum work work)
{
	uint64_t start = now(), end;

	for (unsigned int i = 0; i < t->routine->times[work]; i++, start = end) {
		if (work == WORK_MAP)
			map_one();
		else
			touch_one(t);
		end = now();
		if (end - start > atomic_load(&longest[work]))
			atomic_store(&longest[work], end - start);
		atomic_fetch_add(&counts[work], 1);
	}
}

static void *thread_run(void *context)
{
	struct thread *t = context;

	for (;;) {
		while (atomic_load(&t->target->pauses))
			usleep(PAUSE_US);
		work_run(t, WORK_MAP);
		work_run(t, WORK_TOUCH);
		atomic_fetch_add(&t->rounds, 1);
		if (t->routine->rest)
			usleep(t->routine->rest);
	}
	return NULL;
}

static void thread_start(struct target *target, const char *name)
{
	static const struct routine routines[] = {
		{ "map", { 1, 0 }, PAUSE_US },	       { "touch", { 0, TOUCHES }, PAUSE_US },
		{ "mixed", { 1, TOUCHES }, PAUSE_US }, { "churn", { 1, 0 }, 0 },
		{ "slow", { 1, 0 }, 100 * PAUSE_US },
	};
	struct thread *t = &target->threads[target->n_threads++];

	if (target->n_threads > MAX_THREADS)
		errx(1, "too many threads");
	t->target = target;
	t->random = 88172645463325252;
	for (size_t i = 0; i < sizeof(routines) / sizeof(routines[0]); i++)
		if (strcmp(name, routines[i].name) == 0)
			t->routine = &routines[i];
	if (!t->routine)
		errx(1, "no thread '%s'", name);
	if (pthread_create(&t->id, NULL, thread_run, t))
		errx(1, "no thread");
}

/* Wait until each thread has finished its current operation. */
static void threads_settle(const struct target *target)
{
	for (size_t i = 0; i < target->n_threads; i++) {
		const struct thread *t = &target->threads[i];
		uint64_t rounds = atomic_load(&t->rounds);

		while (atomic_load(&t->rounds) < rounds + 2)
			sched_yield();
	}
}

/* Commands. */

static void answer_reset(struct target *t)
{
	threads_settle(t);
	atomic_store(&longest[WORK_MAP], 0);
	atomic_store(&longest[WORK_TOUCH], 0);
	puts("reset");
}

static void answer_stall(struct target *t)
{
	threads_settle(t);
	printf("map_us %" PRIu64 " touch_us %" PRIu64 "\n",
	       (uint64_t)atomic_load(&longest[WORK_MAP]) / 1000,
	       (uint64_t)atomic_load(&longest[WORK_TOUCH]) / 1000);
}

static void answer_where(struct target *t)
{
	size_t count[MAX_NODES + 1];

	pages_count(&t->memory, count);
	fputs("where", stdout);
	for (size_t node = 0; node < MAX_NODES; node++)
		if (count[node])
			printf(" %zu=%zu", node, count[node]);
	if (count[MAX_NODES])
		printf(" none=%zu", count[MAX_NODES]);
	putchar('\n');
}

static void answer_back(struct target *t)
{
	const struct memory *m = &t->memory;

	atomic_store(&t->pauses, true);
	for (int try = 0; try < BACK_TRIES && !is_on_node_0(m); try++)
		pages_move_back(m);
	atomic_store(&t->pauses, false);
	if (!is_on_node_0(m))
		puts("not back: pages are still on other nodes");
	else if (!is_of_its_kind(m))
		printf("not back: %zu KiB in huge pages\n", huge_kib(m));
	else
		puts("back");
}

/* A child: a thread that maps, until the parent exits. */
__attribute__((noreturn)) static void child_run(struct target *t)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t at = 0; at < t->memory.size; at += t->memory.stride)
		(void)*(volatile unsigned char *)(t->memory.start + at);
	t->n_threads = 0;
	thread_start(t, "slow");
	atomic_fetch_add(ready, 1);
	for (;;)
		pause();
}

static void answer_fork(struct target *t)
{
	pid_t *pid = calloc(t->argument + 1, sizeof(*pid));

	if (!pid)
		err(1, NULL);
	for (size_t i = 0; i < t->argument; i++) {
		pid[i] = fork();
		if (pid[i] < 0)
			err(1, "fork");
		if (pid[i] == 0)
			child_run(t);
	}
	while (atomic_load(ready) < t->argument)
		usleep(PAUSE_US);
	fputs("forked", stdout);
	for (size_t i = 0; i < t->argument; i++)
		printf(" %d", (int)pid[i]);
	putchar('\n');
	free(pid);
}

static void answer_quit(struct target *t)
{
	(void)t;
	puts("bye");
	exit(0);
}

static void command_run(struct target *t, char *name)
{
	static const struct {
		const char *name;
		void (*answer)(struct target *t);
	} commands[] = {
		{ "reset", answer_reset }, { "stall", answer_stall }, { "where", answer_where },
		{ "back", answer_back },   { "quit", answer_quit },   { "fork", answer_fork },
	};
	char *argument = strchr(name, ' ');

	if (argument) {
		*argument++ = '\0';
		t->argument = strtoul(argument, NULL, 10);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0) {
			commands[i].answer(t);
			return;
		}
	errx(1, "no command '%s'", name);
}

static const struct kind *kind_find(const char *name)
{
	static const struct kind kinds[] = {
		{ "small", MADV_NOHUGEPAGE, PAGE, 0, MAP_PRIVATE },
		{ "huge", MADV_HUGEPAGE, HUGE_PAGE, 0, MAP_PRIVATE },
		{ "sparse", MADV_NOHUGEPAGE, PAGE, SPARSE_PAGES, MAP_PRIVATE },
		{ "shared", MADV_NOHUGEPAGE, PAGE, 0, MAP_SHARED },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	errx(1, "no kind '%s'", name);
}

int main(int argc, char **argv)
{
	static struct target t;
	struct memory *m = &t.memory;
	char line[64];

	if (argc < 3)
		errx(1,
		     "usage: target small|huge|sparse|shared SIZE [map|touch|mixed|churn|slow]...");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	counts = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		err(1, "mmap");
	longest = counts + WORK_END;
	ready = longest + WORK_END;
	setvbuf(stdout, NULL, _IOLBF, 0);
	m->kind = kind_find(argv[1]);
	m->size = size_parse(argv[2]);
	m->size += -m->size % m->kind->unit;
	m->stride = m->kind->touched ? m->size / m->kind->touched / PAGE * PAGE : PAGE;
	m->size -= m->size % m->stride;
	memory_make(m);
	for (char **name = argv + 3; *name; name++)
		thread_start(&t, *name);
	printf("memory %" PRIxPTR " %" PRIxPTR "\n", (uintptr_t)m->start,
	       (uintptr_t)m->start + m->size);
	printf("work %" PRIxPTR "\n", (uintptr_t)counts);
	printf("ready %d\n", (int)getpid());
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		command_run(&t, line);
	}
	return 0;
}
