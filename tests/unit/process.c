/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "numa/nodeset.h"
#include "proc/pid_select.h"
#include "proc/process.h"
#include "proc/status.h"
#include "unit.h"
#include "util/file.h"

struct pids_row {
	const char *text;
	const char *pids;      /* separated by spaces; NULL: rejected */
	size_t offset, length; /* of the invalid part */
	bool too_large;
};

static const struct pids_row pids_rows[] = {
	{ "1", "1 ", 0, 0, false },	     { "12,7,12,3", "12 7 3 ", 0, 0, false },
	{ "32768", "32768 ", 0, 0, false },  { "", NULL, 0, 0, false },
	{ "0", NULL, 0, 1, false },	     { "1,0", NULL, 2, 1, false },
	{ "1,", NULL, 2, 0, false },	     { ",1", NULL, 0, 0, false },
	{ "1,,2", NULL, 2, 0, false },	     { "32769", NULL, 0, 5, true },
	{ "4294967297", NULL, 0, 10, true }, { "18446744073709551617", NULL, 0, 20, true },
	{ "7,99999", NULL, 2, 5, true },     { "-1", NULL, 0, 2, false },
	{ "+1", NULL, 0, 2, false },	     { " 1", NULL, 0, 2, false },
	{ "1 ", NULL, 0, 2, false },	     { "0x1", NULL, 0, 3, false },
	{ "010", NULL, 0, 3, false },	     { "self", NULL, 0, 4, false },
};

static void test_pids(void **state)
{
	const struct pids_row *row = *state;
	struct pid_error err = { 0 };
	struct pid_list list;
	char got[64] = "";
	int rc = pid_list_parse(row->text, strlen(row->text), 32768, false, &list, &err);

	assert_int_equal(rc, row->pids ? 0 : -EINVAL);
	for (size_t i = 0; i < list.n; i++)
		sprintf(got + strlen(got), "%d ", list.pid[i]);
	assert_string_equal(got, row->pids ? row->pids : "");
	pid_list_free(&list);
	if (row->pids)
		return;
	assert_int_equal(err.offset, row->offset);
	assert_int_equal(err.length, row->length);
	assert_int_equal(err.too_large, row->too_large);
}

struct words_row {
	const char *text;
	const char *pids; /* separated by spaces; NULL: rejected */
	const char *bad;  /* the invalid part; NULL: no PIDs */
	size_t line;
};

static const struct words_row words_rows[] = {
	{ "1", "1 ", NULL, 0 },
	{ "12\n7\n12\n3\n", "12 7 3 ", NULL, 0 },
	{ " 12 7,3,\t4\r\n\n,5", "12 7 3 4 5 ", NULL, 0 },
	{ "", NULL, NULL, 0 },
	{ " \n,\n", NULL, NULL, 0 },
	{ "1\n2 x3\n", NULL, "x3", 2 },
	{ "1 2\n\n0", NULL, "0", 3 },
	{ "1-2", NULL, "1-2", 1 },
	{ "7 99999 8", NULL, "99999", 1 },
	{ "1;2", NULL, "1;2", 1 },
};

static void test_words(void **state)
{
	const struct words_row *row = *state;
	struct pid_error err = { 0 };
	struct pid_list list;
	char got[64] = "";
	int rc = pid_list_parse(row->text, strlen(row->text), 32768, true, &list, &err);

	assert_int_equal(rc, row->pids ? 0 : row->bad ? -EINVAL : -ENODATA);
	for (size_t i = 0; i < list.n; i++)
		sprintf(got + strlen(got), "%d ", list.pid[i]);
	assert_string_equal(got, row->pids ? row->pids : "");
	pid_list_free(&list);
	if (!row->bad)
		return;
	assert_int_equal(err.length, strlen(row->bad));
	assert_memory_equal(row->text + err.offset, row->bad, err.length);
	assert_int_equal(err.line, row->line);
}

