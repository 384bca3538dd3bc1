/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/placement_file.h"

#include "plan/outcome.h"
#include "plan/page.h"
#include "proc/process.h"
#include "proc/syscalls.h"
#include "util/file.h"
#include "util/number.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The number changes when an older reader would misunderstand the file. */
static const char magic[] = "# movepages placement ";
enum { FORMAT = 1, MAGIC_LEN = sizeof(magic) - 1 };

/* ---- which process ---- */

int placement_id_read(struct placement_id *id, const struct process *p)
{
	enum { STAT_START_CODE = 26, STAT_START_STACK = 28 };
	char text[PATH_MAX];
	struct stat st;
	ssize_t n;
	int rc;

	*id = (struct placement_id){
		.pid = (uint64_t)p->pid,
		.start_time = p->start_time,
		.page = 1ULL << sys_page_shift(),
	};
	rc = file_read_line(AT_FDCWD, "/proc/sys/kernel/random/boot_id", id->boot,
			    sizeof(id->boot));
	if (rc)
		return rc;
	if (fstatat(p->dir, "exe", &st, 0))
		return -errno;
	n = readlinkat(p->dir, "exe", text, sizeof(text));
	if (n < 0)
		return -errno;
	id->major = major(st.st_dev);
	id->minor = minor(st.st_dev);
	id->inode = st.st_ino;
	text_escape(text, (size_t)n, id->path, sizeof(id->path));
	n = file_read(p->dir, "stat", text, sizeof(text));
	if (n < 0)
		return (int)n;
	if (process_parse_stat_field(text, (size_t)n, STAT_START_CODE, &id->code) ||
	    process_parse_stat_field(text, (size_t)n, STAT_START_STACK, &id->stack))
		return -EPROTO;
	return 0;
}

bool placement_id_differs(const struct placement_id *saved, const struct placement_id *now,
			  struct text_line *why)
{
	char path[TEXT_NAME_MAX];

	if (saved->pid != now->pid)
		text_add(why, "is of process %" PRIu64, saved->pid);
	else if (strcmp(saved->boot, now->boot) != 0)
		text_add(why, "is from before this machine was started");
	else if (saved->start_time != now->start_time)
		text_add(why, "is of an earlier process with this number");
	else if (saved->major != now->major || saved->minor != now->minor ||
		 saved->inode != now->inode)
		text_add(why, "is of another program: the process ran %s then",
			 text_name(saved->path, path, sizeof(path)));
	else if (saved->code != now->code || saved->stack != now->stack)
		text_add(why, "is from before the process started its program anew (execve): "
			      "no address means the same");
	else if (saved->page != now->page)
		text_add(why, "is of pages of %" PRIu64 " bytes", saved->page);
	else
		return false;
	return true;
}

/* ---- the header ---- */

enum { HEADER_LINES = 5, HEADER_MAGIC = 1 << HEADER_LINES, HEADER_WHOLE = 2 * HEADER_MAGIC - 1 };
enum { HEADER_MAX = PLACEMENT_PATH_MAX + 512 };

/* Write all lines but the first, with a newline before and after each. */
static char *format_header(const struct placement_id *id, char *text)
{
	snprintf(text, HEADER_MAX,
		 "\n# pid %" PRIu64 "\n# started %" PRIu64 "\n# boot %s\n# program %" PRIu64
		 ":%" PRIu64 " %" PRIu64 " %s\n# memory %" PRIx64 " %" PRIx64 " %" PRIu64 "\n",
		 id->pid, id->start_time, id->boot, id->major, id->minor, id->inode, id->path,
		 id->code, id->stack, id->page);
	return text;
}

