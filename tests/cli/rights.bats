#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# The kernel's rule for a caller without CAP_SYS_PTRACE: it may inspect a process of the same user
# if it has every capability of that process. The commands drop all capabilities except those
# that the processes have.

load ../lib/helper

# The capabilities of root in a container.
CONTAINER=chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service
CONTAINER+=,net_raw,sys_chroot,mknod,audit_write,setfcap

setup() {
	needs_root
	user_prepare
}

teardown() {
	victim_stop
	user_cleanup
}

# root_with CAPABILITIES: set RUN to run commands as root with these only.
root_with() {
	RUN=(setpriv --bounding-set="-all,+${1//,/,+}")
}

# user_with CAPABILITIES: set RUN to run commands as an ordinary user with these.
user_with() {
	RUN=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps="+${1//,/,+}"
		--ambient-caps="+${1//,/,+}" env "PATH=$USER_DIR:$PATH")
}

victim_of() {
	local USER_PREFIX=()
	"$@"
	USER_PREFIX=("${RUN[@]}")
	victim_start anon=64K
}

# works: displaying and moving succeed, with one process and with standard input.
works() {
	run -0 --separate-stderr "${RUN[@]}" movepages "$VICTIM_PID"
	run -0 --separate-stderr "${RUN[@]}" migratepages -n "$VICTIM_PID" all 0
	run -0 --separate-stderr "${RUN[@]}" movepages - <<<"$VICTIM_PID"
	run -0 --separate-stderr "${RUN[@]}" movepages --tree "$VICTIM_PID"
	run -0 --separate-stderr "${RUN[@]}" migratepages --json "$VICTIM_PID" all 0
	assert_account
}

# refused CAUSE: displaying and moving fail for this reason.
refused() {
	run -1 --separate-stderr "${RUN[@]}" movepages "$VICTIM_PID"
	assert_regex "$stderr" "$1"
}

@test "root in a container moves its processes" {
	victim_of root_with "$CONTAINER"
	root_with "$CONTAINER,sys_nice"
	works
}

@test "a user with an ambient capability moves processes that also have it" {
	victim_of user_with net_bind_service
	works
}

@test "a caller with more capabilities than the process moves it" {
	victim_of user_with net_raw
	user_with net_raw,net_admin
	works
}

@test "root in a container cannot inspect a process that has more capabilities" {
	victim_of root_with "$CONTAINER,sys_admin"
	root_with "$CONTAINER,sys_nice"
	refused "root without CAP_SYS_PTRACE"
}

@test "a user cannot inspect a process that has another capability" {
	victim_of user_with net_raw
	user_with net_admin
	refused "it has more capabilities than the caller"
}

@test "CAP_DAC_OVERRIDE replaces CAP_DAC_READ_SEARCH for pagemap" {
	victim_of user_with net_raw
	root_with "$CONTAINER,sys_ptrace"
	works
}

# keeps CAPABILITIES: movepages keeps these with capset(2), as strace prints them.
keeps() {
	traced capset "${RUN[@]}" movepages "$VICTIM_PID" >/dev/null
	run -0 grep -oP 'effective=\K[^,]*' \
		<(grep 'capset(' "$BATS_TEST_TMPDIR/trace" | tail -n 1)
	assert_equal "$output" "$1"
}

@test "capabilities that the target does not have are dropped" {
	victim_of root_with chown,kill
	root_with "$CONTAINER,sys_nice"
	keeps "1<<CAP_CHOWN|1<<CAP_KILL|1<<CAP_SYS_NICE"
}

@test "with CAP_SYS_PTRACE, the target's capabilities are dropped, too" {
	victim_of root_with chown,kill
	root_with "$CONTAINER,sys_nice,sys_ptrace,dac_read_search"
	keeps "1<<CAP_DAC_READ_SEARCH|1<<CAP_SYS_PTRACE|1<<CAP_SYS_NICE"
}

# /proc/PID/status lists all groups: 1,500 of them take more than 8 KiB, and the capabilities and
# sizes follow.
@test "a status file longer than 8 KiB is read completely" {
	local groups
	groups=$(seq -s , 100000 101499)
	RUN=(setpriv --reuid 65534 --regid 65534 --groups "$groups" --inh-caps=+net_raw
		--ambient-caps=+net_raw env "PATH=$USER_DIR:$PATH")
	victim_of true
	assert [ "$(wc -c <"/proc/$VICTIM_PID/status")" -gt 8192 ]
	user_with net_admin
	refused "it has more capabilities than the caller"
}
