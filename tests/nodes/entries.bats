#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Entries of the page table that are not pages do not make a move incomplete.

load ../lib/helper

setup() {
	needs_nodes 4
}

@test "a move passes over the markers of userfaultfd" {
	victim_start node=0 marked=4M
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 1
	assert_account left=0
	assert_equal "$stderr" ""
	run -0 --separate-stderr movepages --to=2 --json "$VICTIM_PID" "$(range marked)"
	assert_account scope=$((2 << 20)) moved=$((2 << 20)) left=0
	run -0 movepages --at-least=2:100% "$VICTIM_PID" "$(range marked)"
	assert_intact
}
