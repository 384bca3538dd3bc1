#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Memory that comes to the source while pages move: it is told, and with --settle it moves.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# grows_meanwhile STATUS COMMAND...: a mapping of 1 MiB comes when the first pages have moved.
grows_meanwhile() {
	victim_start node=0 anon=8M
	move_begin 2 "${@:2}" --json --rate=2M "$VICTIM_PID" ${operands+"${operands[@]}"}
	victim_ask touch 1M
	move_end "$1"
	assert_intact
}

@test "what is mapped meanwhile stays, and is told as new" {
	local operands=(0 2)
	grows_meanwhile 0 migratepages
	assert_account left=0 new=$((1 << 20))
	assert_equal "$(numa_bytes 0)" $((1 << 20))
}

@test "with --settle it moves" {
	local operands=(0 2)
	grows_meanwhile 0 migratepages --settle
	assert_account left=0 new=0
	assert [ "$(account moved)" -ge $((9 << 20)) ]
	assert_none_on 0
}

@test "and with movepages, if it is selected" {
	grows_meanwhile 0 movepages --settle --kind=anon --from=0 --to=2
	assert_account left=0 new=0
	assert [ "$(account moved)" -ge $((9 << 20)) ]
}
