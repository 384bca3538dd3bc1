/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_LISTFILE_H
#define COMMAND_LISTFILE_H

#include "command/pagefile.h"
#include "command/placement_file.h"
#include "numa/nodeset.h"
#include "plan/plan.h"
#include "util/text.h"

struct limits;
struct process;
struct request;
struct topology;

/*
 * The file that the pages of one process come from: --pages-from, and --restore, of which
 * all is checked before any of it is moved.  A chunk of lines is read, checked and planned
 * at a time, so that memory does not depend on their number.
 *
 * What fails leaves one line for the user in why and returns -EBADMSG.  Where the user may
 * have to wait for a line, -EINTR and -ETIMEDOUT end that.
 */

enum { LISTFILE_CHUNK = 16384, LISTFILE_WHY_MAX = 1024 };

struct listfile_count {
	uint64_t operands; /* lines that have one */
	uint64_t bytes;	   /* of the ranges among them, as given */
	uint64_t ranges;   /* what they became in plans */
};

struct listfile {
	/* Parts are in the order of the lines.  Only --restore can be read again once begun. */
	struct source source;
	struct pagefile file;
	const struct request *request;
	const struct topology *topology;
	const struct limits *control;
	const struct process *process;		/* set when there is one */
	struct placement_reader saved, checked; /* --restore: what is read, and what was checked */
	bool sends;				/* pages to nodes that it names */
	struct nodeset fine;			/* nodes that were checked */
	struct listfile_count count;
	struct operand *chunk;
	struct plan plan;
	int more; /* 1: perhaps; 0: all was read; or why the reading ended */
	struct text_line why;
	char why_text[LISTFILE_WHY_MAX];
};

/*
 * Open the file, with the rights of the caller, and find out whether it sends pages.
 */
int listfile_open(struct listfile *l, const struct request *r, const struct topology *t,
		  const struct limits *control);
void listfile_close(struct listfile *l);

/* For --restore: is the file whole, and of this very process, and would its nodes do? */
int listfile_check_saved(struct listfile *l);

#endif
