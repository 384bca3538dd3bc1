#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Dry runs, compared with the moves. For dry runs with too little room, see
# memory-only.bats.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# flows_of COMMAND...: print the bytes for each pair of nodes.
flows_of() {
	"$@" --json | jq -c '.processes[0].flows'
}

# foresees COMMAND...: check that a dry run predicts the flows of the move. COMMAND is without -n;
# PID denotes the victim.
foresees() {
	local flows
	flows=$(flows_of "${@/PID/$VICTIM_PID}" -n)
	assert_regex "$flows" from
	assert_equal "$(flows_of "${@/PID/$VICTIM_PID}")" "$flows"
}

@test "each pair of nodes and kind has a line, huge pages are not split, and nodes have a verdict" {
	victim_start node=0 anon=1M thp=4M shm=512K node=1 anon=256K
	run -0 --separate-stderr movepages -n --raw -b -o RESULT,FROM,TO,KIND,PAGES,HUGE,SIZE --to=2 \
		"$VICTIM_PID" "$(range anon 0)" "$(range thp)" "$(range anon 1)" "$(range shm)"
	assert_equal "$(head -n 4 <<<"$output")" \
		"RESULT FROM TO KIND PAGES HUGE SIZE
to_move 0 2 anon 256 2 5242880
to_move 0 2 shm 128 0 524288
to_move 1 2 anon 64 0 262144"
	assert_equal "$stderr" ""
}

@test "a move does what its dry run predicted" {
	victim_start node=0 anon=1M thp=2M node=1 shm=1M
	foresees movepages --kind=anon,shm --from=0,1 --to=2,3 PID
}

@test "interleaving does what its dry run predicted" {
	victim_start node=0 anon=1M thp=4M
	foresees movepages --kind=anon --interleave=0-3 PID
}

@test "pages that are not movable are reported" {
	victim_start anon=64K
	run -0 --separate-stderr movepages -n --json --to=2 "$VICTIM_PID"
	assert_equal "$(json '[.forecast[] | select(.outcome == "not_movable").kind]')" '["special"]'
}

@test "the room of a destination is reported, with the net bytes that would arrive" {
	victim_start node=0 anon=2M node=2 anon=1M
	run -0 --separate-stderr movepages -n --json --route=0:2,2:0 "$VICTIM_PID" \
		"$(range anon 0)" "$(range anon 1)"
	assert_equal "$(json '[.room[] | [.node, .need, .enough]]')" \
		'[[0,-1048576,true],[2,1048576,true]]'
	assert_equal "$(json .account.scope)" "$(json .account.would_move)"
	assert [ "$(json '.room[1].room')" -gt 1048576 ]
	run -0 --separate-stderr movepages -n --to=2 "$VICTIM_PID" "$(range anon)"
	assert_line --index 0 "victim ($VICTIM_PID): 2M to move to node 2"
	assert_line --index -1 --regexp '^node 2: 2M needed, [0-9.]+M available: fits$'
}

@test "several processes have one table, and a verdict on all for each node" {
	local first
	victim_start node=0 anon=2M
	first=$VICTIM_PID
	victim_start node=0 anon=2M
	run -0 --separate-stderr movepages -n --kind=anon --from=0 --to=3 "$first,$VICTIM_PID"
	assert_line --index 0 --regexp "^2 processes: 4(\.[0-9])?M to move to node 3"
	assert_equal "$(grep -c '^to move +anon +0 +3 ' -E <<<"$output")" 1
	assert_line --index -1 --regexp '^node 3: 4(\.[0-9])?M needed, [0-9.]+M available: fits$'
	assert_equal "$stderr" ""
}

@test "hugetlb pages need free pages of their size" {
	victim_start node=0 hugetlb=2
	run -0 --separate-stderr movepages -n --json --to=2 "$VICTIM_PID" "$(range hugetlb)"
	assert_equal "$(json '.room[] | select(.hugetlb_size) | [.node, .hugetlb_size, .need]')" \
		'[2,2097152,4194304]'
}

# On one node only some of them can differ: tests/cli/pairs.bats.
@test "options of dry runs work with each other" {
	victim_start node=0,2 anon=64K shm=1M memfd=512K path=/tmp/zero file=256K
	there rm /tmp/zero
	victim_fork 1 shm
	printf '%s\n' "$(range anon)" "$(page shm 0)+640K" | file_there /tmp/list
	effects -n --to=1 : --from=2 --tree --kind=shm --path='*zero*' --pages-from=/tmp/list \
		--shared=no --pages --json --output=RESULT,SIZE --noheadings --raw --bytes
	effects -n --from=0,2 --interleave=1,3 : --weights=3,1 --kind=shm --path='*zero*' --shared=no --json
	there rm /tmp/list
}
