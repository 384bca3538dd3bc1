#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# JSON matches doc/output.md: jq and Python parse it, and find each key with its type.

load ../lib/helper

DOC=$BATS_TEST_DIRNAME/../../doc/output.md

setup() {
	victim_start node=0 anon=64K shm=64K file=64K
	PID=$VICTIM_PID
}

# jq_finds OBJECT JSON, python_finds OBJECT JSON: print where the JSON differs from OBJECT.
jq_finds() {
	jq -rn --rawfile doc "$DOC" --arg root "$1" -f "$BATS_TEST_DIRNAME/../lib/schema.jq" \
		<<<"$2" 2>&1 | head -n 5
}

python_finds() {
	python3 "$BATS_TEST_DIRNAME/../lib/schema.py" "$DOC" "$1" <<<"$2" 2>&1
}

# assert_is OBJECT: $output is an OBJECT of doc/output.md.
assert_is() {
	local wrong
	assert [ "$output" ]
	wrong=$(jq_finds "$1" "$output") || fail "jq: $wrong"
	assert_equal "jq: $wrong" "jq: "
	wrong=$(python_finds "$1" "$output") || fail "python3: $wrong"
}

# writes OBJECT STATUS COMMAND...: the command prints such an object.
writes() {
	run -"$2" --separate-stderr "${@:3}"
	assert_is "$1"
}

@test "a placement" { writes look 0 movepages --json "$PID"; }
@test "a placement by mapping" { writes look 0 movepages --json --mappings "$PID"; }
@test "a list of all processes" {
	writes look 0 movepages --json
	jq -e --argjson pid "$PID" 'any(.processes[]; .pid == $pid)' <<<"$output"
}
@test "a placement of single pages and ranges" {
	writes look 0 movepages --json "$PID" "$(page anon 0)" "$(range shm)"
}
@test "a placement of a process that exists and one that does not" {
	writes look 64 movepages --json "$PID,$(gone)"
	assert_equal "$(jq '.errors | length' <<<"$output")" 1
}
@test "a placement of processes that do not exist" {
	local pid
	pid=$(gone)
	writes look 1 movepages --json "$pid"
	assert_equal "$(jq -c '[.processes, .errors]' <<<"$output")" \
		"[[],[{\"pid\":$pid,\"error\":\"no such process\"}]]"
	assert_equal "$stderr" "movepages: process $pid: no such process"
}
@test "a dry run" { writes move 0 migratepages --json -n "$PID" 0 0; }
@test "a dry run with some pages" {
	writes move 0 movepages --json -n "$PID" "$(page anon 0)=0"
}
@test "a move" { writes move 0 migratepages --json "$PID" 0 0; }
@test "a move by movepages" { writes move 0 movepages --json --to=0 "$PID"; }
@test "a move of several processes that have exited" {
	writes move 1 migratepages --json "$(gone),$(gone)" 0 0
	assert_equal "$(jq '.processes | length' <<<"$output")" 0
}
@test "a move that is stopped by its time limit" {
	writes move 64 movepages --json --timeout=0.000001 --to=0 "$PID"
}
@test "--check" {
	run --separate-stderr movepages --check --json
	assert_is host
}
@test "lines of pages" { writes page 0 movepages --json --pages "$PID"; }
@test "lines of pages that are not present" {
	victim_start untouched=64K
	writes page 0 movepages --json --pages "$VICTIM_PID" "$(page untouched 0)" 1000
	assert_equal "$(jq -sc 'map([.node, .result])' <<<"$output")" \
		'[[null,"not_present"],[null,"not_mapped"]]'
}
@test "lines of pages that were moved" {
	writes page 0 movepages --json --pages --to=0 "$PID" "$(range anon)"
}
@test "no line for a process that does not exist" {
	run -1 --separate-stderr movepages --json --pages "$(gone)"
	assert_output ""
}

@test "no document for an invalid command line" {
	run -1 --separate-stderr movepages --json --to=x "$PID"
	assert_output ""
	run -1 --separate-stderr migratepages --json "$PID" 0
	assert_output ""
}

# refuses_json OBJECT JSON: both parsers report an error.
refuses_json() {
	run jq_finds "$1" "$2"
	assert_output
	run ! python_finds "$1" "$2"
	assert_output
}

@test "both parsers detect errors" {
	refuses_json error '{"pid":1}'
	refuses_json error '{"pid":1,"error":"x","more":1}'
	refuses_json error '{"pid":"1","error":"x"}'
	refuses_json count '{"pages":1,"huge_pages":0,"bytes":4096.5}'
	refuses_json flow '{"from":0,"to":"1","count":{"pages":1,"huge_pages":0,"bytes":4096}}'
	refuses_json look '{"schema":2,"command":"movepages","processes":[{}],"errors":[]}'
	refuses_json look '{"schema":2,"command":"movepages","processes":[],"errors":{}}'
	refuses_json look '['
}
