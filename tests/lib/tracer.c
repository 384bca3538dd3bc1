/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For x86-64 only: it reads and sets registers by name, and its pages have 4 KiB. */
#ifndef __x86_64__
#error "tests/slow/faults is for x86-64 only"
#endif

#include <config.h>

#include "tracer.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CALLS_MAX = 512,
	THREADS_MAX = 16,
	PAGES_MAX = 4096,
	PATH_BYTES = 256,
	PAGE_BYTES = 4096,
	TARGETS_MAX = 4,
	HANG_S = 10
};

#define PAGEMAP_SCAN _IOC(_IOC_READ | _IOC_WRITE, 'f', 16, 96)
#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)

/* A thread between entry and exit of a call with a fault. */
struct thread {
	pid_t tid;
	bool meddled;
	bool returns; /* with @value instead of the result of the kernel */
	bool asks;    /* move_pages(2), turned into a query */
	bool lies;    /* returns the status of the fault */
	long value;
	struct user_regs_struct regs; /* as set by the program */
};

/* The pages of targets on the second node. */
struct place {
	pid_t pid;
	uint64_t address;
};

static struct run {
	struct trace *trace;
	pid_t pid;
	bool in_main;
	bool target_changed;
	unsigned int made[CALLS_MAX];
	struct thread threads[THREADS_MAX];
	struct place moved[PAGES_MAX];
	pid_t migrated[TARGETS_MAX]; /* all their pages are on the second node */
} run;

static volatile sig_atomic_t late;

static void on_alarm(int number)
{
	(void)number;
	late = 1;
	kill(run.pid, SIGKILL);
}

static struct thread *thread_of(pid_t tid)
{
	struct thread *t = run.threads;

	while (t < run.threads + THREADS_MAX && t->tid && t->tid != tid)
		t++;
	if (t == run.threads + THREADS_MAX)
		errx(1, "too many threads");
	t->tid = tid;
	return t;
}

/* ---- the memory of the program ---- */

