#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
#
# movepages --check on four nodes: it exits with 0, or 1 if the caller cannot move pages; and moves
# agree with its result.

load ../lib/helper

CPUSET=/sys/fs/cgroup/numapages-check

setup() {
	needs_nodes 4
	needs_root
}

teardown() {
	victim_stop
	user_cleanup
	there rmdir "$CPUSET" 2>/dev/null || true
}

# checks STATUS [RUNNER...]: run --check by RUNNER; print lines "KEY STATE VERDICT".
checks() {
	run -"$1" --separate-stderr "${@:2}" movepages --check --raw -o CHECK,STATE,VERDICT
}

# in_cpuset NODES COMMAND...: run it in a cgroup whose cpuset has these nodes.
in_cpuset() {
	there bash -c 'echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control && mkdir -p "$0" &&
		echo "$1" >"$0/cpuset.mems" && echo $$ >"$0/cgroup.procs" && exec "${@:2}"' "$CPUSET" "$@"
}

@test "pages can be moved between four nodes" {
	checks 0
	assert_equal "$stderr" ""
	assert_line "nodes 0-3 ok"
	assert_line "cpu_nodes 0-1 ok"
	assert_line "allowed_nodes 0-3 ok"
	assert_line "tiers 1 ok"
	assert_line "move_pages permitted ok"
	assert_line --regexp "^node3 [0-9.]+M.x20free ok$"
}

@test "the JSON has the memory of each node" {
	run -0 movepages --check --json
	assert_equal "$(jq -c '[.nodes[] | [.node, .cpus, .allowed,
		(0 < .available and .available < .total and 0 < .free and .free < .total)]]' <<<"$output")" \
		'[[0,true,true,true],[1,true,true,true],[2,false,true,true],[3,false,true,true]]'
}

# PAGEMAP_SCAN came with 6.7. In 7.2, damon_stat uses DAMON from boot on.
@test "the verdict of the JSON is the worst of all checks" {
	local expected='["note","pagemap_scan"]'
	! printf '%s\n' 6.7 "$(there uname -r)" | sort -CV || expected='["ok"]'
	! there grep -qsx Y /sys/module/damon_stat/parameters/enabled ||
		expected='["note","idle_looks"]'
	run -0 movepages --check --json
	assert_equal "$(jq -c '[.verdict, (.findings[] | select(.verdict != "ok") | .key)]' \
		<<<"$output")" "$expected"
}

@test "NUMA balancing is reported if it is on" {
	checks 0
	assert_line "numa_balancing off ok"
	write_there 1 "$BATS_TEST_TMPDIR/on"
	# Only for the check, so it moves no pages of tests that run at the same time.
	checks 0 there unshare --mount bash -c 'mount --bind "$0" /proc/sys/kernel/numa_balancing &&
		exec "$@"' "$BATS_TEST_TMPDIR/on"
	assert_line "numa_balancing on note"
}

@test "a cpuset forbids other nodes, as reported" {
	victim_start node=1 anon=64K
	checks 0 in_cpuset 1-2
	assert_line "allowed_nodes 1-2 note"
	in_cpuset 1-2 movepages --to=2 "$VICTIM_PID"
	assert_all_on 2 anon
	checks 1 in_cpuset 1
	assert_line "allowed_nodes 1 problem"
	assert_equal "$stderr" "movepages: --check: allowed nodes: 1: the cpuset of this caller does not allow 0,2-3: widen it (cpuset.mems, AllowedMemoryNodes=), or run outside it"
	run -1 in_cpuset 1 movepages --to=3 "$VICTIM_PID"
	assert_output --partial "not allowed by the caller's cpuset"
}

@test "under a seccomp filter nothing can be moved, as reported" {
	checks 1 filtered EPERM move_pages
	assert_line "move_pages filtered problem"
	assert_equal "${#stderr_lines[@]}" 1
	victim_start node=0 anon=64K
	run -1 filtered EPERM move_pages movepages --to=2 "$VICTIM_PID"
	assert_all_on 0 anon
}

@test "without pidfd_open(2) pages can be moved, as reported" {
	checks 0 filtered ENOSYS pidfd_open
	assert_line "pidfd_open absent ok"
	victim_start node=0 anon=64K
	filtered ENOSYS pidfd_open movepages --to=2 "$VICTIM_PID"
	assert_all_on 2 anon
}

@test "an ordinary user can move their own processes, as reported" {
	user_prepare
	checks 0 as_user
	assert_line "cap_sys_ptrace lacking note"
	victim_start node=0 anon=64K
	as_user movepages --to=2 "$VICTIM_PID"
	assert_all_on 2 anon
}
