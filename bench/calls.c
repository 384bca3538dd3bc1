/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls: measure a program, or bare system calls to compare it with.
 *
 *	calls time OUTPUT PROGRAM [ARGUMENT...]
 *		run PROGRAM with its standard output in the file OUTPUT
 *	calls query PID START END
 *		find the node of each page of this range by move_pages(2)
 *	calls move PID START END NODE STRIDE BATCH THREADS
 *		move the pages of this range, STRIDE bytes apart, by move_pages(2): each thread
 *		passes BATCH addresses at a time, from a list prepared before
 *	calls interrupt MICROSECONDS PROGRAM [ARGUMENT...]
 *		run PROGRAM and send it SIGINT after this time: `answer_us N status N`, the
 *		time from the signal to its exit
 *
 * All except the last print one line:
 *
 *	wall_us N user_us N system_us N rss_kib N maps N touches N status N
 *
 * maps and touches: the work of the target in this time, if BENCH_WORK is PID:ADDRESS of its
 * counts (target.c), otherwise 0.
 * status is that of the shell: 128+n if signal n killed the program.
 * Addresses are hexadecimal, as in /proc/PID/maps.
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <numaif.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	    4096UL
#define QUERY_BATCH 4096UL
#define MAX_THREADS 16

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t timeval_us(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static unsigned long number(const char *text, int base)
{
	char *end;
	unsigned long n = strtoul(text, &end, base);

	if (end == text || *end)
		errx(1, "bad number '%s'", text);
	return n;
}

/* Measuring. */

struct work {
	uint64_t maps, touches;
};

static struct work work_read(void)
{
	const char *where = getenv("BENCH_WORK");
	struct work work = { 0, 0 };
	char path[32];
	uintptr_t at;
	int pid, fd;

	if (!where)
		return work;
	if (sscanf(where, "%d:%" SCNxPTR, &pid, &at) != 2)
		errx(1, "bad BENCH_WORK '%s'", where);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &work, sizeof(work), (off_t)at) != sizeof(work))
		err(1, "%s", path);
	close(fd);
	return work;
}

struct measure {
	struct work work;
	uint64_t start;
};

static struct measure measure_start(void)
{
	return (struct measure){ work_read(), now_us() };
}

static void measure_end(const struct measure *m, const struct rusage *usage, int status)
{
	uint64_t wall = now_us() - m->start;
	struct work work = work_read();

	printf("wall_us %" PRIu64 " user_us %" PRIu64 " system_us %" PRIu64 " rss_kib %ld"
	       " maps %" PRIu64 " touches %" PRIu64 " status %d\n",
	       wall, timeval_us(usage->ru_utime), timeval_us(usage->ru_stime), usage->ru_maxrss,
	       work.maps - m->work.maps, work.touches - m->work.touches, status);
}

/* Programs. */

/* vfork(2), so the time does not include copying the page tables of this process. */
static pid_t program_start(const char *output, char **argv)
{
	int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	pid_t pid;

	if (fd < 0)
		err(1, "%s", output);
	pid = vfork();
	if (pid < 0)
		err(1, "vfork");
	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(fd);
	return pid;
}

static int program_wait(pid_t pid, struct rusage *usage)
{
	int status;

	if (wait4(pid, &status, 0, usage) != pid)
		err(1, "wait4");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void run_time(char **argv)
{
	struct measure m = measure_start();
	pid_t pid = program_start(argv[0], argv + 1);
	struct rusage usage;
	int status = program_wait(pid, &usage);

	measure_end(&m, &usage, status);
}

static void run_interrupt(char **argv)
{
	unsigned long delay = number(argv[0], 10);
	struct timespec pause = { (time_t)(delay / 1000000), (long)(delay % 1000000) * 1000 };
	struct rusage usage;
	uint64_t start;
	pid_t pid;
	int status;

	signal(SIGINT, SIG_DFL); /* a background process of a shell ignores it */
	pid = program_start("/dev/null", argv + 1);
	nanosleep(&pause, NULL);
	start = now_us();
	kill(pid, SIGINT);
	status = program_wait(pid, &usage);
	printf("answer_us %" PRIu64 " status %d\n", now_us() - start, status);
}

/* System calls. */

/* The arguments of move_pages(2), from one or several threads. */
struct list {
	int pid, flags;
	unsigned long pages, batch;
	atomic_ulong next; /* the first page not yet taken by a thread */
	void **page;
	int *node; /* NULL: only query */
	int *status;
};

/* Make the list of pages from START to END, STRIDE bytes apart. */
static struct list list_make(char **argv, unsigned long stride)
{
	uintptr_t start = number(argv[1], 16);
	unsigned long pages = (number(argv[2], 16) - start + stride - 1) / stride;
	struct list l = {
		.pid = (int)number(argv[0], 10),
		.pages = pages,
		.page = calloc(pages, sizeof(*l.page)),
		.status = calloc(pages, sizeof(*l.status)),
	};

	if (!l.page || !l.status)
		err(1, "calloc");
	for (unsigned long i = 0; i < pages; i++)
		l.page[i] = (void *)(start + i * stride);
	return l;
}

static void *list_give(void *context)
{
	struct list *l = context;
	unsigned long at;

	while ((at = atomic_fetch_add(&l->next, l->batch)) < l->pages) {
		unsigned long n = l->pages - at < l->batch ? l->pages - at : l->batch;

		if (move_pages(l->pid, n, l->page + at, l->node ? l->node + at : NULL,
			       l->status + at, l->flags) < 0)
			err(1, "move_pages");
	}
	return NULL;
}

/* Measure `threads` threads, including this one, that process the list, and free it. */
static void list_run(struct list *l, unsigned long threads)
{
	struct measure m = measure_start();
	pthread_t id[MAX_THREADS];
	struct rusage usage;

	for (unsigned long i = 1; i < threads; i++)
		if (pthread_create(&id[i], NULL, list_give, l))
			errx(1, "no thread");
	list_give(l);
	for (unsigned long i = 1; i < threads; i++)
		pthread_join(id[i], NULL);
	getrusage(RUSAGE_SELF, &usage);
	measure_end(&m, &usage, 0);
	free(l->page);
	free(l->node);
	free(l->status);
}

static void run_query(char **argv)
{
	struct list l = list_make(argv, PAGE);

	l.batch = QUERY_BATCH;
	list_run(&l, 1);
}

static void run_move(char **argv)
{
	struct list l = list_make(argv, number(argv[4], 10));
	unsigned long threads = number(argv[6], 10);

	if (threads > MAX_THREADS)
		errx(1, "too many threads");
	l.flags = MPOL_MF_MOVE;
	l.batch = number(argv[5], 10);
	l.node = calloc(l.pages, sizeof(*l.node));
	if (!l.node)
		err(1, "calloc");
	for (unsigned long i = 0; i < l.pages; i++)
		l.node[i] = (int)number(argv[3], 10);
	list_run(&l, threads);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments; /* at least */
		void (*run)(char **argv);
	} commands[] = {
		{ "time", 2, run_time },
		{ "interrupt", 2, run_interrupt },
		{ "query", 3, run_query },
		{ "move", 7, run_move },
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 2 + commands[i].arguments - 1 &&
		    strcmp(argv[1], commands[i].name) == 0) {
			commands[i].run(argv + 2);
			return 0;
		}
	errx(1, "usage: calls time|query|move|interrupt ARGUMENT...");
}
