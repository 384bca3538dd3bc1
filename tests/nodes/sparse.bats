#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# A process with much more address space than memory. Kernels before 6.7 cannot skip empty
# parts, so a scan takes a while.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	overcommit=$(there sysctl -n vm.overcommit_memory)
	there sysctl -qw vm.overcommit_memory=1
	victim_start node=0 anon=1M node=any untouched=512G
}

teardown() {
	victim_stop
	there sysctl -qw "vm.overcommit_memory=$overcommit"
}

skips_what_is_empty() { [[ $(there uname -r) != 6.1.* ]]; }

@test "a slow scan is announced with its expected duration" {
	run --separate-stderr movepages --timeout=1 "$VICTIM_PID"
	if skips_what_is_empty; then
		assert_equal "$status $stderr" "0 "
	else
		assert_equal "$status" 64
		assert_regex "$stderr" "finding its pages takes about [0-9]+ s \(faster"
	fi
	run --separate-stderr movepages --quiet --timeout=1 "$VICTIM_PID"
	refute_regex "$stderr" "takes about"
}

@test "requests by address need no scan" {
	run -0 --separate-stderr movepages --to=1 "$VICTIM_PID" "$(range anon)"
	assert_equal "$stderr" ""
	assert_all_on 1 anon
}
