#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Contents under many moves; `make soak` goes on for longer.
#
# Fills nodes.
# bats file_tags=alone

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

moves_a_quarter() {
	run -0 --separate-stderr "$BATS_TEST_DIRNAME/soak" -s 110 -m 250000
	assert_output --regexp '^[0-9]+ page moves .* s, 2[5-9][0-9]{4} verified, 0 mismatches$'
}

# A million in all: in parts, because emulated huge pages are slow at times.
@test "a quarter of a million page moves leave every byte as it was" { moves_a_quarter; }
@test "and another quarter" { moves_a_quarter; }
@test "and the third" { moves_a_quarter; }
@test "and the last" { moves_a_quarter; }
