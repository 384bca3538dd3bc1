/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/account.h"
#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/plan.h"
#include "plan/request.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * One line for each page, and as fast as the kernel is asked: of what surrounds
 * the address, the head is the same for a process, and the tail for pages that
 * are alike, which mostly follow each other.  Nothing of the target's is printed
 * but addresses.
 */

enum { ADDRESS_WIDTH = 12 };

/* Of ranges the present pages are listed, single pages in any case. */
static bool is_listed(const struct page *p)
{
	if (p->flags & PAGE_TAIL)
		return false;
	if (p->flags & PAGE_SINGLE)
		return true;
	return p->outcome != OUTCOME_NOT_SELECTED && p->outcome != OUTCOME_NOT_PRESENT;
}

static bool would_be_split(const struct page *p)
{
	return p->outcome == OUTCOME_WOULD_MOVE && p->flags & PAGE_SPLIT;
}

static const struct outcome_row *row_of(const struct page *p)
{
	static const struct outcome_row split = { "would be split", "would_be_split", CLASS_LOOKED,
						  0, NULL };

	return would_be_split(p) ? &split : outcome_row(p->outcome);
}

static int status_of(const struct page *p)
{
	int status = row_of(p)->status;

	return status ? status : p->node;
}

/* How wide the columns are, and what stands in the place of blanks. */
struct line_form {
	int pid, address, node, size, status;
	const char *heading;
};

static const struct line_form *line_form(const struct request *r)
{
	static const struct line_form forms[] = {
		{ 7, ADDRESS_WIDTH, 4, 4, 6, "ADDRESS      NODE SIZE STATUS RESULT" },
		{ 7, ADDRESS_WIDTH, 4, 10, 6, "ADDRESS      NODE       SIZE STATUS RESULT" },
		{ 0, ADDRESS_WIDTH, 0, 0, 0, "ADDRESS NODE SIZE STATUS RESULT" },
	};

	return &forms[r->output.raw ? 2 : r->output.bytes];
}

enum { TAIL_MAX = 160, HEAD_MAX = 64, HEX_MAX = 16 };

struct lines {
	int pid;	   /* whose head it is; 0: nobody's */
	struct page alike; /* which pages the tail is for */
	char head[HEAD_MAX], tail[TAIL_MAX];
	size_t head_len, tail_len;
};

/* How the two are made: each returns the length of a text that fits. */
struct line_maker {
	int (*head)(const struct report *r, const struct subject *s, char *buf);
	int (*tail)(const struct report *r, const struct page *p, char *buf);
	int address_width;
};

static bool are_alike(const struct page *a, const struct page *b)
{
	return a->node == b->node && a->shift == b->shift && a->outcome == b->outcome &&
	       would_be_split(a) == would_be_split(b);
}

static size_t write_hex(char *to, uint64_t n, int width)
{
	char digits[HEX_MAX];
	int i = HEX_MAX;

	for (; n || i > HEX_MAX - width; n >>= 4)
		digits[--i] = "0123456789abcdef"[n & 15];
	memcpy(to, digits + i, (size_t)(HEX_MAX - i));
	return (size_t)(HEX_MAX - i);
}

static void put_line(struct report *r, const struct subject *s, const struct page *p,
		     const struct line_maker *make)
{
	struct lines *l = r->state;
	char line[HEAD_MAX + HEX_MAX + TAIL_MAX];
	size_t len;

	if (l->pid != s->process->pid) {
		l->pid = s->process->pid;
		l->head_len = (size_t)make->head(r, s, l->head);
	}
	if (!l->tail_len || !are_alike(&l->alike, p)) {
		l->alike = *p;
		l->tail_len = (size_t)make->tail(r, p, l->tail);
	}
	memcpy(line, l->head, l->head_len);
	len = l->head_len + write_hex(line + l->head_len, p->address, make->address_width);
	memcpy(line + len, l->tail, l->tail_len);
	fwrite_unlocked(line, 1, len + l->tail_len, r->out);
}

static void put_listed(struct report *r, const struct subject *s, const struct page *p, size_t n,
		       const struct line_maker *make)
{
	for (size_t i = 0; i < n; i++)
		if (is_listed(&p[i]))
			put_line(r, s, &p[i], make);
}

static int start_state(struct report *r)
{
	r->state = calloc(1, sizeof(struct lines));
	return r->state ? 0 : -ENOMEM;
}

static int finish_state(struct report *r)
{
	free(r->state);
	r->state = NULL;
	return 0;
}

/* ---- for people ---- */

static int start_lines(struct report *r)
{
	const struct line_form *f = line_form(r->request);

	if (!r->request->output.noheadings && request_may_have_several(r->request))
		fprintf(r->out, "%*s ", f->pid, "PID");
	if (!r->request->output.noheadings)
		fprintf(r->out, "%s\n", f->heading);
	return start_state(r);
}

static int line_head(const struct report *r, const struct subject *s, char *buf)
{
	if (!request_may_have_several(r->request))
		return 0;
	return snprintf(buf, HEAD_MAX, "%*d ", line_form(r->request)->pid, s->process->pid);
}

static int line_tail(const struct report *r, const struct page *p, char *buf)
{
	const struct line_form *f = line_form(r->request);
	const struct outcome_row *row = row_of(p);
	char size[TEXT_SIZE_MAX], node[8] = "-";

	if (p->node >= 0)
		snprintf(node, sizeof(node), "%d", p->node);
	return snprintf(buf, TAIL_MAX, " %*s %*s %*d %s\n", f->node, node, f->size,
			report_size(r, page_bytes(p), size), f->status, status_of(p),
			r->request->output.raw ? row->key : row->text);
}

static int put_lines(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	static const struct line_maker maker = { line_head, line_tail, ADDRESS_WIDTH };

	put_listed(r, s, p, n, &maker);
	return 0;
}

const struct report_form report_pages = {
	.start = start_lines,
	.pages = put_lines,
	.finish = finish_state,
};

/* ---- for programs: all values are numbers and words of ours, nothing needs escaping ---- */

static int object_head(const struct report *r, const struct subject *s, char *buf)
{
	(void)r;
	return snprintf(buf, HEAD_MAX, "{\"pid\":%d,\"address\":\"0x", s->process->pid);
}

static int object_tail(const struct report *r, const struct page *p, char *buf)
{
	char node[8] = "null";

	(void)r;
	if (p->node >= 0)
		snprintf(node, sizeof(node), "%d", p->node);
	return snprintf(buf, TAIL_MAX,
			"\",\"node\":%s,\"size\":%" PRIu64 ",\"status\":%d,\"result\":\"%s\"}\n",
			node, page_bytes(p), status_of(p), row_of(p)->key);
}

static int put_objects(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	static const struct line_maker maker = { object_head, object_tail, 1 };

	put_listed(r, s, p, n, &maker);
	return 0;
}

const struct report_form report_pages_json = {
	.start = start_state,
	.pages = put_objects,
	.finish = finish_state,
};