/* Each PID twice: the lookup must not search the list. */
static void test_many(void **state)
{
	enum { MANY = 4000000 };
	struct pid_list list = { 0 };

	(void)state;
	for (pid_t pid = MANY; pid > 0; pid--)
		if (pid_list_add(&list, pid) || pid_list_add(&list, pid))
			fail();
	assert_int_equal(list.n, MANY);
	assert_int_equal(list.pid[0], MANY);
	assert_true(pid_list_has(&list, 1));
	assert_false(pid_list_has(&list, MANY + 1));
	assert_false(pid_list_has(&list, 1 << 30));
	pid_list_free(&list);
}

struct stat_row {
	const char *what, *text;
	const char *name; /* NULL: rejected */
	bool kernel_thread, zombie;
	uint64_t start_time;
};

#define REST " 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0\n"

static const struct stat_row stat_rows[] = {
	{ "an ordinary process", "5 (cat) S" REST, "cat", false, false, 77 },
	{ "a name of brackets and spaces", "5 (a) S (b) c) R" REST, "a) S (b) c", false, false,
	  77 },
	{ "an empty name", "5 () S" REST, "", false, false, 77 },
	{ "a zombie", "5 (cat) Z" REST, "cat", false, true, 77 },
	{ "a kernel thread", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 9 0\n",
	  "kthreadd", true, false, 9 },
	{ "nothing", "", NULL, false, false, 0 },
	{ "no brackets", "5 cat S 1", NULL, false, false, 0 },
	{ "swapped brackets", "5 )cat( S" REST, NULL, false, false, 0 },
	{ "a line cut short", "5 (cat) S 1 1", NULL, false, false, 0 },
	{ "a line cut after the name", "5 (cat)", NULL, false, false, 0 },
	{ "a line that ends with the start time",
	  "5 (cat) S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 77", "cat", false, false, 77 },
	{ "letters for numbers", "5 (cat) S a b c d e f g h i j k l m n o p q r s t\n", NULL, false,
	  false, 0 },
};

static void test_stat(void **state)
{
	const struct stat_row *row = *state;
	size_t len = strlen(row->text);
	char *copy = malloc(len + !len); /* no NUL, to detect a read past the end */
	struct process p = { 0 };
	int rc;

	assert_non_null(copy);
	memcpy(copy, row->text, len);
	rc = process_parse_stat(copy, len, &p);
	free(copy);
	assert_int_equal(rc, row->name ? 0 : -EINVAL);
	if (rc)
		return;
	assert_string_equal(p.name, row->name);
	assert_int_equal(p.kernel_thread, row->kernel_thread);
	assert_int_equal(p.zombie, row->zombie);
	assert_int_equal(p.start_time, row->start_time);
}

/* ---- processes ---- */

/* The number of calls of poll(2) to fail, and the error. */
static struct {
	int times, error;
} poll_fails;

/* Replaces poll() of libc. */
int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	const struct timespec none = { 0 };

	assert_int_equal(timeout, 0);
	if (poll_fails.times-- <= 0)
		return (int)syscall(SYS_ppoll, fds, n, &none, NULL, 0);
	errno = poll_fails.error;
	return -1;
}

/* Start a child that exits or runs another program when the pipe, *end, is closed. */
static pid_t child_start(bool runs, int *end)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char byte;

		close(ends[1]);
		if (read(ends[0], &byte, 1) == 0 && runs)
			execlp("sleep", "sleep", "1000", NULL);
		_exit(0);
	}
	close(ends[0]);
	*end = ends[1];
	return pid;
}

