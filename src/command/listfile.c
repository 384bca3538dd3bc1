/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/listfile.h"

#include "command/resolve.h"
#include "engine/limits.h"
#include "plan/request.h"
#include "proc/address_space.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The next operand of the file, and its line: 1, 0 at the end, or -errno. */
static int read_operand(struct listfile *l, struct operand *o, const char **line, size_t *len)
{
	struct text_error err;
	char bad[TEXT_NAME_MAX];
	int rc;

	do {
		rc = pagefile_line(&l->file, l->control, line, len);
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
	text_add(pagefile_place(&l->file, &l->why), "'%s' %s",
		 text_escape(*line + err.offset, err.length, bad, sizeof(bad)), err.what);
	return -EBADMSG;
}

/* The same, and whether pages may be sent to its node: each node is asked about once. */
static int read_checked(struct listfile *l, struct operand *o)
{
	const struct request_where *where = &l->request->where;
	char why[RESOLVE_WHY_MAX];
	const char *line;
	size_t len;
	int rc = read_operand(l, o, &line, &len);

	if (rc <= 0 || o->node == OPERAND_NO_NODE || nodeset_has(&l->fine, o->node))
		return rc;
	pagefile_place(&l->file, &l->why);
	if (where->to || where->route) {
		text_add(&l->why, "=NODE and --%s are mutually exclusive",
			 where->to ? "to" : "route");
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

/* What was read before something that is wrong is visited before that is reported. */
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
			text_add(pagefile_place(&l->file, &l->why),
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
		text_add(pagefile_name(&l->file, &l->why),
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
		  const struct limits *control)
{
	const struct request_which *which = &r->which;
	struct operand first;
	const char *line;
	size_t len;
	int rc = pagefile_open(&l->file, which->restore ? which->restore : which->pages_from,
			       which->restore);

	l->source = (struct source){ .next = source_next, .rewind = source_rewind };
	l->request = r;
	l->topology = t;
	l->control = control;
	l->why = (struct text_line){ l->why_text, sizeof(l->why_text), 0 };
	l->more = 1;
	l->sends = which->restore;
	l->chunk = rc ? NULL : reallocarray(NULL, LISTFILE_CHUNK, sizeof(*l->chunk));
	if (!rc && !l->chunk)
		rc = -ENOMEM;
	if (rc) {
		pagefile_explain(&l->file, rc, &l->why);
		return -EBADMSG;
	}
	/* Whether a list sends pages is known by its first operand. */
	rc = which->restore ? 0 : read_operand(l, &first, &line, &len);
	if (rc > 0) {
		pagefile_put_back(&l->file);
		l->sends = first.node != OPERAND_NO_NODE;
	}
	if (rc < 0 || which->restore || r->where.to || r->where.route)
		return rc < 0 ? rc : 0;
	if (l->sends && which->only_looks)
		text_add(&l->why, "=NODE and --%s are mutually exclusive", which->only_looks);
	else if (!l->sends && which->only_moves)
		text_add(&l->why, "--%s needs a destination: --to, --route or =NODE",
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
	text_add(pagefile_name(&l->file, &l->why), " ");
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
