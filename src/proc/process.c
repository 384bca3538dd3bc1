/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/process.h"

#include "numa/nodeset.h"
#include "proc/status.h"
#include "proc/syscalls.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAT_FLAGS = 9, STAT_START_TIME = 22, KERNEL_THREAD = 0x00200000 };

#define RESIDENT "VmRSS HugetlbPages"

uint64_t process_resident(const struct process *p)
{
	return status_read_sum(p->dir, RESIDENT);
}

bool process_is_merged(const struct process *p)
{
	uint64_t pages = 0;

	if (file_read_number(p->dir, "ksm_merging_pages", UINT64_MAX, &pages)) /* 5.19 */
		file_read_number(AT_FDCWD, "/sys/kernel/mm/ksm/pages_sharing", UINT64_MAX, &pages);
	return pages > 0;
}

char *process_command(const struct process *p, char *buf, size_t size)
{
	ssize_t n = file_read(p->dir, "cmdline", buf, size);

	while (n > 0 && buf[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
	if (n <= 0)
		snprintf(buf, size, "%s", p->name);
	return buf;
}

/* ---- stat ---- */

int process_parse_stat_field(const char *text, size_t len, int field, uint64_t *value)
{
	const char *close = memrchr(text, ')', len);
	struct text_part rest, word, number;

	if (!close || (size_t)(close - text) + 4 > len)
		return -EINVAL;
	rest = (struct text_part){ close + 2, len - (size_t)(close + 2 - text) };
	for (int i = 3; i < field; i++)
		text_split(&rest, ' ', &word);
	if (!text_split(&rest, ' ', &word))
		return -EINVAL;
	text_split(&word, '\n', &number);
	return number_parse(number.at, number.len, UINT64_MAX, value);
}

int process_parse_stat(const char *text, size_t len, struct process *p)
{
	const char *open = memchr(text, '(', len);
	const char *close = memrchr(text, ')', len);
	uint64_t flags;

	if (!open || !close || close < open ||
	    process_parse_stat_field(text, len, STAT_FLAGS, &flags) ||
	    process_parse_stat_field(text, len, STAT_START_TIME, &p->start_time))
		return -EINVAL;
	snprintf(p->name, sizeof(p->name), "%.*s", (int)(close - open - 1), open + 1);
	p->zombie = close[2] == 'Z' || close[2] == 'X';
	p->kernel_thread = flags & KERNEL_THREAD;
	return 0;
}

static int read_stat(struct process *p)
{
	char buf[1024];
	ssize_t n = file_read(p->dir, "stat", buf, sizeof(buf));

	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	if (process_parse_stat(buf, (size_t)n, p))
		return -EPROTO;
	return p->kernel_thread || p->zombie ? -EINVAL : 0;
}

/* ---- threads ---- */

/* The process of a thread, and its bytes in memory. */
static int read_status(pid_t tid, uint64_t *resident)
{
	uint64_t pid = 0;
	char *status;
	int rc = status_text(tid, &status);

	if (!rc && (status_number(status, "Tgid", 0, 10, &pid) || pid > INT_MAX))
		rc = -EPROTO;
	if (!rc)
		*resident = status_sum(status, RESIDENT);
	free(status);
	return rc ? rc : (int)pid;
}

int process_of(pid_t tid)
{
	uint64_t resident;

	return read_status(tid, &resident);
}

pid_t pid_next(DIR *dir)
{
	const struct dirent *entry;
	uint64_t pid;

	errno = 0;
	while ((entry = readdir(dir)))
		if (number_parse(entry->d_name, strlen(entry->d_name), INT_MAX, &pid) == 0)
			return (pid_t)pid;
	return 0;
}

/* Open the directory of its threads; NULL on an error. */
static DIR *open_threads(const struct process *p)
{
	int fd = openat(p->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *threads = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !threads)
		close(fd);
	return threads;
}

void process_add_cpus(const struct process *p, struct cpuset *cpus)
{
	DIR *threads = open_threads(p);
	struct cpuset one;
	pid_t tid;

	while (threads && (tid = pid_next(threads))) {
		bool ended = tid == p->pid && tid != p->thread;

		if (!ended && sys_affinity(tid, &one) == 0)
			bits_or(BITS(cpus), one.word);
	}
	if (threads)
		closedir(threads);
}

/* ---- open and check ---- */

static int open_in(int dir, const char *file, int flags)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | flags);

	if (fd >= 0)
		return fd;
	return errno == ENOENT ? -ESRCH : -errno;
}