/* Returns the index of the line, or -1.  sscanf(3) accepts other forms, too: compare. */
static int scan_header(struct placement_id *id, const char *line)
{
	if (sscanf(line, "# pid %" SCNu64, &id->pid) == 1)
		return 0;
	if (sscanf(line, "# started %" SCNu64, &id->start_time) == 1)
		return 1;
	if (sscanf(line, "# boot %63s", id->boot) == 1)
		return 2;
	if (sscanf(line, "# program %" SCNu64 ":%" SCNu64 " %" SCNu64 "%*1[ ]%1023[^\n]",
		   &id->major, &id->minor, &id->inode, id->path) == 4)
		return 3;
	if (sscanf(line, "# memory %" SCNx64 " %" SCNx64 " %" SCNu64, &id->code, &id->stack,
		   &id->page) == 3)
		return 4;
	return -1;
}

void placement_print_header(FILE *f, const struct placement_id *id)
{
	char text[HEADER_MAX];

	fprintf(f, "%s%d%s", magic, FORMAT, format_header(id, text));
}

void placement_print_end(FILE *f, uint64_t lines)
{
	fprintf(f, "# end %" PRIu64 "\n", lines);
}

/* ---- reading ---- */

/* A line of the header, or the last one.  Returns NULL, or what is wrong with it. */
static const char *read_comment(struct placement_reader *r, const char *text, size_t len)
{
	char line[HEADER_MAX], again[HEADER_MAX];
	uint64_t n;
	int i;

	if (len > sizeof(line) - sizeof("\n\n"))
		return "is not understood";
	snprintf(line, sizeof(line), "\n%.*s\n", (int)len, text);
	i = scan_header(&r->id, line + 1);
	if (i >= 0 && !(r->seen & 1U << i) && strstr(format_header(&r->id, again), line)) {
		r->seen |= 1U << i;
		return NULL;
	}
	if (strncmp(line, "\n# end ", 7) != 0 || number_parse(text + 6, len - 6, UINT64_MAX, &n))
		return "is not understood";
	if (r->seen != HEADER_WHOLE)
		return "comes before the header is complete";
	if (n != r->lines)
		return "does not count the lines that are there";
	r->ended = true;
	return NULL;
}

int placement_read_line(struct placement_reader *r, const char *line, size_t len, struct operand *o,
			struct text_error *err)
{
	const bool begins = r->seen == 0, comment = begins || (len && line[0] == '#');
	uint64_t version = 0;

	/* FNV-1a: two files of one sum are no danger. */
	for (size_t i = 0; i < len; i++)
		r->sum = (r->sum ^ (unsigned char)line[i]) * 0x100000001b3;
	*err = (struct text_error){ .length = len };
	if (begins && (len < MAGIC_LEN || memcmp(line, magic, MAGIC_LEN) != 0 ||
		       number_parse(line + MAGIC_LEN, len - MAGIC_LEN, UINT64_MAX, &version)))
		err->what = "is not how a saved placement begins";
	else if (begins && version != FORMAT)
		err->what = "is of a version that this program does not know";
	else if (begins)
		r->seen |= HEADER_MAGIC;
	else if (r->ended)
		err->what = "stands behind the end";
	else if (comment)
		err->what = read_comment(r, line, len);
	else if (r->seen != HEADER_WHOLE)
		err->what = "comes before the header is complete";
	else if (operand_parse(line, len, o, err) == 0 && (o->single || o->node == OPERAND_NO_NODE))
		err->what = "is no START-END=NODE";
	if (err->what)
		return -EINVAL;
	r->lines += !comment;
	return !comment;
}

/* ---- writing ---- */

