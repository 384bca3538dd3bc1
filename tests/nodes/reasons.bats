#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034,SC2154
#
# Causes and remedies of failures that need several nodes, or the
# rights to change the machine; for the others, see tests/cli/reasons.bats.
#
# Changes pools of huge pages and control groups.
# bats file_tags=alone

load ../lib/helper

POOL=/sys/devices/system/node/node3/hugepages/hugepages-2048kB/nr_hugepages
GROUP=/sys/fs/cgroup/reasons

setup() {
	needs_nodes 4
	needs_root
	user_prepare
	pool=$(there cat $POOL)
}

teardown() {
	victim_stop
	user_cleanup
	[[ ! ${pool:-} ]] || write_there "$pool" $POOL
	there rmdir $GROUP 2>/dev/null || true
	[[ ! ${container:-} ]] || kill "$container"
	there umount "$BATS_TEST_TMPDIR/huge" 2>/dev/null || true
}

# start_as_root, start_as_user OPERAND...: start a victim of this user, with memory on node 0.
start_as_root() {
	local USER_PREFIX=()
	start_as_user "$@"
}

start_as_user() {
	victim_start node=0 "${@:-anon=64K}"
	pid=$VICTIM_PID
}

# Permission to inspect a process.

kernel_thread() { command=(movepages 2); }

# A local USER_PREFIX applies only to the victim, not to the command.
its_capabilities() {
	local USER_PREFIX=(setpriv --inh-caps=+net_raw --ambient-caps=+net_raw "${USER_PREFIX[@]:1}")
	start_as_user
	command=(as_user movepages "$pid")
}

other_group() {
	local USER_PREFIX=(setpriv --reuid 65534 --regid 65533 --clear-groups "${USER_PREFIX[@]:6}")
	start_as_user
	command=(as_user movepages "$pid")
}

# without CAPABILITY[,-CAPABILITY...] COMMAND...: run it as root without these capabilities.
without() {
	there setpriv --bounding-set="-$1" "${@:2}"
}

root_without_ptrace() {
	start_as_user
	command=(without sys_ptrace movepages "$pid")
}

root_without_search() {
	start_as_user
	command=(without dac_read_search,-dac_override movepages "$pid")
}

root_of_namespace() {
	pid=1 command=(there unshare --user --map-root-user movepages 1)
}

in_domain() {
	pid=1 command=(filtered landlock movepages 1)
}

