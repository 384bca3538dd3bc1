#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# bats file_tags=alone
#
# Pages merged by KSM, and device memory: in pagemap, both look like other
# pages.

load ../lib/helper

ksm=/sys/kernel/mm/ksm

setup() {
	needs_nodes 4
}

teardown() {
	victim_stop
	write_there 2 $ksm/run
}

# On 6.1, merged pages that move together could be mistaken for huge pages.
@test "merged pages are not huge pages" {
	victim_start node=0 merged=4M
	write_there 10000 $ksm/pages_to_scan
	write_there 0 $ksm/sleep_millisecs
	write_there 1 $ksm/run
	until (($(there cat "/proc/$VICTIM_PID/ksm_merging_pages") >= 1000)); do :; done
	write_there 0 $ksm/run
	run -0 migratepages --json "$VICTIM_PID" 0 1
	assert_account left=0
	assert_equal "$(json '.account.scope.huge_pages, .account.moved.huge_pages')" $'0\n0'
	assert_intact
}

@test "device memory cannot be moved" {
	local bar
	# In a line of the file resource, 0x200 in the third word denotes memory, not ports. Memory
	# claimed by a driver cannot be mapped.
	# shellcheck disable=SC2016
	bar=$(there bash -c 'for f in /sys/bus/pci/devices/*/resource?; do
		read -r _ _ flags < <(tail -n +$((${f: -1} + 1)) "${f%?}")
		((flags & 0x200 && $(stat -c %s "$f") >= 4096)) &&
			[[ ! -e ${f%/*}/driver ]] && echo "$f"
		done | head -n 1')
	[[ $bar ]] || cannot_run "no PCI device has memory"
	victim_start path="$bar" device=4K
	run -0 movepages --pages --noheadings "$VICTIM_PID" "$(page device 0)"
	assert_regex "$output" " -14 +not movable$"
}
