#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages: selecting mappings by kind and by path.

load ../lib/helper

setup() {
	victim_start node=0 anon=64K shm=64K file=64K
	PID=$VICTIM_PID
}

# chosen OPTION...: the kinds of the mappings listed with these options, each once.
chosen() {
	run -0 --separate-stderr movepages --mappings --json "$@" "$PID"
	json '[.mappings[].kind] | unique | join(" ")'
}

# selects_nothing WHICH OPTION...: the command succeeds with a one-line message.
selects_nothing() {
	run -0 --separate-stderr movepages --pages "${@:2}" "$PID"
	assert_equal "${#lines[@]}" 1
	assert_equal "$stderr" \
		"movepages: process $PID: no mapping matches $1"
}

@test "--kind selects mappings of that kind" {
	assert_equal "$(chosen --kind=heap)" heap
	assert_equal "$(chosen --kind=shm)" shm
	assert_equal "$(chosen --kind=stack,anon)" "anon stack"
}

@test "--path selects mappings of files that match" {
	assert_equal "$(chosen --path='/dev/zero')" shm
	assert_equal "$(chosen --path='*victim')" file
	assert_equal "$(chosen --path='*victim' --kind=file,heap)" file
}

@test "--kind has the usual names of mappings" {
	local expected
	run -0 --separate-stderr movepages --mappings --json "$PID"
	expected=$'heap [heap]\nshm /dev/zero (deleted)\nstack [stack]'
	assert_equal "$(json '.mappings[] | select(.kind | IN("heap", "shm", "stack"))
		| "\(.kind) \(.name)"' | LC_ALL=C sort -u)" "$expected"
}

@test "an empty selection is a success, reported unless -q is given" {
	selects_nothing --kind --kind=hugetlb
	selects_nothing --path --path=/no/such/file
	selects_nothing "--kind and --path" --kind=heap --path='*'
	run -0 --separate-stderr movepages -q --kind=hugetlb "$PID"
	assert_equal "$stderr" ""
}

@test "a range selects nothing in other mappings" {
	run -0 --separate-stderr movepages --pages --kind=shm "$PID" "$(page shm 0)+8K"
	assert_equal "${#lines[@]}" 3
	run -0 --separate-stderr movepages --pages --kind=shm "$PID" "$(range anon)"
	assert_equal "${#lines[@]}" 1
	assert_regex "$stderr" "no mapping matches"
}

@test "an address in another mapping is not selected" {
	run -0 --separate-stderr movepages --pages --kind=shm "$PID" \
		"$(page anon 1)" "$(page shm 1)" 1000
	assert_line --index 1 --regexp "^$(page anon 1) +0 +4K +0 not selected"
	assert_line --index 2 --regexp "^$(page shm 1) +0 +4K +0 present"
	assert_line --index 3 --regexp " -14 not mapped"
}

@test "pages that are not selected are not counted in a move" {
	run -0 movepages --json --kind=shm --to=0 "$PID"
	assert_account already_there=65536 scope=65536
	run -0 movepages --json --kind=shm --to=0 "$PID" "$(page anon 1)" "$(page shm 1)"
	assert_account already_there=4096 scope=4096
}

@test "--kind and --path apply to each of several processes" {
	local first=$PID
	victim_start node=0 shm=32K
	run -0 movepages --json --kind=shm "$first,$VICTIM_PID"
	assert_equal "$(jq -c '[.processes[].total["0"]]' <<<"$output")" "[65536,32768]"
}
