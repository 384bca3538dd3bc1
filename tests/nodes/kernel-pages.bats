#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# Kernel pages mapped by a process: the rings of io_uring(7), of
# packet(7), used to capture packets, and of perf_event_open(2). They do not
# move, and are not in scope.

load ../lib/helper

setup() {
	needs_nodes 2
}

# ring_start KIND: start a victim with memory and this ring, all on node 0.
ring_start() {
	victim_start cpu=0 node=0 anon=256K "$1=64K"
	case ${VICTIM_MAPPINGS[$VICTIM_PID]} in
	*"refused $1 "*) skip "this kernel does not give out such a ring: ${VICTIM_MAPPINGS[$VICTIM_PID]}" ;;
	esac
}

# stays_outside KIND: with each method, the process moves without its ring, which is a success.
stays_outside() {
	ring_start "$1"
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 0 1
	assert_account left=0
	assert_all_on 1 anon
	run -0 --separate-stderr movepages --json --to=0 --kind=anon "$VICTIM_PID"
	assert_account left=0
	assert_all_on 0 anon
	run -0 --separate-stderr migratepages --method=process --json "$VICTIM_PID" 0 1
	assert_account left=0
	assert_all_on 1 anon
	run -0 --separate-stderr movepages --kind=file,anon --at-most=0:0% "$VICTIM_PID"
	run -0 --separate-stderr migratepages -n --json "$VICTIM_PID" 0 2
	assert_account left=0
	run -0 --separate-stderr migratepages --json --settle=5s "$VICTIM_PID" 0,1 2,3
	assert_account left=0 new=0
	run -0 --separate-stderr movepages --json --to=1 "$VICTIM_PID" "$(range "$1")"
	assert_account moved=0 left=0
	assert_intact
}

@test "a ring of io_uring" { stays_outside uring; }
@test "a ring of packet(7)" { stays_outside packet; }
@test "a ring of perf events" { stays_outside perf; }

@test "a page of a ring requested by its address is not movable" {
	ring_start packet
	run -0 --separate-stderr movepages --pages --noheadings --to=1 "$VICTIM_PID" "$(page packet 1)"
	assert_regex "$output" "-14 not movable"
}

@test "a file named like a kernel ring is a file" {
	needs_root
	victim_start node=0 path=/SYSV0000beef file=64K
	there rm /SYSV0000beef
	run -0 --separate-stderr movepages --mappings --json "$VICTIM_PID" "$(range file)"
	assert_equal "$(json '.mappings[0] | [.kind, .name] | tostring')" \
		'["file","/SYSV0000beef (deleted)"]'
}