static bool memory_read(uint64_t from, void *to, size_t size)
{
	struct iovec here = { to, size }, there = { (void *)(uintptr_t)from, size };

	return process_vm_readv(run.pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

static void memory_write(uint64_t to, const void *from, size_t size)
{
	struct iovec here = { (void *)(uintptr_t)from, size },
		     there = { (void *)(uintptr_t)to, size };

	if (process_vm_writev(run.pid, &here, 1, &there, 1, 0) != (ssize_t)size && errno != ESRCH)
		err(1, "writing to the program");
}

/* Read a path; the memory after it may end, at a page boundary. */
static const char *path_read(uint64_t from)
{
	static char path[PATH_BYTES];
	size_t until_page = PAGE_BYTES - from % PAGE_BYTES;

	memset(path, 0, sizeof(path));
	if (!memory_read(from, path, sizeof(path) - 1) && until_page < sizeof(path))
		memory_read(from, path, until_page);
	return path;
}

/* ---- the second node ---- */

static struct place *place_of(pid_t pid, uint64_t address)
{
	struct place *p = run.moved;

	while (p < run.moved + PAGES_MAX && p->pid && (p->pid != pid || p->address != address))
		p++;
	if (p == run.moved + PAGES_MAX)
		errx(1, "too many pages");
	return p;
}

/* Pages never move back, so none leaves the list. */
static void place_move(pid_t pid, uint64_t address, int node)
{
	struct place *p = place_of(pid, address);

	run.trace->moved += node == 1 && !p->pid;
	if (node == 1)
		*p = (struct place){ pid, address };
}

static bool is_migrated(pid_t pid)
{
	for (size_t i = 0; i < run.trace->migrated; i++)
		if (run.migrated[i] == pid)
			return true;
	return false;
}

static const char *redirected(const char *path)
{
	const struct redirect *r = run.trace->redirects;

	/* Files of the target (relative paths) have no copy once the target has changed. */
	while (r && r->path && (strcmp(r->path, path) || (run.target_changed && *path != '/')))
		r++;
	if (!r || !r->path)
		return NULL;
	return run.trace->migrated && r->migrated ? r->migrated : r->file;
}

static void redirect(struct thread *t)
{
	const char *file = redirected(path_read(t->regs.rsi));
	struct user_regs_struct regs = t->regs;

	if (!file)
		return;
	regs.rdi = (unsigned long long)AT_FDCWD;
	regs.rsi = regs.rsp - 2048;
	memory_write(regs.rsi, file, strlen(file) + 1);
	ptrace(PTRACE_SETREGS, t->tid, NULL, &regs);
	t->meddled = true;
}

/* The kernel reports which pages are present; their nodes are simulated. */
static void ask(struct thread *t, bool lies)
{
	struct user_regs_struct regs = t->regs;

	regs.r10 = 0;
	ptrace(PTRACE_SETREGS, t->tid, NULL, &regs);
	t->meddled = t->asks = true;
	t->lies = lies;
}

static void answer_page(const struct thread *t, size_t i)
{
	pid_t pid = (pid_t)t->regs.rdi;
	uint64_t address = 0, slot = t->regs.r8 + i * sizeof(int);
	int status = -1, node = -1;
	bool lies = t->lies && (i == 0 || run.trace->fault->kind == FAULT_STATUS);

	memory_read(t->regs.rdx + i * sizeof(address), &address, sizeof(address));
	memory_read(slot, &status, sizeof(status));
	if (status < 0)
		return;
	if (t->regs.r10 && memory_read(t->regs.r10 + i * sizeof(node), &node, sizeof(node)) &&
	    !lies)
		place_move(pid, address, node);
	status = lies ? (int)run.trace->fault->value :
			is_migrated(pid) || place_of(pid, address)->pid;
	memory_write(slot, &status, sizeof(status));
}

/* ---- faults ---- */

/* Skip the call and return this. */
static void skip(struct thread *t, long value)
{
	struct user_regs_struct regs = t->regs;

	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, t->tid, NULL, &regs);
	t->meddled = t->returns = true;
	t->value = value;
}

static void shorten(struct thread *t)
{
	struct user_regs_struct regs = t->regs;
	unsigned long long least = regs.orig_rax == SYS_pread64 && regs.rdx % 8 == 0 ? 8 : 1;

	if (regs.rdx < least)
		return;
	regs.rdx = least;
	ptrace(PTRACE_SETREGS, t->tid, NULL, &regs);
	t->meddled = true;
}

/* Move all pages of the process to the second node, unless there is a fault. */
static void migrate(struct thread *t, bool fails)
{
	if (fails)
		return;
	if (!is_migrated((pid_t)t->regs.rdi) && run.trace->migrated < TARGETS_MAX)
		run.migrated[run.trace->migrated++] = (pid_t)t->regs.rdi;
	skip(t, 0);
}

static void change_target(void (*change)(void))
{
	if (!run.target_changed)
		change();
	run.target_changed = true;
}

static void apply(struct thread *t)
{
	const struct fault *f = run.trace->fault;

	switch (f->kind) {
	case FAULT_ERROR: skip(t, -f->value); break;
	case FAULT_RETURN: skip(t, f->value); break;
	case FAULT_END: skip(t, 0); break;
	case FAULT_SHORT: shorten(t); break;
	case FAULT_SIGNAL: syscall(SYS_tgkill, run.pid, t->tid, (int)f->value); break;
	case FAULT_GONE: change_target(run.trace->target->end); break;
	case FAULT_EXEC: change_target(run.trace->target->exec); break;
	case FAULT_STATUS:
	case FAULT_PAGE: ask(t, true); break;
	default: break;
	}
}

static bool is_hit(long call)
{
	const struct fault *f = run.trace->fault;
	unsigned int n = run.made[call];

	return run.in_main && call == f->call && (n == f->when || (f->on && n > f->when));
}

static void record(long call)
{
	struct trace *t = run.trace;

	if (run.in_main && t->sites && t->n_sites < SITES_MAX)
		t->sites[t->n_sites++] = (struct site){ call, run.made[call] };
}

static void call_begins(struct thread *t)
{
	long call;

	ptrace(PTRACE_GETREGS, t->tid, NULL, &t->regs);
	call = (long)t->regs.orig_rax;
	t->meddled = t->returns = t->asks = t->lies = false;
	if (call < 0 || call >= CALLS_MAX)
		return;
	/* The first thing that main() does: see src/cli/options.c. */
	if (!run.in_main && call == SYS_openat && !strcmp(path_read(t->regs.rsi), "/"))
		run.in_main = true;
	run.made[call]++;
	record(call);
	if (run.trace->redirects && call == SYS_openat)
		redirect(t);
	if (run.trace->redirects && call == SYS_move_pages)
		ask(t, false);
	if (run.trace->old_kernel && call == SYS_ioctl && t->regs.rsi == PAGEMAP_SCAN)
		skip(t, -ENOTTY);
	if (run.trace->redirects && call == SYS_migrate_pages)
		migrate(t, is_hit(call) && run.trace->fault->kind <= FAULT_RETURN);
	if (is_hit(call))
		apply(t);
}

static void call_ends(struct thread *t)
{
	struct user_regs_struct now;

	if (!t->meddled)
		return;
	ptrace(PTRACE_GETREGS, t->tid, NULL, &now);
	if (t->asks && now.rax == 0)
		for (size_t i = 0; i < t->regs.rsi; i++)
			answer_page(t, i);
	t->regs.rax = t->returns ? (unsigned long long)t->value : now.rax;
	t->regs.orig_rax = (unsigned long long)-1;
	if (!t->returns)
		t->regs.orig_rax = now.orig_rax;
	ptrace(PTRACE_SETREGS, t->tid, NULL, &t->regs);
	t->meddled = false;
}

/* ---- the program ---- */

static void become(const struct trace *t, char *const *argv, const int streams[3])
{
	for (int i = 0; i < 3; i++)
		if (dup2(streams[i], i) < 0)
			_exit(127);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL); /* nohup(1) may have set it to ignore */
	if (t->preload && setenv("LD_PRELOAD", t->preload, 1))
		_exit(127);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
		_exit(127);
	execvp(argv[0], argv);
	_exit(127);
}

