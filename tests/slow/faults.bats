#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Samples of the sweep of tests/slow/faults.c (`make check-faults` runs all of it), and former bugs,
# reproduced with strace.

load ../lib/helper

# sweep NUMBER OPTION...: try NUMBER faults, or a tenth of them with a sanitizer, which is ten times
# slower.
sweep() {
	local number=$1
	[[ $(uname -m) == x86_64 ]] || cannot_run "needs an x86-64 machine"
	! is_sanitized || number=$((number / 10))
	run faults -n "$number" "${@:2}"
	((status == 0)) || fail "$output"
	assert_line --regexp "^# all +$number +"
}

# injected FAULT [STRACE-OPTION]... COMMAND...
injected() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e inject="$1" "${@:2}"
}

@test "a failed system call is reported, without a crash or a false success" {
	sweep 1000 -s 1
}

@test "a failed allocation is reported, too" {
	! is_sanitized || cannot_run "sanitizers have an allocator of their own"
	sweep 400 -s 1 -k allocation
}

@test "an unreadable pagemap does not make pages absent" {
	victim_start node=0 anon=64K
	run -1 --separate-stderr injected pread64:error=EIO -P "/proc/$VICTIM_PID/pagemap" \
		movepages --pages "$VICTIM_PID" "$(page anon 0)"
	assert_regex "$stderr" "^movepages: process $VICTIM_PID: Input/output error"
}

@test "EINTR without a signal is an error, not an interruption" {
	victim_start node=0 anon=64K
	run -1 --separate-stderr injected move_pages:error=EINTR movepages "$VICTIM_PID"
	assert_regex "$stderr" "^movepages: process $VICTIM_PID: Interrupted system call"
}

@test "impossible nodes and counts are errors" {
	local answer
	victim_start node=0 anon=64K
	for answer in retval=7 retval=0:poke_exit=@arg5=ffffff7f retval=-4096; do
		run -1 --separate-stderr injected "move_pages:$answer" movepages --pages \
			"$VICTIM_PID" "$(page anon 0)"
		assert_regex "$stderr" "unexpected result from the kernel"
	done
}

@test "an error on the file of --save stops the command" {
	victim_start node=0 anon=64K
	cd "$BATS_TEST_TMPDIR" && echo "# movepages placement 1" >old
	run -1 --separate-stderr injected openat:error=ETIMEDOUT -P old movepages --save=old \
		"$VICTIM_PID"
	assert_regex "$stderr" "movepages: old: Connection timed out$"
}

@test "SIGHUP during --save leaves no file" {
	victim_start node=0 anon=64K
	mkdir "$BATS_TEST_TMPDIR/saved" && cd "$BATS_TEST_TMPDIR/saved"
	run -129 injected move_pages:signal=HUP:when=1 env --default-signal=HUP \
		movepages --save=new "$VICTIM_PID"
	assert_equal "$(ls -A)" ""
}

@test "an interrupted poll(2) does not mean that the process exited" {
	sweep 400 -k poll
}

@test "a process of a set that calls execve(2) is a failure" {
	sweep 150 -c 31 -k exec
}

@test "an unreadable file never hides a process of a set" {
	local top=$BATS_TEST_TMPDIR/top
	victim_start node=0 anon=64K
	run -1 --separate-stderr injected getdents64:error=EIO -P /proc movepages --name=victim
	assert_equal "$stderr" "movepages: --name: /proc: Input/output error"
	run -1 --separate-stderr injected openat:error=EMFILE -P "/proc/$VICTIM_PID/stat" \
		movepages --name=victim
	assert_equal "$stderr" "movepages: --name: /proc: Too many open files"
	run -1 --separate-stderr injected openat:error=EMFILE -P "/proc/$VICTIM_PID/stat" \
		movepages --tree $$
	assert_equal "$stderr" "movepages: --tree: /proc: Too many open files"
	mkdir -p "$top/a"
	echo "$VICTIM_PID" | tee "$top/cgroup.procs" "$top/a/cgroup.procs"
	run -0 movepages --cgroup="$top"
	run -1 --separate-stderr injected openat:error=EIO -P "$top/a" movepages --cgroup="$top"
	assert_equal "$stderr" "movepages: cgroup '$top': Input/output error"
}