/* Whether the file of this name may be replaced.  Returns -ENOENT if there is none. */
static int check_old(const struct placement_writer *w, const char *name)
{
	int fd = openat(w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char begin[MAGIC_LEN];
	struct stat st;
	ssize_t n;
	int rc = 0;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -ENOTSUP : -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -ENOTSUP;
	else if ((n = read(fd, begin, sizeof(begin))) < 0)
		rc = -errno;
	else if (n && (n < MAGIC_LEN || memcmp(begin, magic, MAGIC_LEN) != 0))
		rc = -EEXIST;
	close(fd);
	return rc;
}

int placement_open(struct placement_writer *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	uint64_t random;
	int rc, fd;

	*w = (struct placement_writer){ .dir = -1, .name = slash ? slash + 1 : path };
	if (!*w->name)
		return slash ? -EISDIR : -ENOENT;
	dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!dir)
		return -ENOMEM;
	w->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = w->dir < 0 ? -errno : 0;
	free(dir);
	if (rc)
		return rc;
	rc = check_old(w, w->name);
	if (rc && rc != -ENOENT)
		return rc;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	snprintf(w->temporary, sizeof(w->temporary), ".movepages.%016" PRIx64, random);
	fd = openat(w->dir, w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0) {
		w->temporary[0] = '\0';
		return -errno;
	}
	w->out = fdopen(fd, "w");
	if (w->out)
		return 0;
	close(fd);
	return -ENOMEM; /* placement_abort() removes it */
}

/* A stream forgets why it could not be flushed, so the first error is kept. */
static void put_run(struct placement_writer *w)
{
	if (w->start == w->end)
		return;
	errno = 0;
	fprintf(w->out, "%" PRIx64 "-%" PRIx64 "=%d\n", w->start, w->end, w->node);
	if (ferror(w->out) && !w->error)
		w->error = errno ? -errno : -EIO;
	w->lines++;
}

void placement_add(struct placement_writer *w, const struct page *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i].outcome != OUTCOME_PRESENT || p[i].flags & (PAGE_TAIL | PAGE_AGAIN))
			continue;
		if (p[i].address != w->end || p[i].node != w->node) {
			put_run(w);
			w->start = p[i].address;
			w->node = p[i].node;
		}
		w->end = p[i].address + page_bytes(&p[i]);
	}
}

static int rename_file(const struct placement_writer *w, unsigned int flags)
{
	return renameat2(w->dir, w->temporary, w->dir, w->name, flags) ? -errno : 0;
}

/* What has the temporary name afterwards, if anything, is removed by placement_abort(). */
static int give_name(struct placement_writer *w)
{
	const int old = check_old(w, w->name);
	int rc, back;

	if (old && old != -ENOENT)
		return old;
	rc = rename_file(w, old ? RENAME_NOREPLACE : RENAME_EXCHANGE);
	if (rc == -EINVAL || rc == -ENOSYS) {
		/* The file system can neither exchange names nor refuse to replace a file. */
		if (old && linkat(w->dir, w->temporary, w->dir, w->name, 0) == 0)
			return 0;
		if ((old && errno == EEXIST) || renameat(w->dir, w->temporary, w->dir, w->name))
			return -errno;
		w->temporary[0] = '\0';
		return 0;
	}
	if (!rc && old)
		w->temporary[0] = '\0';
	if (rc || old)
		return rc;
	/* Another file may have taken the name before the exchange: check again. */
	rc = check_old(w, w->temporary);
	back = rc ? rename_file(w, RENAME_EXCHANGE) : 0;
	if (back) /* the temporary name has a file of another program: keep it */
		w->temporary[0] = '\0';
	return back ? back : rc;
}

int placement_commit(struct placement_writer *w)
{
	int rc;

	put_run(w);
	errno = 0;
	placement_print_end(w->out, w->lines);
	if (!w->error && (ferror(w->out) || fflush(w->out) || fsync(fileno(w->out))))
		w->error = errno ? -errno : -EIO;
	if (w->error)
		return w->error;
	sys_override(true);
	rc = give_name(w);
	sys_override(false);
	return rc;
}

void placement_abort(struct placement_writer *w)
{
	if (w->out)
		fclose(w->out);
	if (w->temporary[0]) {
		sys_override(true);
		unlinkat(w->dir, w->temporary, 0);
		sys_override(false);
	}
	if (w->name && w->dir >= 0)
		close(w->dir);
	*w = (struct placement_writer){ .dir = -1 };
}

const char *placement_explain(int rc)
{
	if (rc == -EEXIST)
		return "exists, and is no saved placement: remove it, or give another name";
	if (rc == -ENOTSUP)
		return "exists, and is no regular file: give another name";
	return strerror(-rc);
}
