#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How the source is laid out (src/README.md) and formatted (.clang-format).

load ../lib/helper

TOP=$BATS_TEST_DIRNAME/../..

@test "no include goes up" {
	run "$TOP/build-aux/check-rooms" "$TOP/src"
	assert_success
}

@test "an include that goes up is found" {
	cp -r "$TOP/src" "$BATS_TEST_TMPDIR/src"
	echo '#include "report/report.h"' >>"$BATS_TEST_TMPDIR/src/plan/plan.h"
	run "$TOP/build-aux/check-rooms" "$BATS_TEST_TMPDIR/src"
	assert_failure 1
	assert_output --partial "not ok 1"
	assert_output --regexp 'plan/plan.h:[0-9]+:.*report stands above plan'
}

@test "the map names every file" {
	local file
	cd "$TOP/src"
	for file in */*.c; do
		grep -q "\`${file#*/}\`" README.md || echo "$file is not in src/README.md"
	done >"$BATS_TEST_TMPDIR/missing"
	run cat "$BATS_TEST_TMPDIR/missing"
	refute_output
}

@test "the source is as clang-format has it" {
	command -v clang-format >/dev/null || skip "needs clang-format"
	run sh -c "cd '$TOP' && clang-format --dry-run -Werror src/*/*.[ch] tests/*/*.[ch] bench/*.c"
	assert_success
}
