#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Page table entries that are not pages: guard pages, and markers of userfaultfd. They are "not
# present", and no command waits for them.

load ../lib/helper

# entries_start KIND=SIZE: start a victim with such memory, if the kernel supports it.
entries_start() {
	local errors
	errors=$(victim "$1" </dev/null 2>&1 >/dev/null) ||
		cannot_run "this kernel has no ${1%=*}: $errors"
	victim_start node=0 "$@"
}

# each KIND: the checks for every kind, with 16 pages, 8 of them present.
each() {
	local operand absent
	entries_start "$1=64K"
	operand=$(range "$1") absent=$(page "$1" 1)
	run -0 --separate-stderr movepages --at-least=0:100% "$VICTIM_PID" "$operand"
	assert_equal "$stderr" ""
	run -0 movepages --pages --noheadings "$VICTIM_PID" "$operand"
	assert_equal "${#lines[@]}" 8
	run -0 movepages --pages --noheadings "$VICTIM_PID" "$absent"
	assert_regex "$output" " -2 +not present$"
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" all 0
	assert_account left=0 not_movable=0
	run -0 --separate-stderr movepages --to=0 --json "$VICTIM_PID" "$operand"
	assert_account scope=$((8 * 4096)) already_there=$((8 * 4096)) left=0
	run -0 --separate-stderr movepages --save="$BATS_TEST_TMPDIR/saved" "$VICTIM_PID"
	assert_equal "$stderr" ""
	run -0 movepages --map --color=never "$VICTIM_PID" "$operand"
	refute_output --partial "node unknown"
	assert_intact
}

# naps KIND: the number of times that movepages sleeps, with such entries in several batches.
naps() {
	entries_start "$1=64M"
	traced clock_nanosleep movepages -j1 "$VICTIM_PID" >"$BATS_TEST_TMPDIR/out"
	grep -c clock_nanosleep "$BATS_TEST_TMPDIR/trace" || true
}

@test "guard pages are not present" {
	each guards
}

@test "markers of userfaultfd are not present" {
	each marked
}

# Since 6.15, a bit of pagemap marks guard pages. An entry that may also be a page under migration
# delays the first batch, and hardly delays the next ones.
@test "guard pages and markers do not delay each batch" {
	local slept most=12
	slept=$(naps marked)
	((slept <= most)) || fail "markers: it slept $slept times"
	! printf '%s\n' 6.15 "$(uname -r)" | sort -CV || most=0
	slept=$(naps guards)
	((slept <= most)) || fail "guard pages: it slept $slept times"
}
