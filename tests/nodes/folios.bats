#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# bats file_tags=alone
#
# All pages of a large folio move together.

load ../lib/helper

shmem=/sys/kernel/mm/transparent_hugepage/shmem_enabled

setup() {
	needs_nodes 4
	write_there advise $shmem
	victim_start node=0 odd=4M anon=1M
}

teardown() {
	victim_stop
	write_there never $shmem
}

moved_by_numa_maps() {
	echo $(($(numa_bytes "$1" "$(mapping odd | cut -d ' ' -f 1)") / 4096))
}

# Newer kernels use large folios only for memory that is aligned in the address space.
@test "pages that move in the folio of a selected page are counted" {
	[[ $(there uname -r) == 6.1.* ]] || skip "this kernel gives a mapping at an odd address no large folios"
	run -0 --separate-stderr movepages --json --to=1 "$VICTIM_PID" "$(page odd 7)"
	assert_equal "$(json '[.account.moved.pages, .account.same_folio.pages]')" "[1,511]"
	assert_equal "$(moved_by_numa_maps 1)" 512
	run -0 movepages -v --raw -b -o MOVED,SAME-FOLIO --to=2 "$VICTIM_PID" "$(page odd 100)" \
		"$(page odd 101)"
	assert_line --index 1 "8192 $((510 * 4096))"
	run -0 there script -qec "stty cols 120; movepages --to=3 $VICTIM_PID $(page odd 1)" /dev/null
	assert_output --partial "moved 1 page, and 511 pages in the same folio, to node 3"
}

@test "they are also counted with a list or a saved placement" {
	local list=$BATS_TEST_TMPDIR/list
	[[ $(there uname -r) == 6.1.* ]] || skip "this kernel gives a mapping at an odd address no large folios"
	there mkdir -p "$BATS_TEST_TMPDIR"
	echo "$(page odd 7)=1" | file_there "$list"
	run -0 --separate-stderr movepages --json --pages-from="$list" "$VICTIM_PID"
	assert_equal "$(json '[.account.moved.pages, .account.same_folio.pages]')" "[1,511]"
	there rm "$list"
	movepages --save="$list" "$VICTIM_PID" "$(page odd 7)"
	movepages --to=2 "$VICTIM_PID" "$(range odd)"
	run -0 --separate-stderr movepages --json --restore="$list" "$VICTIM_PID"
	assert_equal "$(json '[.account.moved.pages, .account.same_folio.pages]')" "[1,511]"
	assert_intact
}

@test "no other pages move if all of the folio is selected, or pages are single" {
	run -0 movepages --json --to=1 "$VICTIM_PID" "$(range odd)" "$(page anon 3)"
	assert_equal "$(json '[.account.scope.pages, .account.left.pages, .account.same_folio.pages]')" \
		"[1025,0,0]"
}
