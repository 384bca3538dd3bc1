/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/listfile.h"

#include "command/resolve.h"
#include "engine/limits.h"
#include "plan/request.h"
#include "proc/address_space.h"
#include "proc/process.h"
#include "util/array.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- lines ---- */

enum { WAIT_MS = 100 };

int pagefile_open(struct pagefile *f, const char *name, bool regular)
{
	struct stat st;

	*f = (struct pagefile){ .name = name, .fd = STDIN_FILENO };
	if (regular || strcmp(name, "-") != 0)
		f->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? O_NONBLOCK : 0));
	if (f->fd < 0 || (regular && fstat(f->fd, &st)))
		return -errno;
	return regular && !S_ISREG(st.st_mode) ? -ENOTSUP : 0;
}

void pagefile_close(struct pagefile *f)
{
	if (f->fd > STDERR_FILENO)
		close(f->fd);
	f->fd = -1;
}

int pagefile_seek(struct pagefile *f, struct pagefile_place to)
{
	f->line = to.line ? to.line - 1 : 0;
	f->at = f->end = 0;
	f->ended = false;
	f->read = to.offset;
	return lseek(f->fd, (off_t)to.offset, SEEK_SET) < 0 ? -errno : 0;
}

struct pagefile_place pagefile_place(const struct pagefile *f)
{
	return (struct pagefile_place){ f->read - (f->end - f->at) - f->taken, f->line };
}

