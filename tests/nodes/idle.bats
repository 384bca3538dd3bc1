#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
#
# doc/examples/idle-pages: list the pages that a process did not use, and move them.
# On a kernel without DAMON, each test checks the error message.
#
# Needs exclusive use of DAMON.
# bats file_tags=alone

load ../lib/helper

DAMON=/sys/kernel/mm/damon/admin/kdamonds

setup() {
	needs_nodes 4
	needs_root
	idle=$abs_top_srcdir/doc/examples/idle-pages
	[[ ! ${THERE:-} ]] || idle=/usr/local/share/doc/numapages/examples/idle-pages
	there mountpoint -q /sys/kernel/tracing || there mount -t tracefs tracefs /sys/kernel/tracing
	stat=$(there cat /sys/module/damon_stat/parameters/enabled 2>/dev/null) || stat=
	[[ ! $stat ]] || user_enable damon_stat N
	[[ ! $stat$(damon) || $(damon) == 0 ]] || cannot_run "DAMON is in use"
}

teardown() {
	victim_stop
	[[ ! $stat ]] || user_enable damon_stat "$stat"
}

has_damon() {
	there test -d $DAMON
}

# damon: print how many kdamonds are set up; nothing without DAMON.
damon() {
	there cat $DAMON/nr_kdamonds 2>/dev/null || true
}

# user_enable MODULE Y|N
user_enable() {
	write_there "$2" "/sys/module/$1/parameters/enabled"
}

# refuses TEXT COMMAND...: check that it exits with 1 and one line that matches.
refuses() {
	run -1 --separate-stderr "${@:2}"
	refute_output
	has_damon || set -- "this kernel cannot tell which pages are idle: it has no DAMON "
	assert_regex "$stderr" "^idle-pages: $1"
	assert_equal "${#stderr_lines[@]}" 1
}

# Check that idle-pages has cleaned up: DAMON and the trace are free.
assert_clean() {
	! has_damon || assert_equal "$(damon)" 0
	assert_equal "$(there ls /sys/kernel/tracing/instances)" ""
}

# idle_list TIME: write the list of the victim to list. Sets from and to, the seconds around it.
idle_list() {
	list=$(there "$idle" "$1" "$VICTIM_PID")
	read -r from to < <(sed -n '1s/.*, from \(.*\) to \(.*\)/\1 \2/p' <<<"$list")
	from=$(date -d "$from" +%s) to=$(date -d "$to" +%s)
	((to - from >= $1)) || fail "no $1 seconds: $list"
}

# heading FIELD: print its bytes, from the heading of the list.
heading() {
	sed -n "2s/.*$1: \([0-9]*\) bytes.*/\1/p" <<<"$list"
}

# within KIND...: print the ranges of the list in these mappings.
within() {
	local kind start end
	for kind; do
		read -r start end < <(mapping "$kind")
		awk -F - -v start="$start" -v end="$end" \
			'!/^#/ && "x" $1 >= "x" start && "x" $1 < "x" end' <<<"$list"
	done
}

# truth: print the idle pages according to the victim.
truth() {
	local answer
	answer=$(victim_ask idle "$from" "$to")
	tr ' ' '\n' <<<"${answer#idle }"
}

@test "exactly the pages idle for ten seconds are listed, moved, and moved back" {
	local tries=5 truth saved placement idle_bytes
	# Its name must not become a line of the list.
	victim_start 'name=x\n0-1000' node=0 hot=4M warm=4M cold=8M sprinkled=4M
	has_damon || {
		refuses "" there "$idle" 10 "$VICTIM_PID"
		return
	}
	# A page used while the observation began or ended is ambiguous: then repeat it.
	until
		idle_list 10
		truth=$(truth)
		[[ $truth != *unclear* ]]
	do
		((tries-- > 0)) || fail "the machine is too slow for the truth: $truth"
	done
	assert_equal "$(within hot warm cold sprinkled)" "$truth"
	assert_equal "$(wc -l <<<"$truth")" 17
	assert_equal "${list%%, from *}" "# idle-pages: process $VICTIM_PID (x\n0-1000)"
	assert_regex "$(sed -n 2p <<<"$list")" "; unknown: [0-9]+ bytes; lost events: 0$"
	assert_clean

	saved=$BATS_TEST_TMPDIR/saved
	placement=$(placement)
	idle_bytes=$(heading 'idle for 10 s')
	run -0 --separate-stderr movepages --pages-from=- --unmapped=skip --from=has-cpu \
		--to=memory-only --save="$saved" --json "$VICTIM_PID" <<<"$list"
	assert_account "scope=$idle_bytes" "moved=$idle_bytes"
	assert_equal "$(placement | sed 's/ [^ ]* [^ ]*$//')" "hot: 4194304 0
warm: 4194304 0
cold: 0 0
sprinkled: 65536 0"
	assert_intact
	movepages --restore="$saved"
	assert_equal "$(placement)" "$placement"
	assert_intact
}

