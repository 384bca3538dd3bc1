/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PLAN_OUTCOME_H
#define PLAN_OUTCOME_H

#include <stdbool.h>

/*
 * The outcomes of a page: their names, class and status code.  Pure.
 *
 * A page is in scope if it is selected and was present and movable when it was found.
 *
 *	in scope = moved + already there + in a larger unit + gone + left
 *
 * always holds.  Left pages could not be moved.  A dry run has "would move" for "moved".
 */

enum outcome {
	OUTCOME_PRESENT,    /* displayed only */
	OUTCOME_UNSEEN,	    /* displayed only; the kernel does not report its node */
	OUTCOME_WOULD_MOVE, /* in a dry run */
	OUTCOME_MOVED,
	OUTCOME_ALREADY_THERE,
	OUTCOME_LARGER_UNIT, /* in a folio that moved to the node of its other pages */
	OUTCOME_GONE,	     /* unmapped, freed or swapped out during the move */
	/* left: */
	OUTCOME_BUSY,	/* pinned, locked or under migration: the kernel does not say */
	OUTCOME_HIDDEN, /* present, but not visible to move_pages(2) on this kernel */
	OUTCOME_SHARED, /* also mapped by other processes; needs CAP_SYS_NICE */
	OUTCOME_NO_ROOM,
	OUTCOME_NO_HUGE,   /* --huge=keep, and the destination has no free huge page */
	OUTCOME_UNREACHED, /* the move ended before its turn */
	/* outside: */
	OUTCOME_EXCLUDED,     /* shared file page that the caller may not move */
	OUTCOME_NOT_SELECTED, /* on a node that is not selected */
	OUTCOME_NOT_PRESENT,
	OUTCOME_NOT_MAPPED,
	OUTCOME_NOT_MOVABLE,
	OUTCOMES
};

enum outcome_class {
	CLASS_LOOKED, /* no move was requested */
	CLASS_DONE,   /* in scope, and done or gone */
	CLASS_LEFT,   /* in scope, not moved */
	CLASS_OUTSIDE,
};

struct outcome_row {
	const char *text; /* for users: "already there" */
	const char *key;  /* for JSON and raw output: "already_there" */
	enum outcome_class class;
	int status;	    /* as in move_pages(2); 0: the node of the page */
	const char *advice; /* a remedy, for CLASS_LEFT; otherwise NULL */
};

const struct outcome_row *outcome_row(enum outcome o);

bool outcome_is_left(enum outcome o);
bool outcome_in_scope(enum outcome o);

#endif
