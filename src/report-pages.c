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

static int start_lines(struct report *r)
{
	if (r->request->pids.n > 1)
		fputs("    PID ", r->out);
	fprintf(r->out, "%-*s NODE SIZE STATUS RESULT\n", ADDRESS_WIDTH, "ADDRESS");
	return 0;
}

static void put_line(struct report *r, const struct subject *s, const struct page *p)
{
	char size[TEXT_SIZE_MAX];

	if (r->request->pids.n > 1)
		fprintf(r->out, "%7d ", s->process->pid);
	fprintf(r->out, "%0*" PRIx64 " ", ADDRESS_WIDTH, p->address);
	if (p->node >= 0)
		fprintf(r->out, "%4d", p->node);
	else
		fputs("   -", r->out);
	fprintf(r->out, " %4s %6d %s\n", text_size(page_bytes(p), size), status_of(p),
		outcome_row(p->outcome)->text);
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
