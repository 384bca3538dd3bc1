#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Transparent huge pages and a destination with free memory, but hardly any free huge pages.
#
# Uses up the memory of a node.
# bats file_tags=alone

load ../lib/helper

# Otherwise the kernel makes huge pages by compaction in the background, and CPUs keep up to an
# eighth of a node's memory, which is not counted as free until the kernel needs it.
setup() {
	needs_nodes 4
	needs_root
	there sysctl -qw vm.compaction_proactiveness=0 vm.percpu_pagelist_high_fraction=10000
}

teardown() {
	victim_stop
	there sysctl -qw vm.compaction_proactiveness=20 vm.percpu_pagelist_high_fraction=0
}

# A victim with 128 MiB of huge pages on node 0; the free memory of node 1 is single pages.
start_ragged() {
	local free
	free=$(there cat /sys/devices/system/node/node1/meminfo | awk '/MemFree/ { print $4 }')
	victim_start node=0 thp=128M node=1 "ragged=$((free / 1024 - 56))M"
}

huge_kib() {
	there cat "/proc/$VICTIM_PID/smaps" | awk '/^AnonHugePages/ { sum += $2 } END { print sum }'
}

@test "--huge=keep does not move huge pages that would be split, and reports them" {
	local before
	start_ragged
	before=$(huge_kib)
	run -64 --separate-stderr migratepages --json --huge=keep "$VICTIM_PID" 0 1
	assert_account
	assert_equal "$(json .account.split_huge_pages)" 0
	assert [ "$(account left_by.no_huge_page)" -gt 0 ]
	assert_equal "$(account left_by.no_huge_page)" "$(numa_bytes 0)"
	assert_regex "$stderr" "no huge page"
	# Other programs allocate memory between the check and the move: a few may be split.
	assert [ "$(huge_kib)" -ge $((before * 9 / 10)) ]
	assert_intact
}

@test "movepages --huge=keep lists each of them" {
	start_ragged
	run -64 --separate-stderr movepages --pages --huge=keep --to=1 "$VICTIM_PID" "$(range thp)"
	assert_line --regexp "^[0-9a-f]+ +0 +2M +-12 no huge page"
	refute_line --regexp " 4K "
	assert_intact
}

# Each dry run reads the free lists again, which may have changed by some pages.
@test "a dry run reports how many huge pages would be split, or stay, and which" {
	start_ragged
	run -0 --separate-stderr movepages -n --json --to=1 "$VICTIM_PID" "$(range thp)"
	assert [ "$(json .account.split_huge_pages)" -gt 0 ]
	assert_equal "$(json '.forecast[0].split_huge_pages')" "$(json .account.split_huge_pages)"
	run -0 movepages -n --to=1 "$VICTIM_PID" "$(range thp)"
	assert_line --index -2 --regexp "^[0-9]+ huge pages? to be split: too few free huge pages on the destination$"
	run -0 movepages -n --pages --to=1 "$VICTIM_PID" "$(range thp)"
	assert_line --partial " to be split"
	assert_equal "$(grep -cE ' 2M +0 to (move|be split)$' <<<"$output")" 64
	run -0 --separate-stderr movepages -n --json --huge=keep --to=1 "$VICTIM_PID" "$(range thp)"
	assert [ "$(account left_by.no_huge_page)" -gt 0 ]
	assert_equal "$(json '.account | [.split_huge_pages, .scope.huge_pages]')" "[0,64]"
	assert_equal "$stderr" ""
}

@test "without --huge=keep, all of them move" {
	start_ragged
	run -0 migratepages "$VICTIM_PID" 0 1
	assert_all_on 1 thp
	assert_intact
}

@test "huge pages are not split if the destination has free ones, with and without --huge=keep" {
	victim_start node=0 thp=8M anon=1M
	run -0 --separate-stderr migratepages --json --huge=keep "$VICTIM_PID" 0 2
	assert_account left=0
	assert_equal "$(json .account.split_huge_pages)" 0
	assert_all_on 2 thp anon
	assert_equal "$(huge_kib)" 8192
}