static int open_dir(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return open_in(AT_FDCWD, path, O_DIRECTORY);
}

/* Use a thread that has not exited instead of the first; keep name and start time. */
static int find_living_thread(struct process *p)
{
	DIR *threads = open_threads(p);
	int rc = -EINVAL;
	pid_t tid;

	while (threads && rc && (tid = pid_next(threads))) {
		struct process other = { .dir = open_dir(tid) };

		rc = other.dir < 0 ? other.dir : read_stat(&other);
		if (rc == 0) {
			close(p->dir);
			p->dir = other.dir;
			p->thread = tid;
			p->zombie = false;
		} else if (other.dir >= 0) {
			close(other.dir);
		}
	}
	if (threads)
		closedir(threads);
	return rc ? -EINVAL : 0;
}

int process_open(pid_t pid, struct process *p)
{
	struct process now;
	uint64_t resident = UINT64_MAX;
	int rc = read_status(pid, &resident);

	*p = (struct process){ .pid = rc > 0 ? rc : pid,
			       .resident = resident,
			       .dir = -1,
			       .maps = -1,
			       .pagemap = -1,
			       .pidfd = -1 };
	p->thread = p->pid;
	if (rc < 0)
		return rc;
	/* Older seccomp filters do not know pidfd_open(2): continue without it. */
	p->pidfd = sys_pidfd(p->pid);
	if (p->pidfd < 0 && p->pidfd != -ENOSYS && p->pidfd != -EPERM)
		return p->pidfd;
	p->dir = open_dir(p->pid);
	if (p->dir < 0)
		return p->dir;
	/* A process has memory as long as any thread has. */
	rc = read_stat(p);
	if (rc == -EINVAL && p->zombie)
		rc = find_living_thread(p);
	if (rc)
		return rc;
	p->maps = open_in(p->dir, "maps", 0);
	if (p->maps < 0)
		return p->maps;
	p->pagemap = open_in(p->dir, "pagemap", 0);
	if (p->pagemap < 0)
		return p->pagemap;
	p->shows_frames = sys_is_capable(CAP_SYS_ADMIN);
	/* Read it again, so name and memory belong to the same program. */
	now = *p;
	rc = read_stat(&now);
	if (p->thread == p->pid)
		*p = now;
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

/* A process that is about to exit has no program anymore, but still exists. */
static bool has_program(const struct process *p)
{
	char byte;

	return readlinkat(p->dir, "exe", &byte, 1) >= 0 || errno == EACCES;
}

int process_check(const struct process *p)
{
	ssize_t n;
	char byte;

	if (p->pidfd >= 0 && !sys_alive(p->pidfd))
		return -ESRCH;
	do {
		n = pread(p->maps, &byte, 1, 0);
	} while (n < 0 && errno == EINTR);
	/* maps of an exited process or of an earlier program is empty. */
	if (n > 0 || (n < 0 && errno != ESRCH))
		return n > 0 ? 0 : -errno;
	return has_program(p) ? -ESTALE : -ESRCH;
}

bool process_vanished(const struct process *p, int rc)
{
	if (rc == -EINVAL)
		return p->zombie;
	if (rc != -ESRCH)
		return false;
	if (p->dir < 0)
		return kill(p->pid, 0) && errno == ESRCH;
	return p->maps < 0 ? !has_program(p) : process_check(p) == -ESRCH;
}
