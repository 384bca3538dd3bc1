/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_STREAM_H
#define COMMAND_STREAM_H

#include "command/pagefile.h"
#include "numa/nodeset.h"
#include "plan/operand.h"

#include <stdbool.h>
#include <stdint.h>

struct move;
struct plan;
struct sink;

/*
 * Pages that come from a file, a PAGES operand a line (list.h), as many as
 * there are: a chunk of lines is read and checked, planned, and visited
 * before the next one, so that memory does not depend on their number.
 */

enum { STREAM_CHUNK = 16384 };

struct stream {
	struct pagefile *file;
	const struct limits *control;
	/* As operand_parse_line(), of this kind of file. */
	int (*parse)(void *context, const char *line, size_t len, struct operand *o,
		     struct operand_error *err);
	/*
	 * May pages be sent to the node of this line?  Asked once for each node.  Returns
	 * 0, or writes why not, without the place, in PAGEFILE_WHY_MAX bytes or less.
	 */
	int (*check)(void *context, const char *line, size_t len, char *why, size_t size);
	void *context;
	bool unmapped_is_fine;	    /* pass over ranges where nothing is mapped */
	struct nodeset fine;	    /* nodes that were checked */
	uint64_t operands;	    /* how many lines were operands */
	uint64_t ranges;	    /* what they became in the plan */
	uint64_t bytes;		    /* of the ranges among them, as given */
	char why[PAGEFILE_WHY_MAX]; /* on -EBADMSG one line for the user */
};

/* Before the first line of a file: counts from there, and no node is checked yet. */
void stream_rewind(struct stream *s);

/*
 * stream_begin - look at the first operand
 * @sends: whether it has a =NODE; false if there is no operand at all
 *
 * Returns 0, -EBADMSG, -EINTR or -ETIMEDOUT.
 */
int stream_begin(struct stream *s, bool *sends);

/* Read and check all of the file, and visit nothing.  As stream_begin(). */
int stream_check(struct stream *s);

/*
 * stream_run - visit all pages of the file
 * @plan: filled and emptied again chunk by chunk; what move->plan points to
 *
 * Results are handed to the sink in the order of the lines.  Returns what
 * engine_run() does, or -EBADMSG for a bad line or a file that cannot be read; what
 * stands before it has been visited then.
 */
int stream_run(struct stream *s, struct plan *plan, const struct move *move,
	       const struct sink *sink);

#endif
