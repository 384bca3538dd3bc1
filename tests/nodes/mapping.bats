#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Destinations of nodes: sets are mapped as by the kernel, routes in pairs.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

start_on_every_node() {
	victim_start node=0 anon=512K node=1 anon=512K node=2 anon=512K node=3 anon=512K
}

# Print the nodes of the memory that was on nodes 0, 1, 2, 3.
nodes_now() {
	placement | awk '
		{ on = ""
		  for (i = 2; i <= NF; i++)
			if ($i > 0)
				on = on (i - 2)
		  printf "%s%s", gap, on
		  gap = " " }'
}

# maps FROM TO NODES: check that memory of nodes 0, 1, 2, 3 is on NODES after the move.
maps() {
	local method
	for method in pages process; do
		start_on_every_node
		migratepages --method=$method "$VICTIM_PID" "$1" "$2"
		assert_equal "$method: $(nodes_now)" "$method: $3"
		assert_intact
	done
	start_on_every_node
	movepages --from="$1" --to="$2" "$VICTIM_PID"
	assert_equal "movepages: $(nodes_now)" "movepages: $3"
	assert_intact
}

# routes ROUTE NODES
routes() {
	local command
	for command in migratepages movepages; do
		start_on_every_node
		$command --route="$1" "$VICTIM_PID"
		assert_equal "$command: $(nodes_now)" "$command: $2"
		assert_intact
	done
}

@test "0 to 2" { maps 0 2 "2 1 2 3"; }
@test "0 to 0 moves nothing" { maps 0 0 "0 1 2 3"; }
@test "0,1 to 2: both go to 2" { maps 0,1 2 "2 2 2 3"; }
@test "0 to 1,2: all goes to 1, nothing is interleaved" { maps 0 1,2 "1 1 2 3"; }
@test "0,1 to 2,3 keeps the order" { maps 0,1 2,3 "2 3 2 3"; }
@test "0,1 to 1,2: a chain, and no page moves twice" { maps 0,1 1,2 "1 2 2 3"; }
@test "0-2 to 1-3: a longer chain" { maps 0-2 1-3 "1 2 3 3"; }
@test "1-3 to 0-2: a descending chain" { maps 1-3 0-2 "0 0 1 2"; }
@test "0-2 to 1,2: with sets of different size, pages on TO stay" { maps 0-2 1,2 "1 1 2 3"; }
@test "0-2 to 2,3: two move, one stays" { maps 0-2 2,3 "2 3 2 3"; }
@test "1,2 to 0,3 keeps the order" { maps 1,2 0,3 "0 0 3 3"; }
@test "0-2 to 0,3: the position in FROM counts" { maps 0-2 0,3 "0 3 0 3"; }
@test "0-2 to 3: three nodes to one" { maps 0-2 3 "3 3 3 3"; }
@test "1-3 to 0: three nodes to a lower one" { maps 1-3 0 "0 0 0 0"; }
@test "3 to 0-2: all goes to the first" { maps 3 0-2 "0 1 2 0"; }
@test "2,3 to all: with sets of different size, both stay" { maps 2,3 all "0 1 2 3"; }
@test "all to 1" { maps all 1 "1 1 1 1"; }
@test "all to 0,1: pages on 0,1 stay, others go to 0 and 1 in turn" { maps all 0,1 "0 1 0 1"; }
@test "all to all moves nothing" { maps all all "0 1 2 3"; }
@test "0,2 to 1,3 keeps the order over gaps" { maps 0,2 1,3 "1 1 3 3"; }
@test "3,0 to 3,1 are sets: 0 goes to 1, 3 stays" { maps 3,0 3,1 "1 1 2 3"; }
@test "1,0 to 0,1 are sets: nothing moves" { maps 1,0 0,1 "0 1 2 3"; }

@test "the route 0:1,1:0 swaps two nodes" { routes 0:1,1:0 "1 0 2 3"; }
@test "the route 0:3,1:2 crosses" { routes 0:3,1:2 "3 2 2 3"; }
@test "the route 0:1,1:2,2:3,3:0 rotates all nodes" { routes 0:1,1:2,2:3,3:0 "1 2 3 0"; }
@test "the route 2:0,3:0 joins two nodes" { routes 2:0,3:0 "0 1 0 0"; }
