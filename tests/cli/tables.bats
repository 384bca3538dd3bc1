#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Options of tables and of lines of pages: --output, --noheadings, --raw, --bytes.

load ../lib/helper

setup() {
	victim_start name="a b" node=0 anon=64K shm=128K untouched=1M
	PID=$VICTIM_PID
}

# row KIND: the row of that mapping in $output, without its address.
row() {
	local start
	read -r start _ < <(mapping "$1")
	sed -n "s/^$start *//p" <<<"$output"
}

@test "--output selects the columns and their order" {
	run -0 movepages --mappings -o name,KIND,n0 "$PID"
	assert_line --index 1 --regexp "^NAME +KIND +N0$"
	run -0 movepages --mappings --output=ADDRESS,END,SIZE,PERMS,PAGESIZE,TOTAL "$PID"
	assert_regex "$(row anon)" "^$(mapping anon | cut -d ' ' -f 2) +64K rw-p +4K +64K$"
}

@test "+ adds columns to the default ones" {
	run -0 movepages --mappings -o +PERMS,PID "$PID"
	assert_line --index 1 --regexp "^ADDRESS +KIND +N0 .*TOTAL NAME +PERMS +PID$"
}

@test "SIZE is the size of the mapping, TOTAL its resident memory; both are summed up" {
	victim_start node=0 hole=32K
	run -0 movepages --mappings -o ADDRESS,SIZE,TOTAL "$VICTIM_PID" "$(range hole)"
	assert_regex "$(row hole)" "^32K +16K$"
	assert_line --regexp "^total +32K +16K$"
}

@test "without the column of its name, the row of totals is not printed" {
	run -0 movepages --mappings -o KIND,TOTAL "$PID"
	refute_line --partial total
}

@test "--noheadings prints the mappings and the total only" {
	run -0 movepages --mappings --noheadings "$PID"
	assert [ "$(grep -cvE '^[0-9a-f]{12} ' <<<"$output")" = 1 ]
	assert_line --regexp "^total "
	run -0 migratepages -n --noheadings "$PID" 0 0
	assert_line --index 0 --regexp "^already there "
	run -0 movepages --noheadings --pages "$PID" "$(page anon 0)"
	assert_output --regexp "^$(page anon 0) +0 +4K +0 present$"
}

@test "--bytes prints plain numbers everywhere, also 0" {
	run -0 movepages --mappings -b "$PID"
	assert_equal "$(row anon | awk '{ print $1, $2 }')" "anon 65536"
	run -0 movepages -b --pages "$PID" "$(page anon 0)"
	assert_line --index 1 --regexp "^$(page anon 0) +0 +4096 +0 present$"
	assert_equal "$(awk '{ print index($0, "RESULT") + index($0, "present") }' <<<"$output" |
		sort -u | wc -l)" 1
	run -0 migratepages -v -b "$PID" 0 0
	assert_line --regexp "^ *$PID +0 +[0-9]+ +0 "
}

@test "--raw has one line per mapping, with the same number of words in each" {
	run -0 movepages --mappings --raw "$PID"
	assert_line --index 0 --regexp "^ADDRESS KIND N0 .*TOTAL NAME$"
	assert_equal "$(awk '{ print NF }' <<<"$output" | sort -u | wc -l)" 1
	assert_equal "$(row anon | cut -d ' ' -f 1,2)" "anon 64K"
	refute_line --partial total
	run -0 movepages --mappings --raw -o COMM,NAME "$PID" "$(range anon)"
	assert_line --index 1 'a\x20b -'
}

@test "--raw has one heading for all processes" {
	local first=$PID
	victim_start node=0 anon=64K
	run -0 movepages --mappings --raw -o PID,KIND "$first,$VICTIM_PID"
	assert_equal "$(grep -c "^PID KIND$" <<<"$output")" 1
	assert_line "$first anon"
	assert_line "$VICTIM_PID anon"
}

@test "the raw table of a move has one row for each process, and no total" {
	local first=$PID
	victim_start node=0 anon=64K
	run -0 migratepages -v --raw "$first,$VICTIM_PID" 0 0
	assert_line --index 0 "PID MOVED ALREADY-THERE NOT-MOVED COMMAND"
	assert_line --regexp "^$first - [0-9.]+[KM] - .*victim.x20name=a.x20b.x20node=0"
	assert_equal "${#lines[@]}" 3
	assert_equal "$(awk '{ print NF }' <<<"$output" | sort -u)" 5
}

@test "the raw table of a dry run has one word for each result" {
	run -0 migratepages -n --raw --noheadings -o RESULT,KIND,FROM,SIZE "$PID" 0 0
	assert_line --regexp "^already_there anon - [0-9]+K$"
}

@test "the table of a move has columns for names and nodes, too" {
	run -0 migratepages -v --noheadings -o PID,COMM,FROM,TO,NEW,GONE "$PID" 0 0
	assert_output --regexp "^ *$PID a b +- +-$"
}

@test "raw lines of pages have one word for the result" {
	run -0 movepages --raw --pages --to=0 "$PID" "$(page anon 0)" "$(page untouched 0)"
	assert_line --index 0 "ADDRESS NODE SIZE STATUS RESULT"
	assert_line --index 1 "$(page anon 0) 0 4K 0 already_there"
	assert_line --index 2 "$(page untouched 0) - 4K -2 not_present"
}
