/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/listfile.h"

#include "command/resolve.h"
#include "engine/limits.h"
#include "plan/request.h"
#include "proc/address_space.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

int pagefile_rewind(struct pagefile *f)
{
	f->line = 0;
	f->at = f->end = 0;
	f->ended = false;
	return lseek(f->fd, 0, SEEK_SET) < 0 ? -errno : 0;
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
		/* Signals restart read(2): it must not be what waits. */
		n = poll(&p, 1, WAIT_MS);
		if (n > 0) {
			memmove(f->buffer, f->buffer + f->at, f->end - f->at);
			f->end -= f->at;
			f->at = 0;
			n = read(f->fd, f->buffer + f->end, sizeof(f->buffer) - f->end);
			f->end += n > 0 ? (size_t)n : 0;
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

/* Begin a message with the name of the file, or with "FILE:LINE: " of the line taken last. */
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
		text_add(name_line(f, why), "the line has more than %d bytes", PAGEFILE_LINE_MAX);
	else if (rc == -EILSEQ)
		text_add(name_line(f, why), "the line has a NUL byte: this is no text");
	else
		text_add(name_file(f, why), ": %s",
			 rc == -ENOTSUP ? "is no regular file" : strerror(-rc));
	return why;
}

/* ---- operands ---- */

/* Read the next operand, and its line.  Returns 1, 0 at the end, or -errno. */
static int read_operand(struct listfile *l, struct operand *o, const char **line, size_t *len)
{
	struct text_error err;
	char bad[TEXT_NAME_MAX];
	int rc;

	do {
		rc = pagefile_line(&l->file, l->limits, line, len);
		if (rc == 0 || rc == -EINTR || rc == -ETIMEDOUT)
			return rc;
		if (rc < 0) {
			pagefile_explain(&l->file, rc, &l->why);
			return -EBADMSG;
		}
		if (l->request->which.restore)
			rc = placement_read_line(&l->saved, *line, *len, o, &err);
		else
			rc = operand_parse_line(*line, *len, o, &err);
	} while (rc == 0);
	/* A file that was checked must not become one of another process. */
	if (rc > 0 && l->saved.lines == 1 && l->checked.ended &&
	    placement_id_differs(&l->saved.id, &l->checked.id, &l->why)) {
		err = (struct text_error){ 0, *len, "follows a header that has just changed" };
		rc = -EINVAL;
	}
	if (rc > 0)
		return rc;
	text_add(name_line(&l->file, &l->why), "'%s' %s",
		 text_escape(*line + err.offset, err.length, bad, sizeof(bad)), err.what);
	return -EBADMSG;
}

/* The same, and check whether pages may be sent to its node: once for each node. */
static int read_checked(struct listfile *l, struct operand *o)
{
	const struct request_where *where = &l->request->where;
	char why[RESOLVE_WHY_MAX];
	const char *line;
	size_t len;
	int rc = read_operand(l, o, &line, &len);

	if (rc <= 0 || o->node == OPERAND_NO_NODE || nodeset_has(&l->fine, o->node))
		return rc;
	name_line(&l->file, &l->why);
	if (request_has_destination(l->request)) {
		text_add(&l->why, "=NODE and --%s are mutually exclusive",
			 where->to    ? "to" :
			 where->route ? "route" :
					"interleave");
	} else if (!l->sends) {
		text_add(&l->why, "=NODE, and the first line of PAGES has none: this list only "
				  "looks");
	} else if (resolve_check_node(l->topology, l->process, line, len, why)) {
		text_add(&l->why, "%s", why);
	} else {
		nodeset_add(&l->fine, o->node);
		return rc;
	}
	return -EBADMSG;
}

/* Operands before a wrong line are visited before the line is reported. */
static int source_next(struct source *s, const struct address_space *space, struct plan **plan)
{
	struct listfile *l = (struct listfile *)s;
	const bool restores = l->request->which.restore;
	size_t n = 0, unused;
	int rc;

	plan_free(&l->plan);
	while (l->more > 0 && n < LISTFILE_CHUNK && (l->more = read_checked(l, &l->chunk[n])) > 0) {
		const struct operand *o = &l->chunk[n];
		size_t i = address_space_find(space, o->start);

		l->count.operands++;
		l->count.bytes += o->single ? 0 : o->end - o->start;
		if (o->single || (i < space->n && space->at[i].start < o->end)) {
			n++;
		} else if (!restores) {
			text_add(name_line(&l->file, &l->why),
				 "nothing is mapped in %" PRIx64 "-%" PRIx64, o->start, o->end);
			l->more = -EBADMSG;
		}
	}
	s->more = l->more > 0;
	if (n) {
		rc = plan_operands(&l->plan, space, l->chunk, n, &unused);
		l->count.ranges += l->plan.n;
		*plan = &l->plan;
		return rc ? rc : 1;
	}
	if (l->more == 0 && restores && l->saved.sum != l->checked.sum) {
		text_add(name_file(&l->file, &l->why),
			 " changed while it was read: not all of it was restored");
		return -EBADMSG;
	}
	return l->more;
}

static int source_rewind(struct source *s)
{
	struct listfile *l = (struct listfile *)s;

	if (!l->request->which.restore)
		return l->count.operands || l->more <= 0 ? -ESPIPE : 0;
	plan_free(&l->plan);
	l->fine = (struct nodeset){ 0 };
	l->saved = (struct placement_reader){ 0 };
	l->count = (struct listfile_count){ 0 };
	l->more = 1;
	return pagefile_rewind(&l->file);
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
	l->sends = which->restore;
	l->chunk = calloc(LISTFILE_CHUNK, sizeof(*l->chunk));
	if (!rc && !l->chunk)
		rc = -ENOMEM;
	if (rc) {
		pagefile_explain(&l->file, rc, &l->why);
		return -EBADMSG;
	}
	if (which->restore)
		return 0;
	/* The first operand tells whether a list sends pages. */
	rc = read_operand(l, &first, &line, &len);
	if (rc > 0) {
		pagefile_put_back(&l->file);
		l->sends = first.node != OPERAND_NO_NODE;
	}
	if (rc < 0 || request_has_destination(r))
		return rc < 0 ? rc : 0;
	if (l->sends && which->only_looks)
		text_add(&l->why, "=NODE and --%s are mutually exclusive", which->only_looks);
	else if (!l->sends && which->only_moves)
		text_add(&l->why, "--%s needs a destination: --to, --interleave, --route or =NODE",
			 which->only_moves);
	else
		return 0;
	return -EBADMSG;
}

void listfile_close(struct listfile *l)
{
	pagefile_close(&l->file);
	plan_free(&l->plan);
	free(l->chunk);
}

int listfile_check_saved(struct listfile *l)
{
	struct placement_id now;
	struct operand o;
	int rc = l->source.rewind(&l->source);

	if (rc)
		return rc;
	do
		rc = read_checked(l, &o);
	while (rc > 0);
	if (rc)
		return rc;
	text_add(name_file(&l->file, &l->why), " ");
	rc = placement_id_read(&now, l->process);
	if (!l->saved.ended) {
		text_add(&l->why, "is no whole saved placement: its last line is missing");
	} else if (rc) {
		text_add(&l->why, "cannot be compared with the process: %s", strerror(-rc));
	} else if (!placement_id_differs(&l->saved.id, &now, &l->why)) {
		l->checked = l->saved;
		return 0;
	}
	return -EBADMSG;
}
