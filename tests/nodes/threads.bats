#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# Processes with threads on several nodes, and without their first thread.

load ../lib/helper

setup() {
	needs_nodes 4
}

# Nodes 0 and 1 have the CPU with their number, the others have none.
@test "local is the nodes where any thread may run" {
	victim_start node=1 anon=1M thread=1 thread=1 cpu=0
	run -0 --separate-stderr migratepages "$VICTIM_PID" '!local' local
	assert_all_on 1 anon
	run -0 --separate-stderr movepages --at-least=local:100% "$VICTIM_PID" "$(range anon)"
	run -0 --separate-stderr migratepages "$VICTIM_PID" local 3
	assert_all_on 3 anon
	run -0 --separate-stderr movepages --at-most=local:0% "$VICTIM_PID" "$(range anon)"
}

@test "a process whose first thread has exited is moved" {
	local start thread
	victim_start node=3 anon=1M thread=1 cpu=0 first=ended
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" all 2
	assert_account left=0
	# The numa_maps of the first thread is now empty.
	thread=$(there ls "/proc/$VICTIM_PID/task" | tail -n 1)
	read -r start _ < <(mapping anon)
	assert_equal "$(VICTIM_PID=$thread numa_bytes 2 "$start")" 1048576
	assert_intact
}