@test "address space without pages is not observed, or that is refused" {
	victim_start reserved=64G cold=1M
	run --separate-stderr there "$idle" 1 "$VICTIM_PID"
	if ((status)); then
		refuses "process $VICTIM_PID spans [0-9]+ MiB of address space, and this kernel" \
			there "$idle" 1 "$VICTIM_PID"
	else
		list=$output
		assert_equal "$(within cold)" "$(range cold)"
	fi
	assert_clean
}

@test "a process too large for the trace buffer is an error" {
	victim_start anon=1M
	refuses "process $VICTIM_PID has [0-9]+ MiB of memory; this machine can watch 0 MiB at most$" \
		there unshare -m sh -c 'echo "MemAvailable: 100 kB" >/tmp/meminfo &&
			mount --bind /tmp/meminfo /proc/meminfo && "$@"' sh "$idle" 1 "$VICTIM_PID"
	assert_clean
}

@test "DAMON in use by a kernel module is an error, and not changed" {
	local module
	victim_start anon=1M
	for module in damon_stat damon_reclaim; do
		there test -d /sys/module/$module/parameters || has_damon || module=none
		[[ $module != none ]] || refuses "" there "$idle" 1 "$VICTIM_PID"
		there test -d /sys/module/$module/parameters || continue
		user_enable $module Y
		refuses "DAMON is in use by $module \(kdamond, PID [0-9]+\); echo N >/sys/module/$module" \
			there "$idle" 1 "$VICTIM_PID"
		run -0 there cat /sys/module/$module/parameters/enabled
		assert_output Y
		user_enable $module N
	done
	assert_clean
}

@test "DAMON in use by another program is an error, and not changed" {
	victim_start anon=1M
	! has_damon || write_there 2 $DAMON/nr_kdamonds
	refuses "DAMON is set up by another user: $DAMON/nr_kdamonds is 2$" \
		there "$idle" 1 "$VICTIM_PID"
	has_damon || return 0
	assert_equal "$(damon)" 2
	there sh -ec 'cd "$0" && echo 0 >nr_kdamonds && echo 1 >nr_kdamonds && cd 0/contexts
		echo 1 >nr_contexts && cd 0 && echo vaddr >operations && echo 1 >targets/nr_targets
		echo "$1" >targets/0/pid_target && echo on >../../state' $DAMON "$VICTIM_PID"
	refuses "DAMON is in use by another user \(kdamond, PID $(there cat $DAMON/0/pid)\), \
for process $VICTIM_PID \(victim\)$" there "$idle" 1 "$VICTIM_PID"
	run -0 there cat $DAMON/0/state
	assert_output on
	write_there off $DAMON/0/state
	write_there 0 $DAMON/nr_kdamonds
	assert_clean
}

# observe_begin: observe the victim for a minute in the background; return when that has begun.
observe_begin() {
	there "$idle" 60 "$VICTIM_PID" >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	observer=$!
	until there grep -qsx 60000000 $DAMON/0/contexts/0/monitoring_attrs/intervals/sample_us &&
		there grep -qsx on $DAMON/0/state; do
		kill -0 "$observer" || fail "not observed: $(<"$BATS_TEST_TMPDIR/errors")"
	done
}

