/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls: what a benchmark times: a program, or a bare system call to compare with.
 *
 *	calls time OUTPUT PROGRAM [ARGUMENT...]
 *		run PROGRAM with its standard output in the file OUTPUT:
 *		`wall_us N user_us N system_us N rss_kib N status N`
 *	calls interrupt MICROSECONDS PROGRAM [ARGUMENT...]
 *		send it SIGINT after that time: `answer_us N status N`, the time from the
 *		signal to its end
 *	calls migrate PID FROM TO
 *		one migrate_pages(2) call: `wall_us N`
 *	calls query PID START END
 *		on which node is each page of this range? move_pages(2): `wall_us N`
 *	calls move PID START END NODE BATCH [STRIDE]
 *		move them by move_pages(2), BATCH at a time, STRIDE bytes apart: `wall_us N`
 *
 * A status is the shell's: 128 and the number of the signal that killed the program.
 * Addresses are hexadecimal, as in /proc/PID/maps.
 */
#include <config.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <numa.h>
#include <numaif.h>
#include <signal.h>
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

/* Programs. */

/* vfork(2): the time of copying this process's page tables is not the program's. */
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
	uint64_t start = now_us(), end;
	pid_t pid = program_start(argv[0], argv + 1);
	struct rusage usage;
	int status = program_wait(pid, &usage);

	end = now_us();
	printf("wall_us %" PRIu64 " user_us %" PRIu64 " system_us %" PRIu64
	       " rss_kib %ld status %d\n",
	       end - start, timeval_us(usage.ru_utime), timeval_us(usage.ru_stime), usage.ru_maxrss,
	       status);
}

static void run_interrupt(char **argv)
{
	unsigned long delay = number(argv[0], 10);
	struct timespec pause = { (time_t)(delay / 1000000), (long)(delay % 1000000) * 1000 };
	struct rusage usage;
	uint64_t start;
	pid_t pid;
	int status;

	signal(SIGINT, SIG_DFL); /* a shell's background process has it ignored */
	pid = program_start("/dev/null", argv + 1);
	nanosleep(&pause, NULL);
	start = now_us();
	kill(pid, SIGINT);
	status = program_wait(pid, &usage);
	printf("answer_us %" PRIu64 " status %d\n", now_us() - start, status);
}

/* System calls. */

static struct bitmask *node_mask(const char *text)
{
	struct bitmask *mask = numa_allocate_nodemask();

	return numa_bitmask_setbit(mask, (unsigned int)number(text, 10));
}

static void run_migrate(char **argv)
{
	int pid = (int)number(argv[0], 10);
	struct bitmask *from = node_mask(argv[1]), *to = node_mask(argv[2]);
	uint64_t start = now_us();

	if (numa_migrate_pages(pid, from, to) < 0)
		err(1, "migrate_pages");
	printf("wall_us %" PRIu64 "\n", now_us() - start);
	numa_bitmask_free(from);
	numa_bitmask_free(to);
}

struct batch {
	unsigned long size;
	void **page;
	int *node, *status;
};

static struct batch batch_make(unsigned long size, int node)
{
	struct batch b = {
		.size = size,
		.page = calloc(size, sizeof(*b.page)),
		.node = calloc(size, sizeof(*b.node)),
		.status = calloc(size, sizeof(*b.status)),
	};

	if (!b.page || !b.node || !b.status)
		err(1, "calloc");
	for (unsigned long i = 0; i < size; i++)
		b.node[i] = node;
	return b;
}

/* Give all pages of a range to move_pages(2); without nodes it only looks. */
static void range_give(char **argv, const struct batch *b, const int *nodes, unsigned long stride)
{
	int pid = (int)number(argv[0], 10);
	uintptr_t at = number(argv[1], 16), end = number(argv[2], 16);
	uint64_t start = now_us();

	while (at < end) {
		unsigned long n = 0;

		for (; n < b->size && at < end; at += stride)
			b->page[n++] = (void *)at;
		if (move_pages(pid, n, b->page, nodes, b->status, nodes ? MPOL_MF_MOVE : 0) < 0)
			err(1, "move_pages");
	}
	printf("wall_us %" PRIu64 "\n", now_us() - start);
}

static void batch_free(struct batch *b)
{
	free(b->page);
	free(b->node);
	free(b->status);
}

static void run_query(char **argv)
{
	struct batch b = batch_make(QUERY_BATCH, 0);

	range_give(argv, &b, NULL, PAGE);
	batch_free(&b);
}

static void run_move(char **argv)
{
	struct batch b = batch_make(number(argv[4], 10), (int)number(argv[3], 10));

	range_give(argv, &b, b.node, argv[5] ? number(argv[5], 10) : PAGE);
	batch_free(&b);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments; /* at least */
		void (*run)(char **argv);
	} commands[] = {
		{ "time", 2, run_time },       { "interrupt", 2, run_interrupt },
		{ "migrate", 3, run_migrate }, { "query", 3, run_query },
		{ "move", 5, run_move },
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 2 + commands[i].arguments - 1 &&
		    strcmp(argv[1], commands[i].name) == 0) {
			commands[i].run(argv + 2);
			return 0;
		}
	errx(1, "usage: calls time|interrupt|migrate|query|move ARGUMENT...");
}
