/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "host/selftest_child.h"

#include "engine/limits.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POLL_MS = 50 };

enum request { REQUEST_MAP, REQUEST_EMPTY, REQUEST_FILL, REQUEST_CHECK };

struct question {
	enum request request;
	int node;
	uint64_t seed;
};

struct answer {
	int error; /* 0 or -errno */
	uint64_t value;
};

/* ---- the child ---- */

struct memory {
	size_t size, align;
	bool huge;
	uint64_t *word;
};

/* One-to-one in the place, and in the seed. */
static uint64_t pattern(uint64_t seed, uint64_t word)
{
	uint64_t x = seed ^ (word + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* A kernel without huge pages knows neither; what the pages are shows when they are there. */
static void advise(const struct memory *m)
{
	madvise(m->word, m->size, m->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

/* What is mapped too much at either end, for the alignment, is unmapped again. */
static struct answer map(struct memory *m, const struct question *q)
{
	size_t room = m->size + m->align, before;
	char *at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)q;
	if (at == MAP_FAILED)
		return (struct answer){ .error = -errno };
	before = -(uintptr_t)at & (m->align - 1);
	if (before)
		munmap(at, before);
	munmap(at + before + m->size, m->align - before);
	m->word = (void *)(at + before);
	advise(m);
	return (struct answer){ .value = (uintptr_t)m->word };
}

/* Mapped anew: page tables, too, keep huge pages away once they had small ones. */
static struct answer empty(struct memory *m, const struct question *q)
{
	void *at = mmap(m->word, m->size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	(void)q;
	if (at == MAP_FAILED)
		return (struct answer){ .error = -errno };
	advise(m);
	return (struct answer){ 0 };
}

static struct answer fill(struct memory *m, const struct question *q)
{
	int rc = sys_prefer(m->word, m->size, q->node);

	for (size_t i = 0; !rc && i < m->size / sizeof(*m->word); i++)
		m->word[i] = pattern(q->seed, i);
	return (struct answer){ .error = rc };
}

static struct answer check(struct memory *m, const struct question *q)
{
	size_t i = 0, n = m->size / sizeof(*m->word);

	while (i < n && m->word[i] == pattern(q->seed, i))
		i++;
	return (struct answer){ .value = i < n ? (uintptr_t)&m->word[i] : 0 };
}

/* Ctrl-C and timeout(1) signal the whole group; it is for the parent to end this. */
__attribute__((noreturn)) static void serve(int socket, struct memory *m, pid_t parent)
{
	static struct answer (*const answers[])(struct memory *, const struct question *) = {
		[REQUEST_MAP] = map,
		[REQUEST_FILL] = fill,
		[REQUEST_CHECK] = check,
		[REQUEST_EMPTY] = empty,
	};
	struct question q;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	while (recv(socket, &q, sizeof(q), 0) == sizeof(q)) {
		struct answer a = answers[q.request](m, &q);

		if (send(socket, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a))
			break;
	}
	_exit(0);
}

/* ---- the parent ---- */

/* A signal may come before each poll(2), which then waits for as long as it may. */
static int await(const struct specimen *s)
{
	struct pollfd p = { .fd = s->socket, .events = POLLIN };
	int n = 0;

	while (n == 0 && !limits_signal()) {
		n = poll(&p, 1, POLL_MS);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			n = 0;
	}
	return n ? 0 : -EINTR;
}

static int ask(const struct specimen *s, struct question q, uint64_t *value)
{
	struct answer a;
	int rc;

	if (send(s->socket, &q, sizeof(q), MSG_NOSIGNAL) != sizeof(q))
		return -EPIPE;
	rc = await(s);
	if (rc)
		return rc;
	if (recv(s->socket, &a, sizeof(a), 0) != sizeof(a))
		return -EPIPE;
	if (value)
		*value = a.value;
	return a.error;
}

static int begin(struct specimen *s, struct memory *m)
{
	pid_t parent = getpid();
	int pair[2], rc = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	s->pid = fork();
	if (s->pid < 0)
		rc = -errno;
	if (s->pid == 0) {
		close(pair[0]);
		serve(pair[1], m, parent);
	}
	close(pair[1]);
	s->socket = pair[0];
	return rc;
}

int specimen_start(struct specimen *s, size_t size, size_t align, bool huge)
{
	struct memory m = { .size = size, .align = align, .huge = huge };
	int rc;

	*s = (struct specimen){ .pid = -1, .socket = -1, .size = size };
	if (size > SIZE_MAX - align)
		return -ENOMEM;
	rc = begin(s, &m);
	if (!rc)
		rc = ask(s, (struct question){ .request = REQUEST_MAP }, &s->start);
	return rc;
}

int specimen_empty(const struct specimen *s)
{
	return ask(s, (struct question){ .request = REQUEST_EMPTY }, NULL);
}

int specimen_fill(const struct specimen *s, int node, uint64_t seed)
{
	return ask(s, (struct question){ REQUEST_FILL, node, seed }, NULL);
}

int specimen_check(const struct specimen *s, uint64_t seed, uint64_t *bad)
{
	return ask(s, (struct question){ .request = REQUEST_CHECK, .seed = seed }, bad);
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
