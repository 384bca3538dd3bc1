#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# A machine with one CPU on each of nodes 0 and 1, and memory-only nodes 2 and 3:
# the keywords of node lists, and swaps between nodes with and without CPUs.
#
# Fills a node.
# bats file_tags=alone

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	[[ $(there cat /sys/devices/system/node/has_cpu) == 0-1 ]] ||
		cannot_run "nodes 0 and 1 must be those with CPUs"
}

@test "has-cpu and memory-only select complementary nodes" {
	victim_start node=0 anon=1M node=1 thp=2M
	migratepages "$VICTIM_PID" has-cpu memory-only
	assert_none_on 0 1
	assert_all_on 2 anon
	assert_all_on 3 thp
	migratepages "$VICTIM_PID" memory-only has-cpu
	assert_none_on 2 3
	assert_all_on 0 anon
	assert_all_on 1 thp
	assert_intact
}

@test "an inverted keyword selects the other nodes" {
	victim_start node=3 anon=1M node=2 shm=1M
	migratepages "$VICTIM_PID" '!has-cpu' '!memory-only'
	assert_all_on 1 anon
	assert_all_on 0 shm
}

@test "keywords and numbers combine" {
	victim_start node=0 anon=1M node=2 thp=2M node=3 shm=1M
	migratepages "$VICTIM_PID" 0,memory-only 1
	assert_none_on 0 2 3
	assert_all_on 1 anon thp shm
}

@test "movepages accepts the keywords" {
	victim_start node=0 anon=1M node=2 thp=2M
	run -0 --separate-stderr movepages --json --from=memory-only "$VICTIM_PID" \
		"$(range anon)" "$(range thp)"
	assert_equal "$(json '[.total["0"], .total["2"]]')" "[0,2097152]"
	movepages --from=memory-only --to=1 "$VICTIM_PID"
	assert_all_on 0 anon
	assert_all_on 1 thp
}

@test "local is the node of the CPU that the process is bound to" {
	victim_start cpu=1 node=0 anon=1M node=2 thp=2M node=3 hugetlb=1
	migratepages "$VICTIM_PID" '!local' local
	assert_none_on 0 2 3
	assert_all_on 1 anon thp hugetlb
	there taskset -acp 0 "$VICTIM_PID"
	migratepages "$VICTIM_PID" '!local' local
	assert_none_on 1 2 3
	assert_all_on 0 anon thp hugetlb
	assert_intact
}

@test "local is all nodes with CPUs if the process is not bound" {
	victim_start node=2 anon=1M node=3 thp=2M
	migratepages "$VICTIM_PID" memory-only local
	assert_all_on 0 anon
	assert_all_on 1 thp
	movepages --from=local --to=2,3 "$VICTIM_PID"
	assert_all_on 2 anon
	assert_all_on 3 thp
}

@test "local is evaluated for each process" {
	local first
	victim_start cpu=0 node=2 anon=1M
	first=$VICTIM_PID
	victim_start cpu=1 node=2 anon=1M
	run -3 migratepages --at-least=local:90% "$first,$VICTIM_PID"
	run -0 migratepages --at-least=local:100% "$first,$VICTIM_PID" all local
	assert_all_on 1 anon
	VICTIM_PID=$first
	assert_all_on 0 anon
}

@test "a process bound to a CPU is interleaved over the memory-only nodes" {
	victim_start cpu=0 node=0 anon=1M
	run -0 movepages --interleave=memory-only --at-most=2:50% --at-most=3:50% \
		--at-most=has-cpu:0% "$VICTIM_PID" "$(range anon)"
	assert_equal "$(placement)" "anon: 0 0 524288 524288"
	assert_intact
}

@test "a swap exchanges a node with CPUs and one without" {
	victim_start cpu=0 node=0 anon=1M shm=1M node=2 thp=4M hugetlb=2
	run -0 --separate-stderr migratepages --json --route=0:2,2:0 "$VICTIM_PID"
	assert_account
	assert_all_on 2 anon shm
	assert_all_on 0 thp hugetlb
	movepages --route=0:2,2:0 "$VICTIM_PID" "$(range anon)" "$(range thp)"
	assert_all_on 0 anon hugetlb
	assert_all_on 2 thp shm
	assert_intact
}

@test "a ring over all four nodes moves each page once" {
	victim_start cpu=1 node=0 anon=1M node=1 shm=1M node=2 thp=2M node=3 hugetlb=1
	migratepages --route=0:2,2:1,1:3,3:0 "$VICTIM_PID"
	assert_equal "$(placement)" "anon: 0 0 1048576 0
shm: 0 0 0 1048576
thp: 0 2097152 0 0
hugetlb: 2097152 0 0 0"
	assert_intact
}

teardown() {
	node_empty
	victim_stop
}

@test "a dry run of a move that does not fit prints the table, and fails as the move does" {
	local why='^migratepages: process [0-9]+: not enough memory on node 3: .* needed \(--force'
	victim_start node=0 anon=64M
	node_fill 3
	run -1 --separate-stderr migratepages -n "$VICTIM_PID" 0 3
	assert_line --regexp '^to move +anon +0 +3 '
	assert_line --regexp '^node 3: [0-9.]+M needed, [0-9.]+[KMB] available: does not fit$'
	assert_regex "$stderr" "$why"
	run -1 --separate-stderr migratepages "$VICTIM_PID" 0 3
	assert_equal "$output" ""
	assert_regex "$stderr" "$why"
	run -0 --separate-stderr migratepages -n --force "$VICTIM_PID" 0 3
	assert_equal "$stderr" ""
	assert_all_on 0 anon
}

@test "a dry run of two processes that fit one by one refuses the second" {
	local room first
	node_fill 3 128
	victim_start node=0 anon=1M
	room=$(movepages -n --json --to=3 "$VICTIM_PID" | jq '.processes[0].room[0].room')
	victim_start node=0 "anon=$((room * 3 / 4 >> 20))M"
	first=$VICTIM_PID
	victim_start node=0 "anon=$((room * 3 / 4 >> 20))M"
	run -0 migratepages -n "$VICTIM_PID" 0 3
	run -64 --separate-stderr migratepages -n "$first,$VICTIM_PID" 0 3
	assert_line --index -1 --regexp '^node 3: [0-9.]+M needed, [0-9.]+M available: does not fit$'
	run -64 --separate-stderr migratepages -n --json "$first,$VICTIM_PID" 0 3
	assert_equal "$(jq -c '[.processes[].room[0].enough]' <<<"$output")" "[true,false]"
	assert_equal "$(jq '[.errors[].pid] == [.processes[1].pid]' <<<"$output")" true
}

@test "interleaving that does not fit on one of its nodes is refused" {
	victim_start node=0 anon=64M
	node_fill 3
	run -1 --separate-stderr movepages --interleave=0-3 "$VICTIM_PID"
	assert_regex "$stderr" "not enough memory on node 3: .* available, .* needed"
	assert_all_on 0 anon
	run -1 --separate-stderr movepages -n --interleave=0,3 --weights=1,2 "$VICTIM_PID"
	run -0 movepages --interleave=0-2 "$VICTIM_PID"
	assert_intact
}

@test "--check lists memory-only nodes" {
	run -0 --separate-stderr movepages --check -o CHECK,STATE,MEANING
	assert_line --regexp "^nodes with CPUs +0-1 +memory-only nodes \(such as CXL, HBM\): 2-3$"
}
