#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Pages that cannot be moved, and pages that appear so on some kernels.
#
# Switches NUMA balancing on for the whole machine.
# bats file_tags=alone

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

teardown() {
	victim_stop
	[[ -z ${balancing:-} ]] || there sysctl -qw "kernel.numa_balancing=$balancing"
}

# Sets pinned, the addresses of the victim's pinned pages.
start_pinned() {
	local start end
	victim_start node=0 "$@"
	read -r start end pinned < <(mapping pinned)
	assert [ -n "$start$end$pinned" ]
}

# Print the victim's pages of a kind on node 0.
pages_on_0() {
	local start end
	read -r start end _ < <(mapping "$1")
	whereis "$VICTIM_PID" "$start" "$end" | awk '$2 == 0 { print $1 }'
}

# moves_around_pin METHOD: check that only the pinned page stays, and is reported.
moves_around_pin() {
	start_pinned anon=1M pinned=256K thp=2M
	run -64 --separate-stderr migratepages --method="$1" "$VICTIM_PID" 0 2
	assert_equal "$(pages_on_0 pinned)" "$pinned"
	assert_all_on 2 anon thp
	assert_equal "$(numa_bytes 0)" 4096
	assert_regex "$stderr" ": 1 page \\(4K\\) not moved: busy "
	assert_equal "$output" ""
	assert_intact
}

# counts_pin METHOD: check that the JSON counts the pinned page by its reason.
counts_pin() {
	start_pinned anon=1M pinned=256K
	run -64 --separate-stderr migratepages --json --method="$1" "$VICTIM_PID" 0 2
	assert_account left=4096 left_by.busy=4096
	assert_equal "$(json '.left_pages[] | [.address, .node, .size, .reason]')" \
		"[\"0x$pinned\",0,4096,\"busy\"]"
}

# moves_hidden COMMAND...: check that PROT_NONE memory moves, as with numactl's migratepages.
moves_hidden() {
	victim_start node=0 protnone=1M anon=256K
	run -0 "$@" "$VICTIM_PID" 0 2
	assert_all_on 2 protnone anon
	assert_intact
}

# moves_hinted COMMAND...: check that memory marked by NUMA balancing moves. A page is marked
# while it is on another node than the CPU, until it is touched.
moves_hinted() {
	balancing=$(there sysctl -n kernel.numa_balancing)
	there sysctl -qw kernel.numa_balancing=1
	victim_start cpu=1 node=0 hinted=1M
	assert_equal "$(victim_ask hint)" hinted
	run -0 "$@" "$VICTIM_PID" 0 2
	assert_all_on 2 hinted
	there sysctl -qw kernel.numa_balancing=0
	assert_intact
}

@test "page by page, only a pinned page stays" { moves_around_pin pages; }
@test "in one call, only a pinned page stays" { moves_around_pin process; }
@test "page by page, the pinned page is counted" { counts_pin pages; }
@test "in one call, the pinned page is counted" { counts_pin process; }

@test "many pinned pages stay, all others move" {
	start_pinned pinned=4M:16
	run -64 --separate-stderr migratepages "$VICTIM_PID" 0 2
	assert_equal "$(pages_on_0 pinned)" "${pinned// /$'\n'}"
	assert_intact
}

@test "movepages --pages lists the pinned page" {
	start_pinned pinned=256K
	run -64 --separate-stderr movepages --pages --to=2 "$VICTIM_PID" "$(range pinned)"
	assert_line --regexp "^$pinned +0 +4K +-16 busy"
	assert_equal "$(awk 'NR > 1 && $4 == 2' <<<"$output" | wc -l)" 63
	assert_equal "$(pages_on_0 pinned)" "$pinned"
}

@test "with alternating destinations only the pinned page stays" {
	local i operands=()
	start_pinned pinned=256K
	for ((i = 0; i < 64; i++)); do
		operands+=("$(page pinned "$i")=$((2 + i % 2))")
	done
	run -64 --separate-stderr movepages "$VICTIM_PID" "${operands[@]}"
	assert_equal "$(pages_on_0 pinned)" "$pinned"
	assert_equal "$(placement)" "pinned: 4096 0 126976 131072"
	assert_regex "$stderr" ": 1 page \\(4K\\) not moved: busy "
	assert_intact
}

@test "a pinned page that is already in place is not a failure" {
	start_pinned pinned=256K
	run -0 --separate-stderr movepages --json --to=0 "$VICTIM_PID" "$(range pinned)"
	assert_account already_there=262144
}

@test "a second run reports the same page again" {
	start_pinned pinned=256K
	run -64 migratepages "$VICTIM_PID" 0 2
	run -64 --separate-stderr migratepages --verbose "$VICTIM_PID" 0 2
	assert_output --partial "$pinned"
	assert_regex "$stderr" ": 1 page \\(4K\\) not moved: busy "
}

@test "with --partial-ok, a page that stays is a success" {
	start_pinned pinned=256K
	run -0 --separate-stderr migratepages --partial-ok "$VICTIM_PID" 0 2
	assert_equal "$(pages_on_0 pinned)" "$pinned"
	assert_regex "$stderr" ": 1 page \\(4K\\) not moved: busy "
}

@test "numactl moves PROT_NONE" { moves_hidden there /usr/bin/migratepages; }
@test "page by page, PROT_NONE moves" { moves_hidden migratepages --method=pages; }
@test "in one call, PROT_NONE moves" { moves_hidden migratepages --method=process; }

@test "movepages reports PROT_NONE memory as visible or not, depending on the kernel" {
	local seen status=0 left=0
	victim_start node=0 protnone=256K
	seen=$(nodes_of_pages < <(page protnone 0))
	[[ $seen == 0 ]] || status=64 left=262144
	run "-$status" --separate-stderr \
		movepages --json --to=2 "$VICTIM_PID" "$(range protnone)"
	assert_account left=$left moved=$((262144 - left))
	assert_equal "$(placement)" "protnone: $left 0 $((262144 - left)) 0"
	assert_intact
}

@test "numactl moves memory marked by NUMA balancing" {
	moves_hinted there /usr/bin/migratepages
}

@test "page by page, memory marked by NUMA balancing moves" {
	moves_hinted migratepages --method=pages
}

@test "in one call, memory marked by NUMA balancing moves" {
	moves_hinted migratepages --method=process
}
