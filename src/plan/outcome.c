/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "plan/outcome.h"

#include <errno.h>

static const struct outcome_row rows[OUTCOMES] = {
	[OUTCOME_PRESENT] = { "present", "present", CLASS_LOOKED, 0 },
	[OUTCOME_UNSEEN] = { "not visible", "unseen", CLASS_LOOKED, -EBUSY },
	[OUTCOME_WOULD_MOVE] = { "to move", "would_move", CLASS_LOOKED, 0 },
	[OUTCOME_MOVED] = { "moved", "moved", CLASS_DONE, 0 },
	[OUTCOME_ALREADY_THERE] = { "already there", "already_there", CLASS_DONE, 0 },
	[OUTCOME_LARGER_UNIT] = { "in a larger unit", "in_larger_unit", CLASS_DONE, 0 },
	[OUTCOME_GONE] = { "gone", "gone", CLASS_DONE, -ENOENT },
	[OUTCOME_BUSY] = { "busy", "busy", CLASS_LEFT, -EBUSY,
			   "pinned or under I/O; try again later" },
	[OUTCOME_HIDDEN] = { "not visible", "not_visible", CLASS_LEFT, -EBUSY, "use migratepages" },
	[OUTCOME_SHARED] = { "shared", "shared", CLASS_LEFT, -EACCES, "use --shared=yes as root" },
	[OUTCOME_NO_ROOM] = { "no room", "no_room", CLASS_LEFT, -ENOMEM,
			      "destination is full; choose another node" },
	[OUTCOME_NO_HUGE] = { "no huge page", "no_huge_page", CLASS_LEFT, -ENOMEM,
			      "use --huge=split" },
	[OUTCOME_UNREACHED] = { "not reached", "not_reached", CLASS_LEFT, -EBUSY,
				"run the command again to continue" },
	[OUTCOME_EXCLUDED] = { "excluded", "excluded", CLASS_OUTSIDE, -EACCES },
	[OUTCOME_NOT_SELECTED] = { "not selected", "not_selected", CLASS_OUTSIDE, 0 },
	[OUTCOME_NOT_PRESENT] = { "not present", "not_present", CLASS_OUTSIDE, -ENOENT },
	[OUTCOME_NOT_MAPPED] = { "not mapped", "not_mapped", CLASS_OUTSIDE, -EFAULT },
	[OUTCOME_NOT_MOVABLE] = { "not movable", "not_movable", CLASS_OUTSIDE, -EFAULT },
};

const struct outcome_row *outcome_row(enum outcome o)
{
	return &rows[o];
}

bool outcome_is_left(enum outcome o)
{
	return rows[o].class == CLASS_LEFT;
}

bool outcome_in_scope(enum outcome o)
{
	return rows[o].class == CLASS_LEFT || rows[o].class == CLASS_DONE ||
	       o == OUTCOME_WOULD_MOVE;
}
