#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Where output goes, and write errors.

load ../lib/helper

setup() {
	victim_start node=0 anon=64K
	PID=$VICTIM_PID
}

@test "a successful move is silent if standard error is not a terminal" {
	run -0 --separate-stderr migratepages "$PID" 0 0
	assert_output ""
	assert_equal "$stderr" ""
}

@test "on a terminal a move ends with one line" {
	needs_terminal
	run -0 script -qec "migratepages $PID 0 0" /dev/null
	assert_output --regexp "^migratepages: victim \($PID\): nothing to move \([0-9.]+[KM] was already there\)"
	assert_equal "${#lines[@]}" 1
}

@test "-q suppresses that line" {
	needs_terminal
	run -0 script -qec "migratepages -q $PID 0 0" /dev/null
	assert_output ""
}

@test "-v prints a table with a row for each process and its command line" {
	run -0 --separate-stderr migratepages -v "$PID" 0 0
	assert_line --index 0 --regexp "^ *PID MOVED ALREADY-THERE NOT-MOVED COMMAND$"
	assert_line --index 1 --regexp "^ *$PID +- +[0-9.]+[KM] +- [^ ]*victim node=0 anon=64K$"
	assert_equal "${#lines[@]}" 2
	assert_equal "$stderr" ""
}

@test "--help and --version go to standard output" {
	local command
	for command in migratepages movepages; do
		run -0 --separate-stderr "$command" --help
		assert_line --index 0 --partial "Usage: $command"
		assert_equal "$stderr" ""
		run -0 --separate-stderr "$command" --version
		assert_output --regexp "^$command \(numapages "
		assert_equal "$stderr" ""
	done
}

@test "a placement that cannot be written is a failure" {
	run -1 --separate-stderr bash -c "movepages $PID >/dev/full"
	assert_regex "$stderr" "^movepages: standard output: No space left on device"
}

@test "a move whose report cannot be written has exit status 4" {
	run -4 --separate-stderr bash -c "migratepages -v $PID 0 0 >/dev/full"
	assert_regex "$stderr" "pages were moved, but the report is lost"
}

@test "--json prints one document, with --pages one per line" {
	run -0 migratepages --json "$PID" 0 0
	assert_account
	assert_equal "$(json .pid)" "$PID"
	assert_equal "$(json .name)" victim
	run -0 movepages --mappings --json "$PID"
	assert_equal "$(json '[.mappings[].nodes["0"]] | add')" "$(json '.total["0"]')"
	run -0 movepages --json --pages "$PID" "$(page anon 0)+8K"
	assert_equal "${#lines[@]}" 2
	assert_equal "$(jq -c '[.address, .node, .size, .status, .result]' <<<"${lines[1]}")" \
		"[\"0x$(page anon 1)\",0,4096,0,\"present\"]"
}

@test "control characters in a name are escaped" {
	victim_start name=$'\033]0;x\a\377"' node=0 anon=4K
	run -0 movepages "$VICTIM_PID"
	assert_line --index 0 --partial "\\033]0;x\\007\\377\" ($VICTIM_PID): "
	run -0 movepages --json "$VICTIM_PID"
	assert_equal "$(json .name | tr -d '\033\a')" ']0;x�"'
}

@test "each of several processes is processed once" {
	local first=$PID
	victim_start node=0 anon=64K
	run -0 migratepages --json "$first,$VICTIM_PID,$first" 0 0
	assert_equal "$(jq -c '[.processes[].pid] | sort' <<<"$output")" "[$first,$VICTIM_PID]"
	assert_account
}

@test "the id of a thread denotes its process, which counts once" {
	local thread
	victim_start node=0 busy=64K anon=64K
	thread=$(cd "/proc/$VICTIM_PID/task" && printf '%s\n' * | grep -vx "$VICTIM_PID")
	run -0 migratepages --json "$thread,$VICTIM_PID" 0 0
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$VICTIM_PID]"
}

@test "if some of several processes fail, the others are processed and the exit status is 64" {
	sleep 0 &
	local gone=$!
	wait "$gone"
	run -64 --separate-stderr migratepages --json "$gone,$PID" 0 0
	assert_regex "$stderr" "process $gone: no such process"
	assert_equal "$(json .pid)" "$PID"
	run -0 --separate-stderr migratepages --partial-ok "$gone,$PID" 0 0
}

@test "-n shows what would be moved, and moves nothing" {
	run -0 traced move_pages migratepages -n "$PID" 0 0
	assert_line --index 0 --regexp "^victim \($PID\): nothing to move \([0-9.]+[KM] is already there"
	assert_line --regexp "^already there +anon +[1-9][0-9.]*[KM]$"
	run -0 grep -c move_pages "$BATS_TEST_TMPDIR/trace"
	# move_pages(2) without process and pages: it asks whether shared pages may be moved.
	run ! grep -E "move_pages\([1-9].*MPOL_MF_MOVE" "$BATS_TEST_TMPDIR/trace"
}
