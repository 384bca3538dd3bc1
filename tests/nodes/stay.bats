#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
#
# Whether pages will stay where they were moved, and what would make them.
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

# advises TEXT: a move to node 1 does, in its one line on standard error.
advises() {
	run -0 --separate-stderr migratepages -v "$VICTIM_PID" 0 1
	assert_equal "$stderr" "migratepages: process $VICTIM_PID: this may not last: $1"
}

AWAY="its CPUs are near node 0, where new pages go"

@test "a process that runs elsewhere is told, and with that command it lasts" {
	local start
	victim_start cpu=0 anon=1M
	advises "$AWAY; to make it last: taskset -acp 1 $VICTIM_PID"
	there ${stderr##*: }
	read -r _ start _ < <(victim_ask touch 64K)
	assert_equal "$(numa_bytes 1 "$start")" 65536
	run -0 --separate-stderr migratepages -v "$VICTIM_PID" 0 1
	assert_equal "$stderr" ""
}

@test "a memory policy is told" {
	local USER_PREFIX=(numactl --membind=0)
	victim_start anon=1M
	advises "its memory policy is bind:0, and new pages follow it; to make it last: \
a cpuset with cpuset.mems=1, or a start under numactl --membind=1"
}

@test "NUMA balancing is told" {
	victim_start node=0 anon=1M
	there sysctl -qw kernel.numa_balancing=1
	advises "NUMA balancing may move pages back; to make it last: \
sysctl kernel.numa_balancing=0, or a cpuset"
}

@test "a systemd unit is named" {
	victim_start cpu=0 anon=1M
	there mkdir -p $UNIT
	write_there "$VICTIM_PID" $UNIT/cgroup.procs
	# With a cpuset, the group has CPUs of its own.
	there taskset -acp 0 "$VICTIM_PID"
	advises "$AWAY; to make it last: \
systemctl set-property reasons.service AllowedCPUs=1 AllowedMemoryNodes=1"
}

@test "it is told once, and only where somebody reads it or a program asks" {
	local first
	victim_start cpu=0 anon=1M
	first=$VICTIM_PID
	victim_start cpu=0 anon=1M
	run -0 --separate-stderr migratepages -v "$first,$VICTIM_PID" 0 1
	assert_equal "${#stderr_lines[@]}" 1
	run -0 --separate-stderr migratepages --json "$first,$VICTIM_PID" 1 0
	assert_equal "$stderr" ""
	assert_equal "$(jq -c .advice <<<"$output")" "[]"
	run -0 --separate-stderr migratepages --json "$first,$VICTIM_PID" 0 1
	assert_equal "$stderr" ""
	assert_regex "$(jq -c '.advice | map([.pid, .causes])' <<<"$output")" \
		"^\[\[($first|$VICTIM_PID),\[\"cpus\"\]\]\]\$"
	run -0 --separate-stderr migratepages -q "$first,$VICTIM_PID" 1 3
	assert_equal "$output$stderr" ""
}

@test "nothing is told of a dry run" {
	victim_start cpu=0 anon=1M
	run -0 --separate-stderr migratepages -n --json "$VICTIM_PID" 0 1
	assert_equal "$(jq -c .advice <<<"$output")" "[]"
}
