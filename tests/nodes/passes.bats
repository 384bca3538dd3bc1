#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
#
# No page moves twice, and pages are counted once: for pages with several entries in page
# tables, because a process maps their file more than once, several processes share them, or
# KSM has merged them. A dry run agrees with the move.
#
# Merges pages, fills a node.
# bats file_tags=alone

load ../lib/helper

ksm=/sys/kernel/mm/ksm

setup() {
	needs_nodes 4
	needs_root
}

teardown() {
	victim_stop
	node_empty
	[[ ! ${merging:-} ]] || write_there 2 $ksm/run
	[[ ! ${mounted:-} ]] || there umount "$mounted"
}

# start OPERAND...: start a victim, alone in its FAMILY.
start() {
	victim_start "$@"
	FAMILY=("$VICTIM_PID")
}

# start_family N OPERAND... KIND=SIZE: start a victim with N children that share its pages.
start_family() {
	victim_start "${@:2}"
	victim_fork "$1" "${!#%%=*}"
}

# start_mounted OPERAND...: start a victim with a file on a separate tmpfs mount.
start_mounted() {
	mounted=$(there mktemp -d)
	there mount -t tmpfs none "$mounted"
	start path="$mounted/file" "$@"
}

# start_merged NODE...: start a victim whose 4096 pages KSM has merged into one page per node.
start_merged() {
	local node operands=()
	there test -d $ksm || cannot_run "needs merging of pages (KSM)"
	for node; do
		operands+=(node="$node" merged=$((16 / $#))M)
	done
	start "${operands[@]}"
	merging=yes
	write_there 20000 $ksm/max_page_sharing
	write_there 10000 $ksm/pages_to_scan
	write_there 0 $ksm/sleep_millisecs
	write_there 1 $ksm/run
	until (($(there cat "/proc/$VICTIM_PID/ksm_merging_pages") >= 4096)); do :; done
	write_there 0 $ksm/run
}

# pages_of KIND: print `ADDRESS NODE` for each page of each of the victim's mappings.
pages_of() {
	local i start end n
	n=$(grep -c "^$1 " <<<"${VICTIM_MAPPINGS[${FAMILY[0]}]}")
	for ((i = 0; i < n; i++)); do
		read -r start end _ < <(VICTIM_PID=${FAMILY[0]} mapping "$1" "$i")
		whereis "$VICTIM_PID" "$start" "$end"
	done
}

# lies KIND NODE...: check that each of these mappings, in every process of the family, is divided
# into equal parts on these nodes, in this order.
lies() {
	local pid parts
	for pid in "${FAMILY[@]}"; do
		parts=$(VICTIM_PID=$pid pages_of "$1" | cut -d ' ' -f 2 | uniq -c | awk '{ print $2, $1 }')
		assert_equal "$parts" "$(parts_wanted "$@")"
	done
}

# parts_wanted KIND NODE...: print `NODE PAGES` for each run of pages on one node.
parts_wanted() {
	local kind start end node
	while read -r kind start end _; do
		[[ $kind != "$1" ]] || for node in "${@:2}"; do
			echo "$node" $(((16#$end - 16#$start) / 4096 / ($# - 1)))
		done
	done <<<"${VICTIM_MAPPINGS[${FAMILY[0]}]}" |
		awk 'NR > 1 && $1 != node { print node, n; n = 0 }
			{ node = $1; n += $2 }
			END { print node, n }'
}

# flows: print those of all processes, from the document in $output.
flows() {
	jq -c '[.total.flows[] | [.from, .to, .count.bytes]] | sort' <<<"$output"
}

# moved: print the bytes, from the document in $output.
moved() {
	jq '.total.account | .moved.bytes + .would_move.bytes' <<<"$output"
}

# moves COMMAND...: check that a dry run and the move succeed and agree.
# Sets output and foreseen, their documents.
moves() {
	run -0 --separate-stderr "$@" -n --json
	foreseen=$output
	run -0 --separate-stderr "$@" --json
	assert_equal "$stderr" ""
	VICTIM_PID=${FAMILY[0]} assert_intact
}

# agrees: check that the move agrees with the dry run, in bytes and nodes.
agrees() {
	assert_equal "$(output=$foreseen moved)" "$(moved)"
	assert_equal "$(output=$foreseen flows)" "$(flows)"
	assert_account left=0
}

# counts_once KIND: check that each page of the first such mapping is counted once, and not much
# other memory.
counts_once() {
	local start end bytes all
	read -r start end _ < <(VICTIM_PID=${FAMILY[0]} mapping "$1")
	bytes=$((16#$end - 16#$start)) all=$(moved)
	((all >= bytes && all < bytes * 4 / 3)) || fail "moved $all bytes, not some $bytes"
}

# counts SIZE: check that this was selected in all, and was moved.
counts() {
	assert_account scope=$(($1 << 20)) moved=$(($1 << 20))
}

# members: print the PIDs of the family, as one operand.
members() {
	(IFS=,; echo "${FAMILY[*]}")
}

# moves_to KIND NODE... : COMMAND...: check that it moves pages of this kind to these nodes,
# counts each once, and its dry run agrees.
moves_to() {
	local where=()
	while [[ $1 != : ]]; do
		where+=("$1")
		shift
	done
	moves "${@:2}" "$(members)"
	lies "${where[@]}"
	counts_once "${where[0]}"
	agrees
}

# One process that maps memory more than once.

@test "migratepages swaps nodes under memory that is mapped twice" {
	start node=0 memfd=32M again=1
	moves_to memfd 1 : migratepages --route=0:1,1:0
}

@test "movepages swaps nodes under memory that is mapped twice" {
	start node=0 memfd=32M again=1
	moves_to memfd 1 : movepages --route=0:1,1:0
	start node=0 memfd=32M again=2
	moves_to memfd 1 : movepages --kind=shm --route=0:1,1:0
	counts 32
}

@test "migratepages swaps the halves of memory that is mapped twice" {
	start node=0,1 memfd=32M again=1
	moves_to memfd 1 0 : migratepages --route=0:1,1:0
}

@test "movepages swaps the halves of memory that is mapped twice" {
	start node=0,1 memfd=32M again=1
	moves_to memfd 1 0 : movepages --route=0:1,1:0
}

@test "a ring of three nodes moves once" {
	start node=0,1,2,2 memfd=16M again=2
	moves_to memfd 1 2 0 0 : migratepages --route=0:1,1:2,2:0
	moves_to memfd 2 0 1 1 : movepages --route=0:1,1:2,2:0
}

@test "movepages moves memory that is mapped twice to the next nodes" {
	start node=0,1 memfd=32M again=1
	moves_to memfd 1 2 : movepages --from=0,1 --to=1,2
}

@test "migratepages moves memory that is mapped twice to the next nodes" {
	start node=0,1 memfd=32M again=1
	moves_to memfd 1 2 : migratepages --route=0:1,1:2
}

@test "a file on a tmpfs other than /dev/shm is swapped once" {
	start_mounted node=0,1 file=16M again=1
	moves_to file 1 0 : migratepages --route=0:1,1:0
	moves_to file 0 1 : movepages --path="$mounted/*" --route=0:1,1:0
	counts 16
}

@test "a file on a disk is swapped once" {
	start node=0,1 file=16M again=1
	moves_to file 1 0 : migratepages --route=0:1,1:0
	moves_to file 0 1 : movepages --route=0:1,1:0
}

@test "a file that is mapped shared and private is swapped once" {
	start_mounted node=0,1 file=16M again=1:private
	moves_to file 1 0 : migratepages --route=0:1,1:0
	moves_to file 0 1 : movepages --route=0:1,1:0
}

@test "a System V segment that is attached twice is swapped once" {
	start node=0,1 sysv=16M again=1
	moves_to sysv 1 0 : migratepages --route=0:1,1:0
	moves_to sysv 0 1 : movepages --route=0:1,1:0
}

@test "hugetlb pages that are mapped twice are swapped once" {
	start node=0,1 hugefd=16 again=1
	moves_to hugefd 1 0 : migratepages --route=0:1,1:0
	moves_to hugefd 0 1 : movepages --route=0:1,1:0
}

@test "pages named by both of their addresses are swapped once" {
	start node=0,1 memfd=32M again=1
	moves movepages --route=0:1,1:0 "$VICTIM_PID" "$(range memfd 0)" "$(range memfd 1)"
	lies memfd 1 0
	agrees
	moves movepages --from=0,1 --to=1,2 "$VICTIM_PID" "$(range memfd 1)" "$(range memfd 0)"
	lies memfd 2 1
	agrees
}

@test "pages listed by both of their addresses are swapped once" {
	start node=0,1 memfd=32M again=1
	printf '%s\n' "$(range memfd 0)" "$(range memfd 1)" | file_there /tmp/passes
	run -0 movepages --route=0:1,1:0 --pages-from=/tmp/passes "$VICTIM_PID"
	there rm /tmp/passes
	lies memfd 1 0
}

# swaps_merged ROUTE WANTED COMMAND: WANTED is the awk expression for the destination of node $2.
swaps_merged() {
	local wanted
	wanted=$(pages_of merged | awk "{ print \$1, $2 }")
	run -0 --separate-stderr "$3" --route="$1" "$VICTIM_PID"
	[[ $(pages_of merged) == "$wanted" ]] || fail "wrong: $(
		pages_of merged | cut -d ' ' -f 2 | uniq -c)"
	assert_intact
}

@test "a page merged from many moves once around a ring" {
	start_merged 0
	swaps_merged 0:1,1:0 '1 - $2' migratepages
	swaps_merged 0:1,1:0 '1 - $2' movepages
	swaps_merged 0:1,1:2,2:3,3:0 '($2 + 1) % 4' migratepages
	swaps_merged 0:1,1:2,2:3,3:0 '($2 + 1) % 4' movepages
}

@test "two merged pages on two nodes move once around a ring" {
	start_merged 0 1
	swaps_merged 0:1,1:0 '1 - $2' migratepages
	swaps_merged 0:1,1:0 '1 - $2' movepages
}

# Several processes.

# swaps_in_family N KIND=SIZE: check that the halves of a tree's memory are swapped, and back.
swaps_in_family() {
	start_family "$1" node=0,1 "$2"
	moves_to "${2%=*}" 1 0 : migratepages --tree --route=0:1,1:0
	moves_to "${2%=*}" 0 1 : movepages --tree --route=0:1,1:0
}

@test "memory of a parent and a child since a fork is swapped once" { swaps_in_family 1 anon=32M; }
@test "memory of a parent and three children is swapped once" { swaps_in_family 3 anon=32M; }
@test "transparent huge pages of parent and child are swapped once" { swaps_in_family 1 thp=32M; }
@test "shared memory of a family is swapped once" { swaps_in_family 3 shm=16M; }
@test "System V shared memory of a family is swapped once" { swaps_in_family 3 sysv=16M; }
@test "a file of a family is swapped once" { swaps_in_family 3 file=16M; }

@test "a file of a family on a tmpfs other than /dev/shm is swapped once" {
	start_mounted node=0,1 file=16M
	victim_fork 3 file
	moves_to file 1 0 : migratepages --tree --route=0:1,1:0
	moves_to file 0 1 : movepages --tree --route=0:1,1:0
}

@test "a file that several processes map several times is swapped once" {
	start node=0,1 memfd=16M again=1
	victim_fork 3 memfd
	moves_to memfd 1 0 : migratepages --route=0:1,1:0
	moves_to memfd 0 1 : movepages --route=0:1,1:0
}

# one_node_on N KIND=SIZE: check that pages of nodes 0 and 1 move to 1 and 2, then to 2 and 3.
one_node_on() {
	start_family "$1" node=0,1 "$2"
	moves_to "${2%=*}" 1 2 : migratepages --route=0:1,1:2
	moves_to "${2%=*}" 2 3 : movepages --from=1,2 --to=2,3
}

@test "memory of a parent and a child since a fork moves to the next nodes" { one_node_on 1 anon=32M; }
@test "memory of a parent and three children moves to the next nodes" { one_node_on 3 anon=32M; }
@test "shared memory of a family moves to the next nodes" { one_node_on 3 shm=16M; }

@test "pages move from nodes 0-2 to nodes 1-3, those of node 0 only to 1" {
	start_family 3 node=0,1,2,2 anon=16M
	run -0 --separate-stderr migratepages --json --tree "$VICTIM_PID" 0-2 1-3
	lies anon 1 2 3 3
	counts_once anon
}

@test "pages of two processes in a list move from nodes 0,1 to nodes 1,2" {
	start_family 1 node=0,1 anon=32M
	run -0 --separate-stderr migratepages --json "$(members)" 0,1 1,2
	lies anon 1 2
	counts_once anon
}

@test "pages move from nodes 0-2 to nodes 1-3 with --method=process" {
	start_family 1 node=0,1 anon=32M
	run -0 migratepages --method=process "$(members)" 0,1 1,2
	lies anon 1 2
}

# Room.

# room_make: fill most of node 3. Sets ROOM, in MiB.
room_make() {
	victim_start node=0 anon=64K
	node_fill 3 112
	ROOM=$(($(movepages -n --json --to=3 "$VICTIM_PID" | jq '.processes[0].room[0].room') >> 20))
	assert [ "$ROOM" -gt 48 ]
}

# fits KIND: check that its pages fit on node 3, and more would not.
fits() {
	run -0 movepages -n --to=3 "$(members)"
	moves migratepages "$(members)" 0 3
	lies "$1" 3
	counts_once "$1"
	agrees
}

# refused COMMAND...: check that it and its dry run fail for lack of room.
refused() {
	local dry
	for dry in "" -n; do
		run -1 --separate-stderr "$1" ${dry:+-n} "${@:2}"
		assert_regex "$stderr" "not enough memory on node 3: .* available, .* needed"
	done
}

@test "memory that is mapped three times fits if it fits once" {
	room_make
	start node=0 memfd=$((ROOM * 2 / 3))M again=2
	fits memfd
}

@test "memory shared by two processes since a fork fits if it fits once" {
	room_make
	start_family 1 node=0 anon=$((ROOM * 2 / 3))M
	fits anon
}

@test "memory that is mapped three times is refused if it does not fit once" {
	room_make
	start node=0 memfd=$((ROOM * 4 / 3))M again=2
	refused migratepages "$VICTIM_PID" 0 3
	refused movepages --to=3 "$VICTIM_PID"
	lies memfd 0
}

@test "memory shared by two processes since a fork is refused if it does not fit once" {
	room_make
	start_family 1 node=0 anon=$((ROOM * 4 / 3))M
	refused migratepages "$(members)" 0 3
	lies anon 0
}