int pagefile_line(struct pagefile *f, const struct limits *limits, const char **text, size_t *len)
{
	const char *newline;

	while (!(newline = memchr(f->buffer + f->at, '\n', f->end - f->at)) && !f->ended &&
	       f->end - f->at <= PAGEFILE_LINE_MAX) {
		struct pollfd p = { .fd = f->fd, .events = POLLIN };
		ssize_t n = limits ? limits_reason(limits) : 0;

		if (n)
			return (int)n;
		/* Wait in poll(2), because signals restart read(2). */
		n = poll(&p, 1, WAIT_MS);
		if (n > 0) {
			memmove(f->buffer, f->buffer + f->at, f->end - f->at);
			f->end -= f->at;
			f->at = 0;
			n = read(f->fd, f->buffer + f->end, sizeof(f->buffer) - f->end);
			f->end += n > 0 ? (size_t)n : 0;
			f->read += n > 0 ? (uint64_t)n : 0;
			f->ended = n == 0;
		}
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	*text = f->buffer + f->at;
	*len = newline ? (size_t)(newline - *text) : f->end - f->at;
	if (!newline && *len == 0)
		return 0;
	f->line++;
	if (*len > PAGEFILE_LINE_MAX)
		return -EMSGSIZE;
	f->taken = *len + (newline != NULL);
	f->at += f->taken;
	return memchr(*text, '\0', *len) ? -EILSEQ : 1;
}

void pagefile_put_back(struct pagefile *f)
{
	f->at -= f->taken;
	f->line -= f->taken != 0;
	f->taken = 0;
}

/* Begin a message with the name of the file, or with "FILE:LINE: " of the last line. */
static struct text_line *name_file(const struct pagefile *f, struct text_line *why)
{
	char name[TEXT_NAME_MAX] = "standard input";

	if (strcmp(f->name, "-") != 0)
		text_name(f->name, name, sizeof(name));
	why->full = 0;
	text_add(why, "%s", name);
	return why;
}

static struct text_line *name_line(const struct pagefile *f, struct text_line *why)
{
	text_add(name_file(f, why), ":%" PRIu64 ": ", f->line);
	return why;
}

struct text_line *pagefile_explain(const struct pagefile *f, int rc, struct text_line *why)
{
	if (rc == -EMSGSIZE)
		text_add(name_line(f, why), "line is longer than %d bytes", PAGEFILE_LINE_MAX);
	else if (rc == -EILSEQ)
		text_add(name_line(f, why), "line contains a NUL byte (binary file?)");
	else
		text_add(name_file(f, why), ": %s",
			 rc == -ENOTSUP ? "is not a regular file" : strerror(-rc));
	return why;
}

/* ---- operands ---- */

/* Messages do not repeat the contents: it may be another file, named by mistake. */
static int refuse_line(struct listfile *l, const char *what)
{
	text_add(name_line(&l->file, &l->why), "%s", what);
	return -EBADMSG;
}

/* Read a line.  Return 1, 0 at the end, or -errno. */
static int take_line(struct listfile *l, const char **line, size_t *len)
{
	/* Reading a regular file does not wait. */
	const struct limits *limits = l->request->which.restore ? NULL : l->limits;
	int rc = pagefile_line(&l->file, limits, line, len);

	if (rc >= 0 || rc == -EINTR || rc == -ETIME)
		return rc;
	pagefile_explain(&l->file, rc, &l->why);
	return -EBADMSG;
}

/* Read the next operand of a list, and its line.  Return 1, 0 at the end, or -errno. */
static int read_operand(struct listfile *l, struct operand *o, const char **line, size_t *len)
{
	struct text_error err;
	int rc, taken;

	do {
		taken = take_line(l, line, len);
		if (taken <= 0)
			return taken;
		rc = operand_parse_line(*line, *len, o, &err);
	} while (rc == 0);
	if (rc > 0)
		return rc;
	text_add(name_line(&l->file, &l->why), "the text at column %zu %s", err.offset + 1,
		 err.what);
	return -EBADMSG;
}

/* ---- saved placements ---- */

static int refuse_changed(struct listfile *l)
{
	text_add(name_file(&l->file, &l->why),
		 ": file changed during the restore; process %d is only partly restored",
		 l->process->pid);
	return -EBADMSG;
}

/* Read the next operand of a saved placement, which must not have changed. */
static int read_saved(struct listfile *l, struct operand *o, const char **line, size_t *len)
{
	const struct saved_process *saved = &l->saved[l->at];
	char unused[1];
	struct text_line why = { unused, sizeof(unused), 0 };
	struct placement_reader *r = &l->reader;
	struct text_error err;
	uint64_t sum;
	bool begins;
	int rc;

	do {
		sum = r->sum;
		rc = take_line(l, line, len);
		if (rc < 0)
			return rc;
		/* A truncated file has no last line. */
		if (rc)
			rc = placement_read_line(r, *line, *len, o, &err);
		begins = rc == PLACEMENT_PROCESS && r->processes == 1;
		if (begins && !l->checked)
			l->id = r->id;
		if (begins && placement_id_compare(&l->id, &r->id, &why))
			return refuse_changed(l);
	} while (begins);
	if (rc == PLACEMENT_PAGES)
		return 1;
	return (rc == PLACEMENT_PROCESS || r->ended) && sum == saved->sum ? 0 : refuse_changed(l);
}

/* Add the process whose first line was just read. */
static int add_saved(struct listfile *l)
{
	struct saved_process *grown = array_room(l->saved, l->pids.n, sizeof(*grown));
	const size_t n = l->pids.n;
	int rc;

	if (!grown)
		return -ENOMEM;
	l->saved = grown;
	l->saved[n] = (struct saved_process){ .place = pagefile_place(&l->file) };
	rc = l->reader.id.pid > INT_MAX ? -ERANGE : pid_list_add(&l->pids, (pid_t)l->reader.id.pid);
	if (rc == -ENOMEM)
		return rc;
	if (rc)
		return refuse_line(l, "invalid PID");
	return l->pids.n > n ? 0 : refuse_line(l, "process appears twice");
}

/* Check the complete file, and list its processes. */
static int scan_saved(struct listfile *l)
{
	char boot[PLACEMENT_BOOT_MAX];
	struct placement_reader *r = &l->reader;
	struct text_error err;
	struct operand o;
	const char *line;
	uint64_t sum;
	size_t len;
	int rc = placement_boot_read(boot), what;

	if (rc) {
		text_add(name_file(&l->file, &l->why), ": cannot read the boot ID: %s",
			 strerror(-rc));
		return -EBADMSG;
	}
	while (!rc && (rc = take_line(l, &line, &len)) > 0) {
		sum = r->sum;
		what = rc = placement_read_line(r, line, len, &o, &err);
		if (rc < 0)
			return refuse_line(l, err.what);
		/* The lines of a process end before those of the next, or before the last line. */
		if (l->pids.n && (what == PLACEMENT_PROCESS || r->ended))
			l->saved[l->pids.n - 1].sum = sum;
		rc = what == PLACEMENT_PROCESS ? add_saved(l) : 0;
	}
	if (rc)
		return rc;
	name_file(&l->file, &l->why);
	if (!r->ended)
		text_add(&l->why, ": saved placement is truncated: last line is missing");
	else if (strcmp(r->boot, boot) != 0)
		text_add(&l->why, ": was saved before the last reboot: its processes have exited");
	else if (l->pids.n == 0)
		text_add(&l->why, ": contains no process");
	else
		return 0;
	return -EBADMSG;
}

/* ---- plans ---- */

/* Read the next operand, and check whether the process may use its node, once for each node. */
static int read_checked(struct listfile *l, struct operand *o)
{
	const struct request_where *where = &l->request->where;
	char why[RESOLVE_WHY_MAX];
	const char *line;
	size_t len;
	int rc = (l->request->which.restore ? read_saved : read_operand)(l, o, &line, &len);

	if (rc <= 0 || o->node == OPERAND_NO_NODE || nodeset_has(&l->valid_nodes, o->node))
		return rc;
	if (request_has_destination(l->request))
		return refuse_line(l, where->to ? "=NODE and --to are mutually exclusive" :
				      where->route ?
						  "=NODE and --route are mutually exclusive" :
						  "=NODE and --interleave are mutually exclusive");
	if (!l->has_nodes)
		return refuse_line(l, "=NODE is not allowed: the first line of PAGES has none");
	if (o->node >= NODES_MAX)
		return refuse_line(l, "node number is out of range");
	if (resolve_check_node(l->topology, l->process, line, len, why))
		return refuse_line(l, why);
	nodeset_add(&l->valid_nodes, o->node);
	return rc;
}

/* Count the unmapped part of a range.  Return whether another part is mapped. */
static bool is_mapped(struct listfile *l, const struct address_space *space,
		      const struct operand *o)
{
	struct unmapped *count = &l->count.unmapped;
	uint64_t bytes = o->end - o->start;

	for (size_t i = address_space_find(space, o->start);
	     i < space->n && space->at[i].start < o->end; i++) {
		const struct vma *m = &space->at[i];

		bytes -= (m->end < o->end ? m->end : o->end) -
			 (m->start > o->start ? m->start : o->start);
	}
	count->skipped += bytes == o->end - o->start;
	count->cut += bytes && bytes < o->end - o->start;
	count->bytes += bytes;
	return bytes < o->end - o->start;
}

/*
 * Return whether a range has a page that the previous range does not have.  Ranges from a memory
 * tracker may meet in the middle of a page.
 */
static bool begins_new_page(struct listfile *l, const struct address_space *space,
			    struct operand *o)
{
	const struct vma *m = &space->at[address_space_find(space, o->start)];
	uint64_t mask = (1ULL << m->page_shift) - 1;

	if (o->start == l->end && o->start > m->start)
		o->start = (o->start + mask) & ~mask;
	l->end = o->end;
	return o->start < o->end;
}

/* Operands before an invalid line are visited before the line is reported. */
static int source_next(struct source *s, const struct address_space *space, struct plan **plan)
{
	struct listfile *l = (struct listfile *)s;
	size_t n = 0, unused;
	int rc;

	plan_free(&l->plan);
	while (l->more > 0 && n < LISTFILE_CHUNK && (l->more = read_checked(l, &l->chunk[n])) > 0) {
		struct operand *o = &l->chunk[n];

		l->count.operands++;
		l->count.bytes += o->single ? 0 : o->end - o->start;
		if (o->single)
			n++;
		else if (is_mapped(l, space, o))
			n += begins_new_page(l, space, o);
		else if (!l->request->which.restore && !l->request->which.unmapped)
			l->more = refuse_line(l, "no mapping in the range");
	}
	s->more = l->more > 0;
	if (n == 0)
		return l->more;
	rc = plan_operands(&l->plan, space, l->chunk, n, &unused);
	/* A restore recognizes pages of files that a process before has. */
	l->plan.tells_files = l->request->which.restore;
	l->count.ranges += l->plan.n;
	*plan = &l->plan;
	return rc ? rc : 1;
}

static int source_rewind(struct source *s)
{
	struct listfile *l = (struct listfile *)s;

	if (!l->request->which.restore)
		return l->count.operands || l->more <= 0 ? -ESPIPE : 0;
	plan_free(&l->plan);
	l->valid_nodes = (struct nodeset){ 0 };
	l->reader = (struct placement_reader){ .header = PLACEMENT_HEADER, .part = true };
	l->count = (struct listfile_count){ 0 };
	l->more = 1;
	return pagefile_seek(&l->file, l->saved[l->at].place);
}

int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *limits)
{
	const struct request_which *which = &r->which;
	const char *name = which->restore ? which->restore : which->pages_from, *line;
	struct operand first;
	size_t len;
	int rc = pagefile_open(&l->file, name, which->restore);

	l->source = (struct source){ .next = source_next, .rewind = source_rewind };
	l->request = r;
	l->topology = t;
	l->limits = limits;
	l->why = (struct text_line){ l->why_text, sizeof(l->why_text), 0 };
	l->more = 1;
	l->has_nodes = which->restore;
	l->chunk = calloc(LISTFILE_CHUNK, sizeof(*l->chunk));
	if (!rc && !l->chunk)
		rc = -ENOMEM;
	if (rc) {
		pagefile_explain(&l->file, rc, &l->why);
		return -EBADMSG;
	}
	if (which->restore)
		return scan_saved(l);
	/* The first operand decides whether lines must have a destination. */
	rc = read_operand(l, &first, &line, &len);
	if (rc > 0) {
		pagefile_put_back(&l->file);
		l->has_nodes = first.node != OPERAND_NO_NODE;
	}
	if (rc < 0 || request_has_destination(r))
		return rc < 0 ? rc : 0;
	if (l->has_nodes && which->forbids_nodes)
		text_add(&l->why, "=NODE and --%s are mutually exclusive", which->forbids_nodes);
	else if (!l->has_nodes && which->needs_nodes)
		text_add(&l->why, "--%s needs a destination: --to, --interleave, --route or =NODE",
			 which->needs_nodes);
	else
		return 0;
	return -EBADMSG;
}

void listfile_close(struct listfile *l)
{
	pagefile_close(&l->file);
	plan_free(&l->plan);
	pid_list_free(&l->pids);
	free(l->saved);
	free(l->chunk);
}

int listfile_begin(struct listfile *l, const struct process *p, struct text_line *why)
{
	struct placement_id now;
	struct operand o;
	int rc;

	l->process = p;
	if (!l->request->which.restore)
		return 0;
	l->at = 0;
	l->checked = false;
	while (l->at < l->pids.n && l->pids.pid[l->at] != p->pid)
		l->at++;
	if (l->at == l->pids.n) {
		text_add(why, "not in the saved placement");
		return -ENOENT;
	}
	rc = source_rewind(&l->source);
	while (!rc && (rc = read_checked(l, &o)) > 0)
		rc = 0;
	if (rc == -EBADMSG)
		return rc;
	l->checked = true;
	if (!rc)
		rc = placement_id_read(&now, p);
	if (!rc)
		return placement_id_compare(&l->id, &now, why);
	text_add(why, "cannot be compared with the saved process: %s", strerror(-rc));
	return -EPROTO;
}
