#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# --at-least and --at-most with memory on several nodes.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# Memory in pages of every size, three quarters on node 0 and a quarter on node 1.
start_quarters() {
	victim_start node=0 anon=3M thp=6M hugetlb=3 node=1 anon=1M thp=2M hugetlb=1
}

# checks OPTION...: check the anonymous memory only.
checks() {
	movepages "$@" "$VICTIM_PID" "$(range anon)" "$(range anon 1)" "$(range thp)" \
		"$(range thp 1)" "$(range hugetlb)" "$(range hugetlb 1)"
}

@test "shares are exact for all page sizes" {
	start_quarters
	run -0 checks --at-least=0:75% --at-most=0:75% --at-least=1:25% --at-most=1:25% \
		--at-least=0-1:100% --at-most=2-3:0%
	assert_output ""
	run -3 checks --at-least=0:75.000000001%
	run -3 checks --at-most=0:74.999999999%
	run -3 checks --at-most=0,1:99.9%
	run -3 checks --at-least=2:0.000000001%
}

@test "the shares agree with numa_maps" {
	local on_1 total
	start_quarters
	run -3 --separate-stderr movepages --json --at-least=1:99% "$VICTIM_PID"
	on_1=$(numa_bytes 1)
	total=$(($(numa_bytes 0) + on_1 + $(numa_bytes 2) + $(numa_bytes 3)))
	assert_equal "$(jq -c '.checks[0] | [.bytes, .total]' <<<"$output")" "[$on_1,$total]"
	assert_regex "$stderr" "^movepages: node 1 has [0-9.]+% \(.*M of .*M\), at least 99% required$"
}

@test "the check is made after the move" {
	start_quarters
	run -0 --separate-stderr migratepages --at-most=0:0% --at-least=2:1% "$VICTIM_PID" 0 2
	assert_none_on 0
	run -3 --separate-stderr migratepages --at-most=3:1% "$VICTIM_PID" 2 3
	run -0 --separate-stderr migratepages --at-most=3:0% "$VICTIM_PID" 3 2
}

@test "--from selects what moves, not what is counted" {
	start_quarters
	run -3 checks --from=1 --to=3 --at-least=3:100%
	run -0 checks --from=0 --to=3 --at-least=3:100%
}

@test "shares are computed for all processes together" {
	local first
	victim_start node=0 anon=1M
	first=$VICTIM_PID
	movepages --to=1 "$first"
	victim_start node=2 anon=1M
	movepages --to=2 "$VICTIM_PID"
	run -0 movepages --at-most=1:75% --at-least=1:25% --at-most=2:75% --at-least=2:25% \
		--at-least=1,2:100% "$first,$VICTIM_PID"
	run -3 movepages --at-least=1:100% "$first,$VICTIM_PID"
}

@test "a page that stays makes the check fail" {
	victim_start node=0 pinned=1M:4
	run -64 --separate-stderr migratepages --at-most=0:50% "$VICTIM_PID" 0 1
	run -3 --separate-stderr migratepages --at-most=0:0% "$VICTIM_PID" 0 1
	assert_regex "$stderr" "node 0 has [0-9.]+% \(16K of .*\), at most 0% allowed"
}

# statuses COMMAND...: print the exit statuses of two checks of PROT_NONE memory, all on node 0.
statuses() {
	run there "$@" movepages --at-least=0:100% "$VICTIM_PID" "$(range protnone)"
	local least=$status
	run there "$@" movepages --at-most=1:0% "$VICTIM_PID" "$(range protnone)"
	[[ $least != 3 ]] || assert_output --partial "32M on unknown nodes"
	statuses=$least$status
}

@test "memory whose node is unknown counts as on no node, and as possibly on any" {
	victim_start node=0 protnone=32M
	# Kernels 6.1 to 6.4 hide it from move_pages(2); page frames show it.
	statuses setpriv --bounding-set=-sys_admin
	if [[ $(there uname -r) == 6.1.* ]]; then
		assert_equal "$statuses" 33
	else
		assert_equal "$statuses" 00
	fi
	statuses env
	assert_equal "$statuses" 00
}

@test "interleaving is checked in the same call" {
	victim_start node=0 anon=1M
	run -0 movepages --interleave=0-3 --at-most=0-3:100% --at-most=0:25% --at-least=3:25% \
		"$VICTIM_PID" "$(range anon)"
	run -0 movepages --interleave=0,1 --weights=3,1 --at-most=0:75% --at-least=1:25% \
		"$VICTIM_PID" "$(range anon)"
}
