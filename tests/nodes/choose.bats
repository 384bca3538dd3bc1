#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages on four nodes: --kind, --path and --pages-from move exactly the selected pages, and
# --restore undoes the move.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	LIST=$BATS_TEST_TMPDIR/list
}

start_mixed() {
	victim_start node=0 anon=1M thp=4M node=1 shm=1M hugetlb=2 node=2 hole=1M \
		node=3 file=1M
}

# everywhere: print every page of the victim's mappings and its node, by a direct query.
everywhere() {
	local kind start end
	while read -r kind start end _; do
		[[ ! $kind ]] || whereis "$VICTIM_PID" "$start" "$end"
	done <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}"
}

# differences FILE: print how many pages are on other nodes than in FILE.
differences() {
	everywhere | diff - "$1" | grep -c '^[<>]'
}

@test "--kind moves mappings of that kind and no others" {
	victim_start node=0 anon=1M shm=1M file=1M hugetlb=2
	movepages --kind=shm,hugetlb --to=2 "$VICTIM_PID"
	assert_all_on 2 shm hugetlb
	assert_all_on 0 anon file
	assert_intact
}

@test "--path moves mappings of that file and no others" {
	victim_start node=0 anon=1M shm=1M file=1M
	movepages --path=/dev/zero --to=3 "$VICTIM_PID"
	assert_all_on 3 shm
	assert_all_on 0 anon file
	run -0 --separate-stderr movepages --json --path=/dev/zero --kind=file --to=1 "$VICTIM_PID"
	assert_account scope=0
	assert_all_on 3 shm
}

@test "--kind and --from together select the intersection" {
	victim_start node=0 anon=1M shm=1M node=1 anon=1M
	movepages --kind=anon --from=0 --to=2 "$VICTIM_PID"
	assert_equal "$(placement)" "anon: 0 0 1048576 0
shm: 1048576 0 0 0
anon: 0 1048576 0 0"
}

@test "--kind applies to every process" {
	local first
	victim_start node=0 anon=1M shm=1M
	first=$VICTIM_PID
	victim_start node=1 shm=1M
	movepages --kind=shm --to=2 "$first,$VICTIM_PID"
	assert_all_on 2 shm
	VICTIM_PID=$first
	assert_all_on 2 shm
	assert_all_on 0 anon
}

@test "the output of --pages as a list moves those pages, and each huge page once" {
	victim_start node=0 anon=1M thp=4M hugetlb=2 shm=1M
	movepages --pages "$VICTIM_PID" "$(range thp)" "$(range hugetlb)" \
		"$(page anon 3)" | file_there "$LIST"
	run -0 movepages --json --to=2 --pages-from="$LIST" "$VICTIM_PID"
	assert_account moved=$((4 * 1048576 + 2 * 2097152 + 4096))
	assert_equal "$(json .account.moved.huge_pages)" 4
	assert_all_on 2 thp hugetlb
	assert_equal "$(numa_bytes 2 "$(page anon 0)")" 4096
	assert_intact
}

@test "each line of a list can have its own node" {
	victim_start node=0 anon=1M
	printf '%s\n' "$(page anon 1)=1" "$(page anon 2)=2 x" "$(page anon 3)+8K=3" \
		"$(page anon 7)" | file_there "$LIST"
	run -0 movepages --pages --pages-from="$LIST" "$VICTIM_PID"
	assert_equal "$(awk 'NR > 1 { print $2, $5 }' <<<"$output" | xargs)" \
		"1 moved 2 moved 3 moved 3 moved 0 present"
	assert_equal "$(whereis "$VICTIM_PID" "$(page anon 0)" "$(page anon 6)" |
		cut -d ' ' -f 2 | xargs)" "0 1 2 3 3 0"
}

@test "a list works with --route and with --from" {
	victim_start node=0 anon=1M node=1 shm=1M
	movepages --pages "$VICTIM_PID" "$(range anon)" "$(range shm)" | file_there "$LIST"
	movepages --route=0:1,1:0 --pages-from="$LIST" "$VICTIM_PID"
	assert_all_on 1 anon
	assert_all_on 0 shm
	movepages --from=1 --to=3 --pages-from="$LIST" "$VICTIM_PID"
	assert_all_on 3 anon
	assert_all_on 0 shm
}

