#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154
#
# Guarantees of doc/security.md that no other file tests: what the commands may touch, and do.

load ../lib/helper

setup() {
	victim_start anon=64K
}

# Commands that display and move the victim; each test runs all of them.
every_command() {
	"$@" movepages "$VICTIM_PID"
	"$@" movepages --pages "$VICTIM_PID" "$(range anon)"
	"$@" movepages --json "$VICTIM_PID"
	"$@" movepages --interleave=all --partial-ok "$VICTIM_PID"
	"$@" migratepages -v --partial-ok "$VICTIM_PID" all 0
	"$@" migratepages --method=process --partial-ok "$VICTIM_PID" all 0
}

# trace_lines PATTERN: the line numbers of the trace that match.
trace_lines() {
	grep -nE "$1" "$BATS_TEST_TMPDIR/trace" | cut -d : -f 1
}

# Privileges are dropped before the target's memory map is read and before threads start. pagemap
# is opened before, to see page frame numbers.
gives_up_first() {
	local given looked
	traced capset,prctl,read,pread64,ioctl,clone3 -y "$@" >/dev/null
	given=$(trace_lines '[^a-z]capset\(' | tail -n 1)
	looked=$(trace_lines "</proc/$VICTIM_PID/(maps|pagemap)>|clone3" | head -n 1)
	assert [ "$given" -lt "$looked" ]
	assert [ "$(trace_lines 'PR_SET_NO_NEW_PRIVS, 1' | tail -n 1)" -lt "$looked" ]
	run ! grep -q 'capset(.*CAP_\(DAC_OVERRIDE\|SYS_ADMIN\|SETUID\|FOWNER\|KILL\)' \
		<(sed -n "${given}p" "$BATS_TEST_TMPDIR/trace")
	run -0 grep -c 'effective=1<<CAP_DAC_READ_SEARCH|1<<CAP_SYS_PTRACE|1<<CAP_SYS_NICE' \
		<(sed -n "${given}p" "$BATS_TEST_TMPDIR/trace")
}

@test "root keeps three capabilities before it reads the target's memory map" {
	needs_root
	every_command gives_up_first
}

@test "with --watch, every process that reads the memory map has dropped privileges" {
	local verdicts
	needs_root
	traced capset,read,pread64,ioctl -y \
		bash -c "movepages --watch=0.1 -b $VICTIM_PID | sed '/^change/ { x; s/^/x/; /xx/q; x; }'" >/dev/null
	verdicts=$(awk -v victim="</proc/$VICTIM_PID/(maps|pagemap)>" '
		/ capset\(/ { given[$1] = 1 }
		$0 ~ victim && !seen[$1]++ { print given[$1] + 0 }' "$BATS_TEST_TMPDIR/trace")
	assert [ "$(wc -l <<<"$verdicts")" -ge 2 ]
	refute_regex "$verdicts" 0
}

writes_nothing() {
	traced process_vm_writev,ptrace,openat,open,creat,unlink,rename,kill,tgkill "$@" >/dev/null
	assert [ -n "$(trace_lines "\"/proc/$VICTIM_PID\"")" ]
	run ! grep -E 'process_vm_writev|ptrace\(|O_CREAT|O_RDWR|O_WRONLY|unlink|rename|/mem"|kill\(.*SIG' \
		"$BATS_TEST_TMPDIR/trace"
}

@test "nothing is written to the target, no signal is sent, no file is created" {
	every_command writes_nothing
}

starts_nothing() {
	traced execve "$@" >/dev/null
	assert_equal "$(grep -c 'execve(' "$BATS_TEST_TMPDIR/trace")" 1
}

@test "no other program is started" {
	every_command starts_nothing
}

says_the_same() {
	local plain odd
	plain=$("$@" 2>&1)
	odd=$(env LC_ALL=tr_TR.UTF-8 LANGUAGE=xx TZ=:/etc/passwd LINES=1 TERM=evil \
		NO_COLOR=1 LIBSMARTCOLS_DEBUG_PADDING=1 POSIXLY_CORRECT=1 HOME=/nowhere \
		TMPDIR=/nowhere PATH="$PATH:." NUMAPAGES=1 "$@" 2>&1)
	assert_equal "$odd" "$plain"
}

# COLUMNS sets the width of the map, and NO_COLOR disables its colours.
@test "no environment variable changes the actions, and few change the output" {
	says_the_same movepages "$VICTIM_PID"
	says_the_same movepages --pages "$VICTIM_PID" "$(range anon)"
	says_the_same sh -c 'movepages --json "$0" | jq -c "del(.free)"' "$VICTIM_PID"
	says_the_same movepages --map "$VICTIM_PID"
	migratepages --partial-ok "$VICTIM_PID" all 0
	says_the_same migratepages -v --partial-ok "$VICTIM_PID" all 0
	says_the_same movepages --help
}
