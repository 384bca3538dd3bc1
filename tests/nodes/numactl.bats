#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Every form of `migratepages PID FROM TO` in numactl's manual page gives the same
# placement as numactl's migratepages.

load ../lib/helper

# Path of the program in Debian's numactl.
NUMACTL_MIGRATEPAGES=/usr/bin/migratepages

setup() {
	needs_nodes 4
	needs_root
	# shellcheck disable=SC2016
	there bash -c '[[ -x $0 && ! $(type -P migratepages) -ef $0 ]]' "$NUMACTL_MIGRATEPAGES" ||
		fail "the migratepages to be tested is numactl's"
}

start_spread() {
	local kinds=(anon=512K thp=2M hugetlb=1 shm=256K file=256K hole=1M)
	victim_start node=0 "${kinds[@]}" node=1 "${kinds[@]}" \
		node=2 "${kinds[@]}" node=3 "${kinds[@]}"
}

# placement_by FROM TO COMMAND...: print the placement of a victim after COMMAND PID FROM TO.
placement_by() {
	start_spread
	"${@:3}" "$VICTIM_PID" "$1" "$2"
	placement
	assert_intact
}

# same FROM TO
same() {
	local theirs method
	theirs=$(placement_by "$1" "$2" there "$NUMACTL_MIGRATEPAGES")
	for method in pages process; do
		run -0 placement_by "$1" "$2" migratepages --method=$method
		assert_equal "$output" "$theirs"
	done
}

@test "from one node to one node" { same 0 2; }
@test "from one node to itself" { same 1 1; }
@test "from one node to two" { same 0 1,2; }
@test "from one node to two that begin with itself" { same 0 0,1; }
@test "from a list to one node" { same 0,2 3; }
@test "from a list to one of its nodes" { same 0,1,2 1; }
@test "from a list to a list of the same length" { same 0,1 2,3; }
@test "from a list to a list with gaps" { same 0,2 1,3; }
@test "from a list to a list that overlaps" { same 0,1,2 1,2,3; }
@test "from a list to a longer list" { same 0,1 1,2,3; }
@test "from a list to a shorter list that overlaps" { same 0,1,2 2,3; }
@test "from a list that is not sorted" { same 2,0 3,1; }
@test "from a list to the same list reversed" { same 0,1 1,0; }
@test "from a list with a node twice" { same 0,0,1 2; }
@test "from a range to one node" { same 0-2 3; }
@test "from a range to a range" { same 0-1 2-3; }
@test "from a range to a range that overlaps" { same 0-2 1-3; }
@test "from a range of one node" { same 1-1 3; }
@test "from a list of a range and a node" { same 0-1,3 2; }
@test "from all nodes to one" { same all 1; }
@test "from all nodes to two" { same all 0-1; }
@test "from all nodes to all nodes" { same all all; }
@test "from one node to all nodes" { same 2 all; }
@test "from all nodes except one to that one" { same '!1' 1; }
@test "from all nodes except two to one of the two" { same '!0,1' 0; }
@test "from all nodes except a range" { same '!1-2' 1; }
@test "from one node to all nodes except that" { same 2 '!2'; }
@test "from an inverted list written with a space" { same '! 1' 1; }
@test "from a relative node to a relative node" { same +0 +2; }
@test "from a relative list to a relative range" { same +0,1 +2-3; }
@test "from the inversion of a relative node" { same '!+0' 0; }
