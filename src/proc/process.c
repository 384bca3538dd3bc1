/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "proc/process.h"

#include "numa/nodeset.h"
#include "proc/syscalls.h"
#include "util/array.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAT_PARENT = 4, STAT_FLAGS = 9, STAT_START_TIME = 22, KERNEL_THREAD = 0x00200000 };
enum { PID_ROOM_MIN = 32768 };

bool pid_list_has(const struct pid_list *list, pid_t pid)
{
	size_t i = (size_t)pid;

	return i < list->room && list->has[i / CHAR_BIT] >> i % CHAR_BIT & 1;
}

/* Have a bit for @pid. */
static int make_room(struct pid_list *list, pid_t pid)
{
	size_t room = list->room ? list->room : PID_ROOM_MIN;
	unsigned char *grown;

	if ((size_t)pid < list->room)
		return 0;
	while (room <= (size_t)pid)
		room *= 2;
	grown = calloc(room / CHAR_BIT, 1);
	if (!grown)
		return -ENOMEM;
	if (list->room)
		memcpy(grown, list->has, list->room / CHAR_BIT);
	free(list->has);
	list->has = grown;
	list->room = room;
	return 0;
}

int pid_list_add(struct pid_list *list, pid_t pid)
{
	pid_t *grown;

	if (pid_list_has(list, pid))
		return 0;
	if (make_room(list, pid))
		return -ENOMEM;
	grown = array_room(list->pid, list->n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->pid = grown;
	list->pid[list->n++] = pid;
	list->has[pid / CHAR_BIT] |= (unsigned char)(1U << pid % CHAR_BIT);
	return 0;
}

/* The part of the text that @err says. */
static int parse_part(const char *text, struct pid_error *err, pid_t pid_max, struct pid_list *list)
{
	uint64_t pid = 0;
	int rc = number_parse(text + err->offset, err->length, (uint64_t)pid_max, &pid);

	if (!rc && pid)
		return pid_list_add(list, (pid_t)pid);
	err->too_large = rc == -ERANGE;
	return -EINVAL;
}

int pid_list_parse(const char *text, size_t len, pid_t pid_max, struct pid_list *list,
		   struct pid_error *err)
{
	const char *comma;
	int rc;

	*list = (struct pid_list){ 0 };
	*err = (struct pid_error){ .line = 1 };
	do {
		size_t at = err->offset + err->length + (list->n > 0);

		comma = memchr(text + at, ',', len - at);
		err->offset = at;
		err->length = comma ? (size_t)(comma - (text + at)) : len - at;
		rc = parse_part(text, err, pid_max, list);
	} while (!rc && comma);
	if (rc)
		pid_list_free(list);
	return rc;
}

static bool is_between(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

int pid_list_parse_words(const char *text, size_t len, pid_t pid_max, struct pid_list *list,
			 struct pid_error *err)
{
	size_t at = 0;
	int rc = 0;

	*list = (struct pid_list){ 0 };
	*err = (struct pid_error){ .line = 1 };
	while (!rc && at < len) {
		if (is_between(text[at])) {
			err->line += text[at++] == '\n';
			continue;
		}
		err->offset = at;
		while (at < len && !is_between(text[at]))
			at++;
		err->length = at - err->offset;
		rc = parse_part(text, err, pid_max, list);
	}
	if (rc)
		pid_list_free(list);
	return !rc && list->n == 0 ? -ENODATA : rc;
}

char *pid_error_format(const struct pid_error *err, const char *text, pid_t pid_max, char *why)
{
	char bad[TEXT_NAME_MAX];

	text_escape(text + err->offset, err->length, bad, sizeof(bad));
	if (err->too_large)
		snprintf(why, PID_WHY_MAX, "'%s' is out of range: PIDs of this machine end at %d",
			 bad, pid_max);
	else
		snprintf(why, PID_WHY_MAX, "'%s' is no PID: a plain decimal number from 1 to %d",
			 bad, pid_max);
	return why;
}

void pid_list_free(struct pid_list *list)
{
	free(list->pid);
	free(list->has);
	*list = (struct pid_list){ 0 };
}

pid_t process_pid_max(void)
{
	uint64_t max;

	if (file_read_number(AT_FDCWD, "/proc/sys/kernel/pid_max", INT_MAX, &max) == 0)
		return (pid_t)max;
	return 4194304; /* PID_MAX_LIMIT of 64-bit kernels */
}

ssize_t process_read(const struct process *p, const char *file, char *buf, size_t size)
{
	return file_read(p->dir, file, buf, size);
}

uint64_t process_sum(const char *status, const char *const *keys, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bytes = 0;
		int rc = number_find_kib(status, keys[i], &bytes);

		if (rc && rc != -ENOENT)
			return UINT64_MAX;
		sum += bytes;
	}
	return sum;
}

static uint64_t status_sum(int dir, const char *file, const char *const *keys, size_t n)
{
	char *text = file_read_text(dir, file);
	uint64_t sum = text ? process_sum(text, keys, n) : UINT64_MAX;

	free(text);
	return sum;
}

uint64_t process_resident(const struct process *p)
{
	return status_sum(p->dir, "status", (const char *const[]){ "\nVmRSS:", "\nHugetlbPages:" },
			  2);
}

uint64_t process_page_tables(const struct process *p)
{
	return status_sum(p->dir, "status", (const char *const[]){ "\nVmPTE:" }, 1);
}

bool process_is_unswapped(const struct process *p)
{
	return status_sum(p->dir, "status", (const char *const[]){ "\nVmSwap:" }, 1) == 0;
}

bool process_is_merged(const struct process *p)
{
	uint64_t pages = 0;

	if (file_read_number(p->dir, "ksm_merging_pages", UINT64_MAX, &pages)) /* 5.19 */
		file_read_number(AT_FDCWD, "/sys/kernel/mm/ksm/pages_sharing", UINT64_MAX, &pages);
	return pages > 0;
}

uint64_t process_shared(pid_t pid)
{
	char path[64];
	uint64_t bytes;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	bytes = status_sum(AT_FDCWD, path,
			   (const char *const[]){ "\nRssShmem:", "\nHugetlbPages:" }, 2);
	return bytes == UINT64_MAX ? 0 : bytes;
}

int process_ipc_namespace(const struct process *p, uint64_t *number)
{
	static const char before[] = "ipc:[";
	const size_t skip = sizeof(before) - 1;
	char text[64];
	ssize_t n = readlinkat(p->dir, "ns/ipc", text, sizeof(text));

	if (n < 0)
		return -errno;
	if ((size_t)n <= skip + 1 || memcmp(text, before, skip) != 0)
		return -EPROTO;
	return number_parse(text + skip, (size_t)n - skip - 1, UINT64_MAX, number);
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

int process_stream_error(FILE *stream)
{
	if (feof(stream) && !ferror(stream))
		return 0;
	return errno ? -errno : -EIO;
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

/* A file of a process that is not held; -ESRCH where there is no such process. */
static ssize_t read_by_pid(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	n = file_read(AT_FDCWD, path, buf, size);
	return n == -ENOENT ? -ESRCH : n;
}

int process_of(pid_t tid)
{
	char buf[1024]; /* the line is one of the first, of known length */
	const char *line;
	uint64_t pid;
	ssize_t n = read_by_pid(tid, "status", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	line = strstr(buf, "\nTgid:\t");
	if (!line || number_parse(line + 7, strcspn(line + 7, "\n"), INT_MAX, &pid))
		return -EPROTO;
	return (int)pid;
}

int process_parent(pid_t pid, pid_t *parent)
{
	char buf[1024];
	uint64_t value;
	ssize_t n = read_by_pid(pid, "stat", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if (process_parse_stat_field(buf, (size_t)n, STAT_PARENT, &value) || value > INT_MAX)
		return -EPROTO;
	*parent = (pid_t)value;
	return 0;
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

	snprintf(path, sizeof(path), "/proc/%d", p->thread);
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

/* ---- threads ---- */

/* The threads of the process, or NULL. */
static DIR *open_threads(const struct process *p)
{
	int fd = openat(p->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *threads = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !threads)
		close(fd);
	return threads;
}

/* The next one, or 0. */
static pid_t next_thread(DIR *threads)
{
	const struct dirent *entry;
	uint64_t tid;

	while ((entry = readdir(threads)))
		if (number_parse(entry->d_name, strlen(entry->d_name), INT_MAX, &tid) == 0)
			return (pid_t)tid;
	return 0;
}

/* One that has not ended, in place of the first; name and age stay those of the process. */
static bool switch_thread(struct process *p, pid_t tid)
{
	struct process other = { .thread = tid };

	if (open_dir(&other))
		return false;
	if (read_stat(&other)) {
		close(other.dir);
		return false;
	}
	close(p->dir);
	p->dir = other.dir;
	p->thread = tid;
	p->zombie = false;
	return true;
}

static int find_living_thread(struct process *p)
{
	DIR *threads = open_threads(p);
	bool found = false;
	pid_t tid;

	while (threads && !found && (tid = next_thread(threads)))
		found = switch_thread(p, tid);
	if (threads)
		closedir(threads);
	return found ? 0 : -EINVAL;
}

void process_add_cpus(const struct process *p, struct cpuset *cpus)
{
	DIR *threads = open_threads(p);
	struct cpuset one;
	pid_t tid;

	while (threads && (tid = next_thread(threads))) {
		bool ended = tid == p->pid && tid != p->thread;

		if (!ended && sys_affinity(tid, &one) == 0)
			bits_or(BITS(cpus), one.word);
	}
	if (threads)
		closedir(threads);
}

/* Read it, at first and again: a process has memory as long as any of its threads. */
static int read_first_stat(struct process *p)
{
	int rc = read_stat(p);

	return rc == -EINVAL && p->zombie ? find_living_thread(p) : rc;
}

/* Again, so that name and memory are of one program. */
static int read_stat_again(struct process *p)
{
	struct process now = *p;
	int rc = read_stat(&now);

	if (p->thread == p->pid)
		*p = now;
	return rc;
}

int process_open(pid_t pid, struct process *p)
{
	int rc = process_of(pid);

	*p = (struct process){
		.pid = rc > 0 ? rc : pid, .dir = -1, .maps = -1, .pagemap = -1, .pidfd = -1
	};
	p->thread = p->pid;
	if (rc < 0)
		return rc;
	/* Older filters of system calls know no pidfd: it goes without. */
	p->pidfd = sys_pidfd(p->pid);
	if (p->pidfd < 0 && p->pidfd != -ENOSYS && p->pidfd != -EPERM)
		return p->pidfd;
	rc = open_dir(p);
	if (!rc)
		rc = read_first_stat(p);
	if (!rc)
		rc = open_in(p->dir, "maps", &p->maps);
	if (!rc)
		rc = open_in(p->dir, "pagemap", &p->pagemap);
	return rc ? rc : read_stat_again(p);
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

/* A process that is about to exit has no program any more, and is there still. */
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
	/* The memory of an exited process and of an earlier program reads as empty. */
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
