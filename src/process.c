/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "process.h"

#include "array.h"
#include "kernel.h"
#include "number.h"
#include "readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAT_FLAGS = 9, STAT_START_TIME = 22, KERNEL_THREAD = 0x00200000 };

static bool pid_list_has(const struct pid_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->pid[i] == pid)
			return true;
	return false;
}

int pid_list_add(struct pid_list *list, pid_t pid)
{
	pid_t *grown;

	if (pid_list_has(list, pid))
		return 0;
	grown = array_room(list->pid, list->n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->pid = grown;
	list->pid[list->n++] = pid;
	return 0;
}

int pid_list_parse(const char *text, size_t len, pid_t pid_max, struct pid_list *list,
		   struct pid_error *err)
{
	size_t at = 0;

	*list = (struct pid_list){ 0 };
	for (;;) {
		const char *comma = memchr(text + at, ',', len - at);
		size_t width = comma ? (size_t)(comma - (text + at)) : len - at;
		uint64_t pid = 0;
		int rc = number_parse(text + at, width, (uint64_t)pid_max, &pid);

		if (rc || pid == 0) {
			*err = (struct pid_error){ at, width, rc == -ERANGE };
			pid_list_free(list);
			return -EINVAL;
		}
		rc = pid_list_add(list, (pid_t)pid);
		if (rc) {
			pid_list_free(list);
			return rc;
		}
		if (!comma)
			return 0;
		at += width + 1;
	}
}

void pid_list_free(struct pid_list *list)
{
	free(list->pid);
	*list = (struct pid_list){ 0 };
}

pid_t process_pid_max(void)
{
	uint64_t max;

	if (readfile_number(AT_FDCWD, "/proc/sys/kernel/pid_max", INT_MAX, &max) == 0)
		return (pid_t)max;
	return 4194304;		/* PID_MAX_LIMIT of 64-bit kernels */
}

ssize_t process_read(const struct process *p, const char *file, char *buf, size_t size)
{
	return readfile(p->dir, file, buf, size);
}

/* The sum of these lines of status, in bytes. */
static uint64_t status_sum(const struct process *p, const char *const *keys, size_t n)
{
	char text[8192];
	uint64_t sum = 0, bytes;

	if (process_read(p, "status", text, sizeof(text)) <= 0)
		return UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		if (number_find_kib(text, keys[i], &bytes))
			return UINT64_MAX;
		sum += bytes;
	}
	return sum;
}

uint64_t process_resident(const struct process *p)
{
	return status_sum(p, (const char *const[]){ "\nVmRSS:", "\nHugetlbPages:" }, 2);
}

uint64_t process_page_tables(const struct process *p)
{
	return status_sum(p, (const char *const[]){ "\nVmPTE:" }, 1);
}

bool process_is_unswapped(const struct process *p)
{
	return status_sum(p, (const char *const[]){ "\nVmSwap:" }, 1) == 0;
}

int process_stream(const struct process *p, const char *file, FILE **stream)
{
	int fd = openat(p->dir, file, O_RDONLY | O_CLOEXEC), rc;

	*stream = fd < 0 ? NULL : fdopen(fd, "r");
	if (*stream)
		return 0;
	rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The first blank-separated word of @s; its length. */
static size_t word_width(const char *s, const char *end)
{
	size_t width = 0;

	while (s + width < end && s[width] != ' ' && s[width] != '\n')
		width++;
	return width;
}

/* The @n-th field of @s, which begins with the third. */
static int stat_field(const char *s, const char *end, int n, uint64_t *value)
{
	for (int field = 3; field < n; field++) {
		s = memchr(s, ' ', (size_t)(end - s));
		if (!s)
			return -EINVAL;
		s++;
	}
	return number_parse(s, word_width(s, end), UINT64_MAX, value);
}

int process_parse_stat(const char *text, size_t len, struct process *p)
{
	const char *open = memchr(text, '(', len);
	const char *close = memrchr(text, ')', len);
	uint64_t flags;
	size_t width;

	if (!open || !close || close < open || (size_t)(close - text) + 4 > len)
		return -EINVAL;
	width = (size_t)(close - open) - 1;
	if (width >= sizeof(p->name))
		width = sizeof(p->name) - 1;
	memcpy(p->name, open + 1, width);
	p->name[width] = '\0';
	p->zombie = close[2] == 'Z' || close[2] == 'X';
	if (stat_field(close + 2, text + len, STAT_FLAGS, &flags) ||
	    stat_field(close + 2, text + len, STAT_START_TIME, &p->start_time))
		return -EINVAL;
	p->kernel_thread = flags & KERNEL_THREAD;
	return 0;
}

int process_parse_stat_field(const char *text, size_t len, int field, uint64_t *value)
{
	const char *close = memrchr(text, ')', len);

	if (!close || (size_t)(close - text) + 4 > len)
		return -EINVAL;
	return stat_field(close + 2, text + len, field, value);
}

/* The process that thread @tid belongs to, from its status file; or -errno. */
static int thread_group(pid_t tid)
{
	char path[64], buf[8192];
	const char *line;
	uint64_t pid;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	n = readfile(AT_FDCWD, path, buf, sizeof(buf));
	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	line = strstr(buf, "\nTgid:\t");
	if (!line || number_parse(line + 7, strcspn(line + 7, "\n"), INT_MAX, &pid))
		return -EPROTO;
	return (int)pid;
}

static int open_in(int dir, const char *file, int *fd)
{
	*fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	return errno == ENOENT ? -ESRCH : -errno;
}

static int open_dir(struct process *p)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", p->pid);
	p->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir >= 0)
		return 0;
	return errno == ENOENT ? -ESRCH : -errno;
}

static int read_stat(struct process *p)
{
	char buf[1024];
	ssize_t n = process_read(p, "stat", buf, sizeof(buf));

	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	if (process_parse_stat(buf, (size_t)n, p))
		return -EPROTO;
	return p->kernel_thread || p->zombie ? -EINVAL : 0;
}

int process_open(pid_t pid, struct process *p)
{
	int rc = thread_group(pid);

	*p = (struct process){ .pid = rc > 0 ? rc : pid,
			       .dir = -1, .maps = -1, .pagemap = -1, .pidfd = -1 };
	if (rc < 0)
		return rc;
	p->pidfd = kernel_pidfd(p->pid);
	if (p->pidfd < 0 && p->pidfd != -ENOSYS)
		return p->pidfd;
	rc = open_dir(p);
	if (!rc)
		rc = read_stat(p);
	if (!rc)
		rc = open_in(p->dir, "maps", &p->maps);
	if (!rc)
		rc = open_in(p->dir, "pagemap", &p->pagemap);
	return rc;
}

void process_close(struct process *p)
{
	int *const fds[] = { &p->dir, &p->maps, &p->pagemap, &p->pidfd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

int process_check(const struct process *p)
{
	char byte;

	if (p->pidfd >= 0 && !kernel_alive(p->pidfd))
		return -ESRCH;
	/* The memory of an exited process and of an earlier program reads as empty. */
	if (pread(p->maps, &byte, 1, 0) > 0)
		return 0;
	return faccessat(p->dir, "stat", F_OK, 0) == 0 ? -ESTALE : -ESRCH;
}
