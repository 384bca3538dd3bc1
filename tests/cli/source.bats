#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Layout of the source (src/README.md), format (.clang-format) and wording.

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

@test "the texts have no phrase that is on the list of build-aux/words" {
	run "$TOP/build-aux/check-words" "$TOP"
	assert_success
	refute_output
}

@test "a phrase on the list is found, with a replacement" {
	local file dir=$BATS_TEST_TMPDIR/tree
	mkdir "$dir"
	cp -r "$TOP"/{README,NEWS,CONTRIBUTING}.md "$TOP"/{doc,completions,src,tests,bench} "$dir"
	chmod -R u+w "$dir"
	for file in doc/fleet.md src/plan/plan.h src/host/check.h tests/cli/usage.bats; do
		echo "as numactl ""has it" >>"$dir/$file"
	done
	run "$TOP/build-aux/check-words" "$dir"
	assert_failure 1
	assert_equal "${#lines[@]}" 4
	assert_line --regexp '^src/host/check.h:[0-9]+:as numactl ''has it  \(write: as in, like\)$'
}

# sizes_find FILE...: print lines that compute with the size of a page, or its logarithm, as a number:
# 4, 16 or 64 KiB, and huge pages of 2 or 32 MiB. Flags and sizes of buffers are `= 1 << N`.
sizes_find() {
	grep -rnE '(<<|>>|[*/%&~]) *\(?(12|14|16|21|25|4095|4096|0xf?fff|0x1000|16384|65536|2097152)\>' "$@" |
		grep -v '= 1 << '
}

@test "no size of a page is a number" {
	run -1 sizes_find "$TOP/src"
	refute_output
	printf '%s;\n' 'n = size / 4096' 'at >> 12' 'at & 0xfff' 'at & ~4095' >"$BATS_TEST_TMPDIR/x.c"
	run -0 sizes_find "$BATS_TEST_TMPDIR/x.c"
	assert_equal "${#lines[@]}" 4
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

@test "the source is formatted by clang-format" {
	command -v clang-format >/dev/null || skip "needs clang-format"
	run sh -c "cd '$TOP' && clang-format --dry-run -Werror src/*/*.[ch] tests/*/*.[ch] bench/*.c"
	assert_success
}