/* Wait until it is a zombie, without reaping it. */
static void wait_for_end(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void child_reap(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_exits(void **state)
{
	struct process p, again;
	int end;
	pid_t pid = child_start(false, &end);

	(void)state;
	assert_int_equal(process_open(pid, &p), 0);
	assert_int_equal(process_check(&p), 0);
	close(end);
	wait_for_end(pid);
	assert_int_equal(process_check(&p), -ESRCH);
	assert_int_equal(process_open(pid, &again), -EINVAL);
	assert_true(again.zombie);
	process_close(&again);
	child_reap(pid);
	assert_int_equal(process_check(&p), -ESRCH);
	process_close(&p);
	assert_int_equal(process_open(pid, &p), -ESRCH);
	process_close(&p);
}

/* execve(2) closes close-on-exec descriptors after the new program has its memory. */
static void test_runs_another_program(void **state)
{
	struct process p;
	int end, told[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	pid = child_start(true, &end);
	close(told[1]);
	assert_int_equal(process_open(pid, &p), 0);
	close(end);
	assert_int_equal(read(told[0], &byte, 1), 0);
	assert_int_equal(process_check(&p), -ESTALE);
	close(told[0]);
	process_close(&p);
	child_reap(pid);
}

/* An error of poll(2) says nothing about the process. */
static void test_poll_fails(void **state)
{
	static const int errors[] = { EINTR, ENOMEM, EINVAL };
	struct process p;
	int end;
	pid_t pid = child_start(false, &end);

	(void)state;
	assert_int_equal(process_open(pid, &p), 0);
	for (size_t i = 0; i < UNIT_ROWS(errors); i++) {
		poll_fails.times = errors[i] == EINTR ? 3 : 1;
		poll_fails.error = errors[i];
		assert_int_equal(process_check(&p), 0);
	}
	close(end);
	wait_for_end(pid);
	poll_fails.times = 3;
	poll_fails.error = EINTR;
	assert_int_equal(process_check(&p), -ESRCH);
	child_reap(pid);
	process_close(&p);
}

/* Nor does an unreadable file. */
static void test_maps_unreadable(void **state)
{
	struct process p;
	int maps;

	(void)state;
	assert_int_equal(process_open(getpid(), &p), 0);
	maps = p.maps;
	p.maps = p.dir;
	assert_int_equal(process_check(&p), -EISDIR);
	p.maps = maps;
	process_close(&p);
}

static void *open_self(void *context)
{
	return (void *)(intptr_t)process_open(gettid(), context);
}

static void test_thread(void **state)
{
	struct process p;
	pthread_t thread;
	void *rc;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, open_self, &p), 0);
	assert_int_equal(pthread_join(thread, &rc), 0);
	assert_int_equal((intptr_t)rc, 0);
	assert_int_equal(p.pid, getpid());
	process_close(&p);
}

/* One thread on each of two CPUs, if there are two. */
static pthread_barrier_t bound;

static void *bind_and_wait(void *context)
{
	cpu_set_t *set = context;

	assert_int_equal(sched_setaffinity(0, sizeof(*set), set), 0);
	pthread_barrier_wait(&bound);
	pthread_barrier_wait(&bound);
	return NULL;
}

static void test_cpus(void **state)
{
	struct cpuset cpus = { { 0 } };
	cpu_set_t all, one, other;
	struct process p;
	pthread_t thread;
	int first = 0, last = CPU_SETSIZE - 1;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(first, &all))
		first++;
	while (!CPU_ISSET(last, &all))
		last--;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	CPU_ZERO(&other);
	CPU_SET(last, &other);
	assert_int_equal(pthread_barrier_init(&bound, NULL, 2), 0);
	assert_int_equal(pthread_create(&thread, NULL, bind_and_wait, &other), 0);
	pthread_barrier_wait(&bound);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(process_open(getpid(), &p), 0);
	process_add_cpus(&p, &cpus);
	assert_int_equal(bits_next(BITS(&cpus), 0), first);
	assert_int_equal(bits_next(BITS(&cpus), last), last);
	assert_int_equal(bits_count(BITS(&cpus)), first == last ? 1 : 2);
	process_close(&p);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	pthread_barrier_wait(&bound);
	pthread_join(thread, NULL);
}

