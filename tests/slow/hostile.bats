#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Targets that exit, change, wait or are changed by the kernel while their pages move. See also
# traps.bats, and user.bats and reasons.bats in tests/nodes; doc/testing.md has a list.
#
# Sets the clock, and kernel parameters of memory management.
# bats file_tags=alone

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	others=()
}

teardown() {
	((!${#others[@]})) || there kill -KILL "${others[@]}" 2>/dev/null || true
	victim_stop
	kernel_reset
}

# begin_to_move OPTION...: start a move to node 1.
begin_to_move() {
	move_begin 1 movepages --json --rate=4M "$@" --to=1 "$VICTIM_PID"
}

# to_and_fro: move all of the victim back and forth; pages may be busy, but none is lost.
to_and_fro() {
	local node
	for node in 1 0; do
		run --separate-stderr there timeout 300 movepages --json --to="$node" "$VICTIM_PID"
		assert_equal "$((status & ~64))" 0
		assert_account
		assert [ "$(account moved)" -gt 0 ]
	done
	assert_intact
}

# Activity of the kernel.

# meanwhile_write VALUE FILE: write it repeatedly until the test ends.
meanwhile_write() {
	local pid
	# shellcheck disable=SC2016
	read -r pid < <(there bash -c 'echo $$; while :; do echo "$0" >"$1"; done' "$@" 3>&-)
	others+=("$pid")
}

huge=/sys/kernel/mm/transparent_hugepage/khugepaged
ksm=/sys/kernel/mm/ksm
balancing=/proc/sys/kernel/numa_balancing
cgroup=/sys/fs/cgroup/hostile
swap=/var/tmp/hostile.swap	# tmpfs cannot hold one

kernel_reset() {
	# shellcheck disable=SC2016
	there bash -c 'echo 10000 >$0/scan_sleep_millisecs
		echo 0 >$1
		echo 2 >$2/run
		swapoff -a
		rm -f $3
		[[ ! -d $4 ]] || {
			echo 1 >$4/cgroup.kill
			until rmdir $4 2>/dev/null; do :; done
		}' $huge $balancing $ksm $swap $cgroup
}

# confine [FILE VALUE]...: put the victim into a cgroup with these settings.
confine() {
	there mkdir -p $cgroup
	write_there "$VICTIM_PID" $cgroup/cgroup.procs
	while (($#)); do
		write_there "$2" "$cgroup/$1"
		shift 2
	done
}

@test "a killed target is reported as exited, with the pages moved until then" {
	victim_start node=0 anon=16M
	begin_to_move
	there kill -KILL "$VICTIM_PID"
	move_end 1
	assert_regex "$stderr" "exited before the command finished"
	assert [ "$(account moved)" -gt 0 ]
}

@test "a target that calls execve(2) is not touched afterwards" {
	victim_start node=0 anon=16M
	begin_to_move
	assert_equal "$(victim_ask exec)" "ready $VICTIM_PID"
	move_end 1
	assert_regex "$stderr" "called execve"
	assert_equal "$(victim_ask check)" "intact 0 pages"
}

# heir_start PID: start a victim with this PID, with 4 MiB on node 0.
heir_start() {
	# shellcheck disable=SC2016
	local USER_PREFIX=(bash -c 'echo $(($0 - 1)) >/proc/sys/kernel/ns_last_pid
		exec 3<&0; "$@" <&3 & wait' "$1")
	victim_start node=0 anon=4M
}

@test "a process that reuses the PID of the target is not touched" {
	local pid heap
	victim_start node=0 anon=16M
	pid=$VICTIM_PID
	begin_to_move
	victim_kill "$pid"
	heir_start "$pid"
	assert_equal "$VICTIM_PID" "$pid"
	move_end 1
	assert_regex "$stderr" "exited before the command finished"
	read -r heap _ < <(mapping anon)
	assert_equal "$(numa_bytes 0 "$heap")" $((4 << 20))
}

@test "a target that constantly forks and changes its mappings" {
	victim_start node=0 anon=4M churn=2
	to_and_fro
}

@test "while the kernel makes huge pages" {
	victim_start node=0 mixed=16M
	assert_equal "$(victim_ask collapse)" collapsible
	write_there 0 $huge/scan_sleep_millisecs
	to_and_fro
}

@test "while the kernel splits huge pages" {
	victim_start node=0 thp=16M
	# shellcheck disable=SC2016
	there bash -c 'mountpoint -q "$0" || mount -t debugfs debugfs "$0"' /sys/kernel/debug
	meanwhile_write 1 /sys/kernel/debug/split_huge_pages
	to_and_fro
}

@test "while the kernel compacts memory" {
	victim_start node=0 anon=8M thp=4M
	meanwhile_write 1 /proc/sys/vm/compact_memory
	to_and_fro
}

@test "during NUMA balancing" {
	victim_start node=0 cpu=1 anon=8M
	write_there 1 $balancing
	to_and_fro
}

@test "while the kernel merges pages with another process, and unmerges them" {
	victim_start node=0 alike=1M
	victim_start node=0 alike=1M
	write_there 10000 $ksm/pages_to_scan
	write_there 0 $ksm/sleep_millisecs
	write_there 1 $ksm/run
	until (($(there cat $ksm/pages_sharing) > 100)); do :; done
	run -0 movepages --to=2 "$VICTIM_PID"
	meanwhile_write 2 $ksm/run
	to_and_fro
}

# in_swap: print how many KiB of the victim are in swap.
in_swap() {
	there cat "/proc/$VICTIM_PID/status" | awk '/^VmSwap/ { print $2 }'
}

@test "with pages in swap, before and after they come back" {
	# shellcheck disable=SC2016
	there bash -c 'dd if=/dev/zero of=$0 bs=1M count=64 status=none && chmod 600 $0 &&
		mkswap -q $0 && swapon $0' $swap
	victim_start node=0 anon=1M swapped=8M
	assert [ "$(in_swap)" -gt 4096 ]
	to_and_fro
	assert [ "$(in_swap)" -lt 1024 ]
	to_and_fro
}

@test "at the limit of its memory cgroup, the target is not killed" {
	write_there +memory /sys/fs/cgroup/cgroup.subtree_control
	victim_start node=0 anon=64K
	confine memory.max 20M
	victim_ask touch 16M
	to_and_fro
	assert_equal "$(there cat $cgroup/memory.events | awk '$1 == "oom_kill" { print $2 }')" 0
}

@test "a target with an unresolved page fault" {
	victim_start node=0 anon=1M unanswered=1M
	to_and_fro
}

@test "a target under a tracer" {
	victim_start node=0 anon=1M
	local tracer
	# shellcheck disable=SC2016
	read -r tracer < <(there bash -c 'echo $$; exec strace -qq -o /dev/null -p "$0"' \
		"$VICTIM_PID" 3>&-)
	others+=("$tracer")
	until there cat "/proc/$VICTIM_PID/status" | grep -q '^TracerPid:.*[1-9]'; do :; done
	to_and_fro
}

@test "a frozen target" {
	victim_start node=0 anon=1M
	confine cgroup.freeze 1
	until there cat $cgroup/cgroup.events | grep -qx 'frozen 1'; do :; done
	run -0 --separate-stderr there timeout 300 movepages --json --to=1 "$VICTIM_PID"
	assert_all_on 1 anon
	write_there 0 $cgroup/cgroup.freeze
	assert_intact
}

@test "the command itself, and the shell that runs it" {
	run -0 --separate-stderr there taskset -c 0 bash -c 'exec movepages --json --partial-ok --to=1 $$'
	assert_account
	assert [ "$(account moved)" -gt 0 ]
	run -0 --separate-stderr there taskset -c 0 bash -c 'movepages --json --partial-ok --to=1 $$; :'
	assert_account
	assert [ "$(account moved)" -gt 0 ]
}

@test "while the clock is set a year ahead, and back" {
	local now
	victim_start node=0 anon=8M
	now=$(there date +%s)
	begin_to_move --timeout=60
	there date -s "@$((now + 31536000))" >/dev/null
	there date -s "@$now" >/dev/null
	move_end 0
	assert_account left=0
	assert_all_on 1 anon
}

@test "60,000 mappings, in 128 MiB of address space" {
	victim_start node=0 pieces=240M
	run -0 --separate-stderr there bash -c \
		"ulimit -v 131072; exec movepages --json --partial-ok --to=1 $VICTIM_PID"
	assert_account
	assert [ "$(account moved)" -gt $((239 << 20)) ]
	assert_intact
}
