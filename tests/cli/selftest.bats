#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# The self test of a host that has one node: it cannot, and says so.

load ../lib/helper

setup() {
	[[ $(</sys/devices/system/node/has_memory) != *[,-]* ]] || skip "there are several nodes"
}

# cannot OPTION...: 77, nothing on standard output, and one line why.
cannot() {
	run -77 --separate-stderr movepages "$@"
	assert_output ""
	assert_equal "$stderr" "movepages: nothing can be moved on this host: only node 0 has memory"
}

@test "a host with one node has nothing to test" { cannot --selftest; }
@test "nor has it with a size" { cannot --selftest=1G; }
@test "there is no JSON of nothing" { cannot --selftest --json -j1 --retries=0; }

@test "the status is one that test runners take for a skip" {
	run -0 bash -c 'movepages --selftest 2>/dev/null || [ $? = 77 ]'
}

@test "no process was started for it" {
	run -77 traced clone,clone3,fork,vfork,move_pages movepages --selftest
	assert_equal "$(<"$BATS_TEST_TMPDIR/trace")" \
		"$(sed -n '/exited with 77/p' "$BATS_TEST_TMPDIR/trace")"
}
