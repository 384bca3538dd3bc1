#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# A process keeps its memory while any thread runs, even if its first thread has exited.

load ../lib/helper

setup() {
	victim_start anon=1M first=ended
	run -0 grep '^State:.Z' "/proc/$VICTIM_PID/status"
}

@test "a process whose first thread has exited is displayed" {
	run -0 --separate-stderr movepages --mappings --json "$VICTIM_PID"
	assert_equal "$(json .pid)" "$VICTIM_PID"
	assert_equal "$(json '[.mappings[] | select(.kind == "anon") | .nodes | add] | max')" 1048576
}

@test "it is moved" {
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" all 0
	assert_account left=0
	assert [ "$(account scope)" -ge 1048576 ]
	run -0 --separate-stderr migratepages --method=process "$VICTIM_PID" all 0
	run -0 --separate-stderr movepages --to=0 "$VICTIM_PID"
	assert_intact
}

@test "it is found in sets of processes" {
	run -0 --separate-stderr movepages --json - <<<"$VICTIM_PID"
	assert_equal "$(jq '.processes | length' <<<"$output")" 1
	run -0 --separate-stderr movepages --json --tree "$VICTIM_PID"
	assert_equal "$(jq '.processes | length' <<<"$output")" 1
}

@test "its placement is saved and restored" {
	run -0 --separate-stderr movepages --save="$BATS_TEST_TMPDIR/saved" "$VICTIM_PID"
	run -0 --separate-stderr movepages --restore="$BATS_TEST_TMPDIR/saved" "$VICTIM_PID"
}

@test "the id of another thread denotes it" {
	local thread
	for thread in "/proc/$VICTIM_PID/task"/*; do :; done
	assert [ "${thread##*/}" != "$VICTIM_PID" ]
	run -0 --separate-stderr movepages "${thread##*/}"
	assert_line --index 0 --partial "victim ($VICTIM_PID): "
}
