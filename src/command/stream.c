/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/stream.h"

#include "engine/engine.h"
#include "engine/limits.h"
#include "plan/plan.h"
#include "proc/address_space.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines that are visited together. */
struct chunk {
	size_t n;
	struct operand operand[STREAM_CHUNK];
	uint64_t line[STREAM_CHUNK];
};

/* Whoever waited for input knows why it ended; all else is the file's fault. */
static int fail(struct stream *s, int rc)
{
	if (rc == -EINTR || rc == -ETIMEDOUT)
		return rc;
	pagefile_explain(s->file, rc, s->why);
	return -EBADMSG;
}

static int fail_line(struct stream *s, const char *line, const struct operand_error *err)
{
	size_t n = pagefile_place(s->file, 0, s->why);
	char bad[TEXT_NAME_MAX];

	snprintf(s->why + n, sizeof(s->why) - n, "'%s' %s",
		 text_escape(line + err->offset, err->length, bad, sizeof(bad)), err->what);
	return -EBADMSG;
}

static int check_node(struct stream *s, int node, const char *line, size_t len)
{
	unsigned int bit = (unsigned int)node;
	size_t n;

	if (node == OPERAND_NO_NODE || numa_bitmask_isbitset(&s->fine.mask, bit))
		return 0;
	n = pagefile_place(s->file, 0, s->why);
	if (s->check(s->context, line, len, s->why + n, sizeof(s->why) - n))
		return -EBADMSG;
	numa_bitmask_setbit(&s->fine.mask, bit);
	return 0;
}

/* The next operand of the file, and its line: 1, 0 at the end, or -errno. */
static int read_operand(struct stream *s, struct operand *o, const char **line, size_t *len)
{
	struct operand_error err;
	int rc;

	do {
		rc = pagefile_line(s->file, s->control, line, len);
		if (rc <= 0)
			return rc ? fail(s, rc) : 0;
		rc = s->parse(s->context, *line, *len, o, &err);
	} while (rc == 0);
	return rc < 0 ? fail_line(s, *line, &err) : rc;
}

void stream_rewind(struct stream *s)
{
	nodeset_init(&s->fine);
	s->operands = s->ranges = s->bytes = 0;
}

int stream_begin(struct stream *s, bool *sends)
{
	struct operand first;
	const char *line;
	size_t len;
	int rc = read_operand(s, &first, &line, &len);

	if (rc > 0)
		pagefile_put_back(s->file);
	*sends = rc > 0 && first.node != OPERAND_NO_NODE;
	return rc < 0 ? rc : 0;
}

int stream_check(struct stream *s)
{
	struct operand o;
	const char *line;
	size_t len;
	int rc;

	while ((rc = read_operand(s, &o, &line, &len)) > 0) {
		rc = check_node(s, o.node, line, len);
		if (rc)
			break;
	}
	return rc;
}

/* 1 while there is more, 0 at the end, or -errno. */
static int read_chunk(struct stream *s, struct chunk *c)
{
	const char *line;
	size_t len;
	int rc = 1;

	for (c->n = 0; c->n < STREAM_CHUNK;) {
		struct operand *o = &c->operand[c->n];

		rc = read_operand(s, o, &line, &len);
		if (rc <= 0 || (rc = check_node(s, o->node, line, len)))
			break;
		rc = 1;
		c->line[c->n++] = s->file->line;
		s->operands++;
		s->bytes += o->single ? 0 : o->end - o->start;
	}
	return rc;
}

static bool is_mapped(const struct address_space *maps, const struct operand *o)
{
	size_t i = address_space_find(maps, o->start);

	return i < maps->n && maps->at[i].start < o->end;
}

/* Drop, or end at, the first range that meets no mapping. */
static int check_ranges(struct stream *s, struct chunk *c, const struct address_space *maps)
{
	size_t kept = 0, n;

	for (size_t i = 0; i < c->n; i++) {
		const struct operand *o = &c->operand[i];

		if (o->single || is_mapped(maps, o)) {
			c->operand[kept++] = *o;
			continue;
		}
		if (s->unmapped_is_fine)
			continue;
		c->n = kept;
		n = pagefile_place(s->file, c->line[i], s->why);
		snprintf(s->why + n, sizeof(s->why) - n,
			 "nothing is mapped in %" PRIx64 "-%" PRIx64, o->start, o->end);
		return -EBADMSG;
	}
	c->n = kept;
	return 0;
}

static int run_chunk(struct stream *s, struct chunk *c, struct plan *plan, const struct move *move,
		     const struct sink *sink)
{
	int bad = check_ranges(s, c, move->maps), rc, end;
	size_t unused;

	rc = plan_operands(plan, move->maps, c->operand, c->n, &unused);
	s->ranges += plan->n;
	if (!rc)
		rc = engine_run(move, sink);
	end = sink->plan_end ? sink->plan_end(sink->context) : 0;
	plan_free(plan);
	return rc ? rc : bad ? bad : end;
}

int stream_run(struct stream *s, struct plan *plan, const struct move *move,
	       const struct sink *sink)
{
	struct chunk *c = malloc(sizeof(*c));
	int more = 1, rc = c ? 0 : -ENOMEM;

	while (!rc && more > 0) {
		more = read_chunk(s, c);
		rc = run_chunk(s, c, plan, move, sink);
		if (rc && more > 0)
			atomic_store(&move->control->uncounted, true);
	}
	free(c);
	return rc ? rc : more;
}
