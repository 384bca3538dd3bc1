#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# A machine where node numbers go to 63, node 2 has no memory, nodes 3 to 63 have no CPUs, and
# 1,024 CPUs are possible: make check-large.

load ../lib/helper

USABLE=0-1,3-63

setup() {
	needs_root
	[[ $(there cat /sys/devices/system/node/{online,has_memory,has_cpu} | tr '\n' ' ') == \
		"0-63 $USABLE 0-2 " ]] || cannot_run "needs the nodes of make check-large"
	[[ $(there cat /sys/devices/system/cpu/possible) == 0-1023 ]] ||
		cannot_run "needs 1,024 possible CPUs"
}

# on_node NODE: print the bytes of the victim's mapping of anon on it.
on_node() {
	numa_bytes "$1" "$(range anon | cut -d - -f 1)"
}

@test "--check has a line for each node with memory" {
	run -0 movepages --check
	assert_line --partial "between nodes $USABLE"
	assert_equal "$(awk '/^NODE/ { nodes = 1; next } nodes' <<<"$output" | wc -l)" 63
}

@test "tables and documents have a column for each node with memory" {
	victim_start node=63 anon=256K
	run -0 movepages --raw "$VICTIM_PID"
	assert_line --index 0 "KIND $(printf 'N%d ' 0 1 {3..63})TOTAL MAPPINGS"
	run -0 movepages --json "$VICTIM_PID"
	assert_equal "$(json '.total | [(keys | length), .["63"]]')" "[63,262144]"
}

@test "pages move between nodes with high numbers" {
	victim_start node=63 anon=256K node=33 thp=2M
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 33,63 40,61
	assert_account left=0
	assert_equal "$(on_node 61)" 262144
	assert_none_on 33 63
	assert_intact
}

@test "a node without memory and one that does not exist are errors" {
	victim_start node=1 anon=64K
	run -1 migratepages "$VICTIM_PID" 1 2
	assert_output "migratepages: TO: '2' has no memory; usable nodes: $USABLE"
	run -1 movepages --to=64 "$VICTIM_PID"
	assert_output "movepages: --to: '64' is not a node of this machine; usable nodes: $USABLE"
}

@test "memory-only and has-cpu select nodes with memory" {
	victim_start node=0 anon=256K
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" has-cpu memory-only
	assert_account left=0
	assert_none_on 0 1
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" memory-only has-cpu
	assert_account left=0
	assert_equal "$(($(on_node 0) + $(on_node 1)))" 262144
	assert_intact
}

@test "memory is interleaved over all nodes" {
	local node
	victim_start node=0 anon=$((63 * 16))K
	run -0 --separate-stderr movepages --json --interleave=all "$VICTIM_PID" "$(range anon)"
	assert_account left=0
	for node in 0 1 {3..63}; do
		assert_equal "$node $(on_node "$node")" "$node 16384"
	done
	run -0 --separate-stderr movepages --json --interleave=all "$VICTIM_PID" "$(range anon)"
	assert_account moved=0
	assert_intact
}

@test "placements on many nodes are restored" {
	victim_start node=0 anon=$((63 * 4))K
	movepages --interleave=all "$VICTIM_PID" "$(range anon)"
	movepages --save="$BATS_TEST_TMPDIR/saved" --to=1 "$VICTIM_PID"
	assert_equal "$(on_node 1)" $((63 * 4096))
	run -0 --separate-stderr movepages --json --restore="$BATS_TEST_TMPDIR/saved"
	assert_account left=0 gone=0
	assert_equal "$(on_node 1) $(on_node 63)" "4096 4096"
	assert_intact
}

@test "a process bound to a CPU of a node without memory has no local node" {
	victim_start cpu=2 node=0 anon=64K
	run -1 movepages --to=local "$VICTIM_PID"
	assert_output --partial "'local' selects no node"
}
