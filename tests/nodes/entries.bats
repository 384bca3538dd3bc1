#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Page table entries that are not pages do not make a move partial.

load ../lib/helper

setup() {
	needs_nodes 4
}

@test "a move skips userfaultfd markers" {
	victim_start node=0 marked=4M
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 1
	assert_account left=0
	assert_equal "$stderr" ""
	run -0 --separate-stderr movepages --to=2 --json "$VICTIM_PID" "$(range marked)"
	assert_account scope=$((2 << 20)) moved=$((2 << 20)) left=0
	run -0 movepages --at-least=2:100% "$VICTIM_PID" "$(range marked)"
	assert_intact
}

# As in thread stacks since glibc 2.42.
@test "a move skips three hundred guard pages" {
	printf '%s\n' 6.13 "$(there uname -r)" | sort -CV || skip "needs guard pages (kernel 6.13)"
	victim_start node=0 guards=2400K anon=64K
	run -0 --separate-stderr movepages --at-least=0-3:100% "$VICTIM_PID"
	assert_equal "$stderr" ""
	run -0 --separate-stderr movepages --json --to=1 "$VICTIM_PID" "$(range guards)"
	assert_account scope=$((300 * 4096)) moved=$((300 * 4096)) left=0
	run -0 --separate-stderr movepages --to=1 "$VICTIM_PID"
	assert_equal "$stderr" ""
	run -0 movepages --at-least=1:100% "$VICTIM_PID" "$(range guards)"
	assert_intact
}
