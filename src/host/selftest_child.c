/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/selftest_child.h"

#include "engine/limits.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child sends: an address, or why there is none. */
struct answer {
	int error; /* 0 or -errno */
	uint64_t address;
};

/* One-to-one in the place, and in the seed. */
static uint64_t pattern(uint64_t seed, uint64_t word)
{
	uint64_t x = seed ^ (word + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* Send what was found, and wait until the next is asked for. */
static void answer(int socket, int error, uint64_t address)
{
	const struct answer a = { error, address };
	char next;

	if (send(socket, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a) ||
	    recv(socket, &next, sizeof(next), 0) != sizeof(next))
		_exit(0);
}

/* Ctrl-C and timeout(1) signal the whole group; it is for the parent to end the child. */
__attribute__((noreturn)) static void hold_memory(const struct specimen *s, int socket,
						  size_t align, pid_t parent)
{
	size_t before, i = 0, n = s->size / sizeof(uint64_t);
	uint64_t *word;
	char *place;
	int rc;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	place = mmap(NULL, s->size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	if (place == MAP_FAILED) {
		answer(socket, -errno, 0);
		_exit(1);
	}
	/* What is too much at either end is unmapped, so that this is a mapping of its own. */
	before = -(uintptr_t)place & (align - 1);
	munmap(place, before);
	munmap(place + before + s->size, align - before);
	word = (void *)(place + before);
	/* A kernel without huge pages knows neither; the parent finds out what the pages are. */
	madvise(word, s->size, s->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	answer(socket, 0, (uintptr_t)word);
	rc = sys_prefer(word, s->size, s->node);
	for (; !rc && i < n; i++)
		word[i] = pattern(s->seed, i);
	answer(socket, rc, 0);
	for (i = 0; i < n && word[i] == pattern(s->seed, i);)
		i++;
	answer(socket, 0, i < n ? (uintptr_t)&word[i] : 0);
	_exit(0);
}

/* A signal may come just before recv(2), which therefore waits for a short time only. */
static int await_answer(const struct specimen *s, uint64_t *address)
{
	struct answer a = { 0 };
	ssize_t n;

	do {
		if (limits_signal())
			return -EINTR;
		n = recv(s->socket, &a, sizeof(a), 0);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	*address = a.address;
	return n == sizeof(a) ? a.error : -EPIPE;
}

int specimen_start(struct specimen *s, size_t align)
{
	const struct timeval patience = { .tv_usec = 50000 };
	pid_t parent = getpid();
	int pair[2], rc = 0;

	s->pid = 0;
	if (s->size > SIZE_MAX - align)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[0]);
		hold_memory(s, pair[1], align, parent);
	}
	if (s->pid < 0 || setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		rc = -errno;
	close(pair[1]);
	s->socket = pair[0];
	return rc ? rc : await_answer(s, &s->start);
}

int specimen_fill(const struct specimen *s)
{
	uint64_t none;

	return specimen_check(s, &none);
}

/* The child knows by itself what comes next. */
int specimen_check(const struct specimen *s, uint64_t *bad)
{
	if (send(s->socket, "", 1, MSG_NOSIGNAL) != 1)
		return -EPIPE;
	return await_answer(s, bad);
}

void specimen_stop(struct specimen *s)
{
	if (s->pid != 0)
		close(s->socket);
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	s->pid = 0;
}
