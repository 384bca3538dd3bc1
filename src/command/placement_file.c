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

/* Incremented when older readers would misunderstand the file. */
static const char magic[] = "# movepages placement ";
enum { FORMAT = 2, MAGIC_LEN = sizeof(magic) - 1 };

/* ---- identity of a process ---- */

int placement_boot_read(char *boot)
{
	return file_read_line(AT_FDCWD, "/proc/sys/kernel/random/boot_id", boot,
			      PLACEMENT_BOOT_MAX);
}

int placement_id_read(struct placement_id *id, const struct process *p)
{
	enum { STAT_START_CODE = 26, STAT_START_STACK = 28 };
	char text[PATH_MAX];
	struct stat st;
	ssize_t n;

	*id = (struct placement_id){ .pid = (uint64_t)p->pid, .start_time = p->start_time };
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

int placement_id_compare(const struct placement_id *saved, const struct placement_id *now,
			 struct text_line *why)
{
	char path[TEXT_NAME_MAX];

	if (saved->pid != now->pid || saved->start_time != now->start_time) {
		text_add(why, "the saved process has exited; another process has its PID now");
		return -ESRCH;
	}
	if (saved->major != now->major || saved->minor != now->minor || saved->inode != now->inode)
		text_add(why, "cannot be restored: it ran %s when saved, and another program now",
			 text_name(saved->path, path, sizeof(path)));
	else if (saved->code != now->code || saved->stack != now->stack)
		text_add(why, "cannot be restored: it has called execve(2) since it was saved");
	else
		return 0;
	return -ESTALE;
}

/* ---- lines ---- */

enum { LINE_MAX_LEN = PLACEMENT_PATH_MAX + 256 };

static char *format_process(const struct placement_id *id, char *line)
{
	snprintf(line, LINE_MAX_LEN,
		 "# process %" PRIu64 " %" PRIu64 " %" PRIu64 ":%" PRIu64 " %" PRIu64 " %" PRIx64
		 " %" PRIx64 " %s",
		 id->pid, id->start_time, id->major, id->minor, id->inode, id->code, id->stack,
		 id->path);
	return line;
}

/* sscanf(3) also accepts other forms, so compare. */
static bool scan_process(struct placement_id *id, const char *line)
{
	char again[LINE_MAX_LEN];

	return sscanf(line,
		      "# process %" SCNu64 " %" SCNu64 " %" SCNu64 ":%" SCNu64 " %" SCNu64
		      " %" SCNx64 " %" SCNx64 "%*1[ ]%1023[^\n]",
		      &id->pid, &id->start_time, &id->major, &id->minor, &id->inode, &id->code,
		      &id->stack, id->path) == 8 &&
	       strcmp(format_process(id, again), line) == 0;
}

void placement_print_header(FILE *f, const char *boot)
{
	fprintf(f, "%s%d\n# boot %s\n", magic, FORMAT, boot);
}

void placement_print_process(FILE *f, const struct placement_id *id)
{
	char line[LINE_MAX_LEN];

	fprintf(f, "%s\n", format_process(id, line));
}

void placement_print_end(FILE *f, uint64_t lines)
{
	fprintf(f, "# end %" PRIu64 "\n", lines);
}

/* ---- reading ---- */

/* Parse one of the two lines of the header.  Return NULL or the error. */
static const char *read_header(struct placement_reader *r, const char *line, size_t len)
{
	static const char boot[] = "# boot ";
	const size_t begin = sizeof(boot) - 1;
	uint64_t version;

	if (r->header++ == 0) {
		if (len < MAGIC_LEN || memcmp(line, magic, MAGIC_LEN) != 0 ||
		    number_parse(line + MAGIC_LEN, len - MAGIC_LEN, UINT64_MAX, &version))
			return "this is not a saved placement";
		return version == FORMAT ? NULL : "unsupported placement file version";
	}
	if (len <= begin || len - begin >= sizeof(r->boot) || memcmp(line, boot, begin) != 0)
		return "boot line is missing";
	memcpy(r->boot, line + begin, len - begin);
	r->boot[len - begin] = '\0';
	return NULL;
}

/* Parse the first line of a process, or the last one of the file.  Return NULL or the error. */
static const char *read_comment(struct placement_reader *r, const char *text, size_t len)
{
	char line[LINE_MAX_LEN];
	uint64_t n;

	if (len >= sizeof(line))
		return "line is too long";
	memcpy(line, text, len);
	line[len] = '\0';
	if (scan_process(&r->id, line)) {
		r->processes++;
		return NULL;
	}
	if (strncmp(line, "# end ", 6) != 0 || number_parse(line + 6, len - 6, UINT64_MAX, &n))
		return "malformed line";
	if (n != r->lines && !r->part)
		return "line count does not match (damaged file?)";
	r->ended = true;
	return NULL;
}

int placement_read_line(struct placement_reader *r, const char *line, size_t len, struct operand *o,
			struct text_error *err)
{
	const uint64_t processes = r->processes;

	*err = (struct text_error){ .length = len };
	if (r->header < PLACEMENT_HEADER)
		err->what = read_header(r, line, len);
	else if (r->ended)
		err->what = "data after the end line";
	else if (len && line[0] == '#')
		err->what = read_comment(r, line, len);
	else if (!processes)
		err->what = "pages before the first process line";
	else if (operand_parse(line, len, o, err) || o->single || o->node == OPERAND_NO_NODE)
		err->what = "line is not START-END=NODE";
	if (err->what)
		return -EINVAL;
	if (!r->processes || r->ended)
		return 0;
	/* FNV-1a: collisions do no harm. */
	r->sum = r->processes == processes ? r->sum : 0;
	for (size_t i = 0; i < len; i++)
		r->sum = (r->sum ^ (unsigned char)line[i]) * 0x100000001b3;
	r->lines++;
	return r->processes == processes ? PLACEMENT_PAGES : PLACEMENT_PROCESS;
}

/* ---- writing ---- */

/* Return 0 if the file may be replaced, -ENOENT if it does not exist, or -errno. */
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
	char boot[PLACEMENT_BOOT_MAX], *dir;
	uint64_t random;
	int rc, fd;

	*w = (struct placement_writer){ .dir = -1, .name = slash ? slash + 1 : path };
	if (!*w->name)
		return slash ? -EISDIR : -ENOENT;
	rc = placement_boot_read(boot);
	if (rc)
		return rc;
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
	if (!w->out) {
		close(fd);
		return -ENOMEM; /* placement_abort() removes it */
	}
	placement_print_header(w->out, boot);
	return 0;
}