/* Return whether a stop is the entry or the exit of a call. */
static void at_call(pid_t tid)
{
	struct __ptrace_syscall_info info;
	struct thread *t = thread_of(tid);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		call_begins(t);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		call_ends(t);
}

/* Return the signal to deliver to the thread. */
static int at_stop(pid_t tid, int status)
{
	bool is_new = status >> 8 == SIGSTOP;

	if (WSTOPSIG(status) == (SIGTRAP | 0x80))
		at_call(tid);
	else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		memset(run.made, 0, sizeof(run.made));
	else if (status >> 16 == 0 && !is_new)
		return WSTOPSIG(status);
	return 0;
}

static void follow(struct trace *t)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (tid < 0)
			continue;
		if (tid == run.pid && !WIFSTOPPED(status))
			break;
		if (WIFSTOPPED(status))
			ptrace(PTRACE_SYSCALL, tid, NULL, at_stop(tid, status));
	}
	t->status = status;
}

void trace_run(struct trace *t, char *const *argv, const int streams[3])
{
	struct sigaction action = { .sa_handler = on_alarm };
	int status;

	run = (struct run){ .trace = t };
	t->n_sites = t->moved = t->migrated = 0;
	late = 0;
	run.pid = fork();
	if (run.pid < 0)
		err(1, "fork");
	if (!run.pid)
		become(t, argv, streams);
	sigaction(SIGALRM, &action, NULL);
	if (waitpid(run.pid, &status, 0) != run.pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, run.pid, NULL, OPTIONS) ||
	    ptrace(PTRACE_SYSCALL, run.pid, NULL, 0))
		errx(1, "%s cannot be traced", argv[0]);
	alarm(HANG_S);
	follow(t);
	alarm(0);
	t->hung = late;
}