static void test_files(void **state)
{
	char text[64];
	struct file_lines lines;
	struct process p;

	(void)state;
	assert_int_equal(process_open(getpid(), &p), 0);
	assert_true(file_read(p.dir, "comm", text, sizeof(text)) > 0);
	assert_int_equal(file_read(p.dir, "comm", text, 2), 1);
	assert_int_equal(file_read(p.dir, "nothing", text, sizeof(text)), -ENOENT);
	assert_int_equal(file_read(p.dir, "task", text, sizeof(text)), -EISDIR);
	file_lines_open(&lines, p.dir, "nothing");
	assert_false(file_lines_next(&lines));
	assert_int_equal(file_lines_close(&lines, 0), -ENOENT);
	file_lines_open(&lines, p.dir, "comm");
	assert_true(file_lines_next(&lines) && lines.line[lines.len - 1] == '\n');
	assert_false(file_lines_next(&lines));
	assert_int_equal(file_lines_close(&lines, 0), 0);
	file_lines_open(&lines, p.dir, "task");
	assert_false(file_lines_next(&lines));
	assert_int_equal(file_lines_close(&lines, 0), -EISDIR);
	assert_true(process_resident(&p) < UINT64_MAX);
	process_close(&p);
	assert_int_equal(process_resident(&p), UINT64_MAX);
	assert_int_equal(status_read_sum(p.dir, "VmSwap"), UINT64_MAX);
}

struct sum_row {
	const char *what, *status;
	uint64_t sum; /* of VmRSS and HugetlbPages */
};

static const struct sum_row sum_rows[] = {
	{ "both lines", "\nVmRSS:\t   8 kB\nHugetlbPages:\t  2048 kB\n", 2056 << 10 },
	{ "a kernel without hugetlb", "\nVmRSS:\t   8 kB\nThreads:\t1\n", 8 << 10 },
	{ "neither", "\nThreads:\t1\n", 0 },
	{ "an invalid number", "\nVmRSS:\t   x kB\nHugetlbPages:\t  2048 kB\n", UINT64_MAX },
};

static void test_sum(void **state)
{
	const struct sum_row *row = *state;

	assert_int_equal(status_sum(row->status, "VmRSS HugetlbPages"), row->sum);
}

int main(void)
{
	struct unit_suite suite = { NULL, 0 };

	for (size_t i = 0; i < UNIT_ROWS(pids_rows); i++)
		unit_add(&suite, test_pids, &pids_rows[i], "PIDs '%s' are %s", pids_rows[i].text,
			 pids_rows[i].pids ? pids_rows[i].pids : "refused");
	for (size_t i = 0; i < UNIT_ROWS(words_rows); i++)
		unit_add(&suite, test_words, &words_rows[i], "words, row %zu: %s", i,
			 words_rows[i].pids ? words_rows[i].pids : "refused");
	unit_add(&suite, test_many, NULL,
		 "four million PIDs, each given twice, are in the list once");
	for (size_t i = 0; i < UNIT_ROWS(stat_rows); i++)
		unit_add(&suite, test_stat, &stat_rows[i], "stat: %s is %s", stat_rows[i].what,
			 stat_rows[i].name ? "read" : "refused");
	for (size_t i = 0; i < UNIT_ROWS(sum_rows); i++)
		unit_add(&suite, test_sum, &sum_rows[i], "a sum of status with %s",
			 sum_rows[i].what);
	unit_add(&suite, test_exits, NULL, "detects that a process exited");
	unit_add(&suite, test_runs_another_program, NULL,
		 "detects that a process called execve(2)");
	unit_add(&suite, test_poll_fails, NULL,
		 "a failed poll(2) does not mean that the process exited");
	unit_add(&suite, test_maps_unreadable, NULL, "nor does an unreadable file");
	unit_add(&suite, test_thread, NULL, "a thread ID selects its process");
	unit_add(&suite, test_cpus, NULL, "the CPUs of a process are those of all its threads");
	unit_add(&suite, test_files, NULL, "missing and invalid files are errors");
	return unit_run(&suite, "process");
}