@test "an invalid line ends a move after a partial report" {
	victim_start node=0 anon=1M
	printf '%s\n' "$(page anon 0)+64K=2" "$(page anon 32)=9" "$(page anon 64)=2" |
		file_there "$LIST"
	run -1 --separate-stderr movepages --pages-from="$LIST" "$VICTIM_PID"
	assert_equal "${stderr_lines[0]}" \
		"movepages: $LIST:2: '9' (at 14) is not a node of this machine; usable nodes: 0-3"
	assert_regex "${stderr_lines[1]}" "^movepages: victim \\($VICTIM_PID\\): moved 64K to node 2 in "
	assert_equal "$(numa_bytes 2 "$(page anon 0)")" 65536
}

@test "--restore undoes moves of single pages" {
	start_mixed
	everywhere >"$BATS_TEST_TMPDIR/before"
	movepages --save="$LIST" "$VICTIM_PID"
	movepages "$VICTIM_PID" "$(range anon)=3" "$(range shm)=0" "$(range hugetlb)=2" \
		"$(page thp 0)=1" "$(page thp 512)=3" "$(page hole 0)+64K=0" "$(range file)=1"
	assert [ "$(differences "$BATS_TEST_TMPDIR/before")" -gt 2000 ]
	run -0 --separate-stderr movepages --json --restore="$LIST" "$VICTIM_PID"
	assert_account left=0 gone=0
	assert_equal "$(differences "$BATS_TEST_TMPDIR/before")" 0
	assert_intact
}

@test "--restore undoes interleaving" {
	start_mixed
	everywhere >"$BATS_TEST_TMPDIR/before"
	movepages --save="$LIST" "$VICTIM_PID"
	movepages --interleave=0-3 "$VICTIM_PID"
	assert [ "$(differences "$BATS_TEST_TMPDIR/before")" -gt 1000 ]
	run -0 --separate-stderr movepages --json --restore="$LIST" "$VICTIM_PID"
	assert_account left=0 gone=0
	assert_equal "$(differences "$BATS_TEST_TMPDIR/before")" 0
	assert_intact
}

@test "a dry run of --restore predicts the move, and moves nothing" {
	start_mixed
	movepages --save="$LIST" "$VICTIM_PID"
	movepages "$VICTIM_PID" "$(range anon)=3"
	run -0 --separate-stderr movepages -n --json --restore="$LIST" "$VICTIM_PID"
	assert_equal "$(account would_move)" 1048576
	assert_all_on 3 anon
}

@test "--restore counts saved pages that are gone" {
	start_mixed
	movepages --save="$LIST" "$VICTIM_PID"
	movepages "$VICTIM_PID" "$(range anon)=3" "$(range shm)=0"
	assert_equal "$(victim_ask unmap shm)" "unmapped 1"
	run -0 --separate-stderr movepages --json --restore="$LIST" "$VICTIM_PID"
	assert_account moved=1048576 gone=1048576 left=0
	assert_all_on 0 anon
}

@test "a placement is saved in a directory of root, with mode 0600" {
	local dir=$BATS_TEST_TMPDIR/others
	victim_start node=0 anon=64K
	there install -d -o 65534 -m 755 "$dir"
	movepages --save="$dir/saved" "$VICTIM_PID"
	assert_equal "$(there stat -c '%u %a' "$dir/saved")" "0 600"
	assert_equal "$(there ls -A "$dir")" saved
}

@test "on a full disk the old placement is unchanged, and no other file remains" {
	local dir=$BATS_TEST_TMPDIR/small before
	victim_start node=0 hole=16M
	there mkdir "$dir"
	there mount -t tmpfs -o size=16k none "$dir"
	movepages --save="$dir/saved" "$VICTIM_PID" "$(page hole 0)"
	before=$(there cat "$dir/saved")
	run -1 --separate-stderr movepages --save="$dir/saved" "$VICTIM_PID"
	assert_equal "$stderr" \
		"movepages: $dir/saved: No space left on device; not saved"
	assert_equal "$(there ls -A "$dir")" saved
	assert_equal "$(there cat "$dir/saved")" "$before"
	there umount "$dir"
}

# Devices: the guest's disks have no node; a bridge and devices on it are on the last node.

leads_to() {
	victim_start node=0 anon=64K
	run -0 --separate-stderr movepages --to="$1" "$VICTIM_PID"
	assert_all_on "$2" anon
}

not_found() {
	run -1 --separate-stderr movepages --to="$1" $$
	assert_equal "$stderr" "movepages: --to: '$1' $2; usable nodes: 0-3"
}

@test "the node of a PCI address is found, also behind a bridge" {
	leads_to pci:20:00.0 3
	leads_to pci:21:00.0 3
	leads_to pci:0000:21:0 3
	not_found pci:0:2.0 "is not attached to a known node"
	not_found pci:21:00.1 "does not exist or has no NUMA node"
	not_found pci:21:00.0x "does not exist or has no NUMA node"
}
