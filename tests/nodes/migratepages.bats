#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# migratepages PID FROM TO: what it moves and reports.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# Memory of every kind on node 0, in sizes that the emulated machine moves quickly.
start_small() {
	victim_start node=0 anon=2M thp=4M hugetlb=2 shm=1M file=1M hole=1M
}

# moves_everything METHOD: check all results of the move of a large process.
moves_everything() {
	local on_0 on_2
	victim_start node=0 anon=64M thp=64M hugetlb=8 shm=8M shared=2M file=8M hole=8M
	on_0=$(numa_bytes 0) on_2=$(numa_bytes 2)
	run -0 --separate-stderr migratepages --json --method="$1" "$VICTIM_PID" 0 2
	assert_none_on 0
	assert_all_on 2 anon thp hugetlb shm shared file hole
	assert_account scope="$on_0" moved="$on_0"
	assert_equal "$(numa_bytes 2)" $((on_2 + on_0))
	assert_intact
}

# second_run_moves_nothing METHOD
second_run_moves_nothing() {
	start_small
	migratepages --method="$1" "$VICTIM_PID" 0 2
	run -0 --separate-stderr migratepages --json --method="$1" "$VICTIM_PID" 0 2
	assert_account moved=0 left=0
}

# is_silent METHOD
is_silent() {
	start_small
	run -0 --separate-stderr migratepages --method="$1" "$VICTIM_PID" 0 2
	assert_equal "$output$stderr" ""
	assert_none_on 0
}

# moves_shared METHOD KIND: check that memory also mapped by a child moves.
moves_shared() {
	victim_start node=0 "$2"=2M
	run -0 --separate-stderr migratepages --json --method="$1" "$VICTIM_PID" 0 2
	assert_account left=0
	assert_all_on 2 "$2"
	assert_intact
}

thp_bytes() {
	there cat "/proc/$VICTIM_PID/smaps" |
		awk '$1 == "AnonHugePages:" { kib += $2 } END { print kib * 1024 }'
}

status_of() {
	there cat "/proc/$VICTIM_PID/status" | awk -v key="$1:" '$1 == key { print $2 }'
}

@test "page by page, a complete process moves, and its pages are counted" {
	moves_everything pages
}

@test "in one call, a complete process moves, and its pages are counted" {
	moves_everything process
}

@test "page by page is the default method" {
	start_small
	run -0 traced move_pages migratepages "$VICTIM_PID" 0 2
	assert_none_on 0
	assert_regex "$(there cat "$BATS_TEST_TMPDIR/trace")" "move_pages\($VICTIM_PID, .*\[2"
}

@test "page by page counts a huge page once, apart from base pages" {
	start_small
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 2
	assert_equal "$(json .account.moved.huge_pages)" 4
	json '.account.moved | .pages * 4096 + .huge_pages * 2097152 == .bytes'
}


@test "page by page, a second run moves nothing" { second_run_moves_nothing pages; }
@test "in one call, a second run moves nothing" { second_run_moves_nothing process; }

@test "page by page, a complete move is silent without a terminal" { is_silent pages; }
@test "in one call, a complete move is silent without a terminal" { is_silent process; }

@test "page by page, shared memory moves" { moves_shared pages shared; }
@test "in one call, shared memory moves" { moves_shared process shared; }
@test "page by page, memory shared since a fork moves" { moves_shared pages cow; }
@test "in one call, memory shared since a fork moves" { moves_shared process cow; }

@test "-v reports what was moved" {
	start_small
	run -0 --separate-stderr migratepages -v "$VICTIM_PID" 0 2
	assert [ -n "$output$stderr" ]
	assert_none_on 0
}

@test "-q prints nothing" {
	start_small
	run -0 --separate-stderr migratepages -q "$VICTIM_PID" 0 2
	assert_equal "$output$stderr" ""
	assert_none_on 0
}

@test "the JSON names the process" {
	victim_start node=0 name='a "b' anon=256K
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 2
	assert_equal "$(json .pid)" "$VICTIM_PID"
	assert_equal "$(json .name)" 'a "b'
	assert_equal "$(jq -r .command <<<"$output")" migratepages
}

@test "a dry run moves nothing" {
	local before
	start_small
	before=$(placement)
	run -0 --separate-stderr migratepages -n "$VICTIM_PID" 0 2
	assert_equal "$(placement)" "$before"
}

@test "transparent huge pages are not split" {
	local before
	victim_start node=0 thp=8M
	before=$(thp_bytes)
	migratepages "$VICTIM_PID" 0 2
	assert_equal "$(thp_bytes)" "$before"
	assert_all_on 2 thp
}

@test "locked pages move and stay locked" {
	victim_start node=0 locked=1M
	migratepages "$VICTIM_PID" 0 2
	assert_all_on 2 locked
	assert_equal "$(status_of VmLck)" 1024
}

@test "untouched memory is not allocated" {
	local before
	victim_start node=0 untouched=4M zero=4M hole=4M
	before=$(status_of VmRSS)
	migratepages "$VICTIM_PID" 0 2
	assert_equal "$(status_of VmRSS)" "$before"
}

@test "only pages on the FROM node move" {
	victim_start node=0 anon=1M node=1 thp=2M node=3 shm=1M
	migratepages "$VICTIM_PID" 0 2
	assert_all_on 2 anon
	assert_all_on 1 thp
	assert_all_on 3 shm
}

@test "a target that maps and writes during the move loses nothing" {
	victim_start node=0 busy=8M anon=2M
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 2
	assert_account
	assert_all_on 2 busy anon
	assert_intact
}

@test "a stopped target's memory moves" {
	start_small
	there kill -STOP "$VICTIM_PID"
	migratepages "$VICTIM_PID" 0 2
	there kill -CONT "$VICTIM_PID"
	assert_none_on 0
	assert_intact
}

@test "two processes move in one call, each with a report" {
	local first
	victim_start node=0 anon=1M
	first=$VICTIM_PID
	victim_start node=0 anon=2M
	run -0 --separate-stderr migratepages --json "$first,$VICTIM_PID" 0 2
	assert_account
	assert_equal "$(jq -c '[.processes[].pid] | sort' <<<"$output")" "[$first,$VICTIM_PID]"
	assert_none_on 0
	VICTIM_PID=$first assert_none_on 0
}

@test "nodes cannot be swapped in one call" {
	start_small
	run -1 --separate-stderr migratepages --method=process --route=0:1,1:0 "$VICTIM_PID"
	assert_equal "$stderr" "migratepages: process $VICTIM_PID: --route: --method=process \
cannot follow a cyclic route"
}

@test "a node that does not exist is an error, and nothing moves" {
	local before
	start_small
	before=$(placement)
	run -1 --separate-stderr migratepages "$VICTIM_PID" 0 7
	assert_equal "$output" ""
	assert_equal "${#stderr_lines[@]}" 1
	assert_equal "$(placement)" "$before"
}
