#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages --map: the nodes of cells.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# spread KIND PAGES: move its pages to nodes 0 to 3 in turn, PAGES each.
spread() {
	local n pages operands=() start end
	read -r start end _ < <(mapping "$1")
	pages=$(((16#$end - 16#$start) / 4096))
	for ((n = 0; n * $2 < pages; n++)); do
		operands+=("$(page "$1" $((n * $2)))+$(($2 * 4))K=$((n % 4))")
	done
	movepages "$VICTIM_PID" "${operands[@]}"
}

# cells KIND: print the cells of its rows in $output, one row per line.
cells() {
	local start end
	read -r start end _ < <(mapping "$1")
	awk -v start="x$start" -v end="x$end" '
		"x" $1 >= start && "x" $1 < end { print $NF }' <<<"$output"
}

@test "a cell shows the number of its node" {
	victim_start node=0 anon=128K
	spread anon 8
	run -0 movepages --map "$VICTIM_PID" "$(range anon)"
	assert_equal "$(cells anon)" 00000000111111112222222233333333
	assert_line --regexp "^0 node 0 +32K  25.0% 0{12}$"
	assert_line --regexp "^3 node 3 +32K  25.0% 3{12}$"
}

@test "a cell of several pages is mixed if less than 90% of it is on one node" {
	victim_start node=0 anon=1M
	spread anon 1
	run -0 movepages --map "$VICTIM_PID" "$(range anon)"
	assert_equal "$(cells anon)" "$(printf '+%.0s' {1..32})"
	victim_start node=0 anon=3M
	movepages "$VICTIM_PID" "$(page anon 0)=1" "$(page anon 16)+8K=2"
	run -0 movepages --map "$VICTIM_PID" "$(range anon)"
	assert_equal "$(cells anon)" "0+$(printf '0%.0s' {1..46})"
	assert_line --regexp "^1 node 1 +4K +0.1% 1$"
}

@test "a huge page fills the cells of its addresses" {
	victim_start node=2 thp=4M node=1 hugetlb=2
	run -0 movepages --map "$VICTIM_PID" "$(range thp)" "$(range hugetlb)"
	assert_equal "$(cells thp | tr -d '\n')" "$(printf '2%.0s' {1..64})"
	assert_equal "$(cells hugetlb)" 11
}

@test "a mixed cell has both colours" {
	local escape=$'\033'
	victim_start node=0 anon=1M
	movepages "$VICTIM_PID" "$(page anon 0)+16K=2"
	needs_terminal
	run -0 there script -qec "TERM=xterm LC_ALL=C.UTF-8 movepages --map $VICTIM_PID $(page anon 0)+1M" /dev/null
	assert_output --partial "${escape}[38;5;39m${escape}[48;5;41m▀"
}

@test "with --from only pages on these nodes are drawn, and others are marked" {
	victim_start node=0 anon=128K hole=16K
	spread anon 8
	run -0 movepages --map --from=1,2 "$VICTIM_PID" "$(range anon)" "$(range hole)"
	assert_equal "$(cells anon)" --------1111111122222222--------
	assert_equal "$(cells hole)" -.-.
}
