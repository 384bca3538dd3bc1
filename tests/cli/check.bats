#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# movepages --check reports what this host and this caller can do. The exit status is 77 on a
# machine with one node, 0 with several.

load ../lib/helper

setup() {
	needs_root
	HERE=0
	[[ $(</sys/devices/system/node/has_memory) == *[,-]* ]] || HERE=77
}

teardown() {
	user_cleanup
}

# checks STATUS [RUNNER...]: run a check; $output is its JSON.
checks() {
	run -"$1" --separate-stderr "${@:2}" movepages --check --json
}

# finds KEY STATE VERDICT: the JSON in $output has this finding.
finds() {
	assert_equal "$1: $(jq -r --arg key "$1" '.findings[] | select(.key == $key)
		| "\(.state), \(.verdict)"' <<<"$output")" "$1: $2, $3"
}

# without CAPABILITY... -- COMMAND...: run as root without these capabilities.
without() {
	local bounding=
	for (( ; $# ; )); do
		[[ $1 != -- ]] || { shift; break; }
		bounding+=,-$1
		shift
	done
	setpriv --bounding-set="${bounding#,}" "$@"
}

# The host.

@test "the nodes are those of /sys, with their memory" {
	checks "$HERE"
	finds nodes "$(</sys/devices/system/node/has_memory)" "$([[ $HERE == 0 ]] && echo ok || echo cannot)"
	assert_equal "$(jq '.nodes[0] | .node, .total' <<<"$output" | xargs)" \
		"0 $(awk '/MemTotal/ { printf "%.0f", $4 * 1024 }' /sys/devices/system/node/node0/meminfo)"
	assert [ "$(jq '.nodes[0] | .free > 0 and .free < .total' <<<"$output")" = true ]
	assert [ "$(jq '.nodes[0] | .cpus and .allowed' <<<"$output")" = true ]
}

@test "with one node only, a message says so" {
	checks "$HERE"
	if ((HERE)); then
		assert_equal "$stderr" "movepages: --check: nodes with memory: 0: no other node can take pages"
	else
		assert_equal "$stderr" ""
	fi
}

@test "the settings are those of the kernel" {
	local balancing thp
	checks "$HERE"
	read -r balancing </proc/sys/kernel/numa_balancing || balancing=
	thp=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/mm/transparent_hugepage/enabled)
	finds huge_pages "$thp" ok
	[[ $balancing != 0 ]] || finds numa_balancing off ok
	finds swap "$([[ $(wc -l </proc/swaps) == 1 ]] && echo none)" ok
}

@test "the calls of this kernel are permitted" {
	checks "$HERE"
	finds move_pages permitted ok
	finds migrate_pages permitted ok
	finds pidfd_open permitted ok
}

# A /proc that has processes only.
@test "unreadable settings are unknown, not absent" {
	checks "$HERE" unshare --mount sh -c 'mount -t proc -o subset=pid proc /proc && exec "$@"' sh
	finds numa_balancing unknown unknown
	finds swap unknown unknown
	finds node0 unknown unknown
	assert_equal "$(jq -c '.nodes[0] | [.available, .free > 0]' <<<"$output")" "[null,true]"
}

# The caller.

@test "root holds all capabilities" {
	checks "$HERE"
	finds cap_sys_nice held ok
	finds cap_sys_ptrace held ok
	finds cap_dac_read_search held ok
}

# lacks KEY CAPABILITY OTHER...: a caller without this capability lacks no other one.
lacks() {
	local other
	checks "$HERE" without "$2" --
	finds "$1" lacking note
	for other in "${@:3}"; do
		finds "$other" held ok
	done
}

@test "CAP_SYS_NICE can be lacking" { lacks cap_sys_nice sys_nice cap_sys_ptrace cap_dac_read_search; }
@test "CAP_SYS_PTRACE can be lacking" { lacks cap_sys_ptrace sys_ptrace cap_sys_nice cap_dac_read_search; }
@test "CAP_DAC_READ_SEARCH can be lacking" {
	checks "$HERE" without dac_read_search dac_override --
	finds cap_dac_read_search lacking note
	finds cap_sys_nice held ok
	finds cap_sys_ptrace held ok
}

@test "CAP_DAC_OVERRIDE replaces CAP_DAC_READ_SEARCH" {
	checks "$HERE" without dac_read_search --
	finds cap_dac_read_search lacking ok
}

@test "an ordinary user lacks all capabilities, and can move pages" {
	user_prepare
	checks "$HERE" as_user
	finds cap_sys_nice lacking note
	finds cap_sys_ptrace lacking note
	finds cap_dac_read_search lacking note
	finds move_pages permitted ok
}

@test "CAP_SYS_NICE has no effect in a user namespace" {
	checks "$HERE" unshare --user --map-root-user
	finds cap_sys_nice "without effect" note
	finds cap_sys_ptrace held ok
}

# is_barred KEY STATE VERDICT ERROR CALL: the finding if a filter makes CALL fail with ERROR.
is_barred() {
	local status=$HERE
	[[ $status == 77 || $3 != problem ]] || status=1
	checks "$status" filtered "$4" "$5"
	finds "$1" "$2" "$3"
	[[ $3 != problem ]] || assert_regex "$stderr" "movepages: --check: $5\(2\): $2: .*seccomp filter"
}

@test "a filtered move_pages is a problem" { is_barred move_pages filtered problem EPERM move_pages; }
@test "a move_pages that a filter hides is a problem" { is_barred move_pages filtered problem ENOSYS move_pages; }
@test "a filtered migrate_pages is a note" { is_barred migrate_pages filtered note EPERM migrate_pages; }
@test "a filtered pidfd_open is a problem" { is_barred pidfd_open filtered problem EPERM pidfd_open; }
@test "a missing pidfd_open is ok" { is_barred pidfd_open absent ok ENOSYS pidfd_open; }

# The output.

@test "the table and the JSON have the same findings" {
	local json
	checks "$HERE"
	json=$(jq -r '.findings[] | "\(.key) \(.verdict)"' <<<"$output")
	assert_equal "$(movepages --check --raw --noheadings -o CHECK,VERDICT 2>"$BATS_TEST_TMPDIR/errors")" "$json"
}

@test "the verdict comes first, then the findings, the worst first, and the number of others" {
	local total status=1 verdict="problem: this caller cannot move pages" verdicts bad fine
	[[ $HERE == 0 ]] || status=77 verdict="cannot: this machine cannot move pages"
	total=$(movepages --check --raw --noheadings -o CHECK 2>"$BATS_TEST_TMPDIR/errors" | wc -l)
	run -"$status" --separate-stderr filtered EPERM move_pages,pidfd_open movepages --check
	assert_line --index 0 "$verdict"
	assert_line --regexp "^problem move_pages\(2\) \(filtered\): no page can be found"
	assert_line --regexp "^problem pidfd_open\(2\) \(filtered\): "
	assert_line --regexp "^        [^ ]"
	verdicts=$(grep -oE '^(cannot|problem|note|unknown) +[^:]+ \(' <<<"$output" | cut -d ' ' -f 1)
	bad=$(wc -l <<<"$verdicts")
	fine=$(sed -nE 's/^ok +([0-9]+) other checks \(-v lists them\)$/\1/p' <<<"$output")
	assert_equal "$((bad + fine))" "$total"
	assert_equal "$(uniq <<<"$verdicts")" "$(for verdict in cannot problem note unknown; do
		grep -m 1 "$verdict" <<<"$verdicts"
	done)"
}

