#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Memory that appears on the source during the move is reported, and moves with --settle.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# grows_during STATUS COMMAND...: run a move; the victim maps 1 MiB when the first pages have moved.
grows_during() {
	victim_start node=0 anon=8M
	move_begin 2 "${@:2}" --json --rate=2M "$VICTIM_PID" ${operands+"${operands[@]}"}
	victim_ask touch 1M
	move_end "$1"
	assert_intact
}

@test "memory mapped during the move stays, and is reported as new" {
	local operands=(0 2)
	grows_during 0 migratepages
	assert_account left=0 new=$((1 << 20))
	assert_equal "$(numa_bytes 0)" $((1 << 20))
}

@test "with --settle, memory mapped during the move moves" {
	local operands=(0 2)
	grows_during 0 migratepages --settle
	assert_account left=0 new=0
	assert [ "$(account moved)" -ge $((9 << 20)) ]
	assert_none_on 0
}

@test "with movepages --settle, it moves if it is selected" {
	grows_during 0 movepages --settle --kind=anon --from=0 --to=2
	assert_account left=0 new=0
	assert [ "$(account moved)" -ge $((9 << 20)) ]
}
