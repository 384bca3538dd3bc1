#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# What must work with pages and huge pages of any size. These tests also run on machines of other
# architectures: make check-guest ARCH=arm64.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	PAGE=$(there getconf PAGESIZE) HUGE=$(huge_bytes)
	there mkdir -p "$BATS_TEST_TMPDIR"
}

# victim_make: memory on node 0: 64 pages, two transparent huge pages, a hugetlb page, 64 pages of
# shared memory. All of it has ALL bytes.
victim_make() {
	victim_start node=0 anon=$((64 * PAGE)) thp=$((2 * HUGE)) hugetlb=1 shm=$((64 * PAGE))
	ALL=$((128 * PAGE + 3 * HUGE))
}

# text BYTES: as tables print the size of a page.
text() {
	(($1 < 1 << 20)) && echo "$(($1 >> 10))K" || echo "$(($1 >> 20))M"
}

# nodes_of KIND: the nodes of all pages of a mapping, each once, by a direct query.
nodes_of() {
	local start end
	read -r start end _ < <(mapping "$1")
	whereis "$VICTIM_PID" "$start" "$end" "$PAGE" | cut -d ' ' -f 2 | sort -u | tr '\n' ' '
}

# in_scope: bytes of the victim's mappings on a node, as numa_maps counts.
in_scope() {
	placement | awk -v column=$(($1 + 2)) '{ n += $column } END { printf "%d\n", n }'
}

@test "base pages and huge pages move, page by page" {
	victim_make
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 2
	assert_account left=0
	assert_equal "$(json .account.moved.huge_pages)" 3
	assert_equal "$(in_scope 2)" "$ALL"
	assert_none_on 0
	assert_intact
}

@test "base pages and huge pages move, in one call of the kernel" {
	victim_make
	run -0 --separate-stderr migratepages --json --method=process "$VICTIM_PID" 0 3
	assert_account left=0
	assert_equal "$(in_scope 3)" "$ALL"
	assert_intact
}

@test "a dry run foresees the pages and huge pages that move" {
	local foreseen
	victim_make
	run -0 movepages --json -n --to=1 "$VICTIM_PID"
	foreseen=$(json '.account.would_move | [.pages, .huge_pages, .bytes]')
	assert_equal "$(in_scope 0)" "$ALL"
	run -0 movepages --json --to=1 "$VICTIM_PID"
	assert_equal "$(json '.account.moved | [.pages, .huge_pages, .bytes]')" "$foreseen"
	assert_equal "$(in_scope 1)" "$ALL"
}

@test "a listing of pages has a line for each page, of its size" {
	victim_make
	run -0 movepages --pages --noheadings "$VICTIM_PID" "$(range anon)" "$(range thp)" \
		"$(range hugetlb)"
	assert_equal "$(awk '{ n[$3]++ } END { for (size in n) print n[size], size }' <<<"$output" | sort)" \
		"$(printf '%s\n' "3 $(text "$HUGE")" "64 $(text "$PAGE")" | sort)"
}

@test "single pages of a list move, and their neighbors stay" {
	local at
	victim_make
	at=$(page anon 3)
	run -0 --separate-stderr movepages --pages-from=- --json "$VICTIM_PID" <<<"$at=1
$(page anon 5)-$(page anon 7)=1
$(page shm 9)=2"
	assert_account scope=$((4 * PAGE)) moved=$((4 * PAGE))
	assert_equal "$(printf '%s\n' "$(page anon 2)" "$at" "$(page anon 4)" "$(page anon 5)" \
		"$(page anon 6)" "$(page anon 7)" "$(page shm 9)" "$(page shm 10)" |
		nodes_of_pages | tr '\n' ' ')" "0 1 0 1 1 0 2 0 "
	assert_intact
}

@test "an address that is not a multiple of the page size names its page" {
	local at
	victim_make
	at=$(page anon 3)
	run -0 movepages --json "$VICTIM_PID" "$(printf '%x' $((16#$at + PAGE / 2)))=1"
	assert_account moved="$PAGE"
	assert_equal "$(nodes_of_pages <<<"$at")" 1
}

@test "an address in a huge page names all of it" {
	victim_make
	run -0 movepages --json "$VICTIM_PID" "$(page thp 5)=1"
	assert_account moved="$HUGE"
	assert_equal "$(nodes_of_pages <<<"$(page thp $((HUGE / PAGE - 1)))
$(page thp $((HUGE / PAGE)))")" "1
0"
	assert_intact
}

@test "saved placements are restored" {
	local before
	victim_make
	movepages --to=3 "$VICTIM_PID" "$(page anon 7)" "$(page shm 9)"
	before=$(placement)
	migratepages --save="$BATS_TEST_TMPDIR/saved" "$VICTIM_PID" 0,3 1
	assert_equal "$(in_scope 1)" "$ALL"
	run -0 --separate-stderr movepages --json --restore="$BATS_TEST_TMPDIR/saved"
	assert_account left=0 gone=0
	assert_equal "$(placement)" "$before"
	assert_intact
}

@test "memory is interleaved by pages" {
	victim_start node=0 anon=$((64 * PAGE))
	run -0 movepages --interleave=all --json "$VICTIM_PID" "$(range anon)"
	assert_equal "$(placement)" "anon:$(printf " $((16 * PAGE))%.0s" 1 2 3 4)"
	assert_equal "$(printf '%s\n' "$(page anon 0)" "$(page anon 1)" "$(page anon 6)" |
		nodes_of_pages | sort -u | wc -l)" 3
	assert_intact
}

@test "pinned pages stay, and are reported" {
	victim_start node=0 pinned=$((16 * PAGE)):2
	run -64 --separate-stderr movepages --json --to=1 "$VICTIM_PID" "$(range pinned)"
	assert_account moved=$((14 * PAGE)) left_by.busy=$((2 * PAGE))
	assert_intact
}

@test "the self test moves base pages and huge pages between all nodes" {
	run -0 --separate-stderr movepages --selftest --json
	assert_equal "$(jq -c '[.matrices[].page_size] | sort' <<<"$output")" "[$PAGE,$HUGE]"
	assert_equal "$(jq -c '[.matrices[].pairs[] | select(.from != .to).result] | unique' <<<"$output")" \
		'["moved"]'
}
