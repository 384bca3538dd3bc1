/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "account.h"
#include "outcome.h"
#include "page.h"
#include "plan.h"
#include "process.h"
#include "report.h"
#include "request.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

/*
 * One line for each page.  Sizes and words repeat, so each line is one
 * formatted print, and nothing of the target's is printed but addresses.
 */

enum { ADDRESS_WIDTH = 12 };

/* Of ranges the present pages are listed, single pages in any case. */
static bool is_listed(const struct subject *s, const struct page *p)
{
	if (p->flags & PAGE_TAIL)
		return false;
	if (s->plan->range[p->range].single)
		return true;
	return p->outcome != OUTCOME_NOT_SELECTED && p->outcome != OUTCOME_NOT_PRESENT;
}

static int status_of(const struct page *p)
{
	int status = outcome_row(p->outcome)->status;

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

	return &forms[r->raw ? 2 : r->bytes];
}

static int start_lines(struct report *r)
{
	const struct line_form *f = line_form(r->request);

	if (r->request->noheadings)
		return 0;
	if (r->request->pids.n > 1)
		fprintf(r->out, "%*s ", f->pid, "PID");
	fprintf(r->out, "%s\n", f->heading);
	return 0;
}

static void put_line(struct report *r, const struct subject *s, const struct page *p)
{
	const struct line_form *f = line_form(r->request);
	const struct outcome_row *row = outcome_row(p->outcome);
	char size[TEXT_SIZE_MAX];

	if (r->request->pids.n > 1)
		fprintf(r->out, "%*d ", f->pid, s->process->pid);
	fprintf(r->out, "%0*" PRIx64 " ", f->address, p->address);
	if (p->node >= 0)
		fprintf(r->out, "%*d", f->node, p->node);
	else
		fprintf(r->out, "%*s", f->node, "-");
	fprintf(r->out, " %*s %*d %s\n", f->size, report_size(r, page_bytes(p), size),
		f->status, status_of(p), r->request->raw ? row->key : row->text);
}

static int put_lines(struct report *r, const struct subject *s, const struct page *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_listed(s, &p[i]))
			put_line(r, s, &p[i]);
	return 0;
}

const struct report_form report_pages = {
	.start = start_lines,
	.pages = put_lines,
};

/* All values are numbers and words of ours: nothing in them needs escaping. */
static void put_object(struct report *r, const struct subject *s, const struct page *p)
{
	fprintf(r->out, "{\"pid\":%d,\"address\":\"0x%" PRIx64 "\",\"node\":", s->process->pid,
		p->address);
	if (p->node >= 0)
		fprintf(r->out, "%d", p->node);
	else
		fputs("null", r->out);
	fprintf(r->out, ",\"size\":%" PRIu64 ",\"status\":%d,\"result\":\"%s\"}\n",
		page_bytes(p), status_of(p), outcome_row(p->outcome)->key);
}

static int put_objects(struct report *r, const struct subject *s, const struct page *p,
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_listed(s, &p[i]))
			put_object(r, s, &p[i]);
	return 0;
}

const struct report_form report_pages_json = {
	.pages = put_objects,
};
