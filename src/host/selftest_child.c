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

struct question {
	enum { QUESTION_EMPTY, QUESTION_FILL, QUESTION_CHECK } what;
	int node;
	uint64_t seed;
};

struct answer {
	int error;    /* 0 or -errno */
	uint64_t bad; /* of QUESTION_CHECK */
};

/* ---- the child ---- */

/* One-to-one in the place, and in the seed. */
static uint64_t pattern(uint64_t seed, uint64_t word)
{
	uint64_t x = seed ^ (word + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static struct answer answer(const struct specimen *s, const struct question *q)
{
	uint64_t *word = (uint64_t *)(uintptr_t)s->start;
	size_t i = 0, n = s->size / sizeof(*word);
	int rc;

	switch (q->what) {
	case QUESTION_EMPTY:
		/* Mapped anew: page tables, too, keep huge pages away once they had small ones. */
		if (mmap(word, s->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			return (struct answer){ .error = -errno };
		/* A kernel without huge pages knows neither; what the pages are is checked later. */
		madvise(word, s->size, s->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		break;
	case QUESTION_FILL:
		rc = sys_prefer(word, s->size, q->node);
		for (; !rc && i < n; i++)
			word[i] = pattern(q->seed, i);
		return (struct answer){ .error = rc };
	case QUESTION_CHECK:
		while (i < n && word[i] == pattern(q->seed, i))
			i++;
		return (struct answer){ .bad = i < n ? (uintptr_t)&word[i] : 0 };
	}
	return (struct answer){ 0 };
}

/* Ctrl-C and timeout(1) signal the whole group; it is for the parent to end this. */
__attribute__((noreturn)) static void serve(const struct specimen *s, int socket, pid_t parent)
{
	struct question q;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	while (recv(socket, &q, sizeof(q), 0) == sizeof(q)) {
		struct answer a = answer(s, &q);

		if (send(socket, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a))
			break;
	}
	_exit(0);
}

/* ---- the parent ---- */

/* A signal may come just before recv(2), so that this waits for a short time only. */
static int ask(const struct specimen *s, struct question q, uint64_t *bad)
{
	struct answer a = { 0 };
	ssize_t n;

	if (send(s->socket, &q, sizeof(q), MSG_NOSIGNAL) != sizeof(q))
		return -EPIPE;
	do {
		if (limits_signal())
			return -EINTR;
		n = recv(s->socket, &a, sizeof(a), 0);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n != sizeof(a))
		return -EPIPE;
	if (bad)
		*bad = a.bad;
	return a.error;
}

/*
 * The place for the memory is found here, and the child inherits it: reserved, a multiple of
 * @align, with nothing in it.
 */
int specimen_start(struct specimen *s, size_t size, size_t align, bool huge)
{
	const struct timeval patience = { .tv_usec = 50000 };
	pid_t parent = getpid();
	int pair[2], rc;
	char *place;

	*s = (struct specimen){ .pid = -1, .socket = -1, .huge = huge, .size = size };
	if (size > SIZE_MAX - align)
		return -ENOMEM;
	place = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (place == MAP_FAILED)
		return -errno;
	s->start = ((uintptr_t)place + align - 1) & -(uint64_t)align;
	rc = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ? -errno : 0;
	if (!rc) {
		s->socket = pair[0];
		s->pid = fork();
		if (s->pid == 0) {
			close(pair[0]);
			serve(s, pair[1], parent);
		}
		if (s->pid < 0 ||
		    setsockopt(s->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
			rc = -errno;
		close(pair[1]);
	}
	munmap(place, size + align);
	return rc ? rc : specimen_empty(s);
}

int specimen_empty(const struct specimen *s)
{
	return ask(s, (struct question){ .what = QUESTION_EMPTY }, NULL);
}

int specimen_fill(const struct specimen *s, int node, uint64_t seed)
{
	return ask(s, (struct question){ QUESTION_FILL, node, seed }, NULL);
}

int specimen_check(const struct specimen *s, uint64_t seed, uint64_t *bad)
{
	return ask(s, (struct question){ .what = QUESTION_CHECK, .seed = seed }, bad);
}

void specimen_stop(struct specimen *s)
{
	if (s->socket >= 0)
		close(s->socket);
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*s = (struct specimen){ .pid = -1, .socket = -1 };
}
