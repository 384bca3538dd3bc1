#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# A command that is stopped, by a time limit or a signal. Without PAGEMAP_SCAN, reading all page
# tables of 64 TiB takes minutes.

load ../lib/helper

# old_kernel COMMAND...: run it without PAGEMAP_SCAN, for a limited time.
old_kernel() {
	timeout --kill-after=1 30 filtered ENOTTY ioctl "$@"
}

@test "a time limit ends the search for pages" {
	victim_start reserved=65536G
	run -64 --separate-stderr old_kernel migratepages --timeout=1 "$VICTIM_PID" 0 0
	assert_regex "$stderr" "migratepages: victim \($VICTIM_PID\): timed out: moved 0B of about [0-9.]+M"
	assert_regex "$stderr" "; about [0-9.]+M was not reached$"
	assert_equal "${#stderr_lines[@]}" 2
	run -64 --separate-stderr old_kernel migratepages --json --timeout=0.2 "$VICTIM_PID" 0 0
	assert_equal "$(jq -c '[.complete, .ended_by, (.errors | length)]' <<<"$output")" \
		'[false,"timeout",1]'
	assert_equal "$(json '[.complete, .ended_by, .remaining_is_exact]')" '[false,"timeout",false]'
}

@test "a signal ends the search for pages" {
	victim_start reserved=65536G
	ASAN_OPTIONS=detect_leaks=0 run -143 --separate-stderr timeout --kill-after=1 30 strace -f -qq -o /dev/null \
		-e inject=pread64:signal=TERM:when=1000 filtered ENOTTY ioctl \
		migratepages "$VICTIM_PID" 0 0
}

@test "a process that was not reached is reported" {
	victim_start anon=64K
	run -64 --separate-stderr migratepages --json --timeout=0.000001 "$VICTIM_PID,$$" 0 0
	assert_equal "$stderr" "migratepages: timed out: 2 of 2 processes were not reached"
	assert_equal "$(jq -c '[.complete, .ended_by, [.errors[].error]]' <<<"$output")" \
		'[false,"timeout",["not reached (timed out)","not reached (timed out)"]]'
}

@test "the JSON of a complete run says so" {
	victim_start anon=64K
	run -0 migratepages --json "$VICTIM_PID" 0 0
	assert_equal "$(jq -c '[.complete, .ended_by]' <<<"$output")" '[true,null]'
	assert_equal "$(json '[.complete, .ended_by, .remaining, .remaining_is_exact]')" \
		'[true,null,0,true]'
}
