#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# The self test on a host with one node: it is skipped, with a message.

load ../lib/helper

setup() {
	[[ $(</sys/devices/system/node/has_memory) != *[,-]* ]] || skip "more than one node"
}

# cannot OPTION...: exit status 77, no standard output, and a message that gives the cause.
cannot() {
	run -77 --separate-stderr movepages "$@"
	assert_output ""
	assert_equal "$stderr" "movepages: skipped: only node 0 has memory"
}

@test "the self test is skipped on a host with one node" { cannot --selftest; }
@test "the self test is skipped, with a size" { cannot --selftest=1G; }
@test "a skipped self test prints no JSON" { cannot --selftest --json -j1 --retries=0; }

@test "the exit status is the one for skipped tests" {
	run -0 bash -c 'movepages --selftest 2>/dev/null || [ $? = 77 ]'
}

@test "a skipped self test starts no process" {
	run -77 traced clone,clone3,fork,vfork,move_pages movepages --selftest
	assert_equal "$(<"$BATS_TEST_TMPDIR/trace")" \
		"$(sed -n '/exited with 77/p' "$BATS_TEST_TMPDIR/trace")"
}
