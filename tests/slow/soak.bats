#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Memory contents after many moves: a sample of `make soak`.
#
# Fills nodes.
# bats file_tags=alone

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

@test "fifty thousand page moves leave every byte unchanged" {
	run -0 --separate-stderr there soak -s 800 -m 50000
	assert_output --regexp '^[0-9]+ page moves .* s, [5-9][0-9]{4} verified, 0 mismatches$'
}
