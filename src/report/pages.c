/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/outcome.h"
#include "plan/page.h"
#include "plan/request.h"
#include "proc/process.h"
#include "report/report.h"
#include "util/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * One line for each page.  For speed, the text before the address is formatted once for each
 * process, and the text after it once for a run of similar pages.  No names are printed, so
 * JSON needs no escaping.
 */

enum { PID_WIDTH = 7, ADDRESS_WIDTH = 12, HEX_MAX = 16, HEAD_MAX = 64, TAIL_MAX = 160 };

struct lines {
	int pid;	   /* of the head; 0: none yet */
	struct page alike; /* the page that the tail is of */
	char head[HEAD_MAX], tail[TAIL_MAX];
	size_t head_len, tail_len;
};

static bool would_be_split(const struct page *p)
{
	return p->outcome == OUTCOME_WOULD_MOVE && p->flags & PAGE_SPLIT;
}

static size_t make_tail(const struct report *r, const struct page *p, char *buf)
{
	static const struct outcome_row split = { .text = "to be split", .key = "would_be_split" };
	const struct outcome_row *row = would_be_split(p) ? &split : outcome_row(p->outcome);
	const struct request_output *output = &r->request->output;
	int status = row->status ? row->status : p->node;
	char size[TEXT_SIZE_MAX], node[8];

	snprintf(node, sizeof(node), "%d", p->node);
	if (p->node < 0)
		strcpy(node, output->json ? "null" : "-");
	if (output->json)
		return (size_t)snprintf(buf, TAIL_MAX,
					"\",\"node\":%s,\"size\":%" PRIu64
					",\"status\":%d,\"result\":\"%s\"}\n",
					node, page_bytes(p), status, row->key);
	report_size(r, page_bytes(p), size);
	if (output->raw)
		return (size_t)snprintf(buf, TAIL_MAX, " %s %s %d %s\n", node, size, status,
					row->key);
	return (size_t)snprintf(buf, TAIL_MAX, " %4s %*s %6d %s\n", node, output->bytes ? 10 : 4,
				size, status, row->text);
}

static int lines_start(struct report *r)
{
	const struct request_output *output = &r->request->output;

	if (!output->json && !output->noheadings) {
		if (request_may_have_several(r->request))
			fprintf(r->out, "%*s ", output->raw ? 0 : PID_WIDTH, "PID");
		fprintf(r->out, "%-*s NODE %*s STATUS RESULT\n", output->raw ? 0 : ADDRESS_WIDTH,
			"ADDRESS", output->bytes && !output->raw ? 10 : 4, "SIZE");
	}
	r->state = calloc(1, sizeof(struct lines));
	return r->state ? 0 : -ENOMEM;
}

static int lines_pages(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	const struct request_output *output = &r->request->output;
	int pid = s->process->pid, width = output->json ? 1 : ADDRESS_WIDTH;
	struct lines *l = r->state;

	if (l->pid != pid && output->json)
		l->head_len = (size_t)sprintf(l->head, "{\"pid\":%d,\"address\":\"0x", pid);
	else if (l->pid != pid && request_may_have_several(r->request))
		l->head_len = (size_t)sprintf(l->head, "%*d ", output->raw ? 0 : PID_WIDTH, pid);
	l->pid = pid;
	for (; n--; p++) {
		char line[HEAD_MAX + HEX_MAX + TAIL_MAX];
		char *end = line + HEAD_MAX + HEX_MAX, *at = end;
		uint64_t address = p->address;

		/* Ranges have lines only for present pages. */
		if (p->flags & PAGE_TAIL)
			continue;
		if (!(p->flags & PAGE_SINGLE) &&
		    (p->outcome == OUTCOME_NOT_SELECTED || p->outcome == OUTCOME_NOT_PRESENT))
			continue;
		if (!l->tail_len || l->alike.node != p->node || l->alike.shift != p->shift ||
		    l->alike.outcome != p->outcome ||
		    would_be_split(&l->alike) != would_be_split(p)) {
			l->alike = *p;
			l->tail_len = make_tail(r, p, l->tail);
		}
		for (; address || at > end - width; address >>= 4)
			*--at = "0123456789abcdef"[address & 15];
		at = memcpy(at - l->head_len, l->head, l->head_len);
		memcpy(end, l->tail, l->tail_len);
		fwrite_unlocked(at, 1, (size_t)(end - at) + l->tail_len, r->out);
	}
	return 0;
}

const struct report_form report_pages = {
	.start = lines_start,
	.pages = lines_pages,
};
