#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# An ordinary user and their own processes.

load ../lib/helper

setup() {
	user_prepare
}

teardown() {
	victim_stop
	user_cleanup
}

# Sets from, the node with most pages of the program that both victims map, and
# to, another node.
nodes_choose() {
	from=$(awk '
		/victim/ && /mapmax=/ {
			for (i = 2; i <= NF; i++)
				if (split($i, part, /[N=]/) == 3 && part[1] == "")
					pages[part[2]] += part[3]
		}
		END { for (node in pages)
			if (pages[node] > most)
				most = pages[from = node]
		      print from }' <(there cat "/proc/$VICTIM_PID/numa_maps"))
	assert [ -n "$from" ]
	to=$(((from + 1) % 4))
}

# moves_own COMMAND...: check that the user's own memory moves; PID denotes the victim.
moves_own() {
	needs_nodes 4
	victim_start node=0 anon=1M thp=2M hole=1M
	run -0 --separate-stderr as_user "${@/PID/$VICTIM_PID}"
	assert_all_on 2 anon thp hole
	assert_intact
}

# excludes_files METHOD: check that file pages that other processes map are not a failure.
excludes_files() {
	local from to
	needs_nodes 4
	victim_start anon=1M
	victim_start anon=1M
	nodes_choose
	run -0 --separate-stderr as_user migratepages --json --method="$1" \
		"$VICTIM_PID" "$from" "$to"
	assert_account left=0
	assert [ "$(account excluded)" -gt 0 ]
}

# leaves_shared KIND: check that shared memory without a file is in scope, and does not move.
leaves_shared() {
	needs_nodes 4
	victim_start node=0 "$1"=1M
	run -64 --separate-stderr as_user migratepages --json "$VICTIM_PID" 0 2
	assert_account
	assert [ "$(account left_by.shared)" -ge 1048576 ]
	assert_all_on 0 "$1"
}

# is_refused OBJECT COMMAND...: check that it exits with 1 and one message that names the object.
is_refused() {
	run -1 --separate-stderr as_user "${@:2}"
	assert_equal "$output" ""
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" "$1"
}

@test "page by page, users move their own processes" {
	moves_own migratepages --method=pages PID 0 2
}

@test "in one call, users move their own processes" {
	moves_own migratepages --method=process PID 0 2
}

@test "users move their own processes with movepages" { moves_own movepages --to=2 PID; }

@test "page by page, shared file pages are excluded, not counted as not moved" { excludes_files pages; }
@test "in one call, shared file pages are excluded, not counted as not moved" { excludes_files process; }

@test "memory shared with a child is not moved" { leaves_shared shared; }
@test "memory shared since a fork is not moved" { leaves_shared cow; }

@test "a dry run predicts that memory shared since a fork is not moved, and files are excluded" {
	local foreseen
	needs_nodes 4
	victim_start node=0 cow=1M
	run -0 --separate-stderr as_user migratepages --json -n "$VICTIM_PID" 0 2
	assert_equal "$stderr" ""
	foreseen=$(json '[.account.left_by.shared, .account.excluded]')
	run -64 --separate-stderr as_user migratepages --json "$VICTIM_PID" 0 2
	assert_equal "$(json '[.account.left_by.shared, .account.excluded]')" "$foreseen"
	assert [ "$(account left_by.shared)" -ge 1048576 ]
}

@test "users can inspect the placement of their own processes" {
	victim_start anon=1M
	run -0 --separate-stderr as_user movepages --mappings "$VICTIM_PID"
	assert_line --partial "$(page anon 0)"
	assert_equal "$stderr" ""
}

@test "users can list the pages of their own processes" {
	victim_start anon=64K
	run -0 --separate-stderr as_user movepages --pages "$VICTIM_PID" "$(range anon)"
	assert_equal "${#lines[@]}" 17
}

@test "moving another user's process is refused" {
	needs_nodes 4
	is_refused '\b1\b' migratepages 1 0 1
}

@test "moving another user's process in one call is refused" {
	needs_nodes 4
	is_refused '\b1\b' migratepages --method=process 1 0 1
}

@test "moving another user's pages is refused" {
	needs_nodes 4
	is_refused '\b1\b' movepages --to=1 1
}

@test "inspecting another user's process is refused" { is_refused '\b1\b' movepages 1; }

@test "listing another user's pages is refused" {
	is_refused '\b1\b' movepages --pages 1
}

@test "users save and restore the placement of their own processes" {
	local saved
	needs_nodes 4
	victim_start node=0 anon=1M
	saved=$(as_user mktemp)
	as_user movepages --save="$saved" "$VICTIM_PID" "$(range anon)"
	as_user movepages --to=2 "$VICTIM_PID" "$(range anon)"
	run -0 --separate-stderr as_user movepages --json --restore="$saved" "$VICTIM_PID"
	assert_account moved=1048576
	assert_all_on 0 anon
	there rm "$saved"
}

@test "users cannot save to a directory or read a file without permission" {
	victim_start anon=64K
	is_refused '^movepages: /saved: (Permission denied|Read-only file system)$' \
		movepages --save=/saved "$VICTIM_PID"
	is_refused '^movepages: /proc/1/environ: Permission denied$' \
		movepages --restore=/proc/1/environ "$VICTIM_PID"
	is_refused '^movepages: /proc/1/environ: Permission denied$' \
		movepages --pages-from=/proc/1/environ "$VICTIM_PID"
}