# observe_end TEXT: check that it ends with this line, status 1, and no list.
observe_end() {
	local status=0
	wait "$observer" || status=$?
	assert_equal "$(cat "$BATS_TEST_TMPDIR"/{output,errors})" "idle-pages: $1"
	assert_equal "$status" 1
	assert_clean
}

@test "a process that calls execve(2) or exits is not listed" {
	victim_start anon=1M
	has_damon || {
		refuses "" there "$idle" 60 "$VICTIM_PID"
		return
	}
	observe_begin
	victim_ask exec
	observe_end "process $VICTIM_PID executes another program"
	observe_begin
	victim_kill "$VICTIM_PID"
	observe_end "process $VICTIM_PID has ended"
}

@test "no list is written if another program stops DAMON" {
	victim_start anon=1M
	has_damon || {
		refuses "" there "$idle" 60 "$VICTIM_PID"
		return
	}
	observe_begin
	write_there off $DAMON/0/state
	observe_end "another user has stopped DAMON"
}

# killed SIGNAL STATUS [-]: check that a signal, with - to the process group, leaves nothing.
killed() {
	has_damon || {
		refuses "" there "$idle" 60 "$VICTIM_PID"
		return
	}
	run -0 there bash -c 'set -m; cd "$3"
		"$1" 60 "$2" >/tmp/list &
		until grep -qsx 60000000 0/contexts/0/monitoring_attrs/intervals/sample_us &&
			grep -qsx on 0/state; do
			kill -0 $! || exit
		done
		kill "-$4" -- "$6$!"
		begin=$(date +%s%N)
		until [[ $(<nr_kdamonds) == 0 ]]; do :; done
		echo "# free after $((($(date +%s%N) - begin) / 1000000)) ms" >&2
		wait $!
		[[ $? == "$5" && ! -s /tmp/list ]] &&
		while [[ $(ls /sys/kernel/tracing/instances) ]]; do :; done' \
		bash "$idle" "$VICTIM_PID" $DAMON "$@"
	echo "$output" >&3
	assert_clean
}

@test "SIGTERM leaves nothing" { victim_start anon=1M; killed TERM 143; }
@test "Ctrl-C leaves nothing" { victim_start anon=1M; killed INT 130 -; }
@test "SIGHUP leaves nothing" { victim_start anon=1M; killed HUP 129; }
@test "SIGKILL leaves nothing" { victim_start anon=1M; killed KILL 137; }
@test "SIGKILL of all its processes leaves nothing" { victim_start anon=1M; killed KILL 137 -; }

@test "without tracefs, or for an ordinary user, it is an error" {
	user_prepare
	victim_start anon=1M
	refuses "$DAMON: Permission denied; only root can use DAMON$" \
		as_user "$idle" 1 "$VICTIM_PID"
	refuses "no DAMON events in /sys/kernel/tracing; try mount -t tracefs" \
		there unshare -m sh -c 'umount /sys/kernel/tracing && "$@"' sh "$idle" 1 "$VICTIM_PID"
	user_cleanup
	assert_clean
}

@test "processes without memory, and exited ones, are errors" {
	local pid
	refuses "process 2 has no memory of its own$" there "$idle" 1 2
	victim_start anon=1M
	pid=$VICTIM_PID
	victim_stop
	refuses "process $pid: No such process$" there "$idle" 1 "$pid"
	assert_clean
}

@test "invalid times and PIDs are usage errors" {
	local word
	for word in '' 0 1x -5 2h 61m 3601 1.5 m; do
		run -1 --separate-stderr there "$idle" "$word" 1
		assert_equal "$stderr" "idle-pages: invalid time: '$word' \
(usage: idle-pages TIME PID; TIME: 90, 5m, at most 1h)"
	done
	for word in '' 0 -1 x 1,2; do
		run -1 --separate-stderr there "$idle" 1 "$word"
		assert_regex "$stderr" "^idle-pages: invalid PID: '$word' \(usage: "
	done
	run -1 --separate-stderr there "$idle" 1
	assert_equal "$stderr" "usage: idle-pages TIME PID; TIME: 90, 5m, at most 1h"
}
