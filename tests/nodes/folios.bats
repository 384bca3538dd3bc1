#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# bats file_tags=alone
#
# All pages of a large folio move together.

load ../lib/helper

THP=/sys/kernel/mm/transparent_hugepage

# Anonymous folios of 64 KiB; on kernels without, shared memory in huge pages that page tables cannot
# map as huge.
setup() {
	needs_nodes 4
	if there test -d $THP/hugepages-64kB; then
		write_there always $THP/hugepages-64kB/enabled
		write_there never $THP/hugepages-2048kB/enabled
		KIND=folios PAGES=16
	else
		write_there advise $THP/shmem_enabled
		KIND=odd PAGES=512
	fi
	victim_start node=0 $KIND=4M anon=1M
}

teardown() {
	victim_stop
	if [[ $KIND == folios ]]; then
		write_there never $THP/hugepages-64kB/enabled
		write_there inherit $THP/hugepages-2048kB/enabled
	else
		write_there never $THP/shmem_enabled
	fi
}

moved_by_numa_maps() {
	echo $(($(numa_bytes "$1" "$(mapping $KIND | cut -d ' ' -f 1)") / 4096))
}

# The second move of a folio splits it on newer kernels, so each move is of another folio.
@test "pages that move in the folio of a selected page are counted" {
	run -0 --separate-stderr movepages --json --to=1 "$VICTIM_PID" "$(page $KIND 7)"
	assert_equal "$(json '[.account.moved.pages, .account.same_folio.pages]')" "[1,$((PAGES - 1))]"
	assert_equal "$(moved_by_numa_maps 1)" $PAGES
	run -0 movepages -v --raw -b -o MOVED,SAME-FOLIO --to=2 "$VICTIM_PID" "$(page $KIND 100)" \
		"$(page $KIND 101)"
	assert_line --index 1 "8192 $(((PAGES - 2) * 4096))"
	run -0 there script -qec "stty cols 120; movepages --to=3 $VICTIM_PID $(page $KIND 33)" /dev/null
	assert_output --partial "moved 1 page, and $((PAGES - 1)) pages in the same folio, to node 3"
}

@test "they are also counted with a list or a saved placement" {
	local list=$BATS_TEST_TMPDIR/list
	there mkdir -p "$BATS_TEST_TMPDIR"
	echo "$(page $KIND 7)=1" | file_there "$list"
	run -0 --separate-stderr movepages --json --pages-from="$list" "$VICTIM_PID"
	assert_equal "$(json '[.account.moved.pages, .account.same_folio.pages]')" "[1,$((PAGES - 1))]"
	there rm "$list"
	movepages --save="$list" "$VICTIM_PID" "$(page $KIND 39)"
	movepages --to=2 "$VICTIM_PID" "$(range $KIND)"
	run -0 --separate-stderr movepages --json --restore="$list" "$VICTIM_PID"
	assert_equal "$(json '[.account.moved.pages, .account.same_folio.pages]')" "[1,$((PAGES - 1))]"
	assert_intact
}

@test "no other pages move if all of the folio is selected, or pages are single" {
	run -0 movepages --json --to=1 "$VICTIM_PID" "$(range $KIND)" "$(page anon 3)"
	assert_equal "$(json '[.account.scope.pages, .account.left.pages, .account.same_folio.pages]')" \
		"[1025,0,0]"
}
