#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# How a command ends before it is done: at a time limit, and by a signal. A kernel without
# PAGEMAP_SCAN has every page table of 64 TiB read, which takes minutes.

load ../lib/helper

# old_kernel COMMAND...: without PAGEMAP_SCAN, and not for long.
old_kernel() {
	timeout --kill-after=1 30 filtered ENOTTY ioctl "$@"
}

@test "a time limit ends the search for pages" {
	victim_start reserved=65536G
	run -64 --separate-stderr old_kernel migratepages --timeout=1 "$VICTIM_PID" 0 0
	assert_regex "$stderr" "time ran out"
}

@test "a signal ends the search for pages" {
	victim_start reserved=65536G
	ASAN_OPTIONS=detect_leaks=0 run -143 --separate-stderr timeout --kill-after=1 30 strace -f -qq -o /dev/null \
		-e inject=pread64:signal=TERM:when=1000 filtered ENOTTY ioctl \
		migratepages "$VICTIM_PID" 0 0
}
