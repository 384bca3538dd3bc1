/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_LISTFILE_H
#define COMMAND_LISTFILE_H

#include "command/pagefile.h"
#include "command/savefile.h"
#include "command/stream.h"

struct limits;
struct process;
struct request;
struct topology;

/*
 * The file that the pages of one process come from: --pages-from, and
 * --restore, of which all is checked before any of it is moved.
 *
 * What fails leaves one line for the user in stream.why and returns -EBADMSG.
 */

struct listfile {
	struct stream stream;
	struct pagefile file;
	struct savefile saved;	       /* --restore */
	struct saved_identity checked; /* of the header that was checked; pid 0: none yet */
	uint64_t sum, checked_sum;     /* of the lines that were read, and that were checked */
	bool sends;		       /* pages to nodes that it names */
	const struct request *request;
	const struct topology *topology;
	const struct process *process; /* set when there is one */
};

/*
 * listfile_open - open the file, with the rights of the caller
 *
 * Returns 0, -EBADMSG, or -EINTR or -ETIMEDOUT while it waits for the first line.
 */
int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *control);
void listfile_close(struct listfile *l);

/* For --restore: is the file whole, and of this very process, and would its nodes do? */
int listfile_check_saved(struct listfile *l);

/*
 * stream_run() from the beginning of what can be read again. Fails where that is not what
 * was checked, before a page is moved if it is of another process.
 */
int listfile_run(struct listfile *l, struct plan *plan, const struct move *move,
		 const struct sink *sink);

#endif
