/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/save.h"

#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_TRIED = 100 };

/* The directory, held open, and the name in it. */
static int open_dir(struct save *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = slash ? (size_t)(slash - path) : 0;
	char dir[PATH_MAX] = ".";

	if (*name == '\0')
		return *path ? -EISDIR : -ENOENT;
	if (strlen(name) > NAME_MAX || len + 1 >= sizeof(dir))
		return -ENAMETOOLONG;
	strcpy(s->name, name);
	if (slash)
		memcpy(dir, len ? path : "/", len ? len : 1);
	dir[slash ? len + !len : 1] = '\0';
	s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->dir < 0 ? -errno : 0;
}

static int check_content(int fd)
{
	static const char magic[] = SAVEFILE_MAGIC;
	char begin[sizeof(magic) - 1];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	n = read(fd, begin, sizeof(begin));
	if (n < 0)
		return -errno;
	if (n && (n < (ssize_t)sizeof(begin) || memcmp(begin, magic, sizeof(begin)) != 0))
		return -EEXIST;
	return 0;
}

/* May the file with this name be replaced?  Returns -ENOENT if there is none. */
static int check_old(const struct save *s, const char *name)
{
	int fd = openat(s->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -ENOTSUP : -errno;
	rc = check_content(fd);
	close(fd);
	return rc;
}

static int create(struct save *s)
{
	uint64_t random;
	int fd = -1;

	for (int i = 0; fd < 0 && i < NAMES_TRIED; i++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		snprintf(s->temporary, sizeof(s->temporary), ".movepages.%016" PRIx64, random);
		fd = openat(s->dir, s->temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		s->temporary[0] = '\0';
		return -errno;
	}
	s->out = fdopen(fd, "w");
	if (s->out)
		return 0;
	close(fd);
	return -ENOMEM; /* save_abort() removes it */
}

int save_open(struct save *s, const char *path)
{
	int rc;

	*s = (struct save){ .path = path, .dir = -1 };
	rc = open_dir(s, path);
	if (rc)
		return rc;
	rc = check_old(s, s->name);
	return rc && rc != -ENOENT ? rc : create(s);
}

void save_begin(struct save *s, const struct saved_identity *id)
{
	savefile_put_header(s->out, id);
}

/* Behind each print, since a stream forgets why it could not be flushed. */
static void note_error(struct save *s)
{
	if (ferror(s->out) && !s->error)
		s->error = errno ? -errno : -EIO;
}

static void put_run(struct save *s)
{
	if (s->start == s->end)
		return;
	errno = 0;
	fprintf(s->out, "%" PRIx64 "-%" PRIx64 "=%d\n", s->start, s->end, s->node);
	note_error(s);
	s->lines++;
}

void save_pages(struct save *s, const struct page *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i].outcome != OUTCOME_PRESENT || p[i].flags & (PAGE_TAIL | PAGE_AGAIN))
			continue;
		if (p[i].address != s->end || p[i].node != s->node) {
			put_run(s);
			s->start = p[i].address;
			s->node = p[i].node;
		}
		s->end = p[i].address + page_bytes(&p[i]);
	}
}

static int rename_as(const struct save *s, unsigned int flags)
{
	return renameat2(s->dir, s->temporary, s->dir, s->name, flags) ? -errno : 0;
}

/* Only of a file that has lost its name is it sure that it may be replaced. */
static int exchange(struct save *s)
{
	int rc = rename_as(s, RENAME_EXCHANGE), back;

	if (rc)
		return rc;
	rc = check_old(s, s->temporary);
	back = rc ? rename_as(s, RENAME_EXCHANGE) : 0;
	if (back) /* that is somebody's file: save_abort() is not to remove it */
		s->temporary[0] = '\0';
	return back ? back : rc;
}

/* For file systems that can neither exchange names nor rename without replacing. */
static int rename_plainly(struct save *s, bool replaces)
{
	if (!replaces && linkat(s->dir, s->temporary, s->dir, s->name, 0) == 0)
		return 0;
	if ((!replaces && errno == EEXIST) || renameat(s->dir, s->temporary, s->dir, s->name))
		return -errno;
	s->temporary[0] = '\0';
	return 0;
}

/* What has the temporary name afterwards, if anything, is removed by save_abort(). */
static int give_name(struct save *s)
{
	int old = check_old(s, s->name), rc;

	if (old && old != -ENOENT)
		return old;
	rc = old ? rename_as(s, RENAME_NOREPLACE) : exchange(s);
	if (rc == -EINVAL || rc == -ENOSYS)
		return rename_plainly(s, !old);
	if (!rc && old)
		s->temporary[0] = '\0';
	return rc;
}

int save_finish(struct save *s)
{
	int rc;

	put_run(s);
	errno = 0;
	savefile_put_end(s->out, s->lines);
	note_error(s);
	if (!s->error && (fflush(s->out) || fsync(fileno(s->out))))
		s->error = errno ? -errno : -EIO;
	if (s->error)
		return s->error;
	sys_override(true);
	rc = give_name(s);
	sys_override(false);
	return rc;
}

void save_abort(struct save *s)
{
	if (s->out)
		fclose(s->out);
	if (s->temporary[0]) {
		sys_override(true);
		unlinkat(s->dir, s->temporary, 0);
		sys_override(false);
	}
	if (s->path && s->dir >= 0)
		close(s->dir);
	*s = (struct save){ .dir = -1 };
}

const char *save_explain(int rc)
{
	if (rc == -EEXIST)
		return "exists, and is no saved placement: remove it, or give another name";
	if (rc == -ENOTSUP)
		return "exists, and is no regular file: give another name";
	return strerror(-rc);
}
