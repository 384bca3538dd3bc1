#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# System V shared memory in huge pages. The inode number of its file is its ID, and the first ID of
# an IPC namespace is 0, as in a container.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	local USER_PREFIX=(unshare --ipc)
	victim_start node=0 hugesysv=4
}

@test "a segment with ID 0 is hugetlb, in pages of 2 MiB" {
	run -0 --separate-stderr movepages --mappings --json --kind=hugetlb "$VICTIM_PID"
	assert_equal "$(json '[.mappings[] | [.page_size, (.nodes | add)]] | tostring')" \
		'[[2097152,8388608]]'
	run -0 --separate-stderr movepages --mappings --json --kind=shm "$VICTIM_PID"
	assert_equal "$(json '.mappings | length')" 0
}

@test "a segment is interleaved page by page" {
	run -0 --separate-stderr movepages --interleave=all --kind=hugetlb "$VICTIM_PID"
	assert_equal "$(placement)" "hugesysv: 2097152 2097152 2097152 2097152"
	assert_intact
}

@test "the room for a segment is that of its pool" {
	run -0 --separate-stderr migratepages -n --json "$VICTIM_PID" 0 1
	assert_equal "$(json '[.room[] | select(.node == 1) | .hugetlb_size] | tostring')" '[null,2097152]'
}