# hidden HOW: run the command with /proc mounted with hidepid=HOW.
hidden() {
	pid=1 command=(there unshare --mount bash -c "mount -t proc -o hidepid=$1 proc /proc &&
		exec ${USER_PREFIX[*]} movepages 1")
}

locked() { hidden 1; }
invisible() { hidden 2; }

# PID namespaces.

number_of_outside() {
	start_as_root
	command=(there unshare --pid --fork --mount-proc movepages "$pid")
}

number_of_inside() {
	coproc { there unshare --pid --fork --kill-child --mount-proc bash -c \
		'echo 29999 >/proc/sys/kernel/ns_last_pid; sleep infinity & echo $!; wait' 3>&-; }
	container=$COPROC_PID
	read -r pid <&"${COPROC[0]}"
	command=(movepages "$pid")
}

proc_of_outside() { command=(there unshare --pid --fork movepages 1); }
without_proc() { command=(there unshare --mount bash -c 'umount -l /proc; exec movepages 1'); }
without_sys() { command=(there unshare --mount bash -c 'umount -l /sys; exec movepages 1'); }

# Destinations.

# confined PID: limit it to nodes 0 and 1 by a cpuset.
confined() {
	# shellcheck disable=SC2016
	there bash -c 'mkdir -p "$0" && echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control &&
		echo 0-1 >"$0/cpuset.mems" && echo "$1" >"$0/cgroup.procs"' $GROUP "$1"
}

cpuset_of_target() {
	start_as_root
	confined "$pid"
	command=(migratepages "$pid" 0 2)
}

cpuset_of_caller() {
	start_as_root
	command=(in_cpuset migratepages "$pid" 0 2)
}

in_cpuset() {
	confined 0
	# shellcheck disable=SC2016
	there bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' $GROUP "$@"
}

# All nodes have memory, but /sys can be replaced to hide it.
without_memory() {
	start_as_root
	write_there 0-2 "$BATS_TEST_TMPDIR/nodes"
	command=(there unshare --mount bash -c "mount --bind $BATS_TEST_TMPDIR/nodes \
		/sys/devices/system/node/has_memory; exec migratepages $pid 0 3")
}

# Allocate huge pages until none is free.
fill_node_3() {
	# shellcheck disable=SC2016
	there bash -c 'until [[ $had == "$(<$0)" ]]; do had=$(<$0); echo 1000 >$0; done' $POOL
}

full() {
	start_as_root anon=48M
	fill_node_3
	command=(migratepages "$pid" 0 3)
}

# Free huge pages that are all reserved for a file system.  Some may be
# made from memory freed during the test.
pool_promised() {
	local free
	start_as_root hugetlb=8
	fill_node_3
	there mkdir "$BATS_TEST_TMPDIR/huge"
	free=$(there cat /proc/meminfo | awk '/^HugePages_Free/ { print $2 }')
	there mount -t hugetlbfs -o "min_size=$((2 * free))M" none "$BATS_TEST_TMPDIR/huge"
	command=(movepages --to=3 "$pid" "$(range hugetlb)")
}

# Permission to move pages.

shared_by_user() {
	start_as_user
	command=(as_user migratepages --shared=yes "$pid" 0 2)
}

shared_by_root() {
	start_as_root
	command=(without sys_nice migratepages --shared=yes "$pid" 0 2)
}

shared_left() {
	start_as_user shared=64K
	command=(as_user movepages --kind=shm --from=0 --to=2 "$pid")
}

pinned() {
	start_as_root pinned=64K
	command=(migratepages "$pid" 0 2)
}

filtered_call() {
	start_as_root
	command=(filtered EPERM migrate_pages migratepages --method=process "$pid" 0 2)
}

# Changes during the move.

# moving FUNCTION [RATE]: run a move, and call FUNCTION when the first page has moved.
moving() {
	local tool
	migratepages --rate="${2:-2M}" "$VICTIM_PID" 0 3 &
	tool=$!
	until [[ $(nodes_of_pages < <(page anon 0)) == 3 ]] || ! kill -0 $tool; do :; done
	"$1"
	wait "$tool"
}

start_to_move() {
	start_as_root anon=8M
	command=(moving "$@")
}

# These take 32 s if nothing happens: longer than a loaded machine needs for the change.
exits() { start_to_move exit_now 256K; }
exit_now() { there kill -KILL "$VICTIM_PID"; }

executes() { start_to_move exec_now 256K; }
exec_now() { victim_ask exec; }

is_confined() { start_to_move confine_now 256K; }
confine_now() { confined "$VICTIM_PID"; }

# Fill the node before, except 128 MiB, some of them below the watermarks.
fills() {
	start_to_move fill_node_3 512K
	fill_node_3
	write_there $(($(there cat $POOL) - 64)) $POOL
}

# The policy is inherited from numactl.
grows() {
	local USER_PREFIX=(numactl --membind=0)
	victim_start anon=64K churn=2
	command=(migratepages --settle=0.3 "$VICTIM_PID" 0 3)
}

@test "a kernel thread" { reason kernel_thread 1 "kernel thread, no user memory" ""; }
@test "more capabilities than the caller" {
	reason its_capabilities 1 "it has more capabilities than the caller" "run as root"
}
@test "another group of the same user" {
	reason other_group 1 "it has a different group ID" "run in its group"
}
@test "root without CAP_SYS_PTRACE" {
	reason root_without_ptrace 1 "root without CAP_SYS_PTRACE" "add that capability"
}
@test "root without CAP_DAC_READ_SEARCH" {
	reason root_without_search 1 "CAP_DAC_READ_SEARCH is missing" "add that capability"
}
@test "root of a user namespace" {
	reason root_of_namespace 1 "root of a user namespace" "run as root of the host"
}
@test "a security module" { reason in_domain 1 "by a security module" "see its log"; }
@test "hidepid=1" { reason locked 1 "Permission denied: hidden in /proc (hidepid)" "as its user or as root"; }
@test "hidepid=2" { reason invisible 1 "hidden in /proc (hidepid)" "run as root"; }
@test "a process outside of this container" {
	reason number_of_outside 1 "no such process in this container" "run on the host"
}
@test "a process inside of a container" {
	reason number_of_inside 1 "inside a container (PID namespace)" "has that PID: use"
}
@test "/proc of another PID namespace" {
	reason proc_of_outside 1 "/proc belongs to a different PID namespace" "unshare --mount-proc"
}
@test "no /proc" { reason without_proc 1 "/proc is not mounted" "mount -t proc"; }
@test "no /sys" { reason without_sys 1 "/sys is not mounted" "mount -t sysfs"; }
@test "the cpuset of the process" {
	reason cpuset_of_target 1 "by the cpuset of the process" "usable nodes: 0-1"
}
@test "the cpuset of the caller" {
	reason cpuset_of_caller 1 "by the caller's cpuset" "usable nodes: 0-1"
}
@test "a node without memory" {
	reason without_memory 1 "'3' has no memory" "usable nodes: 0-2"
}
@test "a node that is full" { reason full 1 "not enough memory on node 3" "--force moves what fits"; }
@test "a pool of huge pages that is used up" {
	reason pool_promised 64 "not moved: no room" "choose another node"
}
@test "--shared=yes without CAP_SYS_NICE" {
	reason shared_by_user 1 "--shared=yes requires CAP_SYS_NICE" "run as root"
}
@test "--shared=yes by root without CAP_SYS_NICE" {
	reason shared_by_root 1 "--shared=yes requires CAP_SYS_NICE, which root lacks" "add that"
}
@test "shared pages without CAP_SYS_NICE" {
	reason shared_left 64 "16 pages (64K) not moved: shared" "--shared=yes as root"
}
@test "pinned pages" { reason pinned 64 "1 page (4K) not moved: busy" "try again later"; }
@test "a seccomp filter against one call" {
	reason filtered_call 1 "a seccomp filter refuses migrate_pages(2)" "use --method=pages"
}
@test "an exit during the move" { reason exits 1 "exited before the command finished" "partial"; }
@test "an execve(2) during the move" { reason executes 1 "called execve(2) before the command finished" "partial"; }
@test "a change of the cpuset during the move" {
	reason is_confined 1 "its cpuset no longer allows the destination" "choose a node"
}
@test "a node that fills during the move" { reason fills 64 "not moved: no room" "choose another node"; }
@test "a memory policy that allocates new pages on the source" {
	reason grows 64 "its memory policy is bind:0" "AllowedMemoryNodes="
}
