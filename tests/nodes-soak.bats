#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Contents under many moves; `make soak` goes on for longer.
#
# Fills nodes.
# bats file_tags=alone

load helper

setup() {
	needs_nodes 4
	needs_root
}

@test "a million page moves leave every byte as it was" {
	run -0 --separate-stderr "$BATS_TEST_DIRNAME/soak" -s 110 -m 1000000
	assert_output --regexp '^1[0-9]{6} page moves .* 0 mismatches$'
}
