#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages --interleave: existing memory is interleaved.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# nodes_seen KIND STEP: print the node of each page of the victim's mapping, STEP bytes apart.
nodes_seen() {
	local start end
	read -r start end _ < <(mapping "$1")
	whereis "$VICTIM_PID" "$start" "$end" "$2" | cut -d ' ' -f 2
}

# nodes_wanted KIND STEP PATTERN: print the expected nodes. PATTERN has a digit per page, and
# begins at address 0, or at the beginning of a file.
nodes_wanted() {
	local start end first=0
	read -r start end _ < <(mapping "$1")
	[[ $1 == file || $1 == shm || $1 == hugetlb ]] || first=$((16#$start / $2))
	awk -v n=$(((16#$end - 16#$start) / $2)) -v at=$((first % ${#3})) -v pattern="$3" 'BEGIN {
		for (; n-- > 0; at++)
			print substr(pattern, at % length(pattern) + 1, 1) }'
}

# assert_spread KIND STEP PATTERN: compare them page by page.
assert_spread() {
	local wrong
	wrong=$(diff <(nodes_seen "$1" "$2") <(nodes_wanted "$@")) || fail "$1: ${wrong:0:200}"
}

# spreads KIND=SIZE STEP PATTERN OPTION...: check that the mapping is interleaved like this; that a
# second run and a dry run find nothing to move; and that the contents are intact.
spreads() {
	local kind=${1%=*}
	victim_start node=0 "$1"
	run -0 --separate-stderr movepages --json "${@:4}" "$VICTIM_PID" "$(range "$kind")"
	assert_account
	assert_spread "$kind" "$2" "$3"
	run -0 --separate-stderr movepages --json "${@:4}" "$VICTIM_PID" "$(range "$kind")"
	assert_account moved=0 already_there="$(numa_all "$kind")"
	assert_spread "$kind" "$2" "$3"
	assert_intact
}

# numa_all KIND: print the bytes of the victim's mapping on all nodes.
numa_all() {
	placement | awk -v kind="$1:" '$1 == kind { print $2 + $3 + $4 + $5 }'
}

@test "base pages are interleaved" { spreads anon=2M 4096 0123 --interleave=0-3; }
@test "interleaving over two nodes with a gap" { spreads anon=1M 4096 13 --interleave=3,1,3; }
@test "huge pages are interleaved without splitting" { spreads thp=16M 2097152 0123 --interleave=0-3; }
@test "hugetlb pages are interleaved" { spreads hugetlb=8 2097152 012 --interleave=0-2; }
@test "a file is interleaved from its beginning" { spreads file=1M 4096 0123 --interleave=0-3; }
@test "shared memory is interleaved from its beginning" { spreads shm=1M 4096 123 --interleave=1-3; }
@test "base pages are interleaved by weight" { spreads anon=1M 4096 0001 --interleave=0,1 --weights=3,1; }
@test "huge pages are interleaved by weight" { spreads thp=12M 2097152 022 --interleave=0,2 --weights=1,2; }

@test "a complete process is interleaved, and a second run moves nothing" {
	victim_start node=0 anon=3M thp=8M hole=2M file=1M hugetlb=4
	run -0 --separate-stderr movepages --json --interleave=0-3 "$VICTIM_PID"
	assert_account
	assert_spread anon 4096 0123
	assert_spread thp 2097152 0123
	assert_spread file 4096 0123
	assert_spread hugetlb 2097152 0123
	run -0 --separate-stderr movepages --json --interleave=0-3 "$VICTIM_PID"
	assert_account moved=0 already_there="$(account scope)"
	run -0 --separate-stderr movepages --json -n --interleave=0-3 "$VICTIM_PID"
	assert_account would_move=0
	assert_intact
}

# Memory that the kernel has interleaved, by a memory policy, is already in place.
interleaved() {
	local start
	USER_PREFIX=(numactl --interleave=0-3)
	victim_start node=any "$1"
	read -r start _ < <(mapping "${1%=*}")
	assert [ "$(numa_bytes 0 "$start")" -gt 0 ]
	run -0 --separate-stderr movepages --json --interleave=0-3 "$VICTIM_PID" \
		"$(range "${1%=*}")"
	assert_account moved=0 already_there="$(numa_all "${1%=*}")"
}

@test "small pages that the kernel interleaved stay" { interleaved anon=1M; }
@test "huge pages that the kernel interleaved stay" { interleaved thp=16M; }
@test "hugetlb pages that the kernel interleaved stay" { interleaved hugetlb=8; }

@test "--from interleaves only pages on these nodes" {
	victim_start node=0 anon=1M node=3 shm=1M
	run -0 --separate-stderr movepages --json --from=3 --interleave=0-2 "$VICTIM_PID" \
		"$(range anon)" "$(range shm)"
	assert_all_on 0 anon
	assert_spread shm 4096 012
	assert_account moved="$(numa_all shm)"
}

@test "a range and single addresses go to the same nodes as with the complete mapping" {
	local pages=()
	victim_start node=0 anon=64K
	movepages --interleave=0-3 "$VICTIM_PID" "$(page anon 4)+16K"
	assert_equal "$(nodes_seen anon 4096 | sed -n 5,8p)" \
		"$(nodes_wanted anon 4096 0123 | sed -n 5,8p)"
	assert_equal "$(nodes_seen anon 4096 | sed 5,8d | sort -u)" 0
	pages=("$(page anon 0)" "$(page anon 1)" "$(page anon 2)" "$(page anon 3)")
	run -0 --separate-stderr movepages --pages --interleave=0-3 "$VICTIM_PID" "${pages[@]}"
	assert_equal "$(awk 'NR > 1 { print $4 }' <<<"$output")" \
		"$(nodes_wanted anon 4096 0123 | sed -n 1,4p)"
}

@test "part of a huge page moves all of it to its node" {
	victim_start node=0 thp=8M
	movepages --interleave=0-3 "$VICTIM_PID" "$(page thp 100)+8K" "$(page thp 600)" \
		"$(page thp 1024)-$(page thp 2000)"
	assert_spread thp 2097152 0123
}

# Small and huge pages in one mapping: smaps does not tell them apart.
mixed_spreads() {
	victim_start node=0 mixed=24M
	run -0 --separate-stderr movepages --json --interleave=0-2 "$VICTIM_PID" "$@"
	assert_account
	assert_equal "$(placement)" "mixed: 8388608 8388608 8388608 0"
	run -0 --separate-stderr movepages --json --interleave=0-2 "$VICTIM_PID" "$@"
	assert_account moved=0
	assert_intact
}

@test "if huge pages are unknown, shares are right, and a second run moves nothing" {
	mixed_spreads
}

# units_are_fine KIND: check that a mapping with folios larger than a page table entry is
# interleaved.
units_are_fine() {
	victim_start node=0 "$1" anon=64K
	run -0 --separate-stderr movepages --json --interleave=all "$VICTIM_PID"
	assert_account left=0
	assert [ "$(account in_larger_unit)" -gt 0 ]
	assert_equal "$(json '[.left_pages, .left_by.busy] | length')" 2
	assert_spread anon 4096 0123
	run -0 --separate-stderr movepages --interleave=all "$VICTIM_PID"
	assert_equal "$output$stderr" ""
	run -0 movepages --pages --interleave=all "$VICTIM_PID" "$(range "${1%=*}")"
	assert_line --regexp "^[0-9a-f]+ +[0-3] +4K +[0-3] in a larger unit$"
	assert_intact
}

# The second move of such a huge page splits it, with the kernels that have PAGEMAP_SCAN.
@test "huge pages mapped by base page table entries are interleaved, or are not a failure" {
	if movepages --check --json | jq -e '.findings[] | select(.key == "pagemap_scan") | .verdict == "ok"'
	then
		spreads torn=4M 4096 0123 --interleave=all
		assert_account left=0
	else
		units_are_fine torn=4M
	fi
}

@test "large folios of shared memory are not a failure" {
	local shmem=/sys/kernel/mm/transparent_hugepage/shmem_enabled
	[[ $(there uname -r) == 6.1.* ]] || skip "this kernel gives a mapping at an odd address no large folios"
	write_there advise $shmem
	units_are_fine odd=4M
	write_there never $shmem
}

@test "a pinned page is a failure" {
	victim_start node=0 pinned=64K:4
	run -64 --separate-stderr movepages --json --interleave=all "$VICTIM_PID" "$(range pinned)"
	assert [ "$(account left_by.busy)" -gt 0 ]
	assert_equal "$(account in_larger_unit)" 0
}

@test "--settle continues until no new pages are on other nodes" {
	victim_start node=0 anon=1M
	run -0 --separate-stderr movepages --json --settle=5 --interleave=2,3 "$VICTIM_PID"
	assert_account new=0
	assert_none_on 0 1
}
