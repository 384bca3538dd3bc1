#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# --at-least and --at-most with all memory on node 0: exit status and output.

load ../lib/helper

setup() {
	victim_start node=0 anon=1M node=any untouched=64K
	PID=$VICTIM_PID
}

# holds OPTION...: the check succeeds silently.
holds() {
	run -0 --separate-stderr movepages "$@" "$PID" "$(range anon)"
	assert_equal "$output$stderr" ""
}

# fails TEXT OPTION...: the check fails, and prints only this.
fails() {
	run -3 --separate-stderr movepages "${@:2}" "$PID" "$(range anon)"
	assert_output ""
	assert_equal "$stderr" "movepages: $1"
}

@test "a check that holds is silent" {
	holds --at-least=0:100%
	holds --at-least=0:100
	holds --at-most=0:100%
	holds --at-least=0:0.5% --at-least=all:99.999999999%
}

@test "a check that does not hold gives 3 and one line" {
	fails "node 0 has 100% (1M of 1M), at most 50% allowed" --at-most=0:50%
	fails "node 0 has 100% (1M of 1M), at most 99.999% allowed" --at-most=0:99.999
	fails "nodes all have 100% (1M of 1M), at most 0% allowed" --at-most=all:0%
}

@test "with several checks, those that fail are reported" {
	fails "node 0 has 100% (1M of 1M), at most 50% allowed" --at-least=0:5% --at-most=0:50%
	run -3 --separate-stderr movepages --at-most=0:1% --at-most=0:2% "$PID" "$(range anon)"
	assert_equal "${#stderr_lines[@]}" 2
}

@test "-v also reports checks that hold, -q reports none" {
	run -0 --separate-stderr movepages -v --at-least=0:95% "$PID" "$(range anon)"
	assert_output ""
	assert_equal "$stderr" "movepages: node 0 has 100% (1M of 1M), at least 95% required: OK"
	run -3 --separate-stderr movepages -q --at-most=0:5% "$PID" "$(range anon)"
	assert_equal "$output$stderr" ""
}

@test "without resident memory, no check holds" {
	run -3 --separate-stderr movepages --at-least=0:0% "$PID" "$(range untouched)"
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" "no resident memory selected, at least 0% required$"
	run -3 movepages --at-most=0:100% "$PID" "$(range untouched)"
}

@test "migratepages checks after the move, or alone" {
	run -0 --separate-stderr migratepages --at-least=all:100% "$PID" 0 0
	assert_equal "$output$stderr" ""
	run -3 --separate-stderr migratepages --at-most=all:5% "$PID" 0 0
	assert_regex "$stderr" "^migratepages: nodes all have 100% .* at most 5% allowed$"
	run -0 traced move_pages,migrate_pages migratepages --at-least=all:100% "$PID"
	run ! grep -E "MPOL_MF_MOVE|migrate_pages\(" "$BATS_TEST_TMPDIR/trace"
	run -3 migratepages --at-most=all:5% "$PID"
}

@test "other requested output is printed" {
	run -3 --separate-stderr movepages --pages --at-most=0:5% "$PID" "$(page anon 0)+8K"
	assert_equal "${#lines[@]}" 3
	run -3 --separate-stderr migratepages -v --at-most=all:5% "$PID" 0 0
	assert_line --regexp " victim node=0 anon=1M node=any untouched=64K$"
}

@test "--json has every check and its result" {
	run -3 --separate-stderr movepages --json --at-least=0:99.5% --at-most=all:5 \
		"$PID" "$(range anon)"
	assert_equal "$(jq -c '.checks[] | [.check, .nodes, .percent, .bytes, .unseen, .total, .holds]' \
		<<<"$output")" \
		'["at_least","0","99.5",1048576,0,1048576,true]
["at_most","all","5",1048576,0,1048576,false]'
	assert_equal "$(json '.total["0"]')" 1048576
	run -0 migratepages --json --at-least=all:100% "$PID" 0 0
	assert_account
	assert_equal "$(jq -c '[.checks[].holds]' <<<"$output")" "[true]"
	run -0 movepages --json "$PID"
	assert_equal "$(jq -c 'has("checks")' <<<"$output")" false
}

@test "exit status: all processes failed, then a failed check, then some processes failed" {
	sleep 0 &
	local gone=$!
	wait "$gone"
	run -1 --separate-stderr migratepages --at-most=all:5% "$gone"
	assert_equal "${#stderr_lines[@]}" 1
	run -3 migratepages --at-most=all:5% "$gone,$PID"
	run -64 migratepages --at-least=all:100% "$gone,$PID"
	run -0 migratepages --partial-ok --at-least=all:100% "$gone,$PID"
	run -3 migratepages --partial-ok --at-most=all:5% "$PID" 0 0
}

@test "exit status: a lost report, then a failed check" {
	run -4 bash -c "migratepages -v --at-most=all:5% $PID 0 0 >/dev/full"
	run -1 bash -c "movepages --pages --at-most=all:5% $PID >/dev/full"
}

@test "checks are made after the time limit, too" {
	run migratepages --timeout=0.000001 --at-least=all:100% "$PID" 0 0
	((status == 0 || status == 64)) || fail "status $status"
	run -3 --separate-stderr migratepages --timeout=0.000001 --at-most=all:5% "$PID" 0 0
	assert_regex "$stderr" "at most 5% allowed"
}