/* A stream does not keep the reason why it could not be flushed, so keep the first error. */
static void note_error(struct placement_writer *w, bool failed)
{
	if (failed && !w->error)
		w->error = errno ? -errno : -EIO;
}

static void put_run(struct placement_writer *w)
{
	if (w->start == w->end)
		return;
	errno = 0;
	fprintf(w->out, "%" PRIx64 "-%" PRIx64 "=%d\n", w->start, w->end, w->node);
	note_error(w, ferror(w->out));
	w->start = w->end;
	w->lines++;
}

int placement_begin(struct placement_writer *w, const struct process *p)
{
	int rc = placement_id_read(&w->id, p);

	w->begin = ftello(w->out);
	w->lines_before = w->lines;
	if (rc)
		return rc;
	errno = 0;
	placement_print_process(w->out, &w->id);
	note_error(w, ferror(w->out));
	w->lines++;
	w->start = w->end = 0;
	return 0;
}

int placement_end(struct placement_writer *w, const struct process *p, int rc)
{
	char unused[1];
	struct text_line why = { unused, sizeof(unused), 0 };
	struct placement_id now;

	put_run(w);
	if (!rc)
		rc = placement_id_read(&now, p);
	if (!rc)
		rc = placement_id_compare(&w->id, &now, &why);
	w->processes += rc == 0;
	if (!rc)
		return 0;
	errno = 0;
	note_error(w, fseeko(w->out, w->begin, SEEK_SET) || ftruncate(fileno(w->out), w->begin));
	w->lines = w->lines_before;
	return rc;
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

/* placement_abort() removes the file that has the temporary name afterwards, if any. */
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
	/* Another file may have got the name before the exchange: check again. */
	rc = check_old(w, w->temporary);
	back = rc ? rename_file(w, RENAME_EXCHANGE) : 0;
	if (back) /* the temporary name has a file of another program: keep it */
		w->temporary[0] = '\0';
	return back ? back : rc;
}

int placement_commit(struct placement_writer *w)
{
	int rc;

	errno = 0;
	placement_print_end(w->out, w->lines);
	note_error(w, ferror(w->out) || fflush(w->out) || fsync(fileno(w->out)));
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
		return "file exists and is not a saved placement";
	if (rc == -ENOTSUP)
		return "file exists and is not a regular file";
	return strerror(-rc);
}
