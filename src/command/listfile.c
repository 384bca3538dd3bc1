/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "command/listfile.h"

#include "command/resolve.h"
#include "plan/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse_pages(void *context, const char *line, size_t len, struct operand *o,
		       struct operand_error *err)
{
	(void)context;
	return operand_parse_line(line, len, o, err);
}

static int parse_saved(void *context, const char *line, size_t len, struct operand *o,
		       struct operand_error *err)
{
	struct listfile *l = context;
	int rc = savefile_take(&l->saved, line, len, o, err);
	char why[PAGEFILE_WHY_MAX];

	/* FNV-1a; nobody has to be kept from making two files of one sum. */
	for (size_t i = 0; i < len; i++)
		l->sum = (l->sum ^ (unsigned char)line[i]) * 0x100000001b3;
	if (rc > 0 && l->saved.lines == 1 && l->checked.pid &&
	    savefile_mismatch(&l->saved.id, &l->checked, why, sizeof(why))) {
		*err = (struct operand_error){ 0, len, "follows a header that has just changed" };
		rc = -EINVAL;
	}
	return rc;
}

static int check_node(void *context, const char *line, size_t len, char *why, size_t size)
{
	const struct listfile *l = context;
	const struct request *r = l->request;

	if (r->where.to || r->where.route)
		snprintf(why, size, "=NODE and --%s are mutually exclusive",
			 r->where.to ? "to" : "route");
	else if (!l->sends)
		snprintf(why, size,
			 "=NODE, and the first line of PAGES has none: this list only "
			 "looks");
	else
		return resolve_check_node(l->topology, l->process, line, len, why, size);
	return -EINVAL;
}

/* "FILE" and what is said of it. */
static int fail(struct listfile *l, const char *what)
{
	size_t n = pagefile_name(&l->file, l->stream.why);

	snprintf(l->stream.why + n, sizeof(l->stream.why) - n, " %s", what);
	return -EBADMSG;
}

static int begin(struct listfile *l)
{
	const struct request *r = l->request;
	int rc = stream_begin(&l->stream, &l->sends);

	if (rc || r->where.to || r->where.route)
		return rc;
	if (l->sends && r->which.only_looks)
		snprintf(l->stream.why, sizeof(l->stream.why),
			 "=NODE and --%s are mutually exclusive", r->which.only_looks);
	else if (!l->sends && r->which.only_moves)
		snprintf(l->stream.why, sizeof(l->stream.why),
			 "--%s needs a destination: --to, --route or =NODE", r->which.only_moves);
	else
		return 0;
	return -EBADMSG;
}

int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *control)
{
	bool restores = r->which.restore;
	int rc = pagefile_open(&l->file, restores ? r->which.restore : r->which.pages_from,
			       restores);

	l->request = r;
	l->topology = t;
	l->stream = (struct stream){
		.file = &l->file,
		.control = control,
		.context = l,
		.check = check_node,
		.parse = restores ? parse_saved : parse_pages,
		.unmapped_is_fine = restores,
	};
	if (rc) {
		pagefile_explain(&l->file, rc, l->stream.why);
		return -EBADMSG;
	}
	stream_rewind(&l->stream);
	l->sends = restores;
	return restores ? 0 : begin(l);
}

void listfile_close(struct listfile *l)
{
	pagefile_close(&l->file);
}

static int rewind_saved(struct listfile *l)
{
	int rc = pagefile_rewind(&l->file);

	stream_rewind(&l->stream);
	l->saved = (struct savefile){ 0 };
	l->sum = 0;
	return rc;
}

int listfile_check_saved(struct listfile *l)
{
	struct saved_identity now;
	char why[PAGEFILE_WHY_MAX / 2];
	int rc = rewind_saved(l);

	if (!rc)
		rc = stream_check(&l->stream);
	if (rc)
		return rc;
	if (!l->saved.ended)
		return fail(l, "is no whole saved placement: its last line is missing");
	rc = savefile_identify(l->process, &now);
	if (rc)
		snprintf(why, sizeof(why), "cannot be compared with the process: %s",
			 strerror(-rc));
	else if (!savefile_mismatch(&l->saved.id, &now, why, sizeof(why))) {
		l->checked = l->saved.id;
		l->checked_sum = l->sum;
		return 0;
	}
	return fail(l, why);
}

int listfile_run(struct listfile *l, struct plan *plan, const struct move *move,
		 const struct sink *sink)
{
	int rc = l->request->which.restore ? rewind_saved(l) : 0;

	if (!rc)
		rc = stream_run(&l->stream, plan, move, sink);
	if (!rc && l->request->which.restore && l->sum != l->checked_sum)
		return fail(l, "changed while it was read: not all of it was restored");
	return rc;
}
