#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# Causes of failures, and remedies: each cause is real, and one line names it. Causes that need
# several nodes, or the right to change the machine, are in tests/nodes/reasons.bats.

load ../lib/helper

setup() {
	user_prepare
}

teardown() {
	victim_stop
	user_cleanup
}

exited() {
	bash -c : & pid=$!
	wait "$pid"
	command=(movepages "$pid")
}

zombie() {
	victim_start anon=64K
	read -r _ pid < <(victim_ask fork)
	kill -KILL "$pid"
	until grep -q '^State:.Z' "/proc/$pid/status"; do :; done
	command=(movepages "$pid")
}

another_users() {
	pid=1 command=(as_user movepages 1)
}

# A user who may execute but not read a program cannot inspect its process.
protected() {
	local dir=${USER_DIR:-$BATS_TEST_TMPDIR}
	mkdir "$dir/protected"
	install -m 111 "$(command -v victim)" "$dir/protected/victim"
	if [[ ${USER_DIR:-} ]]; then
		USER_PREFIX[-1]="PATH=$dir/protected:${USER_PREFIX[-1]#PATH=}"
	else
		PATH=$dir/protected:$PATH
	fi
	victim_start anon=64K
	pid=$VICTIM_PID command=(as_user movepages "$pid")
}

# filtered_look ERROR: inspect a process under a filter that makes move_pages(2) fail with ERROR.
filtered_look() {
	victim_start anon=64K
	pid=$VICTIM_PID
	command=(filtered "$1" "move_pages,migrate_pages" movepages "$pid")
}

refused_by_filter() { filtered_look EPERM; }
denied_by_filter() { filtered_look ENOSYS; }

# strace simulates a kernel without the call.
without_migration() {
	victim_start anon=64K
	pid=$VICTIM_PID
	command=(strace -f -qq -o /dev/null -e inject=move_pages:error=ENOSYS movepages "$pid")
}

absent_node() {
	victim_start anon=64K
	command=(movepages --to=1000 "$VICTIM_PID")
}

@test "a process that has exited" { reason exited 1 "no such process" ""; }
@test "a zombie" { reason zombie 1 "zombie, no memory" ""; }
@test "another user's process" { reason another_users 1 "it belongs to another user" "run as that user or"; }
@test "a protected process" { reason protected 1 "it is not dumpable" "run as root"; }
@test "a seccomp filter that returns EPERM" {
	reason refused_by_filter 1 "a seccomp filter refuses move_pages(2)" "run on the host"
}
@test "a seccomp filter that returns ENOSYS" {
	reason denied_by_filter 1 "a seccomp filter refuses move_pages(2)" "run on the host"
}
@test "a kernel without page migration" {
	reason without_migration 1 "built without page migration" "start the program under"
}
@test "a node that does not exist" { reason absent_node 1 "is not a node of this machine" "usable node"; }

@test "the id of a thread denotes its process" {
	local thread
	victim_start busy=64K
	for thread in "/proc/$VICTIM_PID/task"/*; do :; done
	assert [ "${thread##*/}" != "$VICTIM_PID" ]
	run -0 --separate-stderr movepages "${thread##*/}"
	assert_line --index 0 --partial "victim ($VICTIM_PID): "
}

@test "a filter that returns ENOSYS for pidfd_open has no effect" {
	victim_start anon=64K
	run -0 --separate-stderr filtered EPERM pidfd_open movepages "$VICTIM_PID"
	assert_equal "$stderr" ""
}