# width COLUMNS: lines fit, and break between words.
width() {
	local wide
	wide=$(as_user env COLUMNS=400 movepages --check 2>"$BATS_TEST_TMPDIR/errors" | sed '/^NODE/Q')
	run -"$HERE" --separate-stderr as_user env COLUMNS="$1" movepages --check
	assert_equal "$(awk -v max="$1" 'length > max' <<<"$output")" ""
	assert_line --regexp "^ {8}"
	assert_equal "$(sed '/^NODE/Q' <<<"$output" | tr -s ' \n' ' ')" "$(tr -s ' \n' ' ' <<<"$wide")"
}

@test "lines have at most COLUMNS columns, 80 by default" {
	user_prepare
	width 80
	width 60
}

@test "the nodes have their own table" {
	run -"$HERE" --separate-stderr movepages --check
	assert_line --regexp "^NODE CPUS +TOTAL +FREE AVAILABLE$"
	assert_line --regexp "^ +0 $(</sys/devices/system/node/node0/cpulist) +[0-9.]+[MGT] +[0-9.]+[KMGT] +[0-9.]+[BKMGT]$"
}

@test "unreadable values are unknown in the table of nodes" {
	run -"$HERE" --separate-stderr unshare --mount sh -c 'mount -t proc -o subset=pid proc /proc &&
		exec movepages --check'
	assert_line --regexp "^ +0 .*[MGT] +unknown$"
	assert_line --regexp "^unknown swap \(unknown\): /proc/meminfo cannot be read"
}

@test "-v prints check, state, verdict and meaning" {
	run -"$HERE" --separate-stderr movepages --check -v
	assert_line --index 0 --regexp "^CHECK +STATE +VERDICT +MEANING$"
	assert_line --regexp "^move_pages\(2\) +permitted +ok +pages can be found and moved$"
	assert_line --regexp "^node 0 +[0-9.]+[KMGT] free +(ok|note) +[a-z].*$"
}

@test "an unknown column is an error" {
	run -1 --separate-stderr movepages --check -o CHECK,NAME
	assert_output ""
	assert_equal "$stderr" "movepages: --output: unknown column: 'NAME'; available: CHECK STATE VERDICT MEANING"
}

@test "a write error is a failure" {
	run -1 bash -c 'movepages --check >/dev/full'
	assert_line --partial "standard output: No space left on device"
}

# excludes TEXT ARGUMENT...: the arguments are refused with this message.
excludes() {
	run -1 --separate-stderr movepages --check "${@:2}"
	assert_output ""
	assert_equal "${stderr_lines[0]}" "movepages: $1"
}

@test "--check takes only output options, and no PID" {
	excludes "--check and --to are mutually exclusive" --to=0
	excludes "--check and --pages are mutually exclusive" --json --pages
	excludes "--check and --bytes are mutually exclusive" -b
	excludes "--check and --quiet are mutually exclusive" -q
	excludes "--check and --dry-run are mutually exclusive" -n
	excludes "--json and --output are mutually exclusive" --json -o CHECK
	excludes "--verbose and --json are mutually exclusive" --json -v
	excludes "--verbose and --raw are mutually exclusive" --raw -v
	excludes "extra operand '$$'" $$
	run -1 migratepages --check
	assert_output --partial "unrecognized option '--check'"
}
