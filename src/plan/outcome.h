/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_OUTCOME_H
#define PLAN_OUTCOME_H

#include <stdbool.h>

/*
 * What became of a page: words, place in the account, status code.  Pure.
 *
 * In scope are the selected pages that were present and movable when they were found.  Always
 *
 *	in scope = moved + already there + in a larger unit + gone + left
 *
 * where a dry run has "would move" for "moved".
 */

enum outcome {
	OUTCOME_PRESENT,    /* only looked at */
	OUTCOME_UNSEEN,	    /* only looked at, and the kernel does not tell its node */
	OUTCOME_WOULD_MOVE, /* a dry run would have moved it */
	OUTCOME_MOVED,
	OUTCOME_ALREADY_THERE,
	OUTCOME_LARGER_UNIT, /* of one folio with pages that go elsewhere: where these went */
	OUTCOME_GONE,	     /* unmapped, freed or swapped out meanwhile */
	/* left behind: */
	OUTCOME_BUSY,	/* pinned, locked, being moved by others: the kernel does not say */
	OUTCOME_HIDDEN, /* present, but move_pages(2) of this kernel does not see it */
	OUTCOME_SHARED, /* mapped by others too, and that needs CAP_SYS_NICE */
	OUTCOME_NO_ROOM,
	OUTCOME_NO_HUGE,   /* it would be split there, and is to be kept (--huge=keep) */
	OUTCOME_UNREACHED, /* the move ended before its turn */
	/* outside: */
	OUTCOME_EXCLUDED,     /* shared file page, not ours to move */
	OUTCOME_NOT_SELECTED, /* on a node that is not asked for */
	OUTCOME_NOT_PRESENT,
	OUTCOME_NOT_MAPPED,
	OUTCOME_NOT_MOVABLE,
	OUTCOMES
};

enum outcome_class {
	CLASS_LOOKED, /* nothing was to be done with it */
	CLASS_DONE,   /* in scope, where it should be, or gone */
	CLASS_LEFT,   /* in scope, and it stayed */
	CLASS_OUTSIDE,
};

struct outcome_row {
	const char *text; /* for people: "already there" */
	const char *key;  /* for programs: "already_there" */
	enum outcome_class class;
	int status;	    /* as of move_pages(2); 0: the node the page is on */
	const char *advice; /* what to do about those that stayed; NULL for others */
};

const struct outcome_row *outcome_row(enum outcome o);

bool outcome_is_left(enum outcome o);
bool outcome_in_scope(enum outcome o);

#endif
