#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Race and corner cases of the kernel (tests/slow/traps.c), one round each; `make check-traps`
# runs a hundred rounds.
#
# Fills a node, and drops the page cache.
# bats file_tags=alone

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# survives TRAP: check that rows, sums, statuses and contents are right in every round.
survives() {
	run -0 traps -n 1 "$1"
	assert_line --regexp "^ok 1 - $1, .* 1 rounds"
}

@test "a pinned page in a range, with one destination" { survives c1; }
@test "a pinned page in a range, with alternating destinations" { survives c2; }
@test "a node that does not exist moves nothing" { survives c3; }
@test "a huge page given by many of its addresses" { survives c4; }
@test "pages that a second mover moves back and forth" { survives c5; }
@test "huge pages that a second mover moves back and forth" { survives c5-huge; }
@test "pages never written, and the zero page" { survives c6; }
@test "a destination that fills up, with --force" { survives c7; }
@test "a destination that is full" { survives c7-refused; }
@test "a complete process with spliced pages" { survives c8; }
@test "a complete process with registered buffers" { survives c8-fixed; }
@test "SIGINT and SIGTERM while pages move" { survives c9; }
@test "SIGKILL while pages move" { survives c9-kill; }
@test "migratepages, while mappings come and go" { survives churn-migratepages; }
@test "movepages, while mappings come and go" { survives churn-movepages; }
@test "pages listed before mappings came and went" { survives churn-list; }
