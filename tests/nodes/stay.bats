#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
#
# Notes on whether memory stays where it was moved, and a command that keeps it there.
#
# Switches NUMA balancing on for the whole machine.
# bats file_tags=alone

load ../lib/helper

UNIT=/sys/fs/cgroup/system.slice/reasons.service

setup() {
	needs_nodes 4
	needs_root
	balancing=$(there sysctl -n kernel.numa_balancing)
	there sysctl -qw kernel.numa_balancing=0
}

teardown() {
	victim_stop
	[[ ! ${balancing:-} ]] || there sysctl -qw "kernel.numa_balancing=$balancing"
	there rmdir -p $UNIT 2>/dev/null || true
}

# notes TEXT: check that a move to node 1 prints this note.
notes() {
	run -0 --separate-stderr migratepages -v "$VICTIM_PID" 0 1
	assert_equal "$stderr" "note: $1"
}

# away: print the note on a process that runs on another node.
away() {
	echo "new pages of victim ($VICTIM_PID) go to node 0, near its CPUs; to stop this:"
}

@test "a process that runs on another node has a note, and the command keeps its new pages in place" {
	local start
	victim_start cpu=0 anon=8M
	notes "$(away)
      taskset -acp 1 $VICTIM_PID"
	there ${stderr##*      }
	read -r _ start _ < <(victim_ask touch 64K)
	assert_equal "$(numa_bytes 1 "$start")" 65536
	run -0 --separate-stderr migratepages -v "$VICTIM_PID" 0 1
	assert_equal "$stderr" ""
}

@test "a memory policy has a note" {
	local USER_PREFIX=(numactl --membind=0)
	victim_start anon=8M
	notes "new pages of victim ($VICTIM_PID) follow its policy bind:0; to stop this:
      numactl --membind=1 (when it starts), or cpuset.mems=1"
}

@test "NUMA balancing has a note" {
	victim_start node=0 anon=8M
	there sysctl -qw kernel.numa_balancing=1
	notes "NUMA balancing may move pages of victim ($VICTIM_PID) back; to turn it off:
      sysctl kernel.numa_balancing=0"
}

@test "a systemd unit is named" {
	victim_start cpu=0 anon=8M
	there mkdir -p $UNIT
	write_there "$VICTIM_PID" $UNIT/cgroup.procs
	# The cpuset of a group needs CPUs.
	there taskset -acp 0 "$VICTIM_PID"
	notes "$(away)
      systemctl set-property reasons.service AllowedMemoryNodes=1"
}

@test "a move of a few pages has no note on new pages" {
	victim_start cpu=0 anon=8M
	run -0 --separate-stderr movepages -v --to=1 "$VICTIM_PID" "$(page anon 0)+64K"
	assert_equal "$stderr" ""
	run -0 --separate-stderr movepages -v --kind=stack --to=1 "$VICTIM_PID"
	assert_equal "$stderr" ""
	# The complete process, but most of its memory is on another node.
	migratepages "$VICTIM_PID" 0 2
	victim_ask touch 64K >/dev/null
	run -0 --separate-stderr migratepages -v "$VICTIM_PID" 0 1
	assert_equal "$stderr" ""
}

# summary: print the first line on the terminal, without the progress that it replaced.
summary() {
	sed -n '1 { s/\r*$//; s/.*\r\(\x1b\[K\)*//; p }' <<<"$output"
}

@test "a move of nine processes has at most three lines on a terminal, and none in a pipe" {
	victim_start cpu=0 anon=4M
	victim_fork 8
	there sysctl -qw kernel.numa_balancing=1
	run -0 --separate-stderr migratepages --tree "$VICTIM_PID" 0 1
	assert_equal "$output$stderr" ""
	run -0 there script -qec "migratepages --tree $VICTIM_PID 1 2" /dev/null
	assert_regex "$(summary)" "^migratepages: 9 processes: moved [0-9.]+M to node 2 .*in [0-9.]+ m?s, [0-9.]+ [MG]B/s"
	assert [ "${#lines[@]}" -le 3 ]
	run -0 there script -qec "stty cols 80; migratepages --save=/tmp/nine --tree $VICTIM_PID 2 1" /dev/null
	assert_line --index 0 --partial ": 9 processes: moved "
	assert_line --index -1 --partial "to undo: movepages --restore=/tmp/nine"
	assert [ "${#lines[@]}" -le 3 ]
	run -0 there script -qec "stty cols 80; movepages --restore=/tmp/nine" /dev/null
	assert_regex "$(summary)" "^movepages: 9 processes: moved .* was already there\) in "
	assert [ "$(summary | wc -m)" -le 81 ]
	there rm /tmp/nine
}

@test "a note is printed once, on a terminal, with -v, or in JSON" {
	local first
	victim_start cpu=0 anon=8M
	first=$VICTIM_PID
	victim_start cpu=0 anon=8M
	run -0 --separate-stderr migratepages -v "$first,$VICTIM_PID" 0 1
	assert_equal "${#stderr_lines[@]}" 2
	run -0 --separate-stderr migratepages --json "$first,$VICTIM_PID" 1 0
	assert_equal "$stderr" ""
	assert_equal "$(jq -c .advice <<<"$output")" "[]"
	run -0 --separate-stderr migratepages --json "$first,$VICTIM_PID" 0 1
	assert_equal "$stderr" ""
	assert_regex "$(jq -c '.advice | map([.pid, .cause])' <<<"$output")" \
		"^\[\[($first|$VICTIM_PID),\"cpus\"\]\]\$"
	run -0 --separate-stderr migratepages -q "$first,$VICTIM_PID" 1 3
	assert_equal "$output$stderr" ""
}

@test "a dry run has no note" {
	victim_start cpu=0 anon=8M
	run -0 --separate-stderr migratepages -n --json "$VICTIM_PID" 0 1
	assert_equal "$(jq -c .advice <<<"$output")" "[]"
}
